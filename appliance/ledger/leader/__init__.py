"""The coordinator of a term (Raft's leader): batches, reads, leases, and who may serve."""
