"""Who lacks entries gets them of whoever gives some: one that is there and gives nothing is passed.

A damaged upstream, or one whose disk hangs, goes on answering beats. Two others are enough.
"""

from __future__ import annotations

from typing import Any

from appliance.ledger.effects import Tell
from appliance.ledger.leader.peers import PROMISED, Peers
from appliance.ledger.limits import Limits
from appliance.ledger.log.tail import Tail
from appliance.ledger.messages import (
    Entries,
    Fetch,
    Promise,
    SnapshotChunkRequest,
    SnapshotHead,
    SnapshotHeadRequest,
    Staged,
)
from appliance.ledger.replication.progress import ASKED_MAX, Replication
from appliance.licences.machine import Machine
from appliance.sim.vendor import READERS, UPSTREAMS
from tests.unit.ledger.test_snapshots import LONG, sealed_at
from tests.unit.ledger.world import term, vow

TERM = term(5)
LIMITS = Limits(window_bytes=1)
FIRST = Fetch(TERM, 1, LIMITS.fetch_bytes)


class Feeder:
    """A coordinator that chose LONG, of which it has the newest entry in memory.

    up1 and up2 hold all of it, up3 nothing.
    """

    def __init__(self) -> None:
        self.tail = Tail(Machine(*READERS), LIMITS)
        self.tail.take(LONG)
        self.tail.commit(len(LONG))
        self.peers = Peers(UPSTREAMS, lambda: self.tail.book.state.membership)
        for peer in self.peers:
            log = [] if peer.name == "up3" else LONG
            promise = Promise(TERM, vow(TERM, log, peer.name), (), None, None, 0)
            peer.up, peer.phase, peer.promise = True, PROMISED, promise
            peer.last_index = len(log)
        self.replication = Replication(self.peers, self.tail, LIMITS)
        self.now_s = 0.0

    def begin(self) -> list[tuple[str, Any]]:
        """Bring up3 to the log: what is asked of whom."""
        return told(self.replication.bring(self.now_s, self.peers["up3"], TERM))

    def wait(self) -> list[tuple[str, Any]]:
        """An answer may take that long, and does not come."""
        self.now_s += 2.0
        return told(self.replication.bring_again(self.now_s, 1.0, TERM))

    def gone(self, name: str) -> list[tuple[str, Any]]:
        """That upstream has let go of the first entries."""
        self.peers[name].last_index = len(LONG)
        entries = Entries(1, (), 4, len(LONG), None)
        return told(self.replication.fetched(self.now_s, entries, TERM))


def told(effects: list[Any]) -> list[tuple[str, Any]]:
    return [(effect.to, effect.message) for effect in effects if isinstance(effect, Tell)]


def test_entries_that_do_not_come_are_fetched_of_another() -> None:
    feeder = Feeder()
    assert feeder.begin() == [("up1", FIRST)]
    assert feeder.wait() == [("up2", FIRST)]
    assert feeder.wait() == [("up1", FIRST)], "up2 may be the one that is dead"
    feeder.peers["up1"].up = False
    assert feeder.wait() == [("up2", FIRST)]
    assert feeder.wait() == [("up2", FIRST)], "there is nobody else"


def test_a_snapshot_that_does_not_come_is_fetched_of_another() -> None:
    feeder = Feeder()
    feeder.begin()
    assert feeder.gone("up1") == [("up1", SnapshotHeadRequest())]
    for _ in range(ASKED_MAX - 1):
        assert feeder.wait() == [("up1", SnapshotHeadRequest())]
    assert feeder.wait() == [("up2", FIRST)]
    assert feeder.gone("up2") == [("up2", SnapshotHeadRequest())]


def test_a_snapshot_that_comes_slowly_is_waited_for() -> None:
    feeder = Feeder()
    feeder.begin()
    feeder.gone("up1")
    sealed, chunks = sealed_at(4)
    head = SnapshotHead(sealed, len(chunks) + 2 * ASKED_MAX, ())
    offered = feeder.replication.pass_on(feeder.now_s, feeder.peers["up1"], head, TERM)
    assert told(offered) == [("up1", SnapshotChunkRequest(4, 0))]
    for done in range(1, 2 * ASKED_MAX):
        assert feeder.wait() == [("up1", SnapshotChunkRequest(4, done - 1))]
        staged = Staged(TERM, 0, done)
        asked = feeder.replication.staged(feeder.now_s, feeder.peers["up3"], staged, TERM)
        assert told(asked) == [("up1", SnapshotChunkRequest(4, done))]
