"""The replicated ledger: replica, coordinator, duty, receipts, invariants (pure)."""
