"""The book goes back exactly, and only as far as it may."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.ledger.log.book import Book, ChainBroken
from appliance.ledger.messages import Entry
from appliance.licences.commands import (
    AnyCommand,
    CheckIn,
    CheckOut,
    Consume,
    Enrol,
    Expire,
    Holder,
    ImportUpdate,
    LeaseRef,
    Operate,
    Replace,
    Tick,
)
from appliance.licences.machine import Machine
from appliance.licences.model import ProductItem
from appliance.licences.snapshot import dump, load
from appliance.licences.state import State
from appliance.sim.vendor import FIRM_A, PRODUCT, READERS, SimContainer, read_update
from appliance.verifier.layouts import ZERO_ROOT, entry_root
from appliance.verifier.merkle import root_of
from tests.unit.ledger.world import FOUND, LOG, entries, fingerprint


def imports() -> list[AnyCommand]:
    """Updates of two twins, two seats and ten units."""
    updates: list[AnyCommand] = []
    for twin in (1, 2):
        container = SimContainer(twin)
        item = ProductItem(product_code=PRODUCT, tmr_id=1, quantity=2, units=10)
        container.issue(FIRM_A, (item,))
        update = container.news_for(State())
        assert isinstance(update, ImportUpdate)
        updates.append(update)
    return updates


leases = st.integers(1, 3).map(lambda n: LeaseRef("c", str(n)))
generations = st.integers(3, 12)
some_commands: st.SearchStrategy[AnyCommand] = st.one_of(
    st.builds(
        CheckOut,
        leases,
        st.just(FIRM_A),
        st.just(PRODUCT),
        st.just(b"s"),
        st.just(Holder()),
        st.just(b"n"),
    ),
    st.builds(CheckIn, leases, generations),
    st.builds(Expire, leases, generations),
    st.builds(Consume, leases, generations, st.integers(1, 2), st.integers(1, 6), st.just(b"n")),
    st.builds(Enrol, st.just("t"), st.sampled_from([b"", b"h"]), st.just("w"), st.just("y")),
    st.builds(
        Operate,
        st.sampled_from(["maintenance-on", "maintenance-off"]),
        st.just("tmr1"),
        st.just("w"),
        st.just("y"),
    ),
)


@settings(max_examples=60)
@given(st.lists(st.lists(some_commands, max_size=4), max_size=8), st.data())
def test_going_back_is_as_if_it_had_not_happened(
    batches: list[list[AnyCommand]], data: st.DataObject
) -> None:
    log = entries((FOUND, *imports()), *(tuple(batch) for batch in batches))
    book = Book(Machine(read_update))
    prints = [fingerprint(book)]
    for entry in log:
        book.apply(entry)
        prints.append(fingerprint(book))
    commit = data.draw(st.integers(0, len(log)))
    book.commit(commit)
    target = data.draw(st.integers(commit, len(log)))
    book.rollback(target)
    assert fingerprint(book) == prints[target]
    for entry in log[target:]:
        book.apply(entry)
    assert fingerprint(book) == prints[-1]


def test_nothing_committed_is_undone() -> None:
    book = Book(Machine(read_update))
    for entry in LOG:
        book.apply(entry)
    book.commit(3)
    before = fingerprint(book)
    with pytest.raises(ChainBroken, match="committed up to 3"):
        book.rollback(2)
    assert fingerprint(book) == before


def test_roots_are_known_from_the_commit_to_the_end() -> None:
    book = Book(Machine(read_update))
    for entry in LOG:
        book.apply(entry)
    book.commit(2)
    assert [book.root_at(index) for index in range(6)] == [
        None,
        None,
        LOG[1].root,
        LOG[2].root,
        LOG[3].root,
        None,
    ]


def test_a_commit_beyond_the_end_stops_at_the_end_and_one_behind_does_nothing() -> None:
    book = Book(Machine(read_update))
    book.apply(LOG[0])
    book.commit(99)
    assert book.commit_index == 1
    book.commit(0)
    assert book.commit_index == 1
    assert book.commit_root == LOG[0].root


def test_each_entry_adds_its_outcomes_to_the_history() -> None:
    """By the words of docs/receipts.md, also where an entry is cut and another takes its place."""
    book, root = Book(Machine(read_update)), bytes(32)
    for entry in LOG:
        applied = book.apply(entry)
        root = sha256(b"tmr-history-1\0" + root + root_of(applied.leaf_hashes)).digest()
        assert applied.history_root == book.state.history_root == root
        statement = applied.statement(entry.term)
        assert (statement.outcome_root, statement.history_root) == (applied.outcome_root, root)
        assert statement.size == len(applied.commands)
    book.rollback(2)
    again = [book.apply(entry) for entry in LOG[2:]]
    assert again[-1].history_root == book.state.history_root == root


def test_the_history_is_in_the_snapshot() -> None:
    book = Book(Machine(read_update))
    for entry in LOG[:3]:
        book.apply(entry)
    other = Book(Machine(read_update))
    other.begin(load(dump(book.state)), 3, LOG[2].root, book.log_time_ms)
    for entry in LOG[3:]:
        assert other.apply(entry).history_root == book.apply(entry).history_root


def test_a_book_that_begins_anew_has_nothing_in_memory_and_no_quarrel() -> None:
    book = Book(Machine(*READERS))
    assert book.out_of_date == ""
    for entry in LOG:
        book.apply(entry)
    assert book.uncommitted_bytes > 0
    book.out_of_date = "newer"
    book.begin(State(), 9, b"r" * 32, 5)
    assert (book.uncommitted_bytes, book.out_of_date) == (0, "")
    book = Book(Machine(*READERS))
    book.out_of_date = "newer"
    book.apply(LOG[0])
    assert book.out_of_date == "", "the log goes on"


def test_an_entry_that_nobody_can_read_is_named() -> None:
    book = Book(Machine(*READERS))
    broken = Entry(1, LOG[0].term, entry_root(ZERO_ROOT, 1, b"junk"), b"junk")
    with pytest.raises(ChainBroken, match=r"^entry 1 cannot be read: .+"):
        book.apply(broken)
    assert book.last_index == 0


def test_who_votes_is_known_of_every_entry_after_the_commit() -> None:
    asked = Replace("up2", b"new", "olga", "disk")
    log = entries((FOUND,), (Tick(),), (asked,), (Tick(),))
    book = Book(Machine(*READERS))
    for entry in log:
        book.apply(entry)
    book.commit(1)
    assert [len(book.membership_at(index).voters) for index in (1, 2, 3, 4)] == [3, 3, 2, 2]


def test_a_replacement_that_cannot_be_moves_nobody() -> None:
    book = Book(Machine(*READERS))
    book.apply(LOG[0])
    impossible = Replace("nowhere", b"new", "olga", "disk")
    later = entries((FOUND,), (impossible,), (Replace("up2", b"new", "olga", "disk"),))[1:]
    assert len(book.membership_after(1, later[:1]).voters) == 3
    assert len(book.membership_after(1, later).voters) == 2
