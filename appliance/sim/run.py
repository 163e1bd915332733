"""One seed from beginning to end: a bad time, healing, progress, and the history's verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from appliance.ledger.invariants import InvariantViolation
from appliance.sim.cluster import Cluster
from appliance.sim.faults import Faults
from appliance.sim.history import NOT_LINEARIZABLE, UNDECIDED, check
from appliance.sim.majorities import Majorities, drawn, nothing_owed
from appliance.sim.options import Options, swarm
from appliance.sim.putting_back import live, put_back_swarm
from appliance.sim.vendor import UPSTREAMS

PROGRESS_S = 20.0
"""Simulated seconds after healing within which every client must have got an answer."""
TRACE_LINES = 60
FORKED = "systems left with two logs of one term, of which nobody can know which is true"
TWO_FAULTS = (
    "systems that two faults at once stopped: a damaged store, and a new one without a vote"
)


class Stuck(InvariantViolation):
    """Nothing false was said, but somebody waits for ever."""


@dataclass(slots=True)
class Result:
    """What became of a seed. `violation` is empty if nothing is wrong."""

    seed: int
    violation: str = ""
    trace: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    inputs: int = 0
    simulated_s: float = 0.0
    entries: int = 0
    calls: int = 0
    undecided: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    lies: dict[str, int] = field(default_factory=dict)
    in_fields: dict[str, int] = field(default_factory=dict)
    measured: dict[str, int] = field(default_factory=dict)


def run_seed(seed: int, options: Options | None = None) -> Result:
    """Simulate one seed. Never raises for a violation: it is in the result."""
    return _run(seed, options or swarm(seed), _whole_life)


def run_put_back(seed: int) -> Result:
    """The same of a seed in which disks are put back."""
    return _run(seed, put_back_swarm(seed), live)


def _whole_life(cluster: Cluster, faults: Faults) -> int:
    options = cluster.options
    cluster.run(options.duration_s)
    if options.malicious:
        _require_progress_without(cluster, faults, options.malicious)
    else:
        _require_progress(cluster, faults)
    return _check_histories(cluster)


def _run(seed: int, options: Options, life: Callable[[Cluster, Faults], int | None]) -> Result:
    result = Result(seed, options=options.as_dict())
    cluster = Cluster(options)
    faults = Faults(cluster)
    try:
        result.undecided = life(cluster, faults) or 0
    except InvariantViolation as violation:
        result.violation = str(violation)
        result.trace = cluster.trace.lines(TRACE_LINES, "storm" in str(violation))
    result.inputs, result.simulated_s = cluster.inputs, cluster.now_s
    result.entries = cluster.oracle.last_index
    result.calls = sum(len(calls) for calls in cluster.history.calls.values())
    result.faults = faults.counts
    result.in_fields = cluster.lies_in_fields()
    result.lies, result.measured = cluster.lies(), cluster.oracle.measured
    return result


def _require_progress(cluster: Cluster, faults: Faults) -> None:
    """Two upstreams and one TMR host are enough, if there are two that have to serve."""
    try:
        _serve_and_converge(cluster, faults)
    except Stuck:
        if not nothing_owed(cluster):
            raise
        cluster.oracle.measure(TWO_FAULTS)


def _serve_and_converge(cluster: Cluster, faults: Faults) -> None:
    """All clients get their answers; when the third upstream is back, all have one log."""
    options = cluster.options
    odd = options.differing_twin or options.wrong_clock
    third = UPSTREAMS[odd - 1] if odd else cluster.rng.choice(UPSTREAMS)
    # A ledger is founded with all three; from then on two are enough.
    founded = cluster.oracle.last_index > 0
    whole = founded and cluster.operator.replaced
    off = third if whole and not options.heal_third else ""
    majorities = Majorities(cluster)
    first, later = drawn(options.seed)
    for client in cluster.clients.values():
        client.finishing = True
    if not off:
        majorities.at_the_end(first, faults.heal)
    faults.heal(*((off,) if off else ()))
    clients, upstreams = cluster.clients.values(), cluster.upstreams.values()
    _expect(cluster, lambda: all(c.answered for c in clients), "a client still waits for an answer")
    if off:
        cluster.upstreams[off].start()
    for client in clients:
        client.lively = False
    _expect(
        cluster,
        lambda: cluster.operator.replaced and not any(up.damage for up in upstreams),
        "a lost disk is not replaced",
    )
    _expect(cluster, cluster.converged, "the replicas do not converge")
    # A flipped bit that made no difference to any outcome so far is found by nobody.
    sound = [up.replica for up in upstreams if up.replica and not up.flipped]
    prints = {replica.book.state.fingerprint() for replica in sound}
    prints.add(cluster.oracle.book.state.fingerprint())
    if len(prints) > 1:
        raise InvariantViolation("equal logs led to different states")
    majorities.one_after_the_other(later)


def _require_progress_without(cluster: Cluster, faults: Faults, liar: str) -> None:
    """While one of five lies nothing is promised; once it is off, the other four go on."""
    if not cluster.oracle.last_index:
        return
    clients = cluster.clients.values()
    for client in clients:
        client.finishing = True
    faults.heal(liar)
    try:
        _expect(
            cluster, lambda: all(c.answered for c in clients), "a client still waits for an answer"
        )
        for client in clients:
            client.lively = False
        _expect(cluster, cluster.converged, "the replicas do not converge")
    except InvariantViolation:
        if not cluster.forked():
            raise
        cluster.oracle.measure(FORKED)


def _expect(cluster: Cluster, done: Callable[[], bool], otherwise: str) -> None:
    if not cluster.run(cluster.now_s + PROGRESS_S, done):
        raise Stuck(f"{otherwise} {PROGRESS_S:g} s after everything was healed")


def _check_histories(cluster: Cluster) -> int:
    """Each product's history fits one sequential licence; gives how many were too long to tell."""
    undecided = 0
    cluster.history.settle(cluster.oracle.effective_s)
    for product, calls in sorted(cluster.history.calls.items()):
        verdict = check(calls)
        if verdict.word == NOT_LINEARIZABLE:
            told = "; ".join(str(call) for call in verdict.stuck[:8])
            raise InvariantViolation(
                f"no order of the calls on {product[0]}:{product[1]} explains their answers: {told}"
            )
        undecided += verdict.word == UNDECIDED
    return undecided
