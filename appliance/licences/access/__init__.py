"""Access rules: who may have a seat of which product, how many, and what is kept for whom.

    form        what an entry of the ledger carries: rules without a name of a person in them
    rulebook    the same, looked up by who asks: a check-out walks no rules
    judging     whether a check-out is refused, and under which rules its seats are counted
    applying    the command that puts other rules in force

The document that people write (docs/access.md) is read where they are, and never on a replica: two
releases of a parser would split the ledger.
"""
