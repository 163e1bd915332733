"""The root's key and certificate, and what is signed with that key.

root.key.pem, root.cert.der
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from appliance.adapters.files import write_whole
from appliance.codec.block_list import build_block_list
from appliance.codec.certificates import (
    RandomBits,
    build_container_certificate,
    build_firm_certificate,
    build_root_certificate,
    build_time_server_certificate,
)
from appliance.licences.model import Blocked
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.storage import key_at, make_private, read_key
from appliance.verifier.certificates import ContainerIdentity, FirmIdentity

_KEY: Final = "root.key.pem"
_CERTIFICATE: Final = "root.cert.der"


class RootKey:
    """The root in one directory. Nothing of any firm's key is in there."""

    def __init__(self, path: Path) -> None:
        """Opens the root in `path`. Raises CentralRefused if there is none."""
        self._path = path
        self._key = read_key(path / _KEY)
        try:
            self._certificate = (path / _CERTIFICATE).read_bytes()
        except FileNotFoundError:
            raise CentralRefused(f"The certificate {path / _CERTIFICATE} is missing.") from None

    @classmethod
    def create(cls, path: Path, name: str, now: datetime, rng: RandomBits) -> RootKey:
        """Makes a root's key and certificate; a key that is there already is used.

        Raises CentralRefused if `name` cannot be a name.
        """
        make_private(path)
        try:
            certificate = build_root_certificate(key_at(path / _KEY), name, now, rng)
        except ValueError as error:
            raise CentralRefused(str(error)) from None
        write_whole(path / _CERTIFICATE, certificate)
        return cls(path)

    @property
    def certificate(self) -> bytes:
        """The root certificate, DER: what upstreams and clients pin."""
        return self._certificate

    @property
    def certificate_path(self) -> Path:
        """Where the root certificate is kept."""
        return self._path / _CERTIFICATE

    def certify_time_server(
        self,
        name: str,
        public_key: ec.EllipticCurvePublicKey,
        validity: tuple[datetime, datetime],
        rng: RandomBits,
    ) -> bytes:
        """A time server's certificate, DER. Raises CentralRefused if it cannot have that name."""
        try:
            return build_time_server_certificate(
                self._key, self._certificate, name, public_key, validity, rng
            )
        except ValueError as error:
            raise CentralRefused(str(error)) from None

    def sign_block_list(
        self,
        number: int,
        blocked: Iterable[tuple[Blocked, datetime]],
        this_update: datetime,
        next_update: datetime,
    ) -> bytes:
        """The signed block list, DER (`appliance.codec.block_list`). Raises ValueError."""
        return build_block_list(
            self._key, self._certificate, number, blocked, this_update, next_update
        )

    def _firm_certificate(self, identity: FirmIdentity, now: datetime, rng: RandomBits) -> bytes:
        return build_firm_certificate(self._key, self._certificate, identity, now, rng)

    def _container_certificate(
        self, identity: ContainerIdentity, now: datetime, rng: RandomBits
    ) -> bytes:
        return build_container_certificate(self._key, self._certificate, identity, now, rng)
