"""Whoever runs the virtual machines puts all three upstreams back to one moment (issue 14, C3).

What was committed since is gone, and none of the three stores knows it: so for them, and for the
oracle, life begins anew at that moment. The TMR hosts' memory of the ledger is on other disks.

What can go wrong in here is an oracle that forgives too much: it is told that entries are gone, and
checks all that comes after as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.sim.checked import CheckedMachine
from appliance.sim.oracle import Oracle

if TYPE_CHECKING:
    from appliance.sim.cluster import Cluster


class PuttingBack:
    """Copies of all three disks, and what became of them."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._images: dict[str, dict[str, object]] = {}
        self._committed = 0

    def copy(self) -> None:
        """All three disks as they are durable now."""
        upstreams = self._cluster.upstreams.items()
        self._images = {name: upstream.disk.image() for name, upstream in upstreams}
        self._committed = self._cluster.oracle.last_index

    def put_back(self) -> None:
        """Everybody is off, and all three are as they were when they were copied."""
        cluster = self._cluster
        for upstream in cluster.upstreams.values():
            if upstream.alive:
                upstream.crash()
        for tmr in cluster.tmrs.values():
            if tmr.alive:
                tmr.crash()
        cluster.history = cluster.history.begun_anew()
        before, cluster.oracle = cluster.oracle, Oracle(CheckedMachine(), cluster.history)
        for name, upstream in cluster.upstreams.items():
            upstream.disk.put_back(self._images[name])
            cluster.oracle.disks[name] = upstream.disk
        cluster.oracle.go_back(before, self._committed)
