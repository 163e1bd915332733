"""Upstreams brought on in bulk, with bounds so small that most of them are, most of the time."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from appliance.ledger.messages import Adopt, Append, decode_body
from appliance.licences.commands import CertifyTime, decode_command
from appliance.sim.cluster import Cluster
from appliance.sim.options import Options, malicious_swarm, swarm
from appliance.sim.run import run_seed

SEEDS = range(40)
MALICIOUS_SEEDS = range(20)


def in_bulk(options: Options) -> Options:
    """The same mix, in which hardly anybody gets single entries."""
    few = Random(f"bulk {options.seed}").randint(0, 3)
    return replace(options, limits=replace(options.limits, bulk_entries=few))


@pytest.mark.parametrize("seed", SEEDS)
def test_seeds_hold(seed: int) -> None:
    result = run_seed(seed, in_bulk(swarm(seed)))
    assert not result.violation, "\n".join([result.violation, *result.trace])


@pytest.mark.parametrize("seed", MALICIOUS_SEEDS)
def test_seeds_hold_beside_a_liar(seed: int) -> None:
    result = run_seed(seed, in_bulk(malicious_swarm(seed)))
    assert not result.violation, "\n".join([result.violation, *result.trace])


def one_away(entries: int, **bounds: int) -> tuple[Cluster, int]:
    """A system at work without up3, which lacks so many entries, and how many it lacks by now."""
    options = Options(seed=1, clients=4, think_s=0.01, quantity=4, units=100_000, lease_ttl_s=60)
    cluster = Cluster(replace(options, limits=replace(options.limits, **bounds)))
    cluster.tmrs["tmr1"].address(True)
    assert cluster.run(20.0, lambda: cluster.oracle.book.log_time_ms > 0)
    assert cluster.run(20.0, lambda: cluster.oracle.last_index > 20)
    cluster.upstreams["up3"].crash()
    missed = cluster.oracle.last_index
    assert cluster.run(60.0, lambda: cluster.oracle.last_index > missed + entries)
    return cluster, cluster.oracle.last_index - missed


def test_who_is_far_behind_gets_many_at_once_and_then_one_by_one() -> None:
    cluster, lacked = one_away(400, bulk_entries=50)
    told: list[Any] = []
    carry = cluster.network.send

    def send(source: str, target: str, link: Any, message: Any, deliver: Any) -> None:
        if target == "up3" and isinstance(message, Adopt | Append):
            told.append(message)
        carry(source, target, link, message, deliver)

    cluster.network.send = send  # type: ignore[method-assign]
    cluster.upstreams["up3"].start()
    assert cluster.run(cluster.now_s + 5.0, lambda: cluster.upstreams["up3"].replica is not None)
    cluster.run(cluster.now_s + 3.0)
    adopts = [message for message in told if isinstance(message, Adopt)]
    assert all(not message.vows for message in adopts), "it promised this very term before"
    assert sum(len(message.tail) for message in adopts) >= lacked - 50
    assert isinstance(told[-1], Append)
    for client in cluster.clients.values():
        client.lively = False
    assert cluster.run(cluster.now_s + 20.0, cluster.converged)


def test_who_catches_up_brings_its_news_once_and_afterwards() -> None:
    """While its log is behind, an upstream lacks its own news in it, and offers it again and again;
    each time would be an entry that everybody verifies, and no client is answered meanwhile."""
    cluster, _ = one_away(900, bulk_entries=16, message_entries=32)
    up3 = cluster.upstreams["up3"]
    up3.start()
    up3.certify()
    cluster.network.delayed["up3"] = ("adopted", 0.05)  # Long enough for many offers.
    replica = up3.replica
    assert replica is not None
    assert cluster.run(cluster.now_s + 20.0, lambda: bool(cluster.oracle.book.state.certified))
    behind = cluster.oracle.last_index - replica.book.last_index
    assert behind <= cluster.options.limits.bulk_entries, "it is not heard before it has caught up"
    cluster.run(cluster.now_s + 2.0)
    brought = [
        command
        for entry in cluster.oracle.log
        for command in map(decode_command, decode_body(entry.body).commands)
        if isinstance(command, CertifyTime)
    ]
    assert len(brought) == 1
