"""What believes a receipt or does not: pure, and all that a client needs of the ledger's rules.

A client library in another language is this room written anew (docs/receipts.md): the bytes that
are hashed and signed, the tree, the certificates of root and containers, and the rule.
"""
