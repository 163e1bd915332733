"""What no single host can forge: promises, commit proofs and receipts."""
