"""A durable replica on an upstream: what it promised, and what it does with each message."""
