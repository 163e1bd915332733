"""Planted bugs in what becomes of borrowed seats."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.client import Ticket
from appliance.licences import borrowing, imports
from appliance.licences.borrow_book import ENDED, BorrowBook
from appliance.licences.commands import Restored
from appliance.licences.counting import ALL, Counting
from appliance.licences.records import lease_of
from appliance.licences.state import State
from tests.sim.planting import Mutant, always


def lease_clock_holds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new term gives what is borrowed a lifetime, as if it were a lease."""
    leases = State.active_leases

    def all_of_them(self: State, client: str | None = None) -> Any:
        yield from leases(self, client)
        for out in self.all_borrowed(client):
            yield lease_of(out)

    monkeypatch.setattr(State, "active_leases", all_of_them)


def over_by_log_time_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def eager(self: BorrowBook) -> None:
        for ends_at_ms, generation in list(self.due.get(ALL, ())):
            if ends_at_ms <= self.log_time_ms:
                self.end_borrowed(self.borrowed[generation], ENDED)

    monkeypatch.setattr(BorrowBook, "end_overdue", eager)


def lost_at_a_restore(monkeypatch: pytest.MonkeyPatch) -> None:
    carry = State.carry

    def forget(self: State, restored: Restored, *more: Any) -> None:
        carry(self, replace(restored, borrowed=()), *more)

    monkeypatch.setattr(State, "carry", forget)


def write_off_frees(monkeypatch: pytest.MonkeyPatch) -> None:
    def eager(self: BorrowBook, out: Any) -> None:
        self.end_borrowed(out, ENDED)

    monkeypatch.setattr(BorrowBook, "set_borrowed", eager)


def key_file_sets_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(self: Ticket, receipt: Any) -> tuple[int, float]:
        seen, boot_s = self._key.seen, self._boot_s()
        return seen.log_ms + int(boot_s * 1000) - seen.boot_ms, boot_s

    monkeypatch.setattr(Ticket, "_start", started)


LICENCES = "tests/unit/licences/"
MUTANTS = (
    Mutant(
        "anybody returns what is borrowed",
        always((borrowing, "_signed"), gives=True),
        unit=LICENCES + "test_borrowing.py",
    ),
    Mutant(
        "borrowed seats are over by log time alone",
        over_by_log_time_alone,
        unit=LICENCES + "test_borrow_lives.py",
    ),
    Mutant(
        "a lease clock holds borrowed seats",
        lease_clock_holds_them,
        unit="tests/unit/services/tmr/test_borrowing.py",
    ),
    Mutant(
        "a restore forgets borrowed seats",
        lost_at_a_restore,
        unit=LICENCES + "test_borrowing_restored.py",
    ),
    Mutant(
        "a restore holds nothing back",
        always((Counting, "held_back"), gives=0),
        unit=LICENCES + "test_borrow_lives.py",
    ),
    Mutant("a write-off frees the seat", write_off_frees, unit=LICENCES + "test_borrowing.py"),
    Mutant(
        "a restore holds back by the newest terms alone",
        always((imports, "remember_terms"), gives=None),
        unit=LICENCES + "test_borrowing_restored.py",
    ),
    Mutant(
        "a loan overtakes whoever waits",
        always((borrowing, "overtakes"), gives=True),
        unit=LICENCES + "test_borrowing_beside.py",
    ),
    Mutant(
        "log time may be anything when a seat is lent",
        always((borrowing, "_why_uncertain"), gives=None),
        unit=LICENCES + "test_borrowing.py",
    ),
    Mutant(
        "a ticket counts by what its key file says",
        key_file_sets_time,
        unit="tests/unit/client/test_ticket.py",
    ),
)
