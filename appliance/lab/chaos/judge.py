"""What clients were told and what the disks hold, held against each other. Pure.

    answers    whatever a client was granted stands in the log, with that outcome
    histories  each licence's calls fit one sequential licence (Wing and Gong; `appliance.sim`)
    seats      what clients believe to hold, by their own count, never exceeds the quantity
    leases     no lease was ended while its client was within its rights
    units      what is left is what was issued less what was taken, and each request took once
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

from appliance.lab.chaos.beliefs import Belief, beliefs
from appliance.lab.chaos.facts import DEFINITE, Bounds, Facts, SeenAct, committed, common, ref
from appliance.lab.chaos.histories import histories
from appliance.lab.chaos.records import Product, Row
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
    HistoryVerdict,
    check,
)

STEPS_PER_CALL: Final = 200
# A client's and a server's boot clock are one and the same here; this is for rounding alone.
RIGHTS_SHARE: Final = 0.99
SHOWN_MAX: Final = 12


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
    acts: dict[bytes, list[tuple[int, SeenAct]]] = defaultdict(list)
    for entry in facts.log.entries:
        for act in entry.acts:
            if act.command:
                acts[act.command].append((entry.index, act))
    asked = {row.asked.command for row in facts.records.rows if row.asked.command}
    own = (CHECK_OUT, CONSUME, CHECK_IN)
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
        if row.asked.kind == CHECK_IN:
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
    taken: Counter[int] = Counter()
    seen: dict[tuple[LeaseRef, int, int], int] = {}
    for entry in facts.log.entries:
        for act in entry.acts:
            numbered = (act.lease, act.generation, act.request)
            if act.kind == CONSUME and act.reason == reasons.GRANTED and numbered not in seen:
                seen[numbered] = act.units
                taken[act.tmr_id] += act.units
    for issued in facts.issued:
        left = facts.log.units_left.get((*issued.product, issued.tmr_id))
        if left != issued.units - taken[issued.tmr_id]:
            judgement.found(
                f"TMR licence {issued.tmr_id}: {issued.units} units were issued,"
                f" {taken[issued.tmr_id]} taken, and {left} are left"
            )
    acknowledged: dict[tuple[LeaseRef, int, int], int] = {}
    asked: set[tuple[LeaseRef, int, int]] = set()
    for row in facts.records.rows:
        one = row.asked
        if one.kind != CONSUME:
            continue
        numbered = (ref(row), one.generation, one.request)
        asked.add(numbered)
        if row.told is not None and row.told.reason == reasons.GRANTED:
            acknowledged[numbered] = row.told.units_taken
    for numbered, units in acknowledged.items():
        if seen.get(numbered) != units:
            judgement.found(
                f"{numbered[0].lease_id} was told that request {numbered[2]} took {units} units;"
                f" the log says {seen.get(numbered)}"
            )
    for numbered in seen.keys() - asked:
        judgement.found(f"{numbered[0].lease_id} never asked for request {numbered[2]}")


# --- seats and leases ---


def _by_lease(rows: Iterable[Row]) -> dict[LeaseRef, list[Row]]:
    found: dict[LeaseRef, list[Row]] = defaultdict(list)
    for row in rows:
        found[ref(row)].append(row)
    return found


def _seats(judgement: Judgement, facts: Facts) -> None:
    quantity = {issued.tmr_id: issued.quantity for issued in facts.issued}
    edges: dict[int, list[tuple[float, int, Belief]]] = defaultdict(list)
    for rows in _by_lease(facts.records.rows).values():
        for belief in beliefs(rows):
            edges[belief.tmr_id].append((belief.from_s, 1, belief))
            edges[belief.tmr_id].append((belief.until_s, -1, belief))
    for tmr_id, changes in edges.items():
        held: set[Belief] = set()
        for at_s, change, belief in sorted(changes, key=lambda edge: edge[:2]):
            if change < 0:
                held.discard(belief)
                continue
            held.add(belief)
            if len(held) > quantity.get(tmr_id, 0):
                who = ", ".join(sorted(one.lease.lease_id for one in held))
                judgement.found(
                    f"at {at_s:.3f} {len(held)} clients believe to hold a seat of TMR licence"
                    f" {tmr_id}, which has {quantity.get(tmr_id, 0)}: {who}"
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


def _unfit(product: Product, verdict: HistoryVerdict) -> str:
    stuck = "; ".join(map(str, verdict.stuck[:SHOWN_MAX]))
    return (
        f"the history of licence {product[0]}:{product[1]} is {verdict.word}"
        f" ({verdict.steps} steps); these calls fit nowhere: {stuck}"
    )


def _shown(row: Row) -> str:
    one = row.asked
    return f"{one.client} {one.kind} {one.lease_id} (sent {one.called_s:.3f})"
