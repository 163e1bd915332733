"""Verifies what containers signed, with the keys of their certificates at hand (design D6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEYS_MAX: Final = 16


class ContainerKeys:
    """Keys by certificate. A ledger has three containers; the bound is for those replaced."""

    def __init__(self, public_key: Callable[[bytes], bytes | None]) -> None:
        """`public_key` gives a certificate's raw key, None if the certificate proves nothing."""
        self._public_key = public_key
        self._keys: dict[bytes, Ed25519PublicKey | None] = {}

    def verify(self, certificate: bytes, data: bytes, signature: bytes) -> bool:
        """Whether the key that this certificate (DER) certifies signed `data`."""
        key = self._key(certificate)
        if key is None:
            return False
        try:
            key.verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def _key(self, certificate: bytes) -> Ed25519PublicKey | None:
        if certificate not in self._keys:
            if len(self._keys) >= KEYS_MAX:
                self._keys.clear()
            raw = self._public_key(certificate)
            self._keys[certificate] = (
                None if raw is None else Ed25519PublicKey.from_public_bytes(raw)
            )
        return self._keys[certificate]
