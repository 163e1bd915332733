"""What clients were told and what the disks hold, held against each other. Pure.

    answers    whatever a client was granted stands in the log, with that outcome
    histories  each licence's calls fit one sequential licence (Wing and Gong; `appliance.sim`)
    seats      what clients believe to hold, by their own count, never exceeds the quantity, nor
               does what the log gave out, with shares and lingering seats (`seats`)
    leases     no lease was ended while its client was within its rights
    units      what is left is what was issued less what was taken and not settled, and each
               request took once
    replicas   the three logs agree on what was committed
    log time   never goes back, and one wrong clock does not move it

Clients' instants are boot time of the one machine they all run on. The log has no such instants,
but an entry that stands before another was launched before that one's answer arrived: so every
answer with a receipt bounds the time of all entries before and after it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from appliance.lab.chaos.beliefs import Belief, beliefs, believed
from appliance.lab.chaos.facts import DEFINITE, Act, Bounds, Facts, committed, common, ref
from appliance.lab.chaos.histories import histories
from appliance.lab.chaos.records import Product, Row
from appliance.lab.chaos.seats import ledger_seats
from appliance.ledger.log.log_time import LOG_TIME_TOLERANCE_MS
from appliance.licences import reasons
from appliance.licences.commands import LeaseRef
from appliance.sim.history import (
    ALIVE,
    CHECK_IN,
    CHECK_OUT,
    CONSUME,
    EXPIRE,
    FOREVER,
    GONE,
    LINEARIZABLE,
    SETTLE,
    Verdict,
    check,
)

STEPS_PER_CALL: Final = 200
# A client's and a server's boot clock are one and the same here; this is for rounding alone.
RIGHTS_SHARE: Final = 0.99
SHOWN_MAX: Final = 12

Numbered = tuple[LeaseRef, int, int]
"""A request that takes units: its lease, generation and number."""


@dataclass(slots=True)
class Judgement:
    """What was found. `histories` is how many calls each licence's check was about."""

    violations: list[str] = field(default_factory=list)
    histories: dict[Product, int] = field(default_factory=dict)
    calls: int = 0
    unanswered: int = 0
    steps: int = 0

    def found(self, what: str) -> None:
        """Something that must not be."""
        self.violations.append(what)


def judge(facts: Facts, told: Callable[[str], object] = lambda _: None) -> Judgement:
    """Check everything. `told` hears what is being looked at."""
    judgement = Judgement()
    rows = facts.records.rows
    judgement.calls = len(rows)
    judgement.unanswered = sum(row.told is None for row in rows)
    for complaint in facts.records.complaints:
        judgement.found(f"{complaint.client} {complaint.lease_id}: {complaint.what}")
    bounds = Bounds(rows, len(facts.log.entries))
    told("the log and its answers")
    _replicas(judgement, facts)
    _log_time(judgement, facts)
    _answers(judgement, facts)
    told("seats, leases and units")
    _seats(judgement, facts)
    _leases(judgement, facts, bounds)
    _units(judgement, facts)
    _histories(judgement, facts, bounds, told)
    return judgement


# --- the disks ---


def _replicas(judgement: Judgement, facts: Facts) -> None:
    host, count = committed(facts.replicas)
    best = next((replica for replica in facts.replicas if replica.host == host), None)
    for replica in facts.replicas if best is not None else ():
        length = len(replica.roots)
        if length < max(replica.commit_index, facts.level):
            judgement.found(
                f"{replica.host} holds {length} entries, but knew {replica.commit_index} as"
                f" committed, and {facts.level} were when it was level with the others"
            )
        assert best is not None
        same = common(replica.roots, best.roots[:count])
        if same < min(length, count):
            judgement.found(
                f"{replica.host} and {best.host} hold different entries {same + 1}, which was"
                " committed"
            )


def _log_time(judgement: Judgement, facts: Facts) -> None:
    before_ms = 0
    for entry in facts.log.entries:
        if entry.log_time_ms < before_ms and not entry.lowers:
            judgement.found(f"log time went back from {before_ms} to {entry.log_time_ms}")
        before_ms = entry.log_time_ms
    if before_ms > facts.wall_ms + LOG_TIME_TOLERANCE_MS:
        ahead_s = (before_ms - facts.wall_ms) / 1000
        judgement.found(f"log time is {ahead_s:.0f} s ahead of the true time")


# --- answers and units ---


def _answers(judgement: Judgement, facts: Facts) -> None:
    acts: dict[bytes, list[tuple[int, Act]]] = defaultdict(list)
    for entry in facts.log.entries:
        for act in entry.acts:
            if act.command:
                acts[act.command].append((entry.index, act))
    asked = {row.asked.command for row in facts.records.rows if row.asked.command}
    own = (CHECK_OUT, CONSUME, SETTLE, CHECK_IN)
    for command, found in acts.items():
        if found[0][1].kind in own and command not in asked:
            judgement.found(f"entry {found[0][0]} holds a {found[0][1].kind} that nobody asked for")
    for row in facts.records.rows:
        told = row.told
        if told is None:
            continue
        if told.reason not in DEFINITE:
            judgement.found(f"{_shown(row)} was told {told.reason}, which it did not earn")
        if told.reason not in reasons.TOOK_EFFECT:
            continue
        where = acts.get(row.asked.command, [])
        if row.asked.kind in (CHECK_IN, SETTLE):
            fits = any(act.reason == reasons.DONE for _, act in where)
        else:
            fits = any(
                (index, act.reason, act.generation, act.tmr_id, act.units_left)
                == (told.index, told.reason, told.generation, told.tmr_id, told.units_left)
                for index, act in where
            )
        if not fits:
            judgement.found(f"{_shown(row)} was acknowledged, but the log does not say so")


def _units(judgement: Judgement, facts: Facts) -> None:
    """Each numbered request took its units once; of a reservation what was not used came back,
    once, and by its client's word alone."""
    products = {issued.tmr_id: issued.product for issued in facts.issued}
    seen: dict[Numbered, int] = {}
    settled: dict[Numbered, int] = {}
    of: dict[Numbered, Product] = {}
    for entry in facts.log.entries:
        for act in entry.acts:
            numbered = (act.lease, act.generation, act.request)
            if act.kind == CONSUME and act.reason == reasons.GRANTED and numbered not in seen:
                seen[numbered], of[numbered] = act.units, products[act.tmr_id]
            if act.kind == SETTLE and act.reason == reasons.DONE and numbered not in settled:
                settled[numbered] = act.units
    taken: Counter[Product] = Counter()
    for numbered, units in seen.items():
        taken[of[numbered]] += settled.get(numbered, units)
    issued, left = _counters(facts)
    for product, units in issued.items():
        if left[product] != units - taken[product]:
            judgement.found(
                f"product {product[1]}: {units} units were issued, {taken[product]} taken, and"
                f" {left[product]} are left"
            )
    for kind, known in ((CONSUME, seen), (SETTLE, settled)):
        _answered(judgement, facts, kind, known)


def _counters(facts: Facts) -> tuple[dict[Product, int], dict[Product, int]]:
    """The units of each product: issued, and left."""
    issued: Counter[Product] = Counter()
    left: Counter[Product] = Counter()
    for one in facts.issued:
        issued[one.product] += one.units
        left[one.product] += facts.log.units_left.get((*one.product, one.tmr_id)) or 0
    return issued, left


def _answered(judgement: Judgement, facts: Facts, kind: str, known: dict[Numbered, int]) -> None:
    """What clients heard of their numbered requests is what the log says, which invents none."""
    asked: set[Numbered] = set()
    for row in facts.records.rows:
        one, told = row.asked, row.told
        if one.kind != kind:
            continue
        numbered = (ref(row), one.generation, one.request)
        asked.add(numbered)
        if told is None or told.reason not in reasons.TOOK_EFFECT:
            continue
        if known.get(numbered) != told.units_taken:
            judgement.found(
                f"{one.lease_id} was told that request {one.request} took {told.units_taken} units;"
                f" the log says {known.get(numbered)}"
            )
    for numbered in known.keys() - asked:
        judgement.found(f"{numbered[0].lease_id} never asked for request {numbered[2]}")


# --- seats and leases ---


def _by_lease(rows: Iterable[Row]) -> dict[LeaseRef, list[Row]]:
    found: dict[LeaseRef, list[Row]] = defaultdict(list)
    for row in rows:
        found[ref(row)].append(row)
    return found


def _seats(judgement: Judgement, facts: Facts) -> None:
    judgement.violations += ledger_seats(facts)
    quantity = {issued.tmr_id: issued.quantity for issued in facts.issued}
    edges: dict[int, list[tuple[float, int, Belief]]] = defaultdict(list)
    for rows in _by_lease(facts.records.rows).values():
        for belief in beliefs(rows):
            for tmr_id, _ in belief.seats:
                edges[tmr_id].append((belief.from_s, 1, belief))
                edges[tmr_id].append((belief.until_s, -1, belief))
    for tmr_id, changes in edges.items():
        held: set[Belief] = set()
        for at_s, change, belief in sorted(changes, key=lambda edge: edge[:2]):
            if change < 0:
                held.discard(belief)
                continue
            held.add(belief)
            seats = believed(held, tmr_id)
            if seats > quantity.get(tmr_id, 0):
                who = ", ".join(sorted(one.lease.lease_id for one in held))
                judgement.found(
                    f"at {at_s:.3f} clients believe to hold {seats} seats of TMR licence {tmr_id},"
                    f" which has {quantity.get(tmr_id, 0)}: {who}"
                )
                break


def _leases(judgement: Judgement, facts: Facts, bounds: Bounds) -> None:
    """No lease was ended, nor said to be, before its client's own count ran out."""
    ended: dict[LeaseRef, float] = {}
    for entry in facts.log.entries:
        for act in entry.acts:
            if act.kind == EXPIRE and act.reason == reasons.DONE:
                ended[act.lease] = bounds.committed_s(entry.index)
    for lease, rows in _by_lease(facts.records.rows).items():
        left_s = min((r.asked.called_s for r in rows if r.asked.kind == CHECK_IN), default=FOREVER)
        sent_s, ttl_s = -1.0, 0
        for row in rows:
            told = row.told
            if told is None:
                continue
            if told.reason == reasons.GRANTED and row.asked.kind == CHECK_OUT:
                ttl_s = told.lease_ttl_s
                sent_s = max(sent_s, row.asked.called_s)
            elif told.reason == ALIVE:
                sent_s = max(sent_s, row.asked.called_s)
            elif (
                told.reason in (GONE, reasons.LEASE_ENDED, reasons.LEASE_UNKNOWN)
                and ttl_s
                and told.returned_s < left_s
            ):
                lived_s = told.returned_s - sent_s
                if lived_s < ttl_s * RIGHTS_SHARE:
                    judgement.found(
                        f"{_shown(row)} was told {told.reason} {lived_s:.3f} s after the last"
                        f" extension was sent, of a lease of {ttl_s} s"
                    )
        ended_s = ended.get(lease, FOREVER)
        if ttl_s and ended_s < sent_s + ttl_s * RIGHTS_SHARE:
            judgement.found(
                f"{lease.client} {lease.lease_id} was ended within {ended_s - sent_s:.3f} s of the"
                f" sending of a request that extended it by {ttl_s} s"
            )


# --- histories ---


def _histories(
    judgement: Judgement, facts: Facts, bounds: Bounds, told: Callable[[str], object]
) -> None:
    for product, calls in histories(facts, bounds).items():
        judgement.histories[product] = len(calls)
        told(f"licence {product[0]}:{product[1]}, {len(calls)} calls")
        verdict = check(calls, STEPS_PER_CALL * (len(calls) + 100))
        judgement.steps += verdict.steps
        if verdict.word != LINEARIZABLE:
            judgement.found(_unfit(product, verdict))


def _unfit(product: Product, verdict: Verdict) -> str:
    stuck = "; ".join(map(str, verdict.stuck[:SHOWN_MAX]))
    return (
        f"the history of licence {product[0]}:{product[1]} is {verdict.word}"
        f" ({verdict.steps} steps); these calls fit nowhere: {stuck}"
    )


def _shown(row: Row) -> str:
    one = row.asked
    return f"{one.client} {one.kind} {one.lease_id} (sent {one.called_s:.3f})"
