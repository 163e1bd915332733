"""Snapshots of a replica: made, sealed, taken over; and what is none is refused by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import Voice
from appliance.ledger.effects import Diverged, ReadChunk
from appliance.ledger.log.book import Book
from appliance.ledger.messages import (
    Adopt,
    Adopted,
    Entries,
    Entry,
    Fetch,
    Heartbeat,
    HeartbeatAck,
    Prepare,
    Promise,
    SnapshotChunkRequest,
    SnapshotHead,
    SnapshotHeadRequest,
    Staged,
    StageSnapshot,
    TermRefused,
)
from appliance.ledger.replica.surroundings import Retention
from appliance.ledger.snapshot.seals import Sealed, StateHead, seal_bytes
from appliance.licences import snapshot
from appliance.licences.commands import AnyCommand, Enrol, Operate, Tick
from appliance.licences.machine import Machine
from appliance.licences.snapshot import digest, dump, load
from appliance.sim.disk import Disk
from appliance.sim.vendor import READERS, SimStore
from tests.unit.ledger.world import (
    FOUND,
    STORES,
    TMR1,
    Bench,
    adopt,
    append,
    entries,
    fingerprint,
    only,
    proof,
    term,
    vow,
)

T1, T2 = term(1), term(2)
EVERY_TWO = Retention(every=2, keep=1, slice=1)
BATCHES: tuple[tuple[AnyCommand, ...], ...] = (
    (FOUND,),
    (Enrol("ann", b"a", "olga", "new"), Tick()),
    (Operate("maintenance-on", "tmr2", "olga", "disk"),),
    (Enrol("bob", b"b", "olga", "new"),),
    (Enrol("ann", b"", "olga", "left"), Tick()),
    (Tick(),),
)
LONG = entries(*BATCHES)


def book_of(log: list[Entry]) -> Book:
    """What this log leads to."""
    book = Book(Machine(*READERS))
    for entry in log:
        book.apply(entry)
    return book


def sealed_at(
    index: int, *by: str, log: list[Entry] = LONG, **other: Any
) -> tuple[Sealed, tuple[bytes, ...]]:
    """The snapshot after this entry, sealed by these upstreams (the other two), and its chunks."""
    book = book_of(log[:index])
    chunks = tuple(dump(book.state))
    head = StateHead(
        book.state.ledger_id, index, book.last_root, book.log_time_ms, digest(chunks[-1])
    )
    head = replace(head, **other)
    stores = [STORES[name] for name in by or ("up2", "up3")]
    voices = tuple(Voice(store.id, store.sign(seal_bytes(head))) for store in stores)
    return Sealed(head, voices), chunks


# --- made here ---


def served(bench: Bench, upto: int, of: Any = T1) -> None:
    """It follows a coordinator, entry by entry; all but the last are proven to be committed."""
    for index in range(bench.replica.book.last_index + 1, upto + 1):
        bench.ask(append(of, LONG, index))
    bench.ask(Heartbeat(of, 1, False, proof(of, LONG, upto)))


def sealing(bench: Bench) -> HeartbeatAck:
    """Time passes, and it answers a beat."""
    for _ in range(5):
        bench.tick(0.02)
    bench.sync()
    answers = bench.ask(Heartbeat(T1, 2, False))
    ack = answers[0]
    assert isinstance(ack, HeartbeatAck)
    return ack


@pytest.fixture
def maker() -> Bench:
    """A replica that keeps a snapshot every two entries; four of six are there."""
    bench = Bench(retention=EVERY_TWO)
    bench.serve(T1, LONG[:1])
    served(bench, 4)
    return bench


def test_a_state_is_sealed_when_it_is_committed(maker: Bench) -> None:
    expected, _ = sealed_at(4)
    seal = sealing(maker).seal
    assert seal is not None
    assert seal.head == expected.head
    assert seal.voice.store == STORES["up1"].id
    assert STORES["up1"].sign(seal_bytes(seal.head)) == seal.voice.signature
    assert maker.disk.snapshot is None, "it is no snapshot before two say so"


def test_nothing_is_sealed_that_is_not_committed() -> None:
    bench = Bench(retention=EVERY_TWO)
    bench.serve(T1, LONG[:1])
    bench.ask(append(T1, LONG, 2))
    assert sealing(bench).seal is None


def test_what_is_cut_is_never_sealed() -> None:
    bench = Bench(retention=EVERY_TWO)
    bench.serve(T1, LONG[:1])
    bench.ask(append(T1, LONG, 2))
    other = entries((FOUND,), (Tick(),), of=T1)
    bench.ask(Prepare(T2))
    bench.ask(adopt(T2, other))
    bench.ask(Heartbeat(T2, 1, False, proof(T2, other, 2)))
    for _ in range(5):
        bench.tick(0.02)
    (ack,) = bench.ask(Heartbeat(T2, 2, False))
    assert isinstance(ack, HeartbeatAck) and ack.seal is not None
    assert ack.seal.head == sealed_at(2, log=other)[0].head


def test_two_seals_make_a_snapshot_and_the_log_before_it_goes(maker: Bench) -> None:
    sealing(maker)
    sealed, chunks = sealed_at(4, "up1", "up2")
    maker.ask(Heartbeat(T1, 3, False, None, sealed))
    for _ in range(5):
        maker.tick(0.02)
        maker.sync()
    kept = maker.disk.snapshot
    assert kept is not None
    assert (kept.index, kept.chunks) == (4, chunks)
    assert maker.disk.base_index == 3, "one entry before it stays"
    served(maker, 6)
    before = fingerprint(maker.replica.book)
    maker.power_cut()
    assert fingerprint(maker.replica.book) == before == fingerprint(book_of(LONG))
    gone = only(maker.ask(Fetch(None, 2, 1 << 20)), Entries)
    assert (gone.entries, gone.base_index) == ((), 3)
    head = only(maker.ask(SnapshotHeadRequest()), SnapshotHead)
    assert (head.sealed, head.chunks) == (sealed, len(chunks))
    assert set(head.stores) == {store.id for store in STORES.values()}
    maker.ask(SnapshotChunkRequest(4, 0))
    assert maker.others == [ReadChunk(TMR1, 4, 0)]
    assert only(maker.ask(SnapshotChunkRequest(2, 0)), SnapshotHead).sealed == sealed


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sealed: replace(sealed, voices=sealed.voices[:1]),
        lambda sealed: replace(sealed, voices=sealed.voices[:1] * 2),
        lambda sealed: replace(
            sealed, voices=(sealed.voices[0], replace(sealed.voices[1], signature=b"forged"))
        ),
        lambda sealed: replace(
            sealed,
            voices=(
                sealed.voices[0],
                Voice(b"stranger", SimStore(b"stranger").sign(seal_bytes(sealed.head))),
            ),
        ),
    ],
)
def test_a_snapshot_that_two_voters_did_not_seal_is_none(
    maker: Bench, spoil: Callable[[Sealed], Sealed]
) -> None:
    sealing(maker)
    maker.ask(Heartbeat(T1, 3, False, None, spoil(sealed_at(4)[0])))
    maker.tick(0.02)
    maker.sync()
    assert maker.disk.snapshot is None
    assert maker.disk.base_index == 0


def test_a_state_that_two_others_sealed_otherwise_is_told(maker: Bench) -> None:
    sealing(maker)
    other, _ = sealed_at(4, digest=b"x" * 32)
    maker.ask(Heartbeat(T1, 3, False, None, other))
    assert maker.others == [Diverged(4)]
    assert maker.disk.snapshot is None
    # It takes no part any more, not even after a restart (design D7).
    assert "two others sealed another state after entry 4" in maker.replica.damage
    maker.power_cut()
    assert isinstance(maker.ask(Heartbeat(T1, 4, False))[0], TermRefused)


def test_another_format_accuses_nobody(maker: Bench) -> None:
    sealing(maker)
    other, _ = sealed_at(4, digest=b"x" * 32, format=2)
    maker.ask(Heartbeat(T1, 3, False, None, other))
    assert maker.others == []
    assert sealing(maker).seal is not None


# --- from elsewhere ---


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A replica with one entry, which promised term 2; snapshots have several chunks."""
    monkeypatch.setattr(snapshot, "_PART_BYTES", 150)
    bench = Bench()
    bench.disk._committed = lambda: LONG
    bench.serve(T1, LONG[:1])
    assert only(bench.ask(Prepare(T2)), Promise).base_index == 0
    return bench


def staged(bench: Bench, sealed: Sealed, chunks: tuple[bytes, ...]) -> None:
    """All chunks are put aside."""
    for number, data in enumerate(chunks):
        answer = only(bench.ask(StageSnapshot(T2, sealed.head, number, data)), Staged)
        assert answer.chunks == number + 1


def offer(sealed: Sealed, **other: Any) -> Adopt:
    """The adopt of the long log that begins after this snapshot."""
    head = sealed.head
    tail = tuple(entry for entry in LONG if entry.index > head.index)
    message = Adopt(
        T2,
        head.index,
        head.root,
        head.index,
        tail,
        LONG[-1].index,
        LONG[-1].root,
        tuple(vow(T2, LONG, name) for name in ("up2", "up3")),
        None,
        sealed,
    )
    return replace(message, **other)


def test_a_snapshot_and_the_tail_behind_it_are_adopted_at_once(behind: Bench) -> None:
    sealed, chunks = sealed_at(4)
    assert len(chunks) > 2
    staged(behind, sealed, chunks)
    assert behind.tell(offer(sealed)) == []
    behind.power_cut()
    assert behind.replica.book.last_index == 1, "nothing of it was durable"
    behind.ask(Prepare(T2))
    staged(behind, sealed, chunks)
    adopted = only(behind.ask(offer(sealed)), Adopted)
    assert (adopted.last_index, adopted.last_root) == (6, LONG[-1].root)
    for _ in range(2):
        assert fingerprint(behind.replica.book) == fingerprint(book_of(LONG))
        assert behind.replica.book.commit_index == 4
        assert (behind.disk.base_index, behind.disk.adopted) == (4, T2)
        behind.power_cut()


def test_chunks_twice_or_after_a_gap_are_passed_over(behind: Bench) -> None:
    sealed, chunks = sealed_at(4)

    def stage(number: int) -> int:
        message = StageSnapshot(T2, sealed.head, number, chunks[number])
        return int(only(behind.ask(message), Staged).chunks)

    assert [stage(n) for n in (1, 0, 0, 2, 1, 1, 0, 2)] == [0, 1, 1, 1, 2, 2, 2, 3]


def test_an_empty_store_believes_whom_an_operator_named(monkeypatch: pytest.MonkeyPatch) -> None:
    new = Bench(Disk(SimStore(b"new")))
    new.disk._committed = lambda: LONG
    new.ask(Prepare(T2))
    sealed, chunks = sealed_at(4)
    refused = only(new.ask(StageSnapshot(T2, sealed.head, 0, chunks[0])), TermRefused)
    assert "only if an operator named two stores" in refused.detail
    new.consent(b"somebody else")
    new.sync()
    staged(new, sealed, chunks)
    assert "only if an operator named" in only(new.ask(offer(sealed)), TermRefused).detail
    for name in ("up2", "up3"):
        new.consent(STORES[name].id)
    new.sync()
    staged(new, sealed, chunks)
    assert only(new.ask(offer(sealed)), Adopted).last_index == 6
    assert not new.replica.votes


def test_what_is_no_snapshot_of_this_ledger_is_refused_when_it_comes(behind: Bench) -> None:
    sealed, chunks = sealed_at(4)
    before = fingerprint(behind.replica.book)
    for head, number, data, why in (
        (replace(sealed.head, ledger_id=b"M" * 16), 0, chunks[0], "of another ledger, 4d4d"),
        (replace(sealed.head, format=2), 0, chunks[0], "of format 2, this release reads 1"),
        (sealed.head, 0, chunks[1], "is chunk 1, or of another snapshot"),
        (sealed.head, 0, chunks[0][:-1], "not as it was written"),
        (sealed.head, 0, b"junk", "none of a snapshot"),
    ):
        refused = only(behind.ask(StageSnapshot(T2, head, number, data)), TermRefused)
        assert why in refused.detail
    staged(behind, sealed, chunks)
    too_many = StageSnapshot(T2, sealed.head, len(chunks), chunks[-1])
    assert "comes after its last one" in only(behind.ask(too_many), TermRefused).detail
    assert fingerprint(behind.replica.book) == before


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda o, s: (o, s[:-1]), "not here, or cut short"),
        (lambda o, s: (o, ()), "not here, or cut short"),
        (lambda o, s: (replace(o, cut_index=3), s), "of entry 4, not of 3"),
        (lambda o, s: (replace(o, tail=o.tail[:1]), s), "the log ends at 5"),
        (lambda o, s: (replace(o, tail=o.tail[1:]), s), "entry 6 does not follow on 4"),
        (lambda o, s: (replace(o, vows=o.vows[:1]), s), "too few votes"),
        (
            lambda o, s: (replace(o, snapshot=sealed_at(4, "up2", "up2")[0]), s),
            "two stores that vote have not sealed it",
        ),
        (
            lambda o, s: (replace(o, snapshot=sealed_at(4, digest=b"x" * 32)[0]), s),
            "not here, or cut short",
        ),
    ],
)
def test_a_snapshot_that_does_not_fit_changes_nothing(
    behind: Bench, change: Callable[[Any, Any], tuple[Any, Any]], why: str
) -> None:
    sealed, chunks = sealed_at(4)
    message, parts = change(offer(sealed), chunks)
    before = fingerprint(behind.replica.book), list(behind.disk.entries)
    staged(behind, sealed, parts)
    refused = only(behind.ask(message), TermRefused)
    assert why in refused.detail
    assert (fingerprint(behind.replica.book), behind.disk.entries) == before
    assert behind.disk.snapshot is None
    staged(behind, sealed, chunks)
    assert only(behind.ask(offer(sealed)), Adopted).last_index == 6, "and the right one fits"


def test_chunks_of_another_state_under_a_sealed_head_are_refused(behind: Bench) -> None:
    sealed, _ = sealed_at(4)
    _, false = sealed_at(3)
    for number, data in enumerate(false):
        behind.ask(StageSnapshot(T2, sealed.head, number, data))
    refused = only(behind.ask(offer(sealed)), TermRefused)
    assert "another snapshot than the one that was sealed" in refused.detail
    assert behind.replica.book.last_index == 1


def test_a_snapshot_behind_the_commit_is_refused(maker: Bench) -> None:
    maker.ask(Prepare(T2))
    sealed, chunks = sealed_at(2)
    refused = only(maker.ask(StageSnapshot(T2, sealed.head, 0, chunks[0])), TermRefused)
    assert "of entry 2, and 4 are committed here" in refused.detail


def test_a_snapshot_on_the_disk_that_is_not_what_was_sealed_is_damage(maker: Bench) -> None:
    sealing(maker)
    maker.ask(Heartbeat(T1, 3, False, None, sealed_at(4, "up1", "up2")[0]))
    record = maker.disk.snapshot
    assert record is not None
    for spoilt, why in (
        ({"chunks": ()}, "cut short"),
        ({"chunks": sealed_at(3)[1]}, "another one than was sealed"),
        ({"about": b"junk"}, "cannot be used"),
        ({"index": 3}, "of another entry than was sealed"),
    ):
        maker.disk.snapshot = dataclasses.replace(record, **spoilt)
        maker.power_cut()
        assert why in maker.replica.damage


# --- the same state ---

COMMANDS = st.one_of(
    st.just(Tick()),
    st.builds(
        Enrol,
        st.sampled_from(("ann", "bob", "carl")),
        st.sampled_from((b"", b"x", b"y")),
        st.just("olga"),
        st.just("why"),
    ),
    st.builds(
        Operate,
        st.sampled_from(("maintenance-on", "maintenance-off", "switchover", "dance")),
        st.sampled_from(("tmr1", "tmr2")),
        st.just("olga"),
        st.just("why"),
    ),
)


@settings(max_examples=60)
@given(st.lists(st.lists(COMMANDS, max_size=3), max_size=8), st.data())
def test_snapshot_and_tail_give_the_state_of_the_whole_log_at_any_cut(
    batches: list[list[AnyCommand]], data: st.DataObject
) -> None:
    log = entries((FOUND,), *(tuple(batch) for batch in batches))
    cut = data.draw(st.integers(1, len(log)))
    whole, first = book_of(log), book_of(log[:cut])
    second = Book(Machine(*READERS))
    second.begin(load(dump(first.state)), cut, first.last_root, first.log_time_ms)
    for entry in log[cut:]:
        second.apply(entry)
    assert fingerprint(second) == fingerprint(whole)
    assert second.log_time_ms == whole.log_time_ms
    assert second.root_at(cut) == log[cut - 1].root
    assert tuple(dump(second.state)) == tuple(dump(whole.state))
