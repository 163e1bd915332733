"""Settlements: what of a reservation was used, signed by a key that only this process has.

A TMR host sees the secrets of leases. It never sees this key, so no host gives units back that a
program has used (`appliance.licences.reserving`).
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.licences.settlements import settle_bytes


def public_key(seed: bytes) -> bytes:
    """The public half, 32 bytes, of the key that is made of this seed (32 random bytes)."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def settlement(seed: bytes, ledger_id: bytes, generation: int, number: int, used: int) -> bytes:
    """The signature that says how many units of request `number` were used."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return key.sign(settle_bytes(ledger_id, generation, number, used))
