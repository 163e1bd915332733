"""Firm items, product items, containers, the 2-of-3 merge and the state machine (pure)."""
