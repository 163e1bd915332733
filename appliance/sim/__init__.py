"""The deterministic simulator: a whole cluster's life from one number (design section 4)."""
