"""Whoever runs the virtual machines puts some of them back to one moment (issue 14, C3).

What was committed since is gone from these disks, and none of them knows it. All three upstreams,
two of them, or one and a TMR host: the rest are *witnesses*, who hold the entries with a proof of
their commit, or remember that proof. A life of `tmr sim --put-back` is a bad time, a copy, a while
of work, the copy put back, some witnesses away for a while, and then all five. What must hold:

    no loss of committed entries goes unnamed once a witness of them is back

What can go wrong in here is an oracle that forgives too much: it is told that entries may be gone,
and checks all that comes after as ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING, Final

from appliance.ledger.certificates.proofs import CommitProof
from appliance.ledger.invariants import InvariantViolation
from appliance.ledger.membership.heads import Head
from appliance.ledger.replica.standing import proof_in
from appliance.sim import options as o
from appliance.sim.checked import CheckedMachine
from appliance.sim.gone import Gone
from appliance.sim.majorities import TMRS
from appliance.sim.oracle import Oracle
from appliance.sim.vendor import UPSTREAMS

if TYPE_CHECKING:
    from appliance.sim.cluster import Cluster
    from appliance.sim.faults import Faults

NAMED_WITHIN_S: Final = 10.0
"""Simulated seconds from when the last witness is back."""
PUT_BACK: Final = "put-back"
NAMED: Final = "losses that were named"
REGAINED: Final = "disks put back that others made whole"
_BEFORE: Final = (o.CRASH_UPSTREAM, o.CRASH_TMR, o.CRASH_ALL, o.CUT_LINK, o.FREEZE, o.ADDRESS)


def put_back_swarm(seed: int) -> o.Options:
    """The options of a life in which disks are put back: before that, a bad day or a quiet one."""
    rng = Random(f"put back options {seed}")
    weights = {name: rng.choice((0.0, 1.0, 3.0)) for name in _BEFORE}
    return o.Options(
        seed=seed,
        clients=rng.randint(1, 4),
        faults_per_s=rng.choice((0.0, 1.0, 3.0)),
        weights=weights | {o.CRASH_ALL: 0.2},
        lease_ttl_s=60,
        duration_s=rng.choice((3.0, 6.0)),
        think_s=rng.choice((0.1, 0.3)),
    )


class PuttingBack:
    """Copies of disks, and what became of them."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._images: dict[str, dict[str, object]] = {}
        self._memories: dict[str, bytes] = {}
        self._committed = 0

    def copy(self) -> None:
        """All disks as they are durable now."""
        cluster = self._cluster
        self._images = {name: one.disk.image() for name, one in cluster.upstreams.items()}
        self._memories = {name: tmr.kept for name, tmr in cluster.tmrs.items()}
        self._committed = cluster.oracle.last_index

    def put_back(self, *names: str) -> None:
        """Everybody is off, and these hosts' disks (none named: all three upstreams') are as they
        were when they were copied."""
        cluster = self._cluster
        for name in (*cluster.upstreams, *cluster.tmrs):
            if cluster.host(name).alive:
                cluster.host(name).crash()
        cluster.history = cluster.history.begun_anew()
        before, cluster.oracle = cluster.oracle, Oracle(CheckedMachine(), cluster.history)
        for name in names or UPSTREAMS:
            if name in cluster.tmrs:
                cluster.tmrs[name].kept = self._memories[name]
            else:
                cluster.upstreams[name].disk.put_back(self._images[name])
        for name, upstream in cluster.upstreams.items():
            cluster.oracle.disks[name] = upstream.disk
        cluster.oracle.go_back(before, self._committed)


def live(cluster: Cluster, faults: Faults) -> None:
    """What `tmr sim --put-back` plays. Raises InvariantViolation."""
    rng = Random(f"put back {cluster.options.seed}")
    putting_back = PuttingBack(cluster)
    cluster.run(cluster.options.duration_s)
    faults.heal()
    cluster.run(cluster.now_s + 2.0)
    putting_back.copy()
    cluster.run(cluster.now_s + rng.uniform(0.5, 4.0))
    turned = _drawn(rng)
    for name in turned:
        faults.counts[PUT_BACK] = faults.counts.get(PUT_BACK, 0) + 1
        cluster.trace.note(cluster.now_s, "fault", f"{name} is put back")
    for client in cluster.clients.values():
        client.give_up()
    witnesses = [name for name in (*UPSTREAMS, *TMRS) if name not in turned]
    truth = cluster.oracle.roots
    known = Gone(truth).known_by(_proofs(cluster, witnesses))
    putting_back.put_back(*turned)
    away = some_away(rng, witnesses)
    faults.heal(*away)
    cluster.run(cluster.now_s + rng.uniform(1.0, 4.0))
    for name in away:
        cluster.trace.note(cluster.now_s, name, "starts")
        cluster.host(name).start()
    cluster.run(cluster.now_s + NAMED_WITHIN_S)
    _judge(cluster, known, truth)


def _drawn(rng: Random) -> tuple[str, ...]:
    """Whose disks are put back."""
    tmr = rng.choice(TMRS)
    two = tuple(rng.sample(UPSTREAMS, 2))
    more = ((*two, tmr), (*two, *TMRS), (two[0], tmr), UPSTREAMS, (*UPSTREAMS, tmr))
    return rng.choice((two, *more))


def some_away(rng: Random, witnesses: Sequence[str]) -> tuple[str, ...]:
    """Those of the witnesses that come back later: never so many that nobody serves meanwhile."""
    away = tuple(name for name in witnesses if rng.random() < 0.5)
    too_many = len(set(UPSTREAMS) - set(away)) < 2 or set(TMRS) <= set(away)
    return () if too_many else away


def _proofs(cluster: Cluster, witnesses: Sequence[str]) -> Iterator[Head | CommitProof | None]:
    """The newest proof of a commit that each witness holds, None if it has none."""
    for name in witnesses:
        if name in cluster.tmrs:
            core = cluster.tmrs[name].coordinator
            yield core.heads.newest if core is not None else None
        else:
            yield proof_in(cluster.upstreams[name].disk.recovered())


def _judge(cluster: Cluster, known: int, truth: Sequence[bytes]) -> None:
    oracle = cluster.oracle
    if oracle.roots[:known] == list(truth[:known]):
        oracle.measure(REGAINED)
        return
    if not any(tmr.names_loss() or tmr.names_disk() for tmr in cluster.tmrs.values()):
        here = len(oracle.roots)
        raise InvariantViolation(
            f"entry {known} was committed and is lost (the ledger ends at {here}), and nobody says"
            f" so {NAMED_WITHIN_S:g} s after a witness is back"
        )
    oracle.measure(NAMED)
