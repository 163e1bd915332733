"""One upstream as a real process: it lets go of its log's beginning, and takes over a snapshot."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from appliance.adapters.signatures import StoreKey, verify_store
from appliance.ledger.certificates.proofs import CommitProof, Voice, Vow, ack_bytes, vow_bytes
from appliance.ledger.election.terms import Term
from appliance.ledger.log.book import Book
from appliance.ledger.messages import (
    Adopt,
    Adopted,
    AnyMessage,
    Entries,
    Entry,
    Fetch,
    Heartbeat,
    HeartbeatAck,
    Prepare,
    Promise,
    SnapshotChunk,
    SnapshotChunkRequest,
    SnapshotHead,
    SnapshotHeadRequest,
    Staged,
    StageSnapshot,
    TermRefused,
)
from appliance.ledger.snapshot.seals import Sealed, StateHead, is_seal, seal_bytes
from appliance.licences.commands import Enrol, Found
from appliance.licences.machine import Machine
from appliance.licences.snapshot import digest, dump, load
from appliance.sim.vendor import READERS
from appliance.verifier.layouts import ZERO_ROOT
from tests.unit.services.upstream_world import (
    Deployment,
    Log,
    RawLink,
    Upstream,
    empty_adopt,
    eventually,
)

T1, T2 = Term(1, "tmr1", 7), Term(2, "tmr1", 8)
EVERY, KEEP = 10, 3
OTHERS = (StoreKey.draw(), StoreKey.draw())


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    return Deployment(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def upstream(tmp_path: Path, deployment: Deployment) -> Iterator[Upstream]:
    upstream = Upstream(tmp_path, deployment)
    text = upstream.config.read_text()
    for name, number in (("snapshot_every", EVERY), ("snapshot_keep", KEEP)):
        text, changed = re.subn(rf"(?m)^{name} = .*$", f"{name} = {number}", text)
        assert changed == 1
    upstream.config.write_text(text)
    upstream.start()
    yield upstream
    upstream.stop(signal.SIGKILL)


def founded(upstream: Upstream) -> Found:
    """The command that founds a ledger of this upstream's store and the two others."""
    own = bytes.fromhex(upstream.status()["store_id"])
    stores = (("up1", own), ("up2", OTHERS[0].id), ("up3", OTHERS[1].id))
    return Found(b"L" * 16, "131-77000001", stores)


def voices(data: bytes) -> tuple[Voice, ...]:
    """The two others' signatures."""
    return tuple(Voice(key.id, key.sign(data)) for key in OTHERS)


def proof(term: Term, entry: Entry) -> CommitProof:
    """That the two others hold this entry."""
    data = ack_bytes(term, entry.index, entry.root, b"")
    return CommitProof(term, entry.index, entry.root, b"", voices(data))


def book_of(log: list[Entry]) -> Book:
    """What this log leads to."""
    book = Book(Machine(*READERS))
    for entry in log:
        book.apply(entry)
    return book


def sealed(head: StateHead) -> Sealed:
    """The two others' seals."""
    return Sealed(head, voices(seal_bytes(head)))


def asked(link: RawLink, message: AnyMessage, kind: type) -> Any:
    """Send a message; the next answer of this kind."""
    link.send(message)
    while True:
        answer = link.receive()
        assert answer is not None and not isinstance(answer, TermRefused), answer
        if isinstance(answer, kind):
            return answer


def lead(link: RawLink, upstream: Upstream, entries: int) -> Log:
    """Take a term, found a ledger and append so many entries, all of them committed."""
    promise = link.ask(Prepare(T1))
    assert isinstance(promise, Promise)
    assert isinstance(link.ask(empty_adopt(promise)), Adopted)
    log = Log(T1)
    link.send(log.append(founded(upstream)))
    for number in range(1, entries):
        link.send(log.append(Enrol(f"client {number}", b"hash", "olga", "new")))
    for _ in log.entries:
        assert link.receive() is not None
    asked(link, Heartbeat(T1, 1, False, proof(T1, log.entries[-1])), HeartbeatAck)
    return log


def test_it_lets_go_of_what_a_sealed_snapshot_covers(upstream: Upstream) -> None:
    link = upstream.link()
    log = lead(link, upstream, 24)
    acks: list[HeartbeatAck] = []

    def seals() -> bool:
        ack = asked(link, Heartbeat(T1, len(acks) + 2, False), HeartbeatAck)
        assert isinstance(ack, HeartbeatAck)
        acks.append(ack)
        return ack.seal is not None

    eventually(seals, "its seal")
    seal = acks[-1].seal
    assert seal is not None
    assert seal.voice.store.hex() == upstream.status()["store_id"]
    assert is_seal(seal, verify_store)
    expected = book_of(log.entries[:20])
    assert (seal.head.index, seal.head.root) == (20, expected.last_root)
    chunks = tuple(dump(expected.state))
    assert seal.head.digest == digest(chunks[-1])
    assert upstream.status()["snapshot_index"] == 0
    asked(link, Heartbeat(T1, 99, False, None, sealed(seal.head)), HeartbeatAck)
    archive = upstream.path / "store/archive"
    sealed_away = [f"segment-1-{20 - KEEP}.tmr"]
    # The status may tell of it before the disk has done it.
    eventually(
        lambda: archive.exists() and [path.name for path in archive.iterdir()] == sealed_away,
        "entries to be in the archive",
    )
    eventually(lambda: upstream.status()["base_index"] == 20 - KEEP, "entries to go")
    for _ in range(2):
        gone = asked(link, Fetch(None, 1, 1 << 20), Entries)
        assert isinstance(gone, Entries)
        assert (gone.entries, gone.base_index, gone.last_index) == ((), 17, 24)
        there = asked(link, Fetch(None, 18, 1 << 20), Entries)
        assert isinstance(there, Entries)
        assert there.entries == tuple(log.entries[17:])
        head = asked(link, SnapshotHeadRequest(), SnapshotHead)
        assert head == SnapshotHead(
            sealed(seal.head), 1, (bytes.fromhex(upstream.status()["store_id"]), *_ids())
        )
        chunk = asked(link, SnapshotChunkRequest(20, 0), SnapshotChunk)
        assert chunk == SnapshotChunk(20, 0, chunks[0])
        assert load([chunk.data]).fingerprint() == expected.state.fingerprint()
        link.close()
        upstream.stop(signal.SIGKILL)
        upstream.start()
        link = upstream.link()
        status = upstream.status()
        assert (status["base_index"], status["snapshot_index"]) == (17, 20)
        assert (status["last_index"], status.get("damage")) == (24, None)
    link.close()


def _ids() -> tuple[bytes, ...]:
    return tuple(key.id for key in OTHERS)


def vows(term: Term, log: list[Entry]) -> tuple[Vow, ...]:
    """The two others' promises, who hold all of this log."""
    end = log[-1]
    made = []
    for key in OTHERS:
        vow = Vow(term, T1, end.index, end.root, 0, ZERO_ROOT, key.id)
        made.append(replace(vow, signature=key.sign(vow_bytes(vow))))
    return tuple(made)


def test_it_takes_over_a_snapshot_with_what_follows(upstream: Upstream) -> None:
    link = upstream.link()
    log = lead(link, upstream, 3)
    for number in range(4, 30):  # It is away meanwhile, for all that it knows.
        log.append(Enrol(f"client {number}", b"hash", "olga", "new"))
    behind = book_of(log.entries[:20])
    chunks = tuple(dump(behind.state))
    digest_of_all = digest(chunks[-1])
    head = StateHead(behind.state.ledger_id, 20, behind.last_root, 0, digest_of_all)
    promise = asked(link, Prepare(T2), Promise)
    assert isinstance(promise, Promise) and promise.base_index == 0
    foreign = link.ask(StageSnapshot(T2, StateHead(b"M" * 16, 20, b"r", 0, b"d"), 0, chunks[0]))
    assert isinstance(foreign, TermRefused) and "of another ledger" in foreign.detail
    cut_short = link.ask(StageSnapshot(T2, head, 0, chunks[0][:-1]))
    assert isinstance(cut_short, TermRefused) and "not as it was written" in cut_short.detail
    end = log.entries[-1]
    adopt = Adopt(
        T2,
        20,
        behind.last_root,
        20,
        tuple(log.entries[20:]),
        end.index,
        end.root,
        vows(T2, log.entries),
        None,
        sealed(head),
    )
    early = link.ask(adopt)
    assert isinstance(early, TermRefused) and "not here, or cut short" in early.detail
    assert upstream.status()["last_index"] == 3
    staged = asked(link, StageSnapshot(T2, head, 0, chunks[0]), Staged)
    assert isinstance(staged, Staged) and staged.chunks == 1
    adopted = asked(link, adopt, Adopted)
    assert isinstance(adopted, Adopted)
    assert (adopted.last_index, adopted.last_root) == (end.index, end.root)
    assert "snapshot taken over: index=20" in upstream.log
    upstream.stop(signal.SIGKILL)
    link.close()
    upstream.start()
    status = upstream.status()
    assert (status["last_index"], status["snapshot_index"], status["base_index"]) == (29, 20, 20)
    again = upstream.link()
    fetched = asked(again, Fetch(None, 21, 1 << 20), Entries)
    assert isinstance(fetched, Entries) and fetched.base_index == 20
    chunk = asked(again, SnapshotChunkRequest(20, 0), SnapshotChunk)
    assert chunk == SnapshotChunk(20, 0, chunks[0])
    again.close()
