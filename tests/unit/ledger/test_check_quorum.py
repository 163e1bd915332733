"""An upstream answers once it has said something: a link alone says nothing."""

from __future__ import annotations

import pytest

from appliance.ledger.leader.check_quorum import SILENT_HOLDS, CheckQuorum
from appliance.ledger.leader.peers import Peers
from appliance.ledger.timing import Timing
from appliance.licences.members import Membership
from appliance.sim.cluster import Cluster
from appliance.sim.options import Options
from appliance.sim.vendor import UPSTREAMS

TIMING = Timing(0.5)  # In binary fractions, so that every edge is exact: it holds for 1 s.
HOLD_S = TIMING.hold_s


def heard(at_s: float = 100.0) -> tuple[Peers, CheckQuorum]:
    """Three upstreams that were all heard and confirmed at that moment."""
    peers = Peers(UPSTREAMS, Membership)
    for peer in peers:
        peer.up, peer.heard_at_s, peer.confirmed_at_s = True, at_s, at_s
    return peers, CheckQuorum(peers, TIMING)


def test_an_upstream_is_missed_after_one_and_a_half_holds_or_with_its_link() -> None:
    peers, quorum = heard()
    edge_s = 100.0 + HOLD_S * SILENT_HOLDS
    peers["up1"].heard_at_s += 0.25
    assert quorum.reachable(edge_s) == list(UPSTREAMS)
    assert quorum.reachable(edge_s + 0.125) == ["up1"]
    assert quorum.missing(edge_s + 0.125) == ["up2", "up3"]
    peers["up1"].up = False
    assert quorum.missing(100.0) == ["up1"]


def test_while_this_process_stands_still_nobody_falls_silent() -> None:
    peers, quorum = heard()
    quorum.ticked(101.25)
    # It does not tick for an hour: what it says of them is what it knew half a hold later.
    assert quorum.reachable(101.25 + 0.25) == list(UPSTREAMS)
    assert quorum.reachable(101.25 + 0.375) == []
    peers["up2"].heard_at_s = 100.25
    assert quorum.reachable(5_000.0) == ["up2"]


@pytest.mark.parametrize(("still_s", "excused"), [(0.5, False), (0.625, True), (3_600.0, True)])
def test_a_standstill_excuses_who_spoke_until_then(still_s: float, excused: bool) -> None:
    peers, quorum = heard(99.5)
    peers["up1"].heard_at_s = peers["up2"].confirmed_at_s = 98.875
    quorum.ticked(100.0)
    quorum.ticked(now_s := 100.0 + still_s)
    beat_ago_s = now_s - TIMING.beat_s
    assert peers["up3"].heard_at_s == (beat_ago_s if excused else 99.5)
    assert peers["up3"].confirmed_at_s == (beat_ago_s if excused else 99.5)
    assert peers["up1"].heard_at_s == peers["up2"].confirmed_at_s == 98.875, "it was silent before"


def test_who_was_heard_just_a_hold_before_a_standstill_is_excused() -> None:
    peers, quorum = heard(99.0)
    quorum.ticked(100.0)
    quorum.ticked(200.0)
    assert {peer.heard_at_s for peer in peers} == {200.0 - TIMING.beat_s}
    assert peers.confirmed_at_s() == 200.0 - TIMING.beat_s


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
