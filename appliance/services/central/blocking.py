"""Which containers are registered and blocked, who did what and why, and the signed block list.

    blocks.json      registrations, blocks, and every act, in the root's directory
    block-list.crl   the newest signed list

An owner registers a container while he has it; only a registered container can be blocked, and only
with the owner's name that it was registered under. Else anybody who reads a serial off a screen
could stop somebody else's licences. What can go wrong in here is a number that two lists share: the
number is stored before the list that bears it is made, and a list that was never handed out only
leaves a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from appliance.adapters.files import write_whole
from appliance.codec.block_list import (
    BLOCKED_MAX,
    certificate_number,
    check_reason,
    read_block_list,
)
from appliance.licences.model import Blocked
from appliance.licences.refusals import BlockListRefused
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root import ActivatedContainer, RootAuthority
from appliance.services.central.storage import read_state, write_state

_STATE: Final = "blocks.json"
_LIST: Final = "block-list.crl"
LIST_DAYS: Final = 7
"""For how long a list is current unless told otherwise."""
LIST_DAYS_MAX: Final = 366
OWNER_MAX: Final = 64


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """Whose container this is, since when (Unix time), and why it is blocked: "" if it is not."""

    serial: str
    owner: str
    registered_at_s: int
    blocked_for: str = ""
    blocked_at_s: int | None = None


class BlockAct(msgspec.Struct, frozen=True, kw_only=True):
    """One act, for ever: "register", "block" or "unblock" of a container, or "crl", a new list."""

    at_s: int
    action: str
    serial: str
    why: str


class _BlockState(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    number: int = 0
    registrations: tuple[Registration, ...] = ()
    acts: tuple[BlockAct, ...] = ()


class BlockBook:
    """The registrations and blocks of one root. Callers hold the lock of the vendors' directory."""

    def __init__(self, path: Path, root: RootAuthority) -> None:
        """Opens what is kept in `path`, the root's directory; at first there is nothing.

        Raises CentralRefused if it is damaged.
        """
        self._path = path
        self._root = root
        file = path / _STATE
        self._state = read_state(file, _BlockState) if file.exists() else _BlockState()

    @property
    def list_path(self) -> Path:
        """Where the newest signed list is: what time servers hand out."""
        return self._path / _LIST

    @property
    def registrations(self) -> tuple[Registration, ...]:
        """Every registered container."""
        return self._state.registrations

    @property
    def acts(self) -> tuple[BlockAct, ...]:
        """All that was ever done, oldest first."""
        return self._state.acts

    def reason_for(self, serial: str) -> str:
        """Why this container is blocked, "" if it is not."""
        known = self._find(serial)
        return "" if known is None else known.blocked_for

    def register(self, serial: str, owner: str, now: datetime) -> Registration:
        """Notes whose container this is. Raises CentralRefused for one that was never activated,
        or that is another owner's."""
        self._activated(serial)
        if len(owner) > OWNER_MAX or not owner.isprintable() or owner != owner.strip():
            raise CentralRefused(f"An owner has up to {OWNER_MAX} printable characters.")
        known = self._find(serial)
        if known is not None:
            if known.owner != owner:
                raise CentralRefused(
                    f"Container {serial} is registered by {known.owner!r}; only that owner may have"
                    " it transferred."
                )
            return known
        made = Registration(serial=serial, owner=owner, registered_at_s=int(now.timestamp()))
        self._change(made, "register", owner, now)
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
        if sum(bool(one.blocked_for) for one in self.registrations) >= BLOCKED_MAX:
            raise CentralRefused(
                f"{BLOCKED_MAX} containers are blocked, which is all a list holds."
            )
        made = msgspec.structs.replace(known, blocked_for=reason, blocked_at_s=int(now.timestamp()))
        self._change(made, "block", reason, now)
        return made

    def unblock(self, serial: str, reason: str, now: datetime) -> Registration:
        """Takes the container off the next list: the vendor's decision, and logged as such.

        Raises CentralRefused if it is not blocked, or if another one took its place meanwhile.
        """
        known = self._find(serial)
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
        self._change(made, "unblock", reason, now)
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
        number = self._state.number + 1
        act = BlockAct(
            at_s=int(now.timestamp()), action="crl", serial="", why=f"list {number} for {days} days"
        )
        self._save(
            msgspec.structs.replace(self._state, number=number, acts=(*self._state.acts, act))
        )
        try:
            data = self._root.sign_block_list(
                number, self._blocked(), now, now + timedelta(days=days)
            )
        except ValueError as error:
            raise CentralRefused(f"The block list cannot be made: {error}") from None
        write_whole(self.list_path, data)
        return data

    def _blocked(self) -> Sequence[tuple[Blocked, datetime]]:
        blocked = []
        for one in self.registrations:
            if one.blocked_at_s is not None:
                number = certificate_number(self._activated(one.serial).certificate)
                since = datetime.fromtimestamp(one.blocked_at_s, UTC)
                blocked.append((Blocked(one.serial, number, one.blocked_for), since))
        return blocked

    def _activated(self, serial: str) -> ActivatedContainer:
        for container in self._root.containers:
            if container.serial == serial:
                return container
        raise CentralRefused(
            f"No container {serial} was ever activated here; check the serial with `tmr container"
            " show`."
        )

    def _find(self, serial: str) -> Registration | None:
        return next((one for one in self.registrations if one.serial == serial), None)

    def _owned(self, serial: str, owner: str) -> Registration:
        known = self._find(serial)
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

    def _change(self, made: Registration, action: str, why: str, now: datetime) -> None:
        others = [one for one in self.registrations if one.serial != made.serial]
        act = BlockAct(at_s=int(now.timestamp()), action=action, serial=made.serial, why=why)
        self._save(
            msgspec.structs.replace(
                self._state,
                registrations=tuple(sorted([*others, made], key=lambda one: one.serial)),
                acts=(*self._state.acts, act),
            )
        )

    def _save(self, state: _BlockState) -> None:
        write_state(self._path / _STATE, state)
        self._state = state
