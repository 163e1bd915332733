"""This host's container as the replica sees it, and the clock it lives by (design D3, D6).

What can go wrong in here is to read the container's files while an import changes them. An import
syncs to disk and so runs on a thread; everybody else reads a snapshot that is replaced, on the
event loop, when the import is over.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from appliance import __version__
from appliance.adapters.container_home import BoxTimes, ContainerHome
from appliance.adapters.keys.held import Held
from appliance.adapters.keys.shut import KeyShut
from appliance.clocks import times as three_times
from appliance.codec.api import ContainerTimes
from appliance.codec.binding_statements import build_binding
from appliance.codec.contacts import LedgerHead
from appliance.codec.request_files import System, Wanted
from appliance.codec.transfer_files import Addressed
from appliance.licences.certified import is_news
from appliance.licences.commands import (
    CertifyTime,
    ImportBlockList,
    ImportUpdate,
    Offerable,
    ShowBinding,
)
from appliance.licences.deltas import item_in
from appliance.licences.model import (
    BindingShown,
    BlockList,
    ContainerUpdate,
    FirmItem,
    LicenceKey,
    ProductItem,
)
from appliance.licences.state import State

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Content:
    """What a container holds: never changed, only replaced."""

    certificate: bytes | None
    cmact_id: str | None
    twin: int | None
    firms: tuple[FirmItem, ...]
    updates: dict[int, dict[int, bytes]]
    block_list: BlockList
    locked: str

    @classmethod
    def of(cls, home: ContainerHome) -> Content:
        """The content as it is on disk now."""
        firms = home.firms()
        updates = {firm.firm_code: home.updates_by_base(firm.firm_code) for firm in firms}
        return cls(
            home.certificate,
            home.cmact_id,
            home.twin,
            firms,
            updates,
            home.block_list,
            home.locked,
        )


class Shown(NamedTuple):
    """A certified statement for the ledger: its bytes, its time (Unix ms), and its anchor."""

    statement: bytes
    time_ms: int
    anchor: bytes


class HostContainer:
    """The replica's `OwnContainer` over a `ContainerHome`, with imports that block nobody."""

    def __init__(self, home: ContainerHome) -> None:
        self._home = home
        self._importing = asyncio.Lock()
        self.content = Content.of(home)
        self.shown: Shown | None = None
        self._said: tuple[BindingShown, ShowBinding] | None = None
        self._contacts = home.contacts()
        self.virtual_serial = ""
        """That of the system that it works in, as the ledger says."""

    @property
    def serial(self) -> str:
        """The container's serial."""
        return self._home.serial

    @property
    def locked(self) -> str:
        """Why this container is blocked, "" if it is not."""
        return self.content.locked

    @property
    def bound(self) -> Held:
        """What holds its key, and how it was found."""
        return self._home.held

    @property
    def shut(self) -> str:
        """Why its key cannot be used, "" if it can."""
        return self._home.shut

    async def try_again(self) -> str:
        """Look for a key that is shut once more; gives why it still is. Raises HomeDamaged."""
        return await asyncio.to_thread(self._home.try_again)

    def contact(self, url: str, ledger: LedgerHead, now_s: int) -> str:
        """What this container says of itself to the station at this address; "" for nothing, also
        if that cannot be written down now, which keeps nobody from asking. Blocks for the disk."""
        try:
            return self._contacts.begin(url, ledger, now_s)
        except (OSError, KeyShut) as error:
            log.warning("no contact: url=%s why=%s", url, error)
            return ""

    def contacted(self, url: str, station: str, contact: str) -> None:
        """That station answered, and has this contact. Blocks for the disk."""
        try:
            self._contacts.answered(url, station, contact)
        except OSError as error:  # It is sent once more, and known there.
            log.warning("contact not noted: url=%s why=%s", url, error)

    def item(self, key: LicenceKey) -> ProductItem | None:
        """This container's constituent of a licence, None if it has none or is locked."""
        for firm in () if self.content.locked else self.content.firms:
            if firm.firm_code == key.firm_code:
                return item_in(firm.items, key.product_code, key.tmr_id)
        return None

    def sign(self, data: bytes) -> bytes:
        """The container's signature under these bytes. Raises KeyShut."""
        return self._home.sign(data)

    def news_for(self, state: State) -> Offerable | None:
        """The newer block list, the next imported update, or the newer certified time that this
        ledger state lacks."""
        if self.content.block_list.number > state.block_list.number:
            return ImportBlockList(self.content.block_list.data, "")
        known = state.containers.get(self.serial)
        for firm_code, files in self.content.updates.items():
            firm = known.firm(firm_code) if known else None
            applied = firm.sequence if firm else 0
            following = files.get(applied)
            if following is not None:
                return ImportUpdate(following, "")
        if known is None:
            return None
        return self._certified_news(state) or self._binding_news(state)

    def _binding_news(self, state: State) -> ShowBinding | None:
        """What holds this container's key, if the ledger has another word of it or none."""
        evidence, certificate = self._home.held.evidence, self.content.certificate
        said = state.bindings.get(self.serial)
        if certificate is None or (said is not None and said.evidence == evidence):
            return None
        number = 1 if said is None else said.number + 1
        shown = BindingShown(
            ledger_id=state.ledger_id,
            serial=self.serial,
            number=number,
            evidence=evidence,
            certificate=certificate,
        )
        if self._said is None or self._said[0] != shown:
            self._said = shown, ShowBinding(build_binding(shown, self), "")
        return self._said[1]

    def _certified_news(self, state: State) -> CertifyTime | None:
        shown = self.shown
        if shown is None or not self.lacks_certified(state):
            return None
        return CertifyTime(shown.statement, "") if is_news(state, shown.anchor) else None

    def lacks_certified(self, state: State) -> bool:
        """Whether this ledger state has another certified time of this container than it showed."""
        certified = state.certified.get(self.serial)
        return self.shown is not None and (
            certified is None or certified.time_ms != self.shown.time_ms
        )

    @property
    def held(self) -> tuple[tuple[int, int], ...]:
        """The newest update's sequence of each firm code."""
        return tuple((firm.firm_code, firm.sequence) for firm in self.content.firms)

    def request(self, wanted: Wanted) -> bytes:
        """The file that asks a vendor for what is wanted."""
        system = System(virtual_serial=self.virtual_serial, release=__version__)
        return self._home.request(wanted._replace(system=system))

    def receipt(self, firm_code: int) -> bytes:
        """The file that confirms this firm's newest update."""
        return self._home.receipt(firm_code)

    def return_order(self, key: LicenceKey, to: Addressed) -> bytes:
        """The file that orders a licence to be taken back, or calls that off."""
        return self._home.return_order(key, to)

    async def import_update(self, data: bytes) -> ContainerUpdate:
        """Import one update file, durably. Raises UpdateRefused, or OSError of the disk."""
        async with self._importing:
            try:
                return await asyncio.to_thread(self._home.import_update, data)
            finally:
                self.content = Content.of(self._home)

    async def learn_block_list(self, data: bytes) -> BlockList:
        """Keep a newer block list, durably, and obey it. Raises BlockListRefused, or OSError."""
        async with self._importing:
            try:
                return await asyncio.to_thread(self._home.learn_block_list, data)
            finally:
                self.content = Content.of(self._home)


class ContainerClock:
    """The container's times, counted on by boot time and stored in its home.

    What can go wrong in here is a save that overtakes another: a certified time may be lower than
    the box time that is just being written aside. So all writing takes turns, and each writes what
    holds at its turn.
    """

    def __init__(
        self, home: ContainerHome, boot_ms: Callable[[], int], wall_ms: Callable[[], int]
    ) -> None:
        self._home = home
        self._boot_ms = boot_ms
        self._wall_ms = wall_ms
        self._turn = threading.Lock()
        stored = home.times()
        persisted = (
            None if stored is None else three_times.StoredTime(stored.box_ms, stored.certified_ms)
        )
        self._time = three_times.started(persisted, wall_ms(), boot_ms())

    @property
    def box_ms(self) -> int:
        """Box time as last stored, Unix ms."""
        return self._time.box_ms

    @property
    def certified_ms(self) -> int | None:
        """The last certified time, Unix ms; None if no time server was ever asked."""
        return self._time.certified_ms

    def boot_ms(self) -> int:
        """Boot time in ms, by which everything here counts on."""
        return self._boot_ms()

    def system_ms(self) -> int:
        """The container's system time now, Unix ms: what licences are compared with."""
        return self._time.system_time_ms(self._boot_ms())

    def times(self) -> ContainerTimes:
        """The three times and their ages, for status, reports and metrics."""
        time, boot_ms = self._time, self._boot_ms()
        system_ms = time.system_time_ms(boot_ms)
        certified_ms = time.certified_ms
        return ContainerTimes(
            box_ms=time.box_ms,
            system_ms=system_ms,
            certified_ms=certified_ms,
            box_age_s=max(0, boot_ms - time.boot_ms) / 1000,
            certified_age_s=None if certified_ms is None else (system_ms - certified_ms) / 1000,
        )

    def save(self) -> None:
        """Move box time to now and store it. Raises OSError."""
        with self._turn:
            moved = three_times.persisted_now(self._time, self._wall_ms(), self._boot_ms())
            self._store(moved)

    def not_before(self, said_ms: int) -> int:
        """Goes on from the system time that this container signed last (Unix ms), if it is later;
        gives by how much. Raises OSError."""
        with self._turn:
            before_ms = self.system_ms()
            self._store(three_times.not_before(self._time, said_ms, self._boot_ms()))
        return max(0, said_ms - before_ms)

    async def save_aside(self) -> None:
        """The same without keeping the event loop from anything."""
        await asyncio.to_thread(self.save)

    async def certify(self, certified_ms: int, at_boot_ms: int) -> None:
        """Set certified and box time to what a time server said for that boot time, durably.

        Raises OSError; then nothing has changed.
        """
        await asyncio.to_thread(self._certify, certified_ms, at_boot_ms)

    def _certify(self, certified_ms: int, at_boot_ms: int) -> None:
        with self._turn:
            self._store(three_times.certified(self._time, certified_ms, at_boot_ms))

    def _store(self, time: three_times.ContainerTime) -> None:
        stored = time.stored()
        self._home.save_times(BoxTimes(box_ms=stored.box_ms, certified_ms=stored.certified_ms))
        self._time = time
