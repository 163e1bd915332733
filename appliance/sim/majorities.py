"""Two upstreams and one TMR host, whichever they are, have to serve (design section 3).

There are twelve **majorities**: three pairs of upstreams, with either TMR host, each *warm* (the
processes go on) or *cold* (all of them start anew from what is on disk). All other hosts are off;
or the third upstream is on and its disk hangs: it says that it is there, and gives nothing.

A seed tries one at the end of its bad time, before anything else comes back, and some more one
after the other once everything was healed and judged: each begins where the one before left the
disks, so the upstream that returns is behind, often by more than the others' logs go back.

What can go wrong in here is an excuse that covers a fault. So a majority is excused for what the
committed log says and for what is wrong with a disk, never for what a coordinator or replica says
of itself; and all that was tried and excused is counted (`tests/sim/test_majorities.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import combinations, product
from random import Random
from typing import TYPE_CHECKING, Final

from appliance.ledger.invariants import InvariantViolation
from appliance.sim.clients import SimClient
from appliance.sim.vendor import FIRM_A, PRODUCT, UPSTREAMS

if TYPE_CHECKING:
    from appliance.sim.cluster import Cluster

TMRS: Final = ("tmr1", "tmr2")
SERVES_S: Final = 20.0
"""Simulated seconds within which a majority has to answer each of a client's requests."""
FOLLOWS_S: Final = 0.4
"""So long a TMR host that is to take over follows the one that serves."""
REQUESTS: Final = 3
"""Of one client at each majority: a log of two entries between snapshots is cut by them."""
TRIED: Final = 2
"""So many majorities are tried of most seeds after everything was healed."""
HUNG: Final = 0.3
"""How likely the third upstream hangs instead of being off."""
ALL_TRIED: Final = 16
"""In one seed of so many all twelve are."""


@dataclass(frozen=True, slots=True)
class Majority:
    """Which hosts are on, and whether they start anew; `hung`: the third upstream's disk hangs."""

    pair: tuple[str, str]
    tmr: str
    cold: bool
    hung: bool = False

    def __str__(self) -> str:
        third = f" ({self.third} hangs)" if self.hung else ""
        return f"{self.pair[0]} and {self.pair[1]} with {self.tmr}, {self.warmth}{third}"

    @property
    def warmth(self) -> str:
        """In one word."""
        return "cold" if self.cold else "warm"

    @property
    def third(self) -> str:
        """The upstream that is none of the pair."""
        return next(name for name in UPSTREAMS if name not in self.pair)

    @property
    def hosts(self) -> tuple[str, str, str]:
        """Those that serve."""
        return (*self.pair, self.tmr)

    @property
    def off(self) -> tuple[str, ...]:
        """Those that are off."""
        other = next(name for name in TMRS if name != self.tmr)
        return (other,) if self.hung else (self.third, other)


MAJORITIES: Final = tuple(
    Majority(pair, tmr, cold)
    for pair, tmr, cold in product(combinations(UPSTREAMS, 2), TMRS, (False, True))
)


def drawn(seed: int) -> tuple[Majority, tuple[Majority, ...]]:
    """The one of this seed at the end of its bad time, and those after it was healed, in order."""
    rng = Random(f"majorities {seed}")
    number = len(MAJORITIES) if rng.randrange(ALL_TRIED) == 0 else TRIED
    first, *later = (rng.choice(MAJORITIES), *rng.sample(MAJORITIES, number))
    return _hung(first, rng), tuple(_hung(majority, rng) for majority in later)


def _hung(majority: Majority, rng: Random) -> Majority:
    return replace(majority, hung=rng.random() < HUNG)


def excuse(cluster: Cluster, pair: Iterable[str]) -> str:
    """Why two upstreams need not serve without the third, in words; "" if they have to.

    They have to if each holds a store that votes by the committed log, with all that it wrote: two
    such hold everything that was ever acknowledged. A ledger is founded by all three. A new store
    has no vote before it holds the entry by which it has one, and until then the two others are
    needed (design D7). And a store whose records or state went wrong counts as lost.
    """
    oracle = cluster.oracle
    membership = oracle.book.state.membership
    if not oracle.last_index:
        return "the ledger is not founded"
    for name in pair:
        upstream = cluster.upstreams[name]
        if upstream.unsound:
            return "a store is damaged"
        member = membership.member(upstream.disk.store.id)
        if member is None or len(upstream.disk.entries) < member.joined_index:
            return "a new store does not vote yet"
    return ""


def nothing_owed(cluster: Cluster) -> bool:
    """Whether no two upstreams have to serve: two faults met before either was mended."""
    return all(excuse(cluster, pair) for pair in combinations(UPSTREAMS, 2))


class Majorities:
    """Tries them in one cluster, and counts what became of it in the oracle's measures."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._clients = 0

    def at_the_end(self, majority: Majority, heal: Callable[..., None]) -> None:
        """Of a bad time only this one is healed: `heal` starts and mends all but the hosts that it
        is given. Raises InvariantViolation."""
        if self._excused(majority):
            return
        self._begin_anew(majority)
        heal(*majority.off)
        self._serves(majority)

    def one_after_the_other(self, majorities: Iterable[Majority]) -> None:
        """Each of these. Raises InvariantViolation."""
        for majority in majorities:
            if not self._excused(majority):
                self._set(majority)
                self._serves(majority)

    def _excused(self, majority: Majority) -> bool:
        """Whether this one need not serve now; counts it either way."""
        why = excuse(self._cluster, majority.pair)
        self._cluster.oracle.measure(f"majorities excused: {why}" if why else "majorities tried")
        return bool(why)

    def _set(self, majority: Majority) -> None:
        """Only these hosts are on. Who is to take over warm has followed until then."""
        cluster = self._cluster
        tmr = cluster.tmrs[majority.tmr]
        if not majority.cold and not tmr.alive:
            tmr.start()
            cluster.run(cluster.now_s + FOLLOWS_S)
        cluster.trace.note(cluster.now_s, "all", f"only {majority}")
        for name in majority.off:
            host = cluster.host(name)
            if host.alive:
                host.crash()
            host.life += 1  # Nothing starts it again by itself.
        self._begin_anew(majority)
        for name, other in cluster.tmrs.items():
            other.address(name == majority.tmr)
        for name in (*majority.hosts, majority.third):
            host = cluster.host(name)
            if not host.alive and name not in majority.off:
                host.start()

    def _begin_anew(self, majority: Majority) -> None:
        """The hosts of a cold one stop, to be started; disks hang as they are to."""
        for name in majority.hosts if majority.cold else ():
            host = self._cluster.host(name)
            if host.alive:
                host.crash()
        for upstream in self._cluster.upstreams.values():
            upstream.disk_hangs = majority.hung and upstream.name == majority.third

    def _serves(self, majority: Majority) -> None:
        """A client gets its answers, and then no disk hangs. Raises InvariantViolation."""
        self._ask(majority)
        self._cluster.upstreams[majority.third].disk_hangs = False

    def _ask(self, majority: Majority) -> None:
        cluster = self._cluster
        self._clients += 1
        client = SimClient(cluster, f"m{self._clients}", lively=False)
        client.finishing = True
        for _ in range(REQUESTS):
            if client.held is None:
                client.check_out((FIRM_A, PRODUCT))
            else:
                client.check_in()
            if not cluster.run(cluster.now_s + SERVES_S, lambda: client.wish is None):
                if excuse(cluster, majority.pair):
                    return  # That a store is damaged was found out meanwhile.
                raise InvariantViolation(
                    f"{majority}, do not serve within {SERVES_S:g} s: {_why(cluster, majority)}"
                )


def _why(cluster: Cluster, majority: Majority) -> str:
    """What the TMR host says of it."""
    coordinator = cluster.tmrs[majority.tmr].coordinator
    return f"{coordinator.phase}: {coordinator.why}" if coordinator is not None else "off"
