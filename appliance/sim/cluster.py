"""Five simulated hosts, their links and clients, and one queue of what happens next.

All chance comes from one `Random`, all time from `now_s`; so a seed is a whole life that replays.
What can go wrong in here is an order that Python chooses: nothing may iterate over a set.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from random import Random
from typing import Any

from appliance.ledger.election.terms import NO_TERM
from appliance.ledger.invariants import InvariantViolation
from appliance.ledger.messages import Entry
from appliance.ledger.timing import Timing
from appliance.licences.model import LicenceKey, ProductItem
from appliance.sim.byzantine.oracle import ByzantineOracle
from appliance.sim.byzantine.tmr_host import ByzantineTmr
from appliance.sim.byzantine.upstream import ByzantineUpstream
from appliance.sim.checked import CheckedMachine
from appliance.sim.clients import SimClient
from appliance.sim.history import History
from appliance.sim.network import Network
from appliance.sim.operators import Operator
from appliance.sim.options import UPDATE, Options
from appliance.sim.oracle import Oracle
from appliance.sim.tmr_host import TmrHost
from appliance.sim.trace import Trace
from appliance.sim.upstream_host import UpstreamHost
from appliance.sim.vendor import FIRM_A, FIRM_B, PRODUCT, UPSTREAMS, SimContainer

TMRS = ("tmr1", "tmr2")
START_UNIX_MS = 1_800_000_000_000
TRACE_MAX = 2_000
INPUTS_PER_S_MAX = 20_000
GRACE_MS = 6_000
"""How old the answer may be that a client takes up, at most."""


class Cluster:
    """Everything that one seed simulates. `step` performs the next event, checks included."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.start_unix_ms = START_UNIX_MS
        self.rng = Random(options.seed)
        self.now_s = 0.0
        self.inputs = 0
        self._second_s = 0.0
        self._inputs_before = 0
        self.timing = Timing(options.advert_int_s)
        self.trace = Trace(TRACE_MAX)
        self.history = History()
        self.oracle = (
            ByzantineOracle(CheckedMachine(), self.history, options.malicious)
            if options.malicious
            else Oracle(CheckedMachine(), self.history)
        )
        self._queue: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._numbers = 0
        self.network = Network(self)
        self.upstreams = {
            name: (ByzantineUpstream if name == options.malicious else UpstreamHost)(
                self, name, self._container(name)
            )
            for name in UPSTREAMS
        }
        self.tmrs = {
            name: (ByzantineTmr if name == options.malicious else TmrHost)(self, name)
            for name in TMRS
        }
        self.clients = {
            name: SimClient(self, name) for name in (f"c{i + 1}" for i in range(options.clients))
        }
        self.operator = Operator(self)
        for upstream in self.upstreams.values():
            self.oracle.disks[upstream.name] = upstream.disk
            upstream.start()
        for tmr in self.tmrs.values():
            tmr.start()
        self.operator.introduce()

    def _container(self, name: str) -> SimContainer:
        """A twin with what both vendors issued to it."""
        options = self.options
        twin = UPSTREAMS.index(name) + 1
        expires_at_s = START_UNIX_MS // 1000 + options.expires_in_s
        container = SimContainer(twin)
        container.issue(
            FIRM_A,
            tuple(
                ProductItem(
                    product_code=PRODUCT,
                    tmr_id=tmr_id,
                    quantity=options.quantity,
                    units=options.units,
                    lease_ttl_s=options.lease_ttl_s,
                )
                for tmr_id in range(1, options.tmr_ids + 1)
            ),
        )
        differs = twin == options.differing_twin
        container.issue(
            FIRM_B,
            (
                ProductItem(
                    product_code=PRODUCT,
                    tmr_id=7,
                    quantity=options.quantity + differs,
                    lease_ttl_s=options.lease_ttl_s,
                    expires_at_s=expires_at_s if options.expires_in_s else None,
                    usage_period_s=options.usage_period_s or None,
                ),
            ),
        )
        return container

    # --- time ---

    def at(self, delay_s: float, action: Callable[..., None], *args: Any) -> None:
        """Let `action` happen after a while."""
        self._numbers += 1
        heapq.heappush(self._queue, (self.now_s + delay_s, self._numbers, action, args))

    def step(self) -> None:
        """Perform the next event. Raises InvariantViolation, also for anything a core raised."""
        self.now_s, _, action, args = heapq.heappop(self._queue)
        try:
            action(*args)
        except InvariantViolation:
            raise
        except Exception as error:
            raise InvariantViolation(f"a core raised {type(error).__name__}: {error}") from error

    def run(self, until_s: float, done: Callable[[], bool] | None = None) -> bool:
        """Go on until then, or until `done` says so (asked a hundred times a second): was it?"""
        ask_at_s = self.now_s
        while self._queue and self._queue[0][0] <= until_s:
            self.step()
            self._bound_storms()
            if done is not None and self.now_s >= ask_at_s:
                if done():
                    return True
                ask_at_s = self.now_s + 0.01
        self.now_s = until_s
        return done is not None and done()

    def _bound_storms(self) -> None:
        """Nobody may answer an answer for ever: with few clients there is little to say."""
        if self.now_s >= self._second_s:
            self._second_s, self._inputs_before = self.now_s + 1.0, self.inputs
        elif self.inputs - self._inputs_before > INPUTS_PER_S_MAX:
            raise InvariantViolation(f"more than {INPUTS_PER_S_MAX} inputs in a second: a storm")

    def host(self, name: str) -> UpstreamHost | TmrHost:
        """The host of that name. Raises KeyError."""
        return self.upstreams[name] if name in self.upstreams else self.tmrs[name]

    def unsound_but(self, name: str) -> bool:
        """Whether another upstream than this one needs a new store, or holds nothing yet.

        One such is borne, not two.
        """
        founded = self.oracle.last_index > 0
        others = [up for up in self.upstreams.values() if up.name != name]
        return any(up.unsound or (founded and not up.disk.entries) for up in others)

    def lies(self) -> dict[str, int]:
        """How often which lie was told."""
        hosts = (*self.upstreams.values(), *self.tmrs.values())
        liars = (host for host in hosts if isinstance(host, ByzantineUpstream | ByzantineTmr))
        return {lie: count for liar in liars for lie, count in liar.lies.told.items()}

    def lies_in_fields(self) -> dict[str, int]:
        """How often which field of which message was lied about, as `Ack.term.counter`."""
        hosts = (*self.upstreams.values(), *self.tmrs.values())
        liars = (host for host in hosts if isinstance(host, ByzantineUpstream | ByzantineTmr))
        return {
            ".".join((message, *path)): count
            for host in liars
            for (message, path), count in host.liar.told.items()
        }

    # --- where the address is ---

    def holders(self) -> list[str]:
        """The TMR hosts that now have the virtual IP: one, both or none."""
        return [name for name, tmr in self.tmrs.items() if tmr.has_address and tmr.alive]

    def check_constituents(self, twins: tuple[int, ...], key: LicenceKey) -> None:
        """A believed grant rests on two containers that hold the same, unexpired by their clocks.

        Only where no vendor changes the licences meanwhile, and within a client's patience. Raises
        InvariantViolation.
        """
        if self.options.weights.get(UPDATE, 0.0) > 0.0:
            return
        for twin in twins:
            upstream = self.upstreams[UPSTREAMS[twin - 1]]
            if upstream.name == self.options.malicious:
                continue
            item = upstream.container.item(key)
            others = [self.upstreams[name].container.item(key) for name in UPSTREAMS]
            if item is None or others.count(item) < 2:
                raise InvariantViolation(f"twin {twin} vouches for {key}, which it holds alone")
            over_ms = (item.expires_at_s or 0) * 1000 + GRACE_MS
            if item.expires_at_s and not upstream.wrong_clock and upstream.system_ms() > over_ms:
                raise InvariantViolation(f"twin {twin} vouches for {key}, which has expired")

    def forked(self) -> bool:
        """Whether those that adopted the newest term contradict each other, and nobody can tell.

        Whoever coordinated that term lied to them, or one of them lies; entries bear no signature
        of who made them. So nobody chooses, unless two can outvote one (`proofs.reach_fork`).
        """
        living = [up for up in self.upstreams.values() if up.alive]
        newest = max((up.disk.adopted for up in living), default=NO_TERM)
        logs = [up.disk.entries for up in living if up.disk.adopted == newest]
        logs.sort(key=len)
        settled = False
        for odd in logs:
            short, *longer = [log for log in logs if log is not odd] or [[]]
            agree = bool(longer) and _same(short, longer[0])
            settled |= agree and len(short) >= min(len(odd), len(longer[0]))
        return not settled and not all(_same(one, other) for one in logs for other in logs)

    def converged(self) -> bool:
        """Whether all living replicas hold and committed one and the same log."""
        living = [up.replica for up in self.upstreams.values() if up.replica is not None]
        ends = [(r.book.last_index, r.book.last_root, r.book.commit_index) for r in living]
        return bool(ends) and all(
            end == ends[0] and end[0] == end[2] == self.oracle.last_index for end in ends
        )


def _same(one: list[Entry], other: list[Entry]) -> bool:
    """Whether one of these logs is a prefix of the other."""
    common = min(len(one), len(other))
    return not common or one[common - 1].root == other[common - 1].root
