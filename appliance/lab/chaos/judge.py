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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from appliance.lab.chaos.records import Product, Records, Row
from appliance.ledger.replica import LOG_TIME_TOLERANCE_MS
from appliance.licences import commands as c
from appliance.licences.commands import LeaseRef
from appliance.sim.history import (
    ALIVE,
    CHECK_IN,
    CHECK_OUT,
    CONFIGURE,
    CONSUME,
    EXPIRE,
    FOREVER,
    GONE,
    LINEARIZABLE,
    Answer,
    Call,
    Config,
    Verdict,
    check,
)

STEPS_PER_CALL: Final = 200
# A client's and a server's boot clock are one and the same here; this is for rounding alone.
RIGHTS_SHARE: Final = 0.99
SHOWN_MAX: Final = 12

DEFINITE: Final = frozenset(
    {
        c.GRANTED,
        c.DONE,
        c.UNKNOWN_PRODUCT,
        c.NO_SEAT_FREE,
        c.EXPIRED,
        c.NO_UNIT_COUNTER,
        c.UNITS_EXHAUSTED,
        c.LEASE_UNKNOWN,
        c.LEASE_ENDED,
        c.OUT_OF_ORDER,
        ALIVE,
        GONE,
    }
)


class Issued(NamedTuple):
    """A licence as it was issued to the three containers."""

    product: Product
    tmr_id: int
    quantity: int
    units: int


class Act(NamedTuple):
    """One command of the log and its outcome. `command` is its hash."""

    kind: str
    lease: LeaseRef
    command: bytes
    reason: str
    generation: int = 0
    request: int = 0
    units: int = 0
    tmr_id: int = 0
    units_left: int | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry of the log: its acts on leases, in order."""

    index: int
    log_time_ms: int
    acts: tuple[Act, ...]


class Log(NamedTuple):
    """The committed log; `units_left` by (firm code, product code, TMR-ID) at its end."""

    entries: tuple[LogEntry, ...]
    units_left: Mapping[tuple[int, int, int], int | None]


class Replica(NamedTuple):
    """One upstream's log: the term it adopted, how far it knows it committed, and the root after
    each entry."""

    host: str
    commit_index: int
    adopted: str
    roots: tuple[bytes, ...]


def committed(replicas: Sequence[Replica]) -> tuple[str, int]:
    """Who holds the longest committed log, and how long it is: host and number of entries.

    Committed is what a replica knows to be, and what two hold in one adopted term (design D1):
    that the last entry is, its replicas learn only with the next message.
    """
    best = ("", 0)
    for one in replicas:
        count = min(one.commit_index, len(one.roots))
        for other in replicas:
            if one.host != other.host and one.adopted == other.adopted:
                count = max(count, _common(one.roots, other.roots))
        if count > best[1]:
            best = (one.host, count)
    return best


def _common(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    """How many entries two logs have in common from the first on."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the judge gets.

    `wall_ms` is the true time when the log was read; `level` how many entries were committed when
    all three upstreams were last seen to be level.
    """

    records: Records
    issued: tuple[Issued, ...]
    log: Log
    replicas: tuple[Replica, ...]
    wall_ms: int
    level: int = 0


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


class Bounds:
    """Between which instants an entry of the log must have come about."""

    def __init__(self, rows: Iterable[Row], entries: int) -> None:
        lower, upper = [0.0] * (entries + 2), [FOREVER] * (entries + 2)
        for row in rows:
            if row.told is not None and 0 < row.told.index <= entries:
                index = row.told.index
                lower[index] = max(lower[index], row.asked.called_s)
                upper[index] = min(upper[index], row.told.returned_s)
        for index in range(1, entries + 1):
            lower[index] = max(lower[index], lower[index - 1])
        for index in range(entries, 0, -1):
            upper[index] = min(upper[index], upper[index + 1])
        self._lower, self._upper = lower, upper

    def launched_s(self, index: int) -> float:
        """The entry was not launched before this instant."""
        return self._lower[index]

    def committed_s(self, index: int) -> float:
        """The entry was committed by this instant."""
        return self._upper[index]


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
        same = _common(replica.roots, best.roots[:count])
        if same < min(length, count):
            judgement.found(
                f"{replica.host} and {best.host} hold different entries {same + 1}, which was"
                " committed"
            )


def _log_time(judgement: Judgement, facts: Facts) -> None:
    before_ms = 0
    for entry in facts.log.entries:
        if entry.log_time_ms < before_ms:
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
        if told.reason not in (c.GRANTED, c.DONE):
            continue
        where = acts.get(row.asked.command, [])
        if row.asked.kind == CHECK_IN:
            fits = any(act.reason == c.DONE for _, act in where)
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
            if act.kind == CONSUME and act.reason == c.GRANTED and numbered not in seen:
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
        numbered = (_ref(row), one.generation, one.request)
        asked.add(numbered)
        if row.told is not None and row.told.reason == c.GRANTED:
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


class Belief(NamedTuple):
    """A stretch in which a client relies on a seat, by its own count."""

    lease: LeaseRef
    tmr_id: int
    from_s: float
    until_s: float


def beliefs(rows: Sequence[Row]) -> list[Belief]:
    """When the client of one lease relied on it, from all of its requests in order of sending.

    It relies on it from a grant's arrival until its own count runs out, counted from the sending:
    of the lease, which heartbeats extend, and of the receipt, which only a new one does; or until
    it sends its check-in, or hears that the lease is gone.
    """
    news: list[tuple[float, int, Row]] = []
    for number, row in enumerate(rows):
        if row.asked.kind == CHECK_IN:
            news.append((row.asked.called_s, number, row))
        elif row.told is not None:
            news.append((row.told.returned_s, number, row))
    news.sort(key=lambda one: one[:2])
    found: list[Belief] = []
    tmr_id, ttl_s = 0, 0
    alive_until_s = valid_until_s = began_s = -1.0

    def end(at_s: float) -> None:
        nonlocal began_s
        if began_s >= 0:
            until_s = min(at_s, alive_until_s, valid_until_s)
            if until_s > began_s:
                found.append(Belief(_ref(rows[0]), tmr_id, began_s, until_s))
        began_s = -1.0

    for at_s, _, row in news:
        if began_s >= 0 and at_s > min(alive_until_s, valid_until_s):
            end(at_s)
        told, sent_s = row.told, row.asked.called_s
        if row.asked.kind == CHECK_IN:
            end(at_s)
            alive_until_s = valid_until_s = -1.0
            break
        assert told is not None
        if told.reason == c.GRANTED and row.asked.kind == CHECK_OUT:
            tmr_id, ttl_s = told.tmr_id, told.lease_ttl_s
            alive_until_s = max(alive_until_s, sent_s + ttl_s)
            valid_until_s = max(valid_until_s, sent_s + told.valid_for_s)
            if began_s < 0 and at_s < min(alive_until_s, valid_until_s):
                began_s = at_s
        elif told.reason == ALIVE:
            alive_until_s = max(alive_until_s, sent_s + ttl_s)
            if began_s < 0 and tmr_id and at_s < min(alive_until_s, valid_until_s):
                began_s = at_s
        elif told.reason in (GONE, c.LEASE_ENDED, c.LEASE_UNKNOWN):
            end(at_s)
    end(FOREVER)
    return found


def _by_lease(rows: Iterable[Row]) -> dict[LeaseRef, list[Row]]:
    found: dict[LeaseRef, list[Row]] = defaultdict(list)
    for row in rows:
        found[_ref(row)].append(row)
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
            if act.kind == EXPIRE and act.reason == c.DONE:
                ended[act.lease] = bounds.committed_s(entry.index)
    for lease, rows in _by_lease(facts.records.rows).items():
        left_s = min((r.asked.called_s for r in rows if r.asked.kind == CHECK_IN), default=FOREVER)
        sent_s, ttl_s = -1.0, 0
        for row in rows:
            told = row.told
            if told is None:
                continue
            if told.reason == c.GRANTED and row.asked.kind == CHECK_OUT:
                ttl_s = told.lease_ttl_s
                sent_s = max(sent_s, row.asked.called_s)
            elif told.reason == ALIVE:
                sent_s = max(sent_s, row.asked.called_s)
            elif (
                told.reason in (GONE, c.LEASE_ENDED, c.LEASE_UNKNOWN)
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


def histories(facts: Facts, bounds: Bounds) -> dict[Product, list[Call]]:
    """The calls on each licence, as the checker wants them; the system's own are among them."""
    where: dict[bytes, list[int]] = defaultdict(list)
    for entry in facts.log.entries:
        for act in entry.acts:
            where[act.command].append(entry.index)
    found: dict[Product, list[Call]] = {}
    for issued in facts.issued:
        rows = ((issued.tmr_id, issued.quantity, issued.units, False),)
        config = Config(rows, issued.quantity)
        found[issued.product] = [
            Call("system", CONFIGURE, None, 0.0, config=config, returned_s=0.0)
        ]
    times_asked: Counter[bytes] = Counter()
    products: dict[LeaseRef, Product] = {}
    last: dict[bytes, Call] = {}
    for row in facts.records.rows:
        one = row.asked
        call = _call(row)
        products[_ref(row)] = one.product
        if call.answer is None:
            indexes = where.get(one.command, [])
            call.until_s = bounds.committed_s(indexes[-1]) if indexes and one.command else -1.0
        found.setdefault(one.product, []).append(call)
        times_asked[one.command] += 1
        last[one.command] = call
    for command, indexes in where.items():
        # One request that went out on two connections may have reached the ledger twice.
        for _ in range(len(indexes) - times_asked[command] if command in last else 0):
            model = last[command]
            again = Call(
                model.client, model.kind, model.lease, model.called_s, model.number, model.units
            )
            again.until_s = bounds.committed_s(indexes[-1])
            assert model.lease is not None
            found[products[model.lease]].append(again)
    for entry in facts.log.entries:
        for act in entry.acts:
            if act.kind == EXPIRE and act.reason == c.DONE and act.lease in products:
                launched_s = bounds.launched_s(entry.index)
                until_s = bounds.committed_s(entry.index)
                call = Call("system", EXPIRE, act.lease, launched_s, returned_s=until_s)
                found[products[act.lease]].append(call)
    return found


def _call(row: Row) -> Call:
    one, told = row.asked, row.told
    call = Call(
        one.client,
        one.kind,
        _ref(row),
        one.called_s,
        one.request,
        one.units,
        command_hash=one.command,
    )
    if told is not None and told.reason in DEFINITE:
        granted = told.reason == c.GRANTED
        tmr_id, left = (told.tmr_id, told.units_left) if granted else (0, None)
        call.answer, call.returned_s = Answer(told.reason, tmr_id, left), told.returned_s
    return call


def _unfit(product: Product, verdict: Verdict) -> str:
    stuck = "; ".join(map(str, verdict.stuck[:SHOWN_MAX]))
    return (
        f"the history of licence {product[0]}:{product[1]} is {verdict.word}"
        f" ({verdict.steps} steps); these calls fit nowhere: {stuck}"
    )


def _ref(row: Row) -> LeaseRef:
    return LeaseRef(row.asked.client, row.asked.lease_id)


def _shown(row: Row) -> str:
    one = row.asked
    return f"{one.client} {one.kind} {one.lease_id} (sent {one.called_s:.3f})"
