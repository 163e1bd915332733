"""Which containers are registered and blocked, who did what and why, and the signed block list.

    block-list.crl   the newest signed list, in the root's directory; all else is in the records

An owner registers a container while he has it; only a registered container can be blocked, and only
with the owner's name that it was registered under. Else anybody who reads a serial off a screen
could stop somebody else's licences. What can go wrong in here is a number that two lists share: so
a list is in the records, under its number, before anybody sees its file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, delete, func, insert, select, update

from appliance.adapters.files import write_whole
from appliance.codec.block_list import (
    BLOCKED_MAX,
    certificate_number,
    check_reason,
    read_block_list,
)
from appliance.licences.model import Blocked
from appliance.licences.refusals import BlockListRefused
from appliance.services.central.records import Records, audit
from appliance.services.central.records.rows import put_row
from appliance.services.central.records.schema import block_lists, heard, registrations
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root import ActivatedContainer, RootAuthority

_LIST: Final = "block-list.crl"
LIST_DAYS: Final = 7
"""For how long a list is current unless told otherwise."""
LIST_DAYS_MAX: Final = 366
OWNER_MAX: Final = 64
HEARD_EVERY_S: Final = 3_600
"""That a blocked container was heard of is written so often at most."""
_BLOCKED: Final = registrations.c.blocked_at_s.is_not(None)


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """Whose container this is, since when (Unix time), and why it is blocked: "" if it is not."""

    serial: str
    owner: str
    registered_at_s: int
    blocked_for: str = ""
    blocked_at_s: int | None = None


ACTS: Final = ("register", "block", "unblock", "crl", "heard")
"""What is done to containers here, as the audit trail names it; "crl" is a new list, and "heard"
says that a blocked container asked for something."""


class BlockBook:
    """The registrations and blocks of one root."""

    def __init__(self, path: Path, root: RootAuthority, records: Records) -> None:
        """`path` is the root's directory."""
        self._path = path
        self._root = root
        self._records = records

    @property
    def list_path(self) -> Path:
        """Where the newest signed list is: what time servers hand out."""
        return self._path / _LIST

    @property
    def registrations(self) -> tuple[Registration, ...]:
        """Every registered container, by serial."""
        return self._where()

    def page(self, after: str, limit: int) -> list[Registration]:
        """Up to `limit` registered containers by serial, those behind `after`."""
        return list(self._where(registrations.c.serial > after, limit=limit))

    @property
    def blocked(self) -> frozenset[str]:
        """The serials of all blocked containers."""
        return frozenset(one.serial for one in self._where(_BLOCKED))

    def acts(self, before: int | None, limit: int) -> list[audit.Row]:
        """Up to `limit` rows of the audit trail about these acts, newest first, those with numbers
        below `before`."""
        with self._records.reading() as connection:
            return audit.page(connection, before, limit, acts=ACTS)

    def reason_for(self, serial: str) -> str:
        """Why this container is blocked, "" if it is not."""
        known = self.find(serial)
        return "" if known is None else known.blocked_for

    def find(self, serial: str) -> Registration | None:
        """This container, None if it is not registered."""
        return next(iter(self._where(registrations.c.serial == serial)), None)

    def note_heard(self, serial: str, now_s: int) -> None:
        """A container proved that it is there (Unix time). Of one that is blocked it is kept, once
        an hour."""
        if not self.reason_for(serial):
            return
        before = self.heard.get(serial)
        if before is not None and 0 <= now_s - before < HEARD_EVERY_S:
            return
        with self._records.act() as connection:
            put_row(connection, heard, {"serial": serial}, {"at_s": now_s})
            if before is None:
                self._records.note("heard", serial, why="a blocked container asked for something")

    @property
    def heard(self) -> dict[str, int]:
        """Which blocked containers proved, since they are, that they are there, and when last
        (Unix time)."""
        with self._records.reading() as connection:
            return {row.serial: row.at_s for row in connection.execute(select(heard))}

    def listed_at_s(self, blocked_at_s: int) -> int | None:
        """When the first list was made that names who was blocked at that time, None if none was
        made since (Unix time)."""
        asked = select(func.min(block_lists.c.made_at_s)).where(
            block_lists.c.made_at_s >= blocked_at_s
        )
        with self._records.reading() as connection:
            found: int | None = connection.execute(asked).scalar_one()
        return found

    def register(self, serial: str, owner: str, now: datetime) -> Registration:
        """Notes whose container this is. Raises CentralRefused for one that was never activated,
        or that is another owner's."""
        self._activated(serial)
        if len(owner) > OWNER_MAX or not owner.isprintable() or owner != owner.strip():
            raise CentralRefused(f"An owner has up to {OWNER_MAX} printable characters.")
        known = self.find(serial)
        if known is not None:
            if known.owner != owner:
                raise CentralRefused(
                    f"Container {serial} is registered by {known.owner!r}; only that owner may have"
                    " it transferred."
                )
            return known
        made = Registration(serial=serial, owner=owner, registered_at_s=int(now.timestamp()))
        self._change(made, "register", owner)
        return made

    def block(self, serial: str, owner: str, reason: str, now: datetime) -> Registration:
        """Puts the container onto the next list. Raises CentralRefused unless this owner registered
        it before, and it is not blocked yet."""
        known = self._owned(serial, owner)
        try:
            check_reason(reason)
        except ValueError as error:
            raise CentralRefused(str(error)) from None
        if known.blocked_for:
            raise CentralRefused(f"Container {serial} is blocked already: {known.blocked_for}.")
        if self._count_blocked() >= BLOCKED_MAX:
            raise CentralRefused(
                f"{BLOCKED_MAX} containers are blocked, which is all a list holds."
            )
        made = msgspec.structs.replace(known, blocked_for=reason, blocked_at_s=int(now.timestamp()))
        self._change(made, "block", reason)
        return made

    def unblock(self, serial: str, reason: str, now: datetime) -> Registration:
        """Takes the container off the next list: the vendor's decision, and logged as such.

        Raises CentralRefused if it is not blocked, or if another one took its place meanwhile.
        """
        known = self.find(serial)
        try:
            check_reason(reason)
        except ValueError as error:
            raise CentralRefused(str(error)) from None
        if known is None or not known.blocked_for:
            raise CentralRefused(f"Container {serial} is not blocked; nothing needs to be done.")
        successor = self._root.successor(serial)
        if successor is not None:
            raise CentralRefused(
                f"Container {serial} stays blocked: what it held was issued anew to"
                f" {successor.serial}, which took its place."
            )
        made = msgspec.structs.replace(known, blocked_for="", blocked_at_s=None)
        self._change(made, "unblock", reason)
        return made

    def is_due(self, now: datetime) -> bool:
        """Whether a new list has to be made: there is none that can be read, the newest names
        others than are blocked now, or half the time for which it is current is over."""
        try:
            newest = read_block_list(self.list_path.read_bytes(), self._root.certificate)
        except (FileNotFoundError, BlockListRefused):
            return True
        if set(newest.blocked) != {blocked for blocked, _ in self._blocked()}:
            return True
        return now.timestamp() >= (newest.this_update_s + newest.next_update_s) / 2

    def make_list(self, now: datetime, days: int = LIST_DAYS) -> bytes:
        """A new signed list, DER, current for `days` from `now`, under the next number.

        Raises CentralRefused.
        """
        if not 1 <= days <= LIST_DAYS_MAX:
            raise CentralRefused(f"A block list is current for 1 to {LIST_DAYS_MAX} days.")
        with self._records.act() as connection:
            highest = connection.execute(select(func.max(block_lists.c.number))).scalar_one()
            number = (highest or 0) + 1
            try:
                data = self._root.sign_block_list(
                    number, self._blocked(), now, now + timedelta(days=days)
                )
            except ValueError as error:
                raise CentralRefused(f"The block list cannot be made: {error}") from None
            connection.execute(update(block_lists).values(data=None))
            connection.execute(
                insert(block_lists).values(number=number, made_at_s=int(now.timestamp()), data=data)
            )
            self._records.note("crl", "", why=f"list {number} for {days} days")
        self._publish()
        return data

    def _publish(self) -> None:
        """The newest list, and never an older one in its place, gets its file."""
        with self._records.act() as connection:
            asked = select(block_lists.c.data).order_by(block_lists.c.number.desc()).limit(1)
            data = connection.execute(asked).scalar_one_or_none()
            if data is not None:
                write_whole(self.list_path, bytes(data))

    def _blocked(self) -> Sequence[tuple[Blocked, datetime]]:
        blocked = []
        for one in self._where(_BLOCKED):
            number = certificate_number(self._activated(one.serial).certificate)
            since = datetime.fromtimestamp(one.blocked_at_s or 0, UTC)
            blocked.append((Blocked(one.serial, number, one.blocked_for), since))
        return blocked

    def _count_blocked(self) -> int:
        asked = select(func.count()).select_from(registrations).where(_BLOCKED)
        with self._records.reading() as connection:
            return connection.execute(asked).scalar_one()

    def _activated(self, serial: str) -> ActivatedContainer:
        container = self._root.container(serial)
        if container is None:
            raise CentralRefused(
                f"No container {serial} was ever activated here; check the serial with `tmr"
                " container show`."
            )
        return container

    def _where(
        self, *wanted: ColumnElement[bool], limit: int | None = None
    ) -> tuple[Registration, ...]:
        asked = select(registrations).where(*wanted).order_by(registrations.c.serial).limit(limit)
        with self._records.reading() as connection:
            return tuple(Registration(**row) for row in connection.execute(asked).mappings())

    def _owned(self, serial: str, owner: str) -> Registration:
        known = self.find(serial)
        if known is None:
            raise CentralRefused(
                f"Container {serial} is not registered, and only a registered container can be"
                " blocked: its owner has to register it while he has it."
            )
        if known.owner != owner:
            raise CentralRefused(
                f"Container {serial} is registered by another owner than {owner!r}; only its owner"
                " can have it blocked."
            )
        return known

    def _change(self, made: Registration, action: str, why: str) -> None:
        values = msgspec.structs.asdict(made)
        with self._records.act() as connection:
            put_row(connection, registrations, {"serial": values.pop("serial")}, values)
            # What was heard before is no sign that the container is there since.
            connection.execute(delete(heard).where(heard.c.serial == made.serial))
            self._records.note(action, made.serial, why=why)
