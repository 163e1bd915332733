"""A TMR host takes over a state only if two stores sealed it that two upstreams name."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.ledger.effects import Restored, Tell
from appliance.ledger.fetching import Fetching
from appliance.ledger.limits import Limits
from appliance.ledger.messages import AskSnapshot, FetchSnapshot, SnapshotChunk, SnapshotHead
from appliance.ledger.peers import Peers
from appliance.ledger.proofs import Voice
from appliance.ledger.seals import Sealed, seal_bytes
from appliance.ledger.tail import Tail
from appliance.licences import snapshot
from appliance.licences.machine import Machine
from appliance.sim.vendor import READERS, UPSTREAMS, SimStore, verify_store
from tests.unit.ledger.test_snapshots import LONG, book_of, sealed_at
from tests.unit.ledger.world import STORES, fingerprint

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
    assert [(tell.to, tell.message) for tell in asked] == [(n, AskSnapshot()) for n in UPSTREAMS]
    assert made.fetching.need(1.05, 0.1) == [], "it was asked a moment ago"
    return made


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
    assert host.hears("up3", head) == [("up2", FetchSnapshot(4, 0))]
    for number, data in enumerate(chunks[:-1]):
        assert host.fetching.progress == (number, len(chunks))
        again = SnapshotChunk(4, number + 1, data)
        assert host.hears("up2", again) == [], "it is not the next"
        answer = host.hears("up2", SnapshotChunk(4, number, data))
        assert answer == [("up2", FetchSnapshot(4, number + 1))]
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
    assert asked == [("up3", FetchSnapshot(4, 0))], "the true one, though it is older"


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
    assert host.hears("up2", SnapshotChunk(4, 0, b"junk")) == [("up3", FetchSnapshot(4, 0))]
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
    assert host.hears("up2", SnapshotChunk(4, 0, chunks[0])) == [("up2", FetchSnapshot(4, 1))]
    (tell,) = host.fetching.again(9.0, 0.1)
    assert isinstance(tell, Tell)
    assert (tell.to, tell.message) == ("up3", FetchSnapshot(4, 1)), "and goes on where it was"


def test_a_snapshot_of_another_ledger_or_of_the_past_is_left(host: Host) -> None:
    host.tail.take(LONG[:5])
    host.tail.commit(5)
    sealed, chunks = sealed_at(4)
    foreign, _ = sealed_at(6, ledger_id=b"M" * 16)
    for name in ("up2", "up3"):
        assert host.hears(name, SnapshotHead(sealed, len(chunks), ALL)) == []
        assert host.hears(name, SnapshotHead(foreign, len(chunks), ALL)) == []
