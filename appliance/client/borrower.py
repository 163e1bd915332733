"""What a borrower signs with the key that only he has (docs/signatures.md)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.licences.borrow_bytes import extend_bytes, return_bytes


def return_signature(seed: bytes, ledger_id: bytes) -> bytes:
    """Gives back what is borrowed under the key of this seed (32 random bytes) in that ledger."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return key.sign(return_bytes(ledger_id, key.public_key().public_bytes_raw()))


def extension_signature(seed: bytes, ledger_id: bytes, extends_ms: int, seconds: int) -> bytes:
    """Extends what ends at `extends_ms` (log time), so that it lasts so many seconds from then on
    when the servers take it in."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    own = key.public_key().public_bytes_raw()
    return key.sign(extend_bytes(ledger_id, own, extends_ms, seconds))
