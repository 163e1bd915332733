"""PURE: who used what, when and for how long, as the ledger's committed entries prove it."""
