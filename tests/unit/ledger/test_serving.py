"""A serving coordinator, held still: whose word counts how long, and what a new term gives."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.ledger.certificates.receipts import TimeStatement, time_bytes
from appliance.ledger.effects import Tell
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.serving import TIME_FRESH_S
from appliance.ledger.messages import Append, Heartbeat, HeartbeatAck, decode_body
from appliance.licences.commands import Tick
from appliance.sim.script import Script
from appliance.sim.vendor import UPSTREAMS, SimContainer

HOUR_MS = 3_600_000
TTL_S = 60.0


def serving(*more: str) -> tuple[Coordinator, float]:
    """A coordinator that serves, with a lease; and its boot time. From now on nobody moves it."""
    script = Script(lease_ttl_s=int(TTL_S))
    for line in ("begin", "client c1 checks out", "run 300 ms", *more):
        script.play(line)
    (host,) = (h for h in script.cluster.tmrs.values() if h.coordinator and h.coordinator.serving)
    assert host.coordinator is not None
    return host.coordinator, host.boot_s()


def tells(effects: Any, kind: type) -> list[Any]:
    return [e.message for e in effects if isinstance(e, Tell) and isinstance(e.message, kind)]


def beat_ack(
    coordinator: Coordinator, number: int, time: TimeStatement | None = None
) -> HeartbeatAck:
    book = coordinator.book
    assert coordinator.term is not None
    last = book.last_index
    return HeartbeatAck(coordinator.term, number, last, book.commit_index, 0, (), time, "")


def stated(twin: int, ms: int) -> TimeStatement:
    container = SimContainer(twin)
    return TimeStatement(container.serial, ms, container.sign(time_bytes(container.serial, ms)))


# --- log time ---


@pytest.mark.parametrize("age_s", [0.0, TIME_FRESH_S, TIME_FRESH_S + 0.01, 60.0])
@pytest.mark.parametrize("silent", [("up1",), ("up2", "up3"), UPSTREAMS])
def test_a_peer_that_fell_silent_has_no_vote_on_log_time(
    age_s: float, silent: tuple[str, ...]
) -> None:
    """What a container said long ago would hold log time back, or be taken for its word of now."""
    coordinator, now_s = serving()
    before_ms = coordinator.book.log_time_ms
    later_ms = before_ms + HOUR_MS
    for when_s, names in ((now_s, UPSTREAMS), (now_s + age_s, set(UPSTREAMS) - set(silent))):
        for twin, name in enumerate(UPSTREAMS, 1):
            if name in names:
                said = stated(twin, later_ms)
                coordinator.receive(when_s, name, beat_ack(coordinator, 1, said))
    entries = tells(coordinator.submit(now_s + age_s, 7, Tick()), Append)
    body = decode_body(entries[0].entry.body)
    fresh = 3 if age_s <= TIME_FRESH_S else 3 - len(silent)
    assert body.log_time_ms == (later_ms if fresh >= 2 else before_ms)
    assert len(body.times) == (fresh if fresh >= 2 else 0)


# --- beats ---


@pytest.mark.parametrize("late_s", [0.0, 0.04, 0.08])
def test_a_beat_confirms_as_of_its_sending_however_late_its_ack_comes(late_s: float) -> None:
    """A host that was deposed meanwhile would serve on for a round trip."""
    coordinator, now_s = serving()
    sent_at_s = now_s + 0.06
    beats = tells(coordinator.tick(sent_at_s), Heartbeat)
    assert len({beat.number for beat in beats}) == 1
    for name in ("up1", "up3"):
        coordinator.receive(sent_at_s + late_s, name, beat_ack(coordinator, beats[0].number))
    assert coordinator.peers.confirmed_at_s() == sent_at_s
    hold_s, tick_s = coordinator.timing.hold_s, 0.01
    left_at_s = sent_at_s + late_s
    while coordinator.serving:
        left_at_s += tick_s
        coordinator.tick(left_at_s)
    assert sent_at_s + hold_s < left_at_s <= sent_at_s + hold_s + coordinator.timing.beat_s


def test_an_ack_of_an_older_beat_takes_nothing_back_and_one_of_none_gives_nothing() -> None:
    coordinator, now_s = serving()
    numbers = []
    for step in (1, 2):
        (number,) = {b.number for b in tells(coordinator.tick(now_s + 0.06 * step), Heartbeat)}
        numbers.append(number)
    for name in UPSTREAMS:
        for number in (numbers[1], numbers[0], numbers[1] + 1000):
            coordinator.receive(now_s + 0.13, name, beat_ack(coordinator, number))
    assert coordinator.peers.confirmed_at_s() == now_s + 0.12


# --- leases ---


def test_after_a_failover_each_lease_has_one_whole_lifetime() -> None:
    """Not half of one, and not what was left: no failover ends a lease, and none lives for ever."""
    coordinator, now_s = serving("crash tmr1", "tmr2 gets the address", "run 600 ms")
    assert coordinator.term is not None and coordinator.term.host == "tmr2"
    (lease,) = coordinator.book.state.active_leases()
    age_s = coordinator.lease_age_s(now_s, lease.ref)
    assert age_s is not None and 0.0 <= age_s < 1.0
    began_s, clock = now_s - age_s, coordinator._serving.leases
    assert clock.due(began_s + TTL_S - 0.001, 9) == []
    assert clock.due(began_s + TTL_S + 0.001, 9) == [(lease.ref, lease.generation)]
