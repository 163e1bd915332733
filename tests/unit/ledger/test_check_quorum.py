"""An upstream answers once it has said something: a link alone says nothing."""

from __future__ import annotations

from appliance.sim.cluster import Cluster
from appliance.sim.options import Options


def test_a_link_is_no_answer() -> None:
    """A host that refuses our certificate lets every handshake end well on our side (TLS 1.3), and
    hangs up: for that moment it would count as reachable, again and again."""
    cluster = Cluster(Options(seed=5, clients=0))
    cluster.tmrs["tmr1"].address(True)
    cluster.run(2.0)
    cluster.host("up3").crash()
    cluster.run(4.0)
    for host in cluster.tmrs.values():  # The active one and the passive one.
        coordinator, now_s = host.coordinator, host.boot_s()
        assert coordinator is not None
        assert coordinator.missing(now_s) == ["up3"]
        coordinator.link(now_s, "up3", True)
        assert coordinator.missing(now_s) == ["up3"]
        coordinator.link(now_s, "up3", False)
    cluster.host("up3").start()
    cluster.run(6.0)
    for host in cluster.tmrs.values():
        assert host.coordinator is not None
        assert host.coordinator.missing(host.boot_s()) == []
