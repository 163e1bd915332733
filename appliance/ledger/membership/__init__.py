"""Which stores vote: one is replaced, or a ledger is founded anew from a backup."""
