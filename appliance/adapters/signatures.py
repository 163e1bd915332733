"""Signatures of stores, and of containers by the keys of their certificates (design D3, D6, D7).

A store's id is its public key, so whoever knows the id needs nothing else to check what it signed.
"""

from __future__ import annotations

import functools
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from appliance.verifier.certificates import CertificateRefused, verify_container_certificate

KEYS_MAX: Final = 16
STORE_KEY_BYTES: Final = 32


class StoreKey:
    """The key of a store (`ledger.replica.surroundings.OwnStore`): `id` is its public half."""

    def __init__(self, private: bytes) -> None:
        """`private` are the 32 bytes of an Ed25519 key. Raises ValueError for anything else."""
        self._key = Ed25519PrivateKey.from_private_bytes(private)
        self._id = self._key.public_key().public_bytes_raw()

    @classmethod
    def draw(cls) -> StoreKey:
        """A new key, by the operating system's chance."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def id(self) -> bytes:
        """The store's id, 32 bytes."""
        return self._id

    @property
    def private(self) -> bytes:
        """What to keep on this host, and nowhere else."""
        return self._key.private_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        """The store's signature under `data`."""
        return self._key.sign(data)


def verify_store(store: bytes, data: bytes, signature: bytes) -> bool:
    """Whether the store with this id signed `data`; False for what is no id."""
    key = _store_key(store)
    if key is None:
        return False
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


@functools.lru_cache(maxsize=KEYS_MAX)
def _store_key(store: bytes) -> Ed25519PublicKey | None:
    if len(store) != STORE_KEY_BYTES:
        return None
    return Ed25519PublicKey.from_public_bytes(store)


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
