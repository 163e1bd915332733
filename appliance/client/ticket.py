"""`Ticket`: a borrowed seat as a program uses it, without any network.

The ticket proves itself: two twins signed it for this borrower's key, this product and this end,
by the licence root that the program compiles in. How much of it is left is told by clocks that only
rise, since the end is a moment of log time (docs/borrowing.md):

    within one start of the system   what was seen last, and the boot time since then
    after the next start             what was seen last, or this computer's clock if later

It is never before the log time of the receipt, whatever the key file says. What was seen last is
kept there, at most FLOOR_EVERY_S old; and as often a ticket that is in use looks whether it was
extended or given back meanwhile. What can go wrong in here is a false alarm: a clock in 2050 at the
start ends no ticket for good, so what refuses it then is not kept; once the clock is right again,
the ticket is, too.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from appliance.client.clock import Clock, boot_clock
from appliance.client.errors import ReceiptRefused
from appliance.client.loan_store import BOOT_ID_FILE, LoanStore, read_file
from appliance.client.receipts import ReceiptVerifier
from appliance.client.settling import public_key
from appliance.client.station import this_machine
from appliance.client.ticket_files import (
    Asked,
    KeyFile,
    Seen,
    TicketFile,
    TicketRefused,
    read_ticket,
)
from appliance.licences.grants import KIND_BORROWED
from appliance.licences.modes import NO_SHARE, NO_STATION
from appliance.licences.wishes import wishes_hash
from appliance.verifier.documents import GrantDocument, ReceiptDocument
from appliance.verifier.receipts import Wanted
from appliance.verifier.trust import Trust

FLOOR_EVERY_S: Final = 60.0
"""The key file says how far time has come, no older than this while the ticket is looked at."""
OVER: Final = "over"
RETURNED: Final = "returned"
OTHER_MACHINE: Final = "other-machine"
OTHER_PRODUCT: Final = "other-product"

_BootId = Callable[[], str]
_Believed = Callable[[bytes, KeyFile], GrantDocument]


def boot_id() -> str:
    """Which start of the system this is, "" where that is not told."""
    return read_file(BOOT_ID_FILE)


class Ticket:
    """A borrowed seat; a context manager, opened by `Ticket.open`. Its methods are quick and ask no
    network; they may be called from any thread."""

    def __init__(
        self,
        store: LoanStore,
        believed: _Believed,
        key: KeyFile,
        *,
        boot_s: Clock,
        wall_s: Clock,
        starts: _BootId,
    ) -> None:
        self._store, self._believed = store, believed
        self._boot_s, self._wall_s = boot_s, wall_s
        self._boot_id = starts()
        self._opened = self._returned = False
        self._noted_s = -FLOOR_EVERY_S
        self._take(store.ticket(), key)

    def _take(self, data: bytes, key: KeyFile) -> None:
        """Go by this ticket, if it is believed, and this key from now on."""
        grant = self._believed(data, key)
        assert grant.receipt is not None  # It was verified.
        self._data, self._key = data, key
        self.grant = grant
        """What was granted; `ends_at_ms` is the moment of log time at which it ends."""
        self._log_ms, self._at_s = self._start(grant.receipt)

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        trust: Trust,
        firm_code: int,
        product_code: int,
        *,
        boot_s: Clock | None = None,
        wall_s: Clock = time.time,
        starts: _BootId = boot_id,
        station: bytes | None = None,
    ) -> Ticket:
        """The ticket in this file, with the key beside it. `trust` is the program's own, compiled
        in; so are the codes of what it is: else a ticket for another product would open it.

        Raises TicketRefused, whose `reason` says why: "unreadable", "no-key", "other-product",
        "other-machine", "returned", "over", "ticket-in-use", or what is wrong with its receipt.
        """
        store = LoanStore(path)
        key = store.key()
        if key.returned:
            raise TicketRefused(RETURNED, f"what {store.path} was a ticket for was given back")

        def believed(data: bytes, key: KeyFile) -> GrantDocument:
            file = read_ticket(data)
            verify(file, key.asked, trust, firm_code, product_code)
            return file.grant

        clock = boot_s or boot_clock()
        ticket = cls(store, believed, key, boot_s=clock, wall_s=wall_s, starts=starts)
        own = this_machine(firm_code) if station is None else station
        if key.asked.station not in (NO_STATION, own):
            raise TicketRefused(
                OTHER_MACHINE, f"{store.path} is for another computer than this one"
            )
        if public_key(key.seed) != key.asked.borrower:
            raise TicketRefused("wrong-borrower", f"the key of {store.path} is another ticket's")
        if ticket.left_s <= 0:
            raise TicketRefused(
                OVER,
                f"{store.path} has ended, or this computer's clock is wrong: put that right, or"
                " borrow again",
            )
        store.lock(ticket.grant.seats)
        try:
            ticket._begin()
        except BaseException:
            store.unlock()
            raise
        ticket._opened = True
        return ticket

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Note how far time has come, and let another process use it. It stays borrowed."""
        if self._opened:
            self._opened = False
            with suppress(TicketRefused):
                self.note()
            self._store.unlock()

    @property
    def path(self) -> Path:
        """The ticket's file."""
        return self._store.path

    @property
    def left_s(self) -> float:
        """For how many seconds it lasts yet; 0 once it is over, or was given back."""
        left_s = self._left_s()
        ends_now = not left_s and self._key.seen.log_ms < self.grant.ends_at_ms
        if self._opened and (ends_now or self._boot_s() - self._noted_s >= FLOOR_EVERY_S):
            with suppress(TicketRefused):  # a full disk ends nobody's work
                self.note()
            left_s = self._left_s()
        return left_s

    def _left_s(self) -> float:
        left_ms = self.grant.ends_at_ms - self._now_ms()
        return 0.0 if self._returned else max(0.0, left_ms / 1000)

    def _now_ms(self) -> float:
        """Log time as far as it is known here."""
        return self._log_ms + (self._boot_s() - self._at_s) * 1000

    @property
    def usable(self) -> bool:
        """Whether it may be used now: as a lease's `usable`."""
        return self._opened and self.left_s > 0

    def _begin(self) -> None:
        """Keep how far time has come, unless that was kept in the last minute."""
        seen, boot_s = self._key.seen, self._boot_s()
        passed_s = boot_s - seen.boot_ms / 1000
        if self._boot_id and seen.boot_id == self._boot_id and 0 <= passed_s < FLOOR_EVERY_S:
            self._noted_s = boot_s - passed_s
        else:
            self.note()

    def note(self) -> None:
        """Keep how far time has come, and look what became of the ticket on the disk. Raises
        TicketRefused if that cannot be read or written, or is not believed."""
        boot_s = self._noted_s = self._boot_s()
        self._look()
        if self._returned:
            return  # Its key is gone, and stays so.
        now_ms = int(min(self._now_ms(), self.grant.ends_at_ms))
        seen = Seen(log_ms=now_ms, boot_id=self._boot_id, boot_ms=int(boot_s * 1000))
        self._key = msgspec.structs.replace(self._key, seen=seen)
        self._store.write_key(self._key)

    def _look(self) -> None:
        """Whether it was given back or extended since it was read."""
        key = self._store.key()
        self._returned = bool(key.returned) or key.asked.borrower != self._key.asked.borrower
        if self._returned:
            return
        data = self._store.ticket()
        if data != self._data:
            self._take(data, key)

    def _start(self, receipt: ReceiptDocument) -> tuple[int, float]:
        """Log time (Unix ms) now as far as it is known, and the boot time that belongs to it."""
        seen, boot_s = self._key.seen, self._boot_s()
        boot_ms = int(boot_s * 1000)
        if self._boot_id and seen.boot_id == self._boot_id and boot_ms >= seen.boot_ms:
            latest_ms = seen.log_ms + boot_ms - seen.boot_ms
        else:
            latest_ms = max(seen.log_ms, int(self._wall_s() * 1000))
        return max(latest_ms, receipt.log_time_ms), boot_s


def verify(file: TicketFile, asked: Asked, trust: Trust, firm_code: int, product_code: int) -> None:
    """Believe a ticket: it is what was asked for. Raises TicketRefused."""
    grant = file.grant
    if (grant.firm_code, grant.product_code) != (firm_code, product_code):
        raise TicketRefused(
            OTHER_PRODUCT,
            f"this ticket is for {grant.firm_code}:{grant.product_code}, and not for"
            f" {firm_code}:{product_code}",
        )
    receipt = grant.receipt
    # Its log time is that of the day on which it was borrowed: no clock of today tells of it.
    verifier = ReceiptVerifier(replace(trust, clock_tolerance_s=None))
    try:
        for words in file.words:
            verifier.learn(words)
        verifier.verify(grant, wanted(asked, b"" if receipt is None else receipt.nonce))
    except ReceiptRefused as refused:
        raise TicketRefused(
            refused.reason, f"this ticket is not believed ({refused.reason}): {refused.detail}"
        ) from refused


def wanted(asked: Asked, nonce: bytes) -> Wanted:
    """What a grant has to be about, to be what this request asked for."""
    return Wanted(
        asked.firm_code,
        asked.product_code,
        nonce,
        kind=KIND_BORROWED,
        share=asked.station or NO_SHARE,
        seats=asked.seats,
        features=asked.wishes.features,
        borrower_key=asked.borrower,
        wishes_hash=wishes_hash(asked.wishes),
        release_date=asked.wishes.release_date,
    )
