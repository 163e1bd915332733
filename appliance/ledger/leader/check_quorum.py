"""Which upstreams a coordinator hears, and what their silence says.

What can go wrong in here is to take this process's own standstill for theirs: a frozen machine that
thaws would find three silent upstreams and give up a term that nobody took from it.
"""

from __future__ import annotations

from appliance.ledger.leader.peers import Peers
from appliance.ledger.timing import Timing

SILENT_HOLDS = 1.5
"""An upstream counts as reachable for this many hold times since it was heard."""


class CheckQuorum:
    """Judges silence by the time in which somebody listened. Times in seconds of boot time."""

    def __init__(self, peers: Peers, timing: Timing) -> None:
        self._peers = peers
        self._timing = timing
        self._patient_s = timing.hold_s / 2
        self._silent_s = timing.hold_s * SILENT_HOLDS
        self._ticked_at_s: float | None = None

    def ticked(self, now_s: float) -> None:
        """This process runs: if it stood still, the upstreams' silence meanwhile says nothing."""
        before, self._ticked_at_s = self._ticked_at_s, now_s
        if before is not None and now_s - before > self._patient_s:
            self._peers.excuse(before, now_s, self._timing)

    def reachable(self, now_s: float) -> list[str]:
        """The upstreams that answer."""
        ticked_at_s = self._ticked_at_s
        if ticked_at_s is not None and now_s > ticked_at_s + self._patient_s:
            # While this process stands still, their silence says nothing: see `ticked`.
            now_s = ticked_at_s + self._patient_s
        return self._peers.reachable(now_s, self._silent_s)

    def missing(self, now_s: float) -> list[str]:
        """The upstreams that do not answer."""
        reachable = self.reachable(now_s)
        return [peer.name for peer in self._peers if peer.name not in reachable]
