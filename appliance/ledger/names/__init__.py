"""Names beside the ledger: what an upstream keeps of them, and what the TMR hosts know."""
