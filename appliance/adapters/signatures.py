"""Verifies what containers signed, with the keys of their certificates at hand (design D6)."""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.codec.certificates import CertificateRefused, verify_container_certificate

KEYS_MAX: Final = 16


class ContainerKeys:
    """Keys by certificate. A ledger has three containers; the bound is for those replaced."""

    def __init__(self, root: bytes) -> None:
        """`root` is the licence root's certificate (DER), which must have issued the others."""
        self._root = root
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
            self._keys[certificate] = self._certified(certificate)
        return self._keys[certificate]

    def _certified(self, certificate: bytes) -> Ed25519PublicKey | None:
        try:
            raw = verify_container_certificate(certificate, self._root).public_key
        except CertificateRefused:
            return None
        return Ed25519PublicKey.from_public_bytes(raw)
