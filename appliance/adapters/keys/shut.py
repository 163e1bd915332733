"""A container's key that cannot be used, and why."""

from __future__ import annotations

from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)


class KeyShut(Exception):
    """The key cannot be used now; `detail` says why and what to do (`appliance.details.keys`), in a
    sentence or two without the last full stop."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class HeldKey(Ed25519PrivateKey):
    """A private key that is somewhere else: it signs, and is never given away."""

    def __init__(self, public_key: bytes) -> None:
        """`public_key` are its raw 32 bytes."""
        self._public = Ed25519PublicKey.from_public_bytes(public_key)

    def public_key(self) -> Ed25519PublicKey:
        """The public half."""
        return self._public

    def private_bytes(self, *_: Any, **__: Any) -> NoReturn:
        """There is no way to them. Raises TypeError."""
        raise TypeError("this key does not leave what holds it")

    def private_bytes_raw(self) -> NoReturn:
        """There is no way to them. Raises TypeError."""
        raise TypeError("this key does not leave what holds it")

    def __copy__(self) -> HeldKey:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> HeldKey:
        return self


class ShutKey(HeldKey):
    """A key that cannot be used: who signs with it is told why."""

    def __init__(self, public_key: bytes, why: str) -> None:
        super().__init__(public_key)
        self.why = why

    def sign(self, data: Any) -> NoReturn:
        """Raises KeyShut."""
        raise KeyShut(self.why)
