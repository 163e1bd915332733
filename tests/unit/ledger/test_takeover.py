"""Taking a term, interrupted after every step by the loss of any host or of all."""

from __future__ import annotations

import pytest

from appliance.sim.cluster import Cluster
from appliance.sim.options import Options
from appliance.sim.script import Script
from appliance.sim.vendor import UPSTREAMS

STEPS = 240
"""Events of a takeover, with some of the service that follows."""


def before_takeover() -> Cluster:
    """tmr1 granted a seat and died; tmr2 just got the address."""
    script = Script()
    for line in ("begin", "client c1 checks out", "run 100 ms", "client c1 consumes 3"):
        script.play(line)
    script.play("run 100 ms")
    script.play("client c2 checks out")
    script.play("crash tmr1")
    script.play("tmr2 gets the address")
    script.play("run 150 ms")
    return script.cluster


@pytest.mark.parametrize("victim", ["tmr2", *UPSTREAMS, "all"])
def test_every_interrupted_prefix_ends_well(victim: str) -> None:
    for steps in range(0, STEPS, 3):
        cluster = before_takeover()
        for _ in range(steps):
            cluster.step()
        names = [*UPSTREAMS, "tmr2"] if victim == "all" else [victim]
        for name in names:
            cluster.host(name).crash()
        cluster.run(cluster.now_s + 0.3)
        for name in names:
            cluster.host(name).start()
        assert cluster.run(
            cluster.now_s + 10.0,
            lambda c=cluster: c.clients["c2"].wish is None and c.converged(),  # type: ignore[misc]
        ), f"stuck after {steps} steps"
        state = cluster.oracle.book.state
        assert sorted(lease.ref.client for lease in state.active_leases()) == ["c1", "c2"]
        assert list(state.units_used.values()) == [3]


def test_a_cluster_without_faults_is_quiet() -> None:
    """No hosts, no clients, no faults: terms are not thrown to and fro."""
    cluster = Cluster(Options(seed=5, clients=0))
    cluster.tmrs["tmr1"].address(True)
    cluster.run(10.0)
    assert len(cluster.oracle.serving) == 1
