"""Which states three replicas choose to dump: the same ones, whatever each of them missed."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from appliance.ledger.log.book import Book
from appliance.ledger.snapshot.dumps import ALIGNED, WAITING_MAX, Dumps
from appliance.licences.commands import Tick
from appliance.licences.machine import Machine
from appliance.sim.vendor import READERS
from tests.unit.ledger.world import FOUND, entries

EVERY = 3
LOG = entries((FOUND,), *((Tick(),) for _ in range(60)))


def taken(upto: int, every: int = EVERY) -> tuple[Dumps, Book]:
    """A replica's candidates after so many entries."""
    candidates, book = Dumps(every), Book(Machine(*READERS))
    for entry in LOG[:upto]:
        book.apply(entry)
        candidates.applied(book)
    return candidates, book


def test_only_what_is_committed_is_dumped_and_the_newest_first() -> None:
    candidates, _ = taken(10)
    assert candidates.next(2, 0, 0) is None
    found = candidates.next(7, 0, 0)
    assert found is not None
    assert (found.index, found.root) == (6, LOG[5].root)
    later = candidates.next(10, 6, 0)
    assert later is not None and later.index == 9
    assert candidates.next(10, 9, 0) is None


def test_what_is_cut_is_forgotten() -> None:
    candidates, book = taken(10)
    book.rollback(7)
    candidates.rolled_back(7)
    found = candidates.next(60, 0, 0)
    assert found is not None and found.index == 6


def test_no_snapshots_are_wanted() -> None:
    assert taken(60, 0)[0].next(60, 0, 0) is None


def test_what_was_begun_is_given_up_only_where_all_meet() -> None:
    candidates, _ = taken(11)
    assert candidates.next(11, 0, 3) is None, "entry 3 is still being dumped or sealed"
    candidates, _ = taken(13)
    found = candidates.next(13, 0, 3)
    assert found is not None and found.index == ALIGNED * EVERY


@given(st.integers(0, 1 << 32))
def test_three_that_miss_what_they_like_come_together(seed: int) -> None:
    """Each looks when it likes; none is ever sealed, and yet two hold one index again and again."""
    rng = Random(seed)
    replicas = [(Dumps(EVERY), Book(Machine(*READERS))) for _ in range(3)]
    busy = [0, 0, 0]
    met = 0
    for entry in LOG:
        for number, (candidates, book) in enumerate(replicas):
            book.apply(entry)
            candidates.applied(book)
            if rng.random() < 0.2 or entry.index % (ALIGNED * EVERY) == ALIGNED * EVERY - 1:
                found = candidates.next(entry.index, 0, busy[number])
                busy[number] = found.index if found is not None else busy[number]
        if entry.index % (ALIGNED * EVERY) == ALIGNED * EVERY - 1 and entry.index > 13:
            assert len({index for index in busy if index % (ALIGNED * EVERY) == 0}) == 1
            met += 1
    assert met == 4
    assert all(len(candidates._waiting) <= WAITING_MAX for candidates, _ in replicas)
