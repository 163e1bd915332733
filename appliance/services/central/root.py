"""The root authority: certifies firms, and puts three containers into a group at activation.

    root.key.pem, root.cert.der, root.json

What can go wrong in here is a container with two identities: it is remembered by serial and by
public key, and both must stay together for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
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
from appliance.codec.request_files import ContainerRequest
from appliance.licences.model import Blocked
from appliance.licences.serials import Kind
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.storage import (
    key_at,
    make_private,
    read_key,
    read_state,
    write_state,
)
from appliance.verifier.certificates import (
    TWINS,
    ContainerIdentity,
    FirmIdentity,
    read_container_certificate,
)

_KEY: Final = "root.key.pem"
_CERTIFICATE: Final = "root.cert.der"
_STATE: Final = "root.json"


class ActivatedContainer(msgspec.Struct, frozen=True, kw_only=True):
    """A container with its place in a group. `certificate` is X.509 DER.

    `replaces` is the serial of the lost container whose twin number it took over, "" for one of the
    first three.
    """

    serial: str
    public_key: bytes
    cmact_id: str
    twin: int
    host: str
    certificate: bytes
    replaces: str = ""

    @property
    def kind(self) -> Kind:
        """How firmly it is bound, by its certificate."""
        return read_container_certificate(self.certificate).kind


class CertifiedFirm(msgspec.Struct, frozen=True, kw_only=True):
    """A firm that the root has certified."""

    firm_code: int
    firm_name: str
    public_key: bytes
    certificate: bytes


class _RootState(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    firms: tuple[CertifiedFirm, ...] = ()
    containers: tuple[ActivatedContainer, ...] = ()


class RootAuthority:
    """The root in one directory. Nothing of any firm's key is in there."""

    def __init__(self, path: Path) -> None:
        """Opens the root in `path`. Raises CentralRefused if there is none."""
        self._path = path
        self._state = read_state(path / _STATE, _RootState)
        self._key = read_key(path / _KEY)
        self._certificate = (path / _CERTIFICATE).read_bytes()

    @classmethod
    def create(cls, path: Path, name: str, now: datetime, rng: RandomBits) -> RootAuthority:
        """Makes a root. Raises CentralRefused if one is there, or `name` cannot be a name."""
        if (path / _STATE).exists():
            raise CentralRefused(f"{path} holds a root already; use it or choose another place.")
        make_private(path)
        try:
            certificate = build_root_certificate(key_at(path / _KEY), name, now, rng)
        except ValueError as error:
            raise CentralRefused(str(error)) from None
        write_whole(path / _CERTIFICATE, certificate)
        write_state(path / _STATE, _RootState())
        return cls(path)

    @property
    def certificate(self) -> bytes:
        """The root certificate, DER: what upstreams and clients pin."""
        return self._certificate

    @property
    def certificate_path(self) -> Path:
        """Where the root certificate is kept."""
        return self._path / _CERTIFICATE

    @property
    def containers(self) -> tuple[ActivatedContainer, ...]:
        """Every activated container."""
        return self._state.containers

    def certify_firm(
        self, firm_code: int, firm_name: str, public_key: bytes, now: datetime, rng: RandomBits
    ) -> bytes:
        """The firm's certificate, DER; the same one again for the same firm.

        Raises CentralRefused if the code is another firm's, or code or name are out of range.
        """
        known = next((firm for firm in self._state.firms if firm.firm_code == firm_code), None)
        if known is not None:
            if (known.firm_name, known.public_key) != (firm_name, public_key):
                raise CentralRefused(
                    f"Firm code {firm_code} belongs to {known.firm_name!r} already; choose another."
                )
            return known.certificate
        identity = FirmIdentity(firm_code, firm_name, public_key)
        try:
            certificate = build_firm_certificate(self._key, self._certificate, identity, now, rng)
        except ValueError as error:
            raise CentralRefused(str(error)) from None
        firm = CertifiedFirm(
            firm_code=firm_code,
            firm_name=firm_name,
            public_key=public_key,
            certificate=certificate,
        )
        self._save(msgspec.structs.replace(self._state, firms=(*self._state.firms, firm)))
        return certificate

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

    def activate(
        self, requests: Sequence[ContainerRequest], now: datetime, rng: RandomBits
    ) -> tuple[ActivatedContainer, ...]:
        """The group of these three containers, in the order of the requests; made if all are new.

        Twin numbers of a new group follow the order of the requests. Raises CentralRefused if they
        are not three, are not who they were, or do not make up one whole group.
        """
        check_three(requests)
        known = [self._known(request) for request in requests]
        found = [container for container in known if container is not None]
        if not found:
            return self._new_group(requests, now, rng)
        newcomer = next(
            (request for request, at in zip(requests, known, strict=True) if at is None), None
        )
        if newcomer is not None:
            raise CentralRefused(
                f"Container {newcomer.serial} is new, but {found[0].serial} belongs to the group "
                f"with CmActID {found[0].cmact_id}, which has its three containers: a group never "
                "takes a fourth. In a lost one's place it comes by `tmr central reissue --for`."
            )
        check_one_group(found)
        for container in found:
            self._check_not_replaced(container.serial)
        return tuple(found)

    def successor(self, serial: str) -> ActivatedContainer | None:
        """The container that was activated in the place of this one, None if none was."""
        return next((one for one in self.containers if one.replaces == serial), None)

    def replace(
        self, lost: str, request: ContainerRequest, now: datetime, rng: RandomBits
    ) -> ActivatedContainer:
        """Activates a new container as the twin that the container `lost` was; the same once more.

        Whether `lost` is lost is for the caller to know. Raises CentralRefused if it was never
        activated, or replaced by another one, or the new one is none.
        """
        old = next((one for one in self.containers if one.serial == lost), None)
        if old is None:
            raise CentralRefused(f"No container {lost} was ever activated here; check the serial.")
        known = self._known(request)
        if known is not None and known.replaces == lost:
            return known
        self._check_not_replaced(lost)
        if known is not None:
            raise CentralRefused(
                f"Container {known.serial} is activated already, as twin {known.twin} of the group"
                f" with CmActID {known.cmact_id}; only a new container takes a lost one's place."
            )
        made = self._certified(request, old.cmact_id, old.twin, now, rng, replaces=lost)
        self._save(msgspec.structs.replace(self._state, containers=(*self._state.containers, made)))
        return made

    def _check_not_replaced(self, serial: str) -> None:
        successor = self.successor(serial)
        if successor is not None:
            raise CentralRefused(
                f"Container {serial} was replaced by {successor.serial}, which is twin"
                f" {successor.twin} of its group now; use that one."
            )

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

    def _known(self, request: ContainerRequest) -> ActivatedContainer | None:
        for container in self._state.containers:
            same_serial = container.serial == request.serial
            same_key = container.public_key == request.public_key
            if same_serial and same_key:
                return container
            if same_serial:
                raise CentralRefused(
                    f"Container {request.serial} was activated with another key; a new container "
                    "needs a new serial."
                )
            if same_key:
                raise CentralRefused(
                    f"The key of {request.serial} was activated as container {container.serial}; "
                    "a new container needs a new key."
                )
        return None

    def _new_group(
        self, requests: Sequence[ContainerRequest], now: datetime, rng: RandomBits
    ) -> tuple[ActivatedContainer, ...]:
        cmact_id = f"{rng.getrandbits(64):016X}"
        group = [
            self._certified(request, cmact_id, twin, now, rng)
            for twin, request in zip(TWINS, requests, strict=True)
        ]
        containers = (*self._state.containers, *group)
        self._save(msgspec.structs.replace(self._state, containers=containers))
        return tuple(group)

    def _certified(
        self,
        request: ContainerRequest,
        cmact_id: str,
        twin: int,
        now: datetime,
        rng: RandomBits,
        replaces: str = "",
    ) -> ActivatedContainer:
        held = request.evidence.binding
        identity = ContainerIdentity(request.serial, cmact_id, twin, request.public_key, held)
        return ActivatedContainer(
            serial=request.serial,
            public_key=request.public_key,
            cmact_id=cmact_id,
            twin=twin,
            host=request.host,
            certificate=build_container_certificate(
                self._key, self._certificate, identity, now, rng
            ),
            replaces=replaces,
        )

    def _save(self, state: _RootState) -> None:
        write_state(self._path / _STATE, state)
        self._state = state


def check_three(requests: Sequence[ContainerRequest]) -> None:
    """Raises CentralRefused unless these are requests of three different containers."""
    if len(requests) != len(TWINS):
        raise CentralRefused(
            f"A TMR licence goes to three containers, but {len(requests)} requests were given."
        )
    for serial in (request.serial for request in requests):
        if [request.serial for request in requests].count(serial) > 1:
            raise CentralRefused(f"Container {serial} was given twice; give three different ones.")
    if len({request.public_key for request in requests}) != len(TWINS):
        raise CentralRefused("Two of the requests have one key: three hosts make three keys.")


def check_one_group(containers: Sequence[ActivatedContainer]) -> None:
    """Raises CentralRefused unless all these containers share one CmActID."""
    first = containers[0]
    for other in containers[1:]:
        if other.cmact_id != first.cmact_id:
            raise CentralRefused(
                f"Containers {first.serial} and {other.serial} belong to different groups (CmActID "
                f"{first.cmact_id} and {other.cmact_id}); give the three of one group."
            )
