"""`Ticket`: a borrowed seat as a program uses it, without any network.

The ticket proves itself: two twins signed it for this borrower's key, this product and this end,
by the licence root that the program compiles in. How much of it is left is told by clocks that only
rise, since the end is a moment of log time (docs/borrowing.md):

    within one start of the system   log time when it was granted, and the boot time since then
    after the next start             the latest that was seen, or this computer's clock if later

The latest that was seen is kept in the key file, at most FLOOR_EVERY_S old. What can go wrong in
here is a false alarm: a clock in 2050 at the start ends no ticket for good, so what refuses it then
is not kept; once the clock is right again, the ticket is, too.
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


def boot_id() -> str:
    """Which start of the system this is, "" where that is not told."""
    return read_file(BOOT_ID_FILE)


class Ticket:
    """A borrowed seat; a context manager, opened by `Ticket.open`. Its methods are quick and ask no
    network; they may be called from any thread."""

    def __init__(
        self,
        store: LoanStore,
        file: TicketFile,
        key: KeyFile,
        *,
        boot_s: Clock,
        wall_s: Clock,
        starts: _BootId,
    ) -> None:
        assert file.grant.receipt is not None  # `open` saw to it
        self._store = store
        self._key = key
        self._boot_s, self._wall_s = boot_s, wall_s
        self._opened = False
        self.grant: GrantDocument = file.grant
        """What was granted; `ends_at_ms` is the moment of log time at which it ends."""
        self._boot_id = starts()
        receipt = file.grant.receipt
        self._log_ms, self._at_s = self._start(receipt)
        self._noted_s = -FLOOR_EVERY_S

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
        file = read_ticket(store.ticket())
        verify(file, key.asked, trust, firm_code, product_code)
        own = this_machine(firm_code) if station is None else station
        if key.asked.station not in (NO_STATION, own):
            raise TicketRefused(
                OTHER_MACHINE, f"{store.path} is for another computer than this one"
            )
        if public_key(key.seed) != key.asked.borrower:
            raise TicketRefused("wrong-borrower", f"the key of {store.path} is another ticket's")
        clock = boot_s or boot_clock()
        ticket = cls(store, file, key, boot_s=clock, wall_s=wall_s, starts=starts)
        if ticket.left_s <= 0:
            raise TicketRefused(
                OVER,
                f"{store.path} has ended, or this computer's clock is wrong: put that right, or"
                " borrow again",
            )
        store.lock(file.grant.seats)
        try:
            ticket.note()
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
        """For how many seconds it lasts yet; 0 once it is over."""
        boot_s = self._boot_s()
        now_ms = self._log_ms + (boot_s - self._at_s) * 1000
        left_s = max(0.0, (self.grant.ends_at_ms - now_ms) / 1000)
        due = boot_s - self._noted_s >= FLOOR_EVERY_S or not left_s
        if due and self._opened and self._key.seen.floor_ms < self.grant.ends_at_ms:
            with suppress(TicketRefused):  # a full disk ends nobody's work
                self.note()
        return left_s

    @property
    def usable(self) -> bool:
        """Whether it may be used now: as a lease's `usable`."""
        return self._opened and self.left_s > 0

    def note(self) -> None:
        """Keep how far time has come. Raises TicketRefused if that cannot be written."""
        boot_s = self._boot_s()
        passed_ms = int(self._log_ms + (boot_s - self._at_s) * 1000)
        now_ms = min(passed_ms, self.grant.ends_at_ms)
        self._noted_s = boot_s
        seen = Seen(
            floor_ms=max(now_ms, self._key.seen.floor_ms),
            boot_id=self._boot_id,
            boot_ms=int(boot_s * 1000),
            log_ms=now_ms,
        )
        self._key = msgspec.structs.replace(self._key, seen=seen)
        self._store.write_key(self._key)

    def _start(self, receipt: ReceiptDocument) -> tuple[int, float]:
        """Log time (Unix ms) now as far as it is known, and the boot time that belongs to it."""
        seen, boot_s = self._key.seen, self._boot_s()
        if self._boot_id and seen.boot_id == self._boot_id and boot_s * 1000 >= seen.boot_ms:
            return seen.log_ms + int(boot_s * 1000) - seen.boot_ms, boot_s
        latest_ms = max(seen.floor_ms, receipt.log_time_ms, int(self._wall_s() * 1000))
        return latest_ms, boot_s


def verify(
    file: TicketFile, asked: Asked, trust: Trust, firm_code: int, product_code: int
) -> ReceiptDocument:
    """The receipt of a ticket that is believed: it is what was asked for. Raises TicketRefused."""
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
    assert receipt is not None  # It was verified.
    return receipt


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
