"""The demo is a real system: real cores write its documents, and it survives what it shows."""

from __future__ import annotations

import time

import pytest

from monitor_gui.feed.demo import DemoSource
from monitor_gui.feed.source import Source
from monitor_gui.feed.thread import Ask
from monitor_gui.model.alerts import Alert, find, overall
from monitor_gui.model.connections import System
from monitor_gui.model.limits import Limits
from monitor_gui.model.store import Store
from monitor_gui.model.timeline import SWITCH
from monitor_gui.model.verdict import Level, Verdict
from tests.unit.monitor.following import Followed, following


async def open_demo(system: System | None, ask: Ask) -> Source:
    """The demo without its story: faults come when the test says so."""
    return DemoSource(story=False)


def verdict(store: Store) -> Verdict:
    """The verdict now."""
    return overall(store, time.monotonic(), Limits())


def level(store: Store) -> Level:
    """How bad it is now, but for what is always wrong in the demo."""
    demo = {"certificate/up2"}
    return max((x.level for x in verdict(store).causes if x.key not in demo), default=Level.OK)


def usable(store: Store) -> int:
    """How many licences can be checked out."""
    return sum(x.available for x in store.licences.licences) if store.licences is not None else 0


def states(store: Store) -> set[str]:
    """The states of all constituents."""
    known = store.licences.licences if store.licences is not None else ()
    return {twin.state for licence in known for twin in licence.constituents}


def alerts(store: Store) -> tuple[Alert, ...]:
    """What is worth an alert now."""
    return find(store, time.monotonic(), Limits()).alerts


def until_it_serves(followed: Followed, name: str) -> None:
    """Wait for it."""
    followed.until(lambda store: store.active(time.monotonic()) == name, f"{name} serves")


def test_a_failover_is_seen_with_its_leases_kept() -> None:
    with following(open_demo) as followed:
        until_it_serves(followed, "tmr1")
        followed.until(
            lambda store: store.leases is not None and len(store.leases.leases) >= 5,
            "five seats are held",
        )
        followed.feed.inject("cut tmr1")
        assert followed.acted("inject").ok
        until_it_serves(followed, "tmr2")
        followed.until(
            lambda store: store.last_switch() is not None, "the switch is in the history"
        )
        switch = followed.store.last_switch()
        assert switch is not None and switch.kind == SWITCH
        assert str(switch.phrase) == "tmr2 took over from tmr1"
        assert switch.at_most_s is not None
        followed.until(
            lambda store: "nobody could take over" in str(verdict(store).headline),
            "the missing spare is told",
        )
        followed.feed.inject("restore tmr1")
        followed.until(lambda store: level(store) <= Level.NOTICE, "all is well again")
        followed.until(
            lambda store: store.leases is not None and len(store.leases.leases) >= 5,
            "the seats are held still",
        )


def test_operators_acts_reach_the_ledger() -> None:
    with following(open_demo) as followed:
        until_it_serves(followed, "tmr1")
        followed.until(
            lambda store: store.leases is not None and bool(store.leases.leases), "a seat is held"
        )
        assert followed.store.leases is not None
        lease = followed.store.leases.leases[0]
        followed.feed.release(lease.client, lease.lease_id, lease.generation, "a test")
        answer = followed.acted("release")
        assert answer.ok or "lease-" in answer.sentence, "it may have been given back meanwhile"
        followed.feed.release("cert:nobody", "none", 1, "a test")
        assert not followed.acted("release").ok
        followed.feed.switchover("tmr2", "a test")
        assert followed.acted("switchover").ok
        until_it_serves(followed, "tmr2")
        followed.feed.maintenance("tmr1", True, "a test")
        assert followed.acted("maintenance").ok
        followed.until(
            lambda store: "maintenance" in str(verdict(store).headline),
            "the maintenance is told",
        )
        followed.feed.switchover("tmr1", "a test")
        refusal = followed.acted("switchover")
        assert not refusal.ok
        assert "maintenance" in refusal.sentence


def test_quorum_is_lost_and_found() -> None:
    with following(open_demo) as followed:
        until_it_serves(followed, "tmr1")
        for name in ("up2", "up3"):
            followed.feed.inject(f"cut {name}")
        followed.until(lambda store: level(store) == Level.DOWN, "the loss is told")
        assert "up2 and up3" in str(verdict(followed.store).headline)
        followed.feed.inject("restore up2")
        until_it_serves(followed, "tmr1")
        followed.until(lambda store: level(store) == Level.DEGRADED, "two of three serve")


def test_a_wrong_clock_is_outvoted() -> None:
    with following(open_demo) as followed:
        until_it_serves(followed, "tmr1")
        followed.feed.inject("clock up3")
        followed.until(
            lambda store: any(cause.key == "clock-off/up3" for cause in verdict(store).causes),
            "the clock is told",
        )


@pytest.mark.parametrize("fault", ["cut", "cut nobody", "explode up1", ""])
def test_an_unknown_fault_is_refused(fault: str) -> None:
    with following(open_demo) as followed:
        followed.until(lambda store: store.opened is not None, "the demo is open")
        followed.feed.inject(fault)
        assert not followed.acted("inject").ok


def test_the_demo_offers_only_faults_that_it_knows() -> None:
    with following(open_demo) as followed:
        followed.until(lambda store: store.opened is not None, "the demo is open")
        assert followed.store.opened is not None
        for fault in followed.store.opened.faults:
            followed.feed.inject(fault)
            assert followed.acted("inject").ok, fault


def test_the_hosts_logs_and_denials_are_told() -> None:
    with following(open_demo) as followed:
        until_it_serves(followed, "tmr1")
        followed.until(lambda store: len(store.logs.hosts()) == 5, "all five hosts have a log")
        followed.until(lambda store: bool(store.denied), "somebody found no seat free")
        followed.feed.inject("cut up3")
        followed.until(
            lambda store: any("up3" in line.text for line in store.logs.lines), "the loss is logged"
        )
        numbers = [(line.host, line.number) for line in followed.store.logs.lines]
        assert len(numbers) == len(set(numbers)), "no line comes twice"


def test_certified_time_is_had_and_a_locked_container_gets_none() -> None:
    with following(open_demo) as followed:
        until_it_serves(followed, "tmr1")
        followed.until(lambda store: usable(store) >= 4, "all containers are known")
        for fault in ("clock up3", "lock up1"):
            followed.feed.inject(fault)
            assert followed.acted("inject").ok
        followed.until(lambda store: "locked" in states(store), "the twins are locked")
        followed.until(
            lambda store: any(a.key == "container-locked/up1" for a in alerts(store)),
            "an alert is raised",
        )
        assert usable(followed.store) >= 3, "two of three are enough"
        followed.feed.update_time("", "a test")
        answer = followed.acted("time")
        assert answer.ok
        assert "(reported lost" in answer.sentence
        known = followed.store.licences
        assert known is not None
        serials = sorted(twin.serial for twin in known.licences[0].constituents)
        assert answer.sentence.startswith(f"Certified time for {', '.join(serials[1:])}. None for ")
        followed.feed.update_time("130-0", "a test")
        assert not followed.acted("time").ok
