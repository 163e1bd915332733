"""All twelve majorities serve, from states that were hard once; and the check of that can fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from appliance.ledger.invariants import InvariantViolation
from appliance.ledger.snapshot.fetching import Fetching
from appliance.sim.cluster import Cluster
from appliance.sim.majorities import MAJORITIES, Majorities, Majority, drawn, excuse
from appliance.sim.run import TWO_FAULTS, run_seed
from appliance.sim.script import Script
from appliance.sim.vendor import UPSTREAMS
from tests.sim import liveness_mutants as liveness

CUT = {"every": 4, "keep": 1}
SERVED = ("client c1 checks out", "run 100 ms", "client c1 consumes 2", "run 300 ms")
EMPTY_UP2 = (
    "delay append from tmr1 300 ms",
    "tmr1 gets the address",
    "run 250 ms",
    "crash up2",
    "delay nothing",
    "run 1500 ms",
)
REPLACED_UP1 = ("entry 6 of up1's log rots", "crash up1", "start up1", "run 3000 ms")


def played(*lines: str, **options: Any) -> Cluster:
    script = Script(**options)
    for line in lines:
        script.play(line)
    return script.cluster


def until(cluster: Cluster, done: Callable[[], bool]) -> Cluster:
    assert cluster.run(cluster.now_s + 10.0, done)
    return cluster


def level() -> Cluster:
    """All three hold all."""
    return played("begin", *SERVED)


def empty_since_the_founding() -> Cluster:
    """up2 never stored anything, and the log's beginning is gone."""
    return played(*EMPTY_UP2, *SERVED, **CUT)


def far_behind() -> Cluster:
    """What up3 lacks is gone at both others."""
    return played("begin", "crash up3", *SERVED, *SERVED[2:] * 4, **CUT)


def newest_snapshot_at_two() -> Cluster:
    """up1 was off when the newest snapshot was sealed, and has the one before."""
    cluster = played("begin", *SERVED, "crash up1", *SERVED[2:] * 4, **CUT)
    kept = [cluster.upstreams[name].disk.snapshot for name in ("up1", "up2")]
    assert [snapshot and snapshot.index for snapshot in kept] == [4, 8]
    return cluster


def replaced() -> Cluster:
    """up1 has a new store; the others' logs were cut before and since."""
    cluster = played("begin", *SERVED, *REPLACED_UP1, *SERVED[2:] * 2, **CUT)
    assert cluster.operator.replaced
    assert cluster.oracle.book.state.membership.former
    return cluster


def being_replaced() -> Cluster:
    """The entry that replaces up1's store is committed, and not proven yet."""
    cluster = played("begin", *SERVED, *REPLACED_UP1[:-1])
    return until(cluster, lambda: cluster.oracle.book.state.membership.pending is not None)


def just_replaced() -> Cluster:
    """The new store at up1 votes, and has not stored that yet."""
    cluster = played("begin", *SERVED, *REPLACED_UP1[:-1])
    until(cluster, lambda: cluster.oracle.book.state.membership.pending is not None)
    cluster.upstreams["up1"].disk_hangs = True
    return until(cluster, lambda: cluster.oracle.book.state.membership.pending is None)


def outvoted() -> Cluster:
    """up1's state went wrong, and it was found out: it is on and takes no part."""
    script = Script()
    for line in ("begin", *SERVED):
        script.play(line)
    script.cluster.upstreams["up1"].flip()
    script.play("client c2 checks out")
    return until(script.cluster, lambda: bool(script.cluster.upstreams["up1"].damage))


def restored() -> Cluster:
    """All disks were lost, and a backup lives on."""
    lost = ("up2's log is backed up", "all disks are lost", "start all", "run 100 ms")
    back = ("the backup is restored at all", "run 3000 ms")
    return played("begin", *SERVED, *lost, *back)


SOUND = (
    level,
    empty_since_the_founding,
    far_behind,
    newest_snapshot_at_two,
    replaced,
    restored,
)


@pytest.mark.parametrize("state", SOUND)
def test_all_twelve_serve(state: Callable[[], Cluster]) -> None:
    """With the third upstream off, or (each second one) on while its disk hangs."""
    for number, majority in enumerate(MAJORITIES):
        cluster = state()
        assert excuse(cluster, majority.pair) == ""
        Majorities(cluster).one_after_the_other([_with(majority, number % 2 > 0)])


@pytest.mark.parametrize("state", SOUND)
def test_all_twelve_serve_one_after_the_other(state: Callable[[], Cluster]) -> None:
    """And each once more, in the other order, with the third as it was not before."""
    cluster = state()
    there = [_with(majority, number % 2 == 0) for number, majority in enumerate(MAJORITIES)]
    back = [_with(majority, not majority.hung) for majority in reversed(there)]
    Majorities(cluster).one_after_the_other([*there, *back])
    assert cluster.oracle.measured["majorities tried"] == 2 * len(MAJORITIES)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (being_replaced, "a new store does not vote yet"),
        (just_replaced, "a new store does not vote yet"),
        (outvoted, "a store is damaged"),
    ],
)
def test_both_others_serve_while_a_store_is_lost(state: Callable[[], Cluster], why: str) -> None:
    for majority in MAJORITIES:
        cluster = state()
        assert excuse(cluster, majority.pair) == (why if "up1" in majority.pair else "")
        Majorities(cluster).one_after_the_other([majority])


def test_before_the_founding_nobody_has_to_serve() -> None:
    assert excuse(played("run 10 ms"), UPSTREAMS[:2]) == "the ledger is not founded"


def _with(majority: Majority, hung: bool) -> Majority:
    return Majority(majority.pair, majority.tmr, majority.cold, hung)


# --- the seeds try them ---


def test_there_are_twelve_and_seeds_draw_all() -> None:
    assert len(set(MAJORITIES)) == 12
    draws = [drawn(seed) for seed in range(240)]
    for number, majority in enumerate(MAJORITIES):
        for hung in (False, True):
            wanted = _with(majority, hung)
            assert any(first == wanted for first, _ in draws), (number, hung)
            assert any(wanted in later for _, later in draws), (number, hung)
    assert any(len(later) == len(MAJORITIES) for _, later in draws)


def test_excuses_are_the_exception() -> None:
    measured: dict[str, int] = {}
    for seed in range(16):
        for what, count in run_seed(seed).measured.items():
            measured[what] = measured.get(what, 0) + count
    excused = sum(count for what, count in measured.items() if "excused" in what)
    assert measured["majorities tried"] > 3 * excused
    assert TWO_FAULTS not in measured


# --- and what does not serve is found ---


def _no_snapshot_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A TMR host that starts anew never begins with a snapshot."""
    monkeypatch.setattr(Fetching, "_is_trusted", lambda self, sealed: False)


@pytest.mark.parametrize(
    ("livelock", "state", "stuck"),
    [
        (liveness.the_third_is_waited_for, level, lambda m: m.cold or m.tmr == "tmr2"),
        (_no_snapshot_is_trusted, replaced, lambda m: m.cold),
        (
            liveness.empty_stores_name_nobody,
            empty_since_the_founding,
            lambda m: m.cold and "up2" in m.pair,
        ),
    ],
)
def test_a_planted_livelock_is_found(
    livelock: Callable[[pytest.MonkeyPatch], None],
    state: Callable[[], Cluster],
    stuck: Callable[[Majority], bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for majority in MAJORITIES:
        cluster = state()
        with monkeypatch.context() as planted:
            livelock(planted)
            found = ""
            try:
                Majorities(cluster).one_after_the_other([majority])
            except InvariantViolation as violation:
                found = str(violation)
        assert ("do not serve within" in found) is stuck(majority), (str(majority), found)
