"""The root authority: certifies firms, and puts three containers into a group at activation.

What can go wrong in here is a container with two identities: it is remembered by serial and by
public key, and both must stay together for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import ColumnElement, RowMapping, insert, select

from appliance.codec.certificates import RandomBits
from appliance.codec.request_files import ContainerRequest
from appliance.licences.members import ALONE
from appliance.licences.serials import Kind
from appliance.services.central.records import Records
from appliance.services.central.records.schema import containers
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root_key import RootKey
from appliance.verifier.certificates import (
    SINGLE,
    TWINS,
    ContainerIdentity,
    FirmIdentity,
    read_container_certificate,
)


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


class RootAuthority(RootKey):
    """The root: its key in a directory, and whom it certified in the records."""

    def __init__(self, path: Path, records: Records) -> None:
        """Opens the root in `path`. Raises CentralRefused if there is none."""
        self._records = records
        with records.reading():  # What is wrong with the records is said before a key is missed.
            pass
        super().__init__(path)

    @property
    def containers(self) -> tuple[ActivatedContainer, ...]:
        """Every activated container, in the order of activation."""
        return self._where()

    def container(self, serial: str) -> ActivatedContainer | None:
        """The container that was activated with this serial, None if none was."""
        return next(iter(self._where(containers.c.serial == serial)), None)

    def certify_firm(
        self, firm_code: int, firm_name: str, public_key: bytes, now: datetime, rng: RandomBits
    ) -> bytes:
        """The certificate, DER, of a firm that is new here. Raises CentralRefused if code or name
        are out of range."""
        try:
            return self._firm_certificate(FirmIdentity(firm_code, firm_name, public_key), now, rng)
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

    def activate_single(
        self, request: ContainerRequest, now: datetime, rng: RandomBits
    ) -> ActivatedContainer:
        """The container that stands alone and made this request; certified as one if it is new.

        Its key is never certified as a twin's as well. Raises CentralRefused if it is one already,
        or another container than it was.
        """
        known = self._known(request)
        if known is not None:
            if known.twin != SINGLE:
                raise CentralRefused(
                    f"Container {known.serial} is twin {known.twin} of the group with CmActID"
                    f" {known.cmact_id}: it never stands alone. Have a new container made."
                )
            return known
        made = self._certified(request, f"{rng.getrandbits(64):016X}", SINGLE, now, rng)
        self._keep(made)
        return made

    def successor(self, serial: str) -> ActivatedContainer | None:
        """The container that was activated in the place of this one, None if none was."""
        return next(iter(self._where(containers.c.replaces == serial)), None) if serial else None

    def replace(
        self, lost: str, request: ContainerRequest, now: datetime, rng: RandomBits
    ) -> ActivatedContainer:
        """Activates a new container as the twin that the container `lost` was; the same once more.

        Whether `lost` is lost is for the caller to know. Raises CentralRefused if it was never
        activated, or replaced by another one, or the new one is none.
        """
        old = self.container(lost)
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
        self._keep(made)
        return made

    def _check_not_replaced(self, serial: str) -> None:
        successor = self.successor(serial)
        if successor is not None:
            raise CentralRefused(
                f"Container {serial} was replaced by {successor.serial}, which is twin"
                f" {successor.twin} of its group now; use that one."
            )

    def _known(self, request: ContainerRequest) -> ActivatedContainer | None:
        container = self.container(request.serial)
        if container is not None and container.public_key != request.public_key:
            raise CentralRefused(
                f"Container {request.serial} was activated with another key; a new container "
                "needs a new serial."
            )
        for other in self._where(containers.c.public_key == request.public_key):
            if other.serial != request.serial:
                raise CentralRefused(
                    f"The key of {request.serial} was activated as container {other.serial}; "
                    "a new container needs a new key."
                )
        return container

    def _where(self, *wanted: ColumnElement[bool]) -> tuple[ActivatedContainer, ...]:
        columns = [containers.c[name] for name in ActivatedContainer.__struct_fields__]
        asked = select(*columns).where(*wanted).order_by(containers.c.number)
        with self._records.reading() as connection:
            return tuple(activated(row) for row in connection.execute(asked).mappings())

    def _keep(self, made: ActivatedContainer) -> None:
        with self._records.act() as connection:
            connection.execute(insert(containers).values(**msgspec.structs.asdict(made)))
            self._records.note(
                "activate", made.serial, group=made.cmact_id, twin=made.twin, replaces=made.replaces
            )

    def _new_group(
        self, requests: Sequence[ContainerRequest], now: datetime, rng: RandomBits
    ) -> tuple[ActivatedContainer, ...]:
        cmact_id = f"{rng.getrandbits(64):016X}"
        group = [
            self._certified(request, cmact_id, twin, now, rng)
            for twin, request in zip(TWINS, requests, strict=True)
        ]
        with self._records.act():
            for made in group:
                self._keep(made)
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
            certificate=self._container_certificate(identity, now, rng),
            replaces=replaces,
        )


def activated(row: RowMapping) -> ActivatedContainer:
    """What a row says that has all columns of a container."""
    return ActivatedContainer(**{name: row[name] for name in ActivatedContainer.__struct_fields__})


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


def check_number(requests: Sequence[ContainerRequest], *, single: bool) -> None:
    """Raises CentralRefused unless these are requests of three different containers, or a `single`
    one."""
    if not single:
        check_three(requests)
    elif len(requests) != ALONE:
        raise CentralRefused(
            f"A container that stands alone makes one request, but {len(requests)} were given."
        )


def check_one_group(containers: Sequence[ActivatedContainer]) -> None:
    """Raises CentralRefused unless all these containers share one CmActID."""
    first = containers[0]
    for other in containers[1:]:
        if other.cmact_id != first.cmact_id:
            raise CentralRefused(
                f"Containers {first.serial} and {other.serial} belong to different groups (CmActID "
                f"{first.cmact_id} and {other.cmact_id}); give the three of one group."
            )
