"""Planted bugs by which a live majority does not serve; listed by `mutants`, `units_mutants`."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.ledger.effects import Send
from appliance.ledger.election.log_selection import LogSelection
from appliance.ledger.leader.peers import Peer, Relay
from appliance.ledger.leader.quarantine import why_outvoted
from appliance.ledger.messages import SnapshotHead
from appliance.ledger.replication.learner import Learner
from appliance.ledger.replication.log_reads import LogReads
from appliance.ledger.replication.progress import Replication


def empty_stores_name_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Was real: who has no log has no voice, whatever its operator said."""
    head = LogReads.head

    def silent(self: LogReads, origin: Any) -> list[Any]:
        effects = head(self, origin)
        if self._standing.book.last_index:
            return effects
        return [Send(origin, SnapshotHead(None, 0, ()))]

    monkeypatch.setattr(LogReads, "head", silent)


def the_third_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log is chosen of three promises only."""
    ripe = LogSelection.ripe

    def patient(self: LogSelection, now_s: float, patience_s: float) -> bool:
        return len(self._peers.promised()) == len(self._peers) and ripe(self, now_s, patience_s)

    monkeypatch.setattr(LogSelection, "ripe", patient)


def dead_feeders_are_asked_for_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Was real: whoever was asked for entries is asked for ever."""
    fetch_for = Replication._fetch_for

    def patient(self: Replication, peer: Peer, *args: Any) -> list[Any]:
        peer.wanted = 0
        return fetch_for(self, peer, *args)

    monkeypatch.setattr(Replication, "_fetch_for", patient)


def dead_feeders_are_asked_for_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Was real: whoever was asked for a snapshot is asked for ever."""
    relayed = Replication._relay

    def patient(self: Replication, relay: Relay) -> list[Any]:
        relay.asked = -1
        return relayed(self, relay)

    monkeypatch.setattr(Replication, "_relay", patient)


def a_follower_keeps_its_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Was real: a copy of a ledger that is no more is kept until the process ends."""
    monkeypatch.setattr(Learner, "_misfit", Learner._distrust)


def one_upstream_ends_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever gives something that does not follow makes a passive host forget all."""

    def credulous(self: Learner, peer: Peer) -> list[Any]:
        self._tail.forget()
        return []

    monkeypatch.setattr(Learner, "_misfit", credulous)


def the_lost_store_speaks_for_the_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Was real: what a container signed beside a lost store puts the new store out."""

    def careless(message: Any, serial: str, store: bytes, state: Any, verify: Any) -> str:
        founder = next((m.store for m in state.membership.voters if not m.joined_index), store)
        return why_outvoted(message, serial, founder, state, verify)

    monkeypatch.setattr("appliance.ledger.replica.replica.why_outvoted", careless)
