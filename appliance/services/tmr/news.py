"""Which committed entries are news, and which are only read anew after a start.

A host that starts reads the log that is there. Told of as it happens now, an operator's act of last
year would be a false record.
"""

from __future__ import annotations

from appliance.ledger.leader.coordinator import Coordinator


class News:
    """Entries up to where two upstreams were when this host came are old, and nothing is news
    twice."""

    def __init__(self) -> None:
        self._old_until = 0
        self._caught_up = False

    def heard(self, coordinator: Coordinator) -> None:
        """Something came: how far do the upstreams say that their logs go, and how far is read?"""
        if not self._caught_up:
            ends = [float(peer.last_index) for peer in coordinator.peers]
            self._old_until = max(self._old_until, int(coordinator.peers.reached(ends, 0)))
            self._caught_up = 0 < self._old_until <= coordinator.book.commit_index

    def serves(self) -> None:
        """This host serves: what comes from now on it ordered itself."""
        self._caught_up = True

    def is_new(self, index: int) -> bool:
        """Whether the entry that is committed here now was ordered just now."""
        if index <= self._old_until:
            return False
        self._old_until = index
        return True
