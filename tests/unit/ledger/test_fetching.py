"""A TMR host takes over a state only if two stores sealed it that two upstreams name."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.ledger.certificates.proofs import Voice
from appliance.ledger.effects import Restored, Tell
from appliance.ledger.leader.peers import Peers
from appliance.ledger.limits import Limits
from appliance.ledger.log.tail import Tail
from appliance.ledger.messages import (
    Adopted,
    Prepare,
    SnapshotChunk,
    SnapshotChunkRequest,
    SnapshotHead,
    SnapshotHeadRequest,
)
from appliance.ledger.snapshot.fetching import ASKED_MAX, Fetching
from appliance.ledger.snapshot.seals import Sealed, seal_bytes
from appliance.licences import snapshot
from appliance.licences.commands import Tick
from appliance.licences.machine import Machine
from appliance.sim.disk import Disk
from appliance.sim.vendor import READERS, UPSTREAMS, SimStore, verify_store
from tests.unit.ledger.test_snapshots import LONG, book_of, sealed_at
from tests.unit.ledger.world import (
    FOUND,
    STORES,
    Bench,
    adopt,
    entries,
    fingerprint,
    only,
    served,
    term,
    vow,
)

ALL = tuple(STORES[name].id for name in UPSTREAMS)
LIAR = (SimStore(b"liar's one"), SimStore(b"liar's other"))


class Host:
    """A TMR host that lacks entries; all three links stand."""

    def __init__(self) -> None:
        self.tail = Tail(Machine(*READERS), Limits())
        self.peers = Peers(UPSTREAMS, lambda: self.tail.book.state.membership)
        for peer in self.peers:
            peer.up = True
        self.fetching = Fetching(self.peers, self.tail, verify_store)

    def hears(self, name: str, message: Any, now_s: float = 1.0) -> list[Any]:
        """An upstream says this; what is asked of whom, and what came of it."""
        effects = self.fetching.receive(now_s, self.peers[name], message)
        return [(e.to, e.message) if isinstance(e, Tell) else e for e in effects]


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setattr(snapshot, "_PART_BYTES", 150)
    made = Host()
    asked = [effect for effect in made.fetching.need(1.0, 0.1) if isinstance(effect, Tell)]
    assert [(tell.to, tell.message) for tell in asked] == [
        (n, SnapshotHeadRequest()) for n in UPSTREAMS
    ]
    assert made.fetching.need(1.05, 0.1) == [], "it was asked a moment ago"
    return made


RESTORED = tuple(SimStore(f"restored {name}".encode()) for name in UPSTREAMS)


def restored_snapshot() -> tuple[Sealed, tuple[bytes, ...]]:
    """Of a ledger that was founded anew: its stores are new, and two of them sealed this."""
    stores = tuple((name, store.id) for name, store in zip(UPSTREAMS, RESTORED, strict=True))
    found = replace(FOUND, ledger_id=b"R" * 16, stores=stores)
    sealed, chunks = sealed_at(4, log=entries((found,), (Tick(),), (Tick(),), (Tick(),)))
    voices = tuple(Voice(s.id, s.sign(seal_bytes(sealed.head))) for s in RESTORED[:2])
    return replace(sealed, voices=voices), chunks


def false_snapshot() -> tuple[Sealed, tuple[bytes, ...]]:
    """What one liar can make: a state of his own, sealed by stores of his own."""
    sealed, chunks = sealed_at(3)
    head = replace(sealed.head, index=9)
    voices = tuple(Voice(store.id, store.sign(seal_bytes(head))) for store in LIAR)
    return Sealed(head, voices), chunks


def test_chunk_after_chunk_becomes_the_state(host: Host) -> None:
    sealed, chunks = sealed_at(4)
    head = SnapshotHead(sealed, len(chunks), ALL)
    assert host.hears("up2", head) == [], "one upstream alone is not believed"
    assert host.hears("up3", head) == [("up2", SnapshotChunkRequest(4, 0))]
    for number, data in enumerate(chunks[:-1]):
        assert host.fetching.progress == (number, len(chunks))
        again = SnapshotChunk(4, number + 1, data)
        assert host.hears("up2", again) == [], "it is not the next"
        answer = host.hears("up2", SnapshotChunk(4, number, data))
        assert answer == [("up2", SnapshotChunkRequest(4, number + 1))]
    last = SnapshotChunk(4, len(chunks) - 1, chunks[-1])
    assert host.hears("up3", last) == [], "it was not asked"
    assert host.hears("up2", last) == [Restored(4)]
    assert fingerprint(host.tail.book) == fingerprint(book_of(LONG[:4]))
    assert (host.tail.book.commit_index, host.tail.window.base_index) == (4, 4)
    assert host.tail.take(LONG[4:])
    assert fingerprint(host.tail.book) == fingerprint(book_of(LONG))
    assert host.fetching.progress is None


def test_stores_that_only_one_upstream_names_do_not_count(host: Host) -> None:
    sealed, chunks = false_snapshot()
    liars = tuple(store.id for store in LIAR)
    assert host.hears("up1", SnapshotHead(sealed, len(chunks), (*ALL, *liars))) == []
    assert host.hears("up2", SnapshotHead(None, 0, ALL)) == []
    true, parts = sealed_at(4)
    asked = host.hears("up3", SnapshotHead(true, len(parts), ALL))
    assert asked == [("up3", SnapshotChunkRequest(4, 0))], "the true one, though it is older"


def test_one_true_seal_and_a_forged_one_are_too_few(host: Host) -> None:
    sealed, chunks = sealed_at(4, "up1")
    forged = replace(sealed, voices=(*sealed.voices, Voice(STORES["up2"].id, b"forged")))
    for name in UPSTREAMS:
        assert host.hears(name, SnapshotHead(forged, len(chunks), ALL)) == []


def test_whoever_spoils_a_chunk_is_not_asked_again(host: Host) -> None:
    sealed, chunks = sealed_at(4)
    head = SnapshotHead(sealed, len(chunks), ALL)
    host.hears("up2", head)
    host.hears("up3", head)
    assert host.hears("up2", SnapshotChunk(4, 0, b"junk")) == [("up3", SnapshotChunkRequest(4, 0))]
    for number, data in enumerate(chunks):
        host.hears("up3", SnapshotChunk(4, number, data))
    assert host.tail.book.last_index == 4


def test_sound_chunks_of_another_state_are_refused(host: Host) -> None:
    sealed, _ = sealed_at(4)
    _, others = sealed_at(3)
    head = SnapshotHead(sealed, len(others), ALL)
    host.hears("up2", head)
    host.hears("up3", SnapshotHead(None, 0, ALL))
    for number, data in enumerate(others):
        host.hears("up2", SnapshotChunk(4, number, data))
    assert host.tail.book.last_index == 0
    assert host.fetching.progress is None


def test_what_is_not_answered_is_asked_of_another(host: Host) -> None:
    sealed, chunks = sealed_at(4)
    head = SnapshotHead(sealed, len(chunks), ALL)
    host.hears("up2", head)
    host.hears("up3", head)
    assert host.hears("up2", SnapshotChunk(4, 0, chunks[0])) == [
        ("up2", SnapshotChunkRequest(4, 1))
    ]
    (tell,) = host.fetching.again(9.0, 0.1)
    assert isinstance(tell, Tell)
    assert (tell.to, tell.message) == ("up3", SnapshotChunkRequest(4, 1)), (
        "and goes on where it was"
    )


def test_a_snapshot_of_another_ledger_or_of_the_past_is_left(host: Host) -> None:
    host.tail.take(LONG[:5])
    host.tail.commit(5)
    sealed, chunks = sealed_at(4)
    foreign, _ = sealed_at(6, ledger_id=b"M" * 16)
    for name in ("up2", "up3"):
        assert host.hears(name, SnapshotHead(sealed, len(chunks), ALL)) == []
        assert host.hears(name, SnapshotHead(foreign, len(chunks), ALL)) == []


def test_an_empty_store_has_the_voice_of_its_operator(host: Host) -> None:
    """Of three upstreams one is off and one is empty: what is to be believed if not that?"""
    sealed, chunks = sealed_at(4)
    empty = Bench(Disk(SimStore(b"empty")))
    for name in ("up2", "up3"):
        empty.consent(STORES[name].id)
    told = only(empty.tell(SnapshotHeadRequest()), SnapshotHead)
    assert told == SnapshotHead(None, 0, ()), "what a power cut may undo is told to nobody"
    assert host.hears("up1", told) == []
    assert host.hears("up3", SnapshotHead(sealed, len(chunks), ALL)) == []
    empty.sync()
    told = only(empty.ask(SnapshotHeadRequest()), SnapshotHead)
    assert told == SnapshotHead(None, 0, (STORES["up2"].id, STORES["up3"].id, b"empty"))
    assert host.hears("up1", told) == [("up3", SnapshotChunkRequest(4, 0))]


def test_an_empty_store_knows_those_with_which_it_began(host: Host) -> None:
    """No operator is needed for one that was away since it adopted the empty log with them."""
    sealed, chunks = sealed_at(4)
    away = Bench()
    away.ask(Prepare(term(5)))
    assert only(away.ask(SnapshotHeadRequest()), SnapshotHead) == SnapshotHead(None, 0, ())
    vows = tuple(vow(term(5), [], name) for name in UPSTREAMS)
    assert only(away.ask(adopt(term(5), [], vows=vows)), Adopted).last_index == 0
    away.power_cut()
    told = only(away.ask(SnapshotHeadRequest()), SnapshotHead)
    assert sorted(told.stores) == sorted(ALL)
    assert host.hears("up1", told) == []
    assert host.hears("up3", SnapshotHead(sealed, len(chunks), ALL)) == [
        ("up3", SnapshotChunkRequest(4, 0))
    ]


def test_an_empty_store_knows_its_own_seal(host: Host) -> None:
    """It sealed what a power cut took from it then; the other that sealed is off."""
    sealed, chunks = sealed_at(4, "up1", "up2")
    away = Bench()  # up1
    for name in ("up2", "up3"):
        away.consent(STORES[name].id)
    away.sync()
    told = only(away.ask(SnapshotHeadRequest()), SnapshotHead)
    assert host.hears("up1", told) == []
    assert host.hears("up3", SnapshotHead(sealed, len(chunks), ALL)) == [
        ("up3", SnapshotChunkRequest(4, 0))
    ]


def test_whoever_has_a_log_goes_by_that_and_not_by_consents() -> None:
    bench = served()
    bench.consent(LIAR[0].id)
    bench.sync()
    told = only(bench.ask(SnapshotHeadRequest()), SnapshotHead)
    assert told.stores == ALL


def test_a_ledger_that_was_founded_anew_takes_the_place_of_the_copy(host: Host) -> None:
    """This host went on while all disks were lost and a backup was restored: it follows."""
    host.tail.take(LONG)
    host.tail.commit(len(LONG))
    sealed, chunks = restored_snapshot()
    stores = tuple(store.id for store in RESTORED)
    head = SnapshotHead(sealed, len(chunks), stores)
    assert host.hears("up1", head) == [], "one upstream alone may make it all up"
    assert host.hears("up2", SnapshotHead(None, 0, ALL)) == [], "also if what is here agrees"
    assert host.hears("up3", head) == [("up1", SnapshotChunkRequest(4, 0))]
    for number, data in enumerate(chunks):
        told = host.hears("up1", SnapshotChunk(4, number, data))
    assert told == [Restored(4)]
    assert host.tail.book.state.ledger_id == b"R" * 16
    assert host.tail.book.commit_index == 4, "though that is less than before"


def test_whoever_is_gone_with_the_newest_snapshot_is_not_waited_for(host: Host) -> None:
    newest, parts = sealed_at(6)
    older, chunks = sealed_at(4)
    host.hears("up1", SnapshotHead(older, len(chunks), ALL))
    assert host.hears("up2", SnapshotHead(newest, len(parts), ALL)) == [
        ("up2", SnapshotChunkRequest(6, 0))
    ]
    host.peers["up2"].up = False
    (tell,) = host.fetching.again(9.0, 0.1)
    assert isinstance(tell, Tell)
    assert (tell.to, tell.message) == ("up1", SnapshotChunkRequest(4, 0))


def test_whoever_is_there_and_gives_nothing_is_not_waited_for(host: Host) -> None:
    newest, parts = sealed_at(6)
    older, chunks = sealed_at(4)
    host.hears("up1", SnapshotHead(older, len(chunks), ALL))
    host.hears("up2", SnapshotHead(newest, len(parts), ALL))
    now_s, asked = 1.0, []
    for _ in range(ASKED_MAX):
        now_s += 1.0
        (tell,) = host.fetching.again(now_s, 0.5)
        assert isinstance(tell, Tell)
        asked.append((tell.to, tell.message))
    again = [("up2", SnapshotChunkRequest(6, 0))] * (ASKED_MAX - 1)
    assert asked == [*again, ("up1", SnapshotChunkRequest(4, 0))]


def test_if_nobody_else_has_one_all_are_asked_again(host: Host) -> None:
    sealed, chunks = sealed_at(4)
    host.hears("up1", SnapshotHead(None, 0, ALL))
    assert host.hears("up2", SnapshotHead(sealed, len(chunks), ALL)) == [
        ("up2", SnapshotChunkRequest(4, 0))
    ]
    host.peers["up2"].up = False
    asked = [tell for tell in host.fetching.again(9.0, 0.1) if isinstance(tell, Tell)]
    assert [(tell.to, tell.message) for tell in asked] == [
        ("up1", SnapshotHeadRequest()),
        ("up3", SnapshotHeadRequest()),
    ]
    newer, parts = sealed_at(5)
    assert host.hears("up3", SnapshotHead(newer, len(parts), ALL)) == [
        ("up3", SnapshotChunkRequest(5, 0))
    ]
