"""All three upstreams are put back to one moment: whatever befalls them besides, it is named."""

from __future__ import annotations

import pytest

from appliance.ledger.membership.heads import Heads, Memory, encode_memory
from appliance.sim import tmr_host
from appliance.sim.cluster import TMRS, Cluster
from appliance.sim.options import Options
from appliance.sim.putting_back import PuttingBack

NAMED_WITHIN_S = 10.0
SEEDS = range(6)


def lives(seed: int) -> tuple[int, int, bool]:
    """One life: the entry at which the disks were copied, the newest that a TMR host remembers when
    they are put back, and whether both hosts name it in time."""
    cluster = Cluster(Options(seed=seed, clients=3, lease_ttl_s=60))
    putting_back = PuttingBack(cluster)
    for name, tmr in cluster.tmrs.items():
        tmr.address(name == TMRS[0])
    cluster.run(4.0)
    putting_back.copy()
    copied = cluster.oracle.last_index
    cluster.run(8.0)
    known = [tmr.coordinator.heads.newest for tmr in cluster.tmrs.values() if tmr.coordinator]
    seen = max((head.index for head in known if head is not None), default=0)
    for client in cluster.clients.values():
        client.give_up()
    putting_back.put_back()
    for name in (*cluster.upstreams, *cluster.tmrs):
        cluster.host(name).start()
    named = cluster.run(
        cluster.now_s + NAMED_WITHIN_S,
        lambda: all(tmr.names_loss() for tmr in cluster.tmrs.values()),
    )
    return copied, seen, named


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_named_by_both_hosts_in_time(seed: int) -> None:
    copied, seen, named = lives(seed)
    assert seen > copied, "this seed lost nothing: choose another"
    assert named


def test_a_memory_that_is_not_kept_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the head is not persisted."""
    monkeypatch.setattr(tmr_host, "encode_memory", lambda memory: encode_memory(Memory()))
    assert not any(lives(seed)[2] for seed in SEEDS[:2])


def test_a_finding_that_is_never_raised_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: heads are kept, and nobody compares them."""
    monkeypatch.setattr(Heads, "_found_lost", lambda *_: None)
    assert not any(lives(seed)[2] for seed in SEEDS[:2])
