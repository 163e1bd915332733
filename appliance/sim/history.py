"""What clients asked and were told, and whether one licence server could have said all of it.

The check is Wing and Gong's, with Lowe's memory of what was tried: is there one order of all calls,
each at some instant between its call and its answer, in which a plain sequential licence gives
exactly these answers? A call without an answer may have happened at any instant after it, or never.
Each attempt of a repeated request is a call of its own, since each may reach the ledger.

The model is written anew here, smaller than `appliance.licences.machine`, and knows no log: it can
judge any system that claims to be such a server. What a history does not show, expiry and changes
of the licence itself, is told to the checker as calls of the system's own.

What can go wrong in here is giving up: the search is bounded, and `UNDECIDED` is not a pass.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from appliance.licences import reasons
from appliance.licences.commands import LeaseRef

FOREVER = float("inf")
LINEARIZABLE = "linearizable"
NOT_LINEARIZABLE = "not linearizable"
UNDECIDED = "undecided"
STEPS_MAX = 300_000

CHECK_OUT = "check-out"
CONSUME = "consume"
SETTLE = "settle"
CHECK_IN = "check-in"
RELEASE = "release"
HEARTBEAT = "heartbeat"
EXPIRE = "expire"
CONFIGURE = "configure"
ALIVE = "alive"
GONE = "gone"

Row = tuple[int, int, int | None, str]
"""One TMR-ID of a product: its id, quantity, units as issued, and why it rests ("": it does not),
in the word with which it is refused."""


class Config(NamedTuple):
    """What a product's licences are at some time, in the order in which they are chosen; `most` is
    the highest quantity so far."""

    rows: tuple[Row, ...]
    most: int


BY_RULES = frozenset((reasons.DENIED_BY_RULE, reasons.MAXIMUM_REACHED, reasons.SEATS_RESERVED))
"""Refusals that change nothing and hold for those alone who have no lease under that id."""


class CallAnswer(NamedTuple):
    """What a client was told. `tmr_id` and `units_left` matter for grants only."""

    reason: str
    tmr_id: int = 0
    units_left: int | None = None


@dataclass(slots=True)
class Call:
    """One attempt: who asked what, when, and what came back (None: nothing so far).

    If nothing came back, it can have taken effect up to `until_s` only.
    """

    client: str
    kind: str
    lease: LeaseRef | None
    called_s: float
    number: int = 0
    units: int = 0
    config: Config | None = None
    returned_s: float = FOREVER
    answer: CallAnswer | None = None
    command_hash: bytes = b""
    until_s: float = FOREVER
    reserves: bool = False

    def __str__(self) -> str:
        what = f" {self.lease.lease_id}" if self.lease else ""
        if self.kind == CONSUME:
            what += f" number {self.number}, {self.units} units"
        if self.kind == SETTLE:
            what += f" number {self.number}, {self.units} of its units used"
        until = "" if self.answer is None else f" {self.returned_s:.3f}"
        said = "no answer" if self.answer is None else str(tuple(self.answer))
        return f"{self.called_s:.3f}{until} {self.client} {self.kind}{what}: {said}"


@dataclass(slots=True)
class History:
    """Calls by product (firm code, product code)."""

    calls: dict[tuple[int, int], list[Call]] = field(default_factory=dict)
    _products: dict[LeaseRef, tuple[int, int]] = field(default_factory=dict)

    def begun_anew(self) -> History:
        """A history without calls that knows which lease is of which product."""
        return History(_products=self._products)

    def called(self, product: tuple[int, int], call: Call) -> Call:
        """A client calls."""
        if call.lease is not None:
            self._products[call.lease] = product
        self.calls.setdefault(product, []).append(call)
        return call

    def product_of(self, lease: LeaseRef) -> tuple[int, int]:
        """Which product a lease is of, as its client asked for it. Raises KeyError."""
        return self._products[lease]

    def about(self, lease: LeaseRef) -> list[Call]:
        """All calls about a lease so far."""
        calls = self.calls.get(self._products[lease], []) if lease in self._products else []
        return [call for call in calls if call.lease == lease]

    def settle(self, effective_s: dict[bytes, float]) -> None:
        """At the end: when commands took effect, by hash; others never did.

        The search needs it for calls without an answer only; it makes the check stricter, since
        whatever the log claims about them must explain the answers of all others.
        """
        for calls in self.calls.values():
            for call in calls:
                if call.answer is None and call.client != "system":
                    call.until_s = effective_s.get(call.command_hash, -1.0)

    def expired(self, lease: LeaseRef, launched_s: float, now_s: float) -> None:
        """The system ended a lease between these instants."""
        call = Call("system", EXPIRE, lease, launched_s, returned_s=now_s)
        self.calls.setdefault(self._products[lease], []).append(call)

    def configured(
        self, product: tuple[int, int], config: Config, launched_s: float, now_s: float
    ) -> None:
        """The system's licences changed between these instants."""
        call = Call("system", CONFIGURE, None, launched_s, config=config, returned_s=now_s)
        self.calls.setdefault(product, []).append(call)


class _Lease(NamedTuple):
    """A lease in the model: active or ended (and how), and the answers to numbered requests, with
    the licences that gave units."""

    tmr_id: int
    ended: str = ""
    answers: tuple[tuple[int, int, CallAnswer, tuple[int, ...]], ...] = ()
    parts: tuple[_Part, ...] = ()


class _Part(NamedTuple):
    """A reservation: its number, what it took by TMR-ID, and how much was used (-1: not told)."""

    number: int
    taken: tuple[tuple[int, int], ...]
    used: int = -1

    @property
    def units(self) -> int:
        return sum(units for _, units in self.taken)


class _Licence(NamedTuple):
    """The sequential licence: what it is, its leases, and the units used by TMR-ID."""

    config: Config = Config((), 0)
    leases: tuple[tuple[LeaseRef, _Lease], ...] = ()
    used: tuple[tuple[int, int], ...] = ()


def initial() -> _Licence:
    """The licence before anything happened: there is none."""
    return _Licence()


def _put(rows: tuple[tuple[Any, Any], ...], key: Any, value: Any) -> tuple[tuple[Any, Any], ...]:
    table = dict(rows)
    table[key] = value
    return tuple(sorted(table.items(), key=lambda row: row[0]))


def step(licence: _Licence, call: Call) -> tuple[_Licence, CallAnswer | None]:
    """The licence after this call, and what it answers (None for the system's own calls)."""
    if call.kind == CONFIGURE:
        assert call.config is not None
        return licence._replace(config=call.config), None
    assert call.lease is not None
    lease = dict(licence.leases).get(call.lease)
    if call.kind == CHECK_OUT:
        if lease is None and call.answer is not None and call.answer.reason in BY_RULES:
            return licence, call.answer  # What rules say, the reference machine judges.
        return _check_out(licence, call.lease, lease)
    if call.kind == HEARTBEAT:
        return licence, CallAnswer(GONE if lease is None or lease.ended else ALIVE)
    if lease is None:
        return licence, CallAnswer(reasons.LEASE_UNKNOWN)
    if call.kind == CONSUME:
        return _consume(licence, call, lease)
    if call.kind == SETTLE:
        return _settle(licence, call, lease)
    if lease.ended:
        again = call.kind == CHECK_IN and lease.ended == CHECK_IN
        return licence, CallAnswer(reasons.DONE if again else reasons.LEASE_ENDED)
    parts = tuple(p._replace(used=p.units) if p.used < 0 else p for p in lease.parts)
    ended = lease._replace(ended=call.kind, parts=parts)
    return licence._replace(leases=_put(licence.leases, call.lease, ended)), CallAnswer(
        reasons.DONE
    )


def _check_out(
    licence: _Licence, ref: LeaseRef, lease: _Lease | None
) -> tuple[_Licence, CallAnswer]:
    rows = licence.config.rows
    if lease is not None:
        if lease.ended:
            return licence, CallAnswer(reasons.LEASE_ENDED)
        licence, tmr_id, why = _seated(licence, ref, lease)
        return licence, CallAnswer(why) if why else _granted(licence, tmr_id)
    if not rows:
        return licence, CallAnswer(reasons.UNKNOWN_PRODUCT)
    if all(rests for *_, rests in rows):
        return licence, CallAnswer(rows[-1][-1])
    first = _free(licence)
    if first is None:
        return licence, CallAnswer(reasons.NO_SEAT_FREE)
    licence = licence._replace(leases=_put(licence.leases, ref, _Lease(first)))
    return licence, _granted(licence, first)


def _free(licence: _Licence) -> int | None:
    """The first licence that has a seat to give."""
    for tmr_id, quantity, _, rests in licence.config.rows:
        seats = sum(row.tmr_id == tmr_id and not row.ended for _, row in licence.leases)
        if not rests and seats < quantity:
            return tmr_id
    return None


def _seated(licence: _Licence, ref: LeaseRef, lease: _Lease) -> tuple[_Licence, int, str]:
    """Where a lease sits: it moves if its licence is of no use. Or why it sits nowhere."""
    whys = {tmr_id: rests for tmr_id, _, _, rests in licence.config.rows}
    why = whys.get(lease.tmr_id, reasons.UNKNOWN_PRODUCT)
    other = _free(licence) if why else None
    if other is None:
        return licence, lease.tmr_id, why
    moved = lease._replace(tmr_id=other)
    return licence._replace(leases=_put(licence.leases, ref, moved)), other, ""


def _counters(licence: _Licence, own: int) -> dict[int, int]:
    """What the unit counters hold that a lease may take from: its own licence's first."""
    used = dict(licence.used)
    rows = sorted(licence.config.rows, key=lambda row: row[0] != own)
    return {
        tmr_id: max(0, units - used.get(tmr_id, 0))
        for tmr_id, _, units, rests in rows
        if units is not None and not rests
    }


def _granted(licence: _Licence, tmr_id: int) -> CallAnswer:
    counters = _counters(licence, tmr_id)
    return CallAnswer(reasons.GRANTED, tmr_id, sum(counters.values()) if counters else None)


def _consume(licence: _Licence, call: Call, lease: _Lease) -> tuple[_Licence, CallAnswer]:
    assert call.lease is not None
    for number, units, first, of in lease.answers:
        if number != call.number:
            continue
        if units != call.units:
            return licence, CallAnswer(reasons.LEASE_CONFLICT)
        here = {row[0] for row in licence.config.rows}
        moved = first.reason == reasons.GRANTED and {lease.tmr_id, *of} <= here
        return licence, first._replace(tmr_id=lease.tmr_id) if moved else first
    if lease.ended:
        return licence, CallAnswer(reasons.LEASE_ENDED)
    last = lease.answers[-1][0] if lease.answers else 0
    if call.number != last + 1:
        return licence, CallAnswer(reasons.OUT_OF_ORDER)
    licence, tmr_id, why = _seated(licence, call.lease, lease)
    counters, taken = _counters(licence, tmr_id), dict[int, int]()
    if why:
        answer = CallAnswer(why)
    elif not counters:
        answer = CallAnswer(reasons.NO_UNIT_COUNTER)
    elif call.units > sum(counters.values()):
        answer = CallAnswer(reasons.UNITS_EXHAUSTED)
    else:
        wanted = call.units
        for one, left in counters.items():
            if min(wanted, left):
                taken[one] = min(wanted, left)
                wanted -= taken[one]
        answer = CallAnswer(reasons.GRANTED, tmr_id, sum(counters.values()) - call.units)
    used = licence.used
    for one, units in taken.items():
        used = _put(used, one, dict(used).get(one, 0) + units)
    kept = (*lease.answers, (call.number, call.units, answer, tuple(taken)))[-8:]
    parts = lease.parts
    if call.reserves and answer.reason == reasons.GRANTED:
        new = _Part(call.number, tuple(taken.items()))
        parts = (*(p for p in parts if p.used < 0 or p.number > call.number - 8), new)
    leases = _put(licence.leases, call.lease, _Lease(tmr_id, answers=kept, parts=parts))
    return _Licence(licence.config, leases, used), answer


def _settle(licence: _Licence, call: Call, lease: _Lease) -> tuple[_Licence, CallAnswer]:
    """Of a reservation `call.units` were used: the rest goes back, what was taken last first."""
    assert call.lease is not None
    part = next((part for part in lease.parts if part.number == call.number), None)
    if part is None:
        return licence, CallAnswer(reasons.NOT_RESERVED)
    if part.used == call.units:
        return licence, CallAnswer(reasons.DONE)
    if part.used >= 0:
        return licence, CallAnswer(reasons.LEASE_ENDED if lease.ended else reasons.LEASE_CONFLICT)
    back, used = part.units - call.units, licence.used
    for tmr_id, units in reversed(part.taken):
        used = _put(used, tmr_id, dict(used)[tmr_id] - min(units, back))
        back -= min(units, back)
    parts = tuple(p._replace(used=call.units) if p is part else p for p in lease.parts)
    leases = _put(licence.leases, call.lease, lease._replace(parts=parts))
    return _Licence(licence.config, leases, used), CallAnswer(reasons.DONE)


class HistoryVerdict(NamedTuple):
    """What the check found. `stuck` are the calls that fit nowhere, where the search got furthest;
    `steps` is how many it tried."""

    word: str
    steps: int
    stuck: tuple[Call, ...] = ()


class _Frame(NamedTuple):
    """A point of the search: what was taken so far, the licence then, and what else could be."""

    taken: int
    latest_s: float
    licence: _Licence
    choices: list[int]


def check(calls: list[Call], steps_max: int = STEPS_MAX) -> HistoryVerdict:
    """Whether these calls, all on one product, fit one sequential licence."""
    ordered = _telling(sorted(calls, key=lambda call: (call.called_s, call.returned_s)))
    must = 0
    for position, call in enumerate(ordered):
        if call.answer is not None or call.client == "system":
            must |= 1 << position
    seen: dict[tuple[int, _Licence], float] = {}
    first = initial()
    stack = [_Frame(0, 0.0, first, _choices(ordered, 0, 0.0))]
    stuck: tuple[Call, ...] = ()
    steps, furthest = 0, -1
    while stack:
        frame = stack[-1]
        if frame.taken & must == must:
            return HistoryVerdict(LINEARIZABLE, steps)
        if not frame.choices:
            depth = (frame.taken & must).bit_count()
            if depth > furthest:
                open_now = _choices(ordered, frame.taken, frame.latest_s)
                furthest, stuck = depth, tuple(ordered[position] for position in open_now)
            stack.pop()
            continue
        position = frame.choices.pop()
        steps += 1
        if steps > steps_max:
            return HistoryVerdict(UNDECIDED, steps, stuck)
        call = ordered[position]
        licence, answer = step(frame.licence, call)
        if call.answer is not None:
            if answer != call.answer:
                continue
        elif licence == frame.licence:
            continue  # An unanswered call need not have happened, the system's had an effect.
        taken = frame.taken | 1 << position
        key = (taken & must, licence)  # What else was taken shows in the licence, once and for all.
        latest_s = max(frame.latest_s, call.called_s)
        if latest_s < seen.get(key, FOREVER):  # Earlier, more of the unheard can still come.
            seen[key] = latest_s
            stack.append(_Frame(taken, latest_s, licence, _choices(ordered, taken, latest_s)))
    return HistoryVerdict(NOT_LINEARIZABLE, steps, stuck)


def _telling(calls: list[Call]) -> list[Call]:
    """Leave out what cannot matter: unanswered heartbeats, and what never took effect."""
    kept: list[Call] = []
    for call in calls:
        unheard = call.answer is None and call.client != "system"
        if unheard and (call.kind == HEARTBEAT or call.until_s < call.called_s):
            continue
        kept.append(call)
    return kept


def _choices(ordered: list[Call], taken: int, latest_s: float) -> list[int]:
    """What may come next, the most urgent last: calls made before the first missing answer."""
    until = FOREVER
    found: list[int] = []
    first = (~taken & (taken + 1)).bit_length() - 1  # All before it are taken.
    for position in range(first, len(ordered)):
        call = ordered[position]
        if call.called_s > until:
            break
        if not taken >> position & 1 and call.until_s >= latest_s:
            found.append(position)
            until = min(until, call.returned_s)
    found = [position for position in found if ordered[position].called_s <= until]
    found.sort(key=lambda position: _urgency(ordered[position]), reverse=True)
    return found


def _urgency(call: Call) -> tuple[int, float]:
    """Calls that ended, by their end; then those that nobody heard of."""
    return (0, call.returned_s) if call.returned_s < FOREVER else (1, call.called_s)
