"""From rows to uses: who held which seats from when to when, how it ended, and who got none.

`Sessions` is fed rows in the order of the log, and tells a `Listener` what follows from each. It
keeps what is held and who was refused within the last minute, and nothing else, so a record of any
length takes the memory of its leases.

A refusal is one of an *episode*: the same client and user asks again for the same product within
a minute. If it gets a seat within that minute, the episode was a wait, of that length. If not, the
episode is a *true denial*: somebody gave up. Whoever has a place in the queue waits from its first
request to its seat, however long that takes; if the place ends before, that is a true denial, too.
Where nothing tells of its end, nothing is counted: it waits still, or did not come for its seat.

What can go wrong in here is a record that does not begin with the ledger. A lease that was granted
before is met by its renewal or its end; from then on it is counted, and said to have begun before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

from appliance.licences.access.form import NO_RULES, AccessRules
from appliance.licences.commands import Holder
from appliance.licences.model import LicenceKey
from appliance.usage.rows import (
    DENIED,
    ENDS,
    EPISODE,
    EPISODE_OVER,
    GRANTED,
    QUEUED,
    RENEWED,
    RULES,
    SETTLED,
    UNITS,
    Lines,
    Row,
)

UNKNOWN: Final = "unknown"
"""How a use ended of which the record lacks the end."""
AT_ITS_END: Final = "ended"
"""How a borrowed seat ended that nobody returned before."""
EPISODE_MS: Final = 60_000
"""Refusals of the same wish that are not farther apart belong together."""
EPISODES_MAX: Final = 100_000
"""So many episodes are open at a time; the one heard of longest ago ends for a further one."""
PLACES_MAX: Final = 100_000
"""So many places in the queue are remembered; of more, those of the longest ago are not counted."""
NEVER_MS: Final = 1 << 62
Product = tuple[int, int]
"""Firm code and product code."""
Ref = tuple[str, str]
"""Client and lease id."""
Share = tuple[str, bytes, bytes]
"""Client, station and address: who uses a licence's seat together."""


@dataclass(slots=True)
class Session:
    """One use of seats. `began_ms` is when it began, or where it was met first if it `began_before`
    the record, `ends_ms` when it ends by itself (0: never); `ended_ms` is None and `how` empty
    while it lasts. `units` are what it took."""

    generation: int
    client: str
    holder: Holder
    address: bytes
    share: Share | None
    lines: Lines
    began_ms: int
    began_before: bool = False
    ended_ms: int | None = None
    how: str = ""
    units: dict[LicenceKey, int] = field(default_factory=dict)
    ends_ms: int = 0
    last_number: int = 0
    reserved: dict[int, Lines] = field(default_factory=dict)


@dataclass(slots=True)
class Denial:
    """An episode of refusals for one product, or a place in its queue: from the first to the last
    at `until_ms`, `requests` that were refused, `seats` wanted, for which last `reason`.
    `granted_ms` is when it got them after all."""

    client: str
    holder: Holder
    product: Product
    seats: int
    began_ms: int
    until_ms: int
    requests: int = 0
    reason: str = ""
    granted_ms: int | None = None
    in_queue: bool = False

    @property
    def counts_ms(self) -> int:
        """To which log time it belongs: an episode to its beginning, a place to its end, which may
        be days later."""
        return self.until_ms if self.in_queue else self.began_ms

    @property
    def waited_ms(self) -> int:
        """How long it waited for what it got, 0 if it got nothing."""
        return 0 if self.granted_ms is None else self.granted_ms - self.began_ms


class Listener(Protocol):
    """Who is told. Log time never goes back in what is told: where it was set back in the ledger,
    it stands still here until it is where it was."""

    def seats(self, at_ms: int, session: Session, before: Lines, after: Lines) -> None:
        """A session holds other seats than before: none before it began, none after its end."""

    def began(self, session: Session) -> None:
        """A session began."""

    def ended(self, session: Session) -> None:
        """A session ended, or lasts still where the record ends."""

    def took(self, at_ms: int, session: Session, key: LicenceKey, units: int) -> None:
        """Units were taken, or given back (less than 0)."""

    def refused(self, at_ms: int, denial: Denial, requests: int) -> None:
        """So many more requests of an episode were refused."""

    def denied(self, denial: Denial) -> None:
        """An episode is over."""

    def ruled(self, rules: AccessRules) -> None:
        """These access rules are in force from here on."""


class Sessions:
    """Folds rows. `is_whole` says that the record begins with the ledger's first entry."""

    def __init__(self, listener: Listener, *, is_whole: bool = True) -> None:
        self._listener = listener
        self._is_whole = is_whole
        self._open: dict[int, Session] = {}
        self._over: set[int] = set()
        self._due: dict[int, int] = {}
        self._due_ms = NEVER_MS
        self._first: int | None = None
        self._episodes: dict[tuple[str, bytes, Product], Denial] = {}
        self._told: dict[tuple[str, Product], Denial] = {}
        self._places: dict[int, tuple[Ref, list[Denial]]] = {}
        self._place_of: dict[Ref, int] = {}
        self.now_ms = 0
        """Log time of what was fed last."""

    def feed(self, rows: Iterable[Row], at_ms: int = 0) -> None:
        """Rows of an entry at this log time, entries in the order of the log."""
        if at_ms > self.now_ms:
            if at_ms >= self._due_ms:
                self._end_due(at_ms)
            self.now_ms = at_ms
            self._forget()
        for row in rows:
            kind = row.kind
            if kind in (GRANTED, RENEWED):
                self._hold(row)
            elif kind == DENIED:
                self._refuse(row)
            elif kind == QUEUED:
                self._queue(row)
            elif kind in (EPISODE, EPISODE_OVER):
                self._tell(row)
            elif kind in ENDS:
                self._end(row)
            elif kind == UNITS:
                self._take(row)
            elif kind == SETTLED:
                self._settle(row)
            elif kind == RULES:
                self._listener.ruled(row.rules or NO_RULES)

    def gap(self) -> None:
        """What follows is missing: whatever is held may end there."""
        for session in self._open.values():
            session.ended_ms, session.how = self.now_ms, UNKNOWN
            self._listener.seats(self.now_ms, session, session.lines, ())
            self._listener.ended(session)
        self._open.clear()
        self._over.clear()
        self._set_due({})
        self._places.clear()
        self._place_of.clear()
        self._is_whole, self._first = False, None

    def close(self, at_ms: int) -> None:
        """The record ends at this log time: tell of what lasts still."""
        self._end_due(max(self.now_ms, at_ms))
        self.now_ms = max(self.now_ms, at_ms)
        for denial in (*self._episodes.values(), *self._told.values()):
            self._listener.denied(denial)
        self._episodes.clear()
        self._told.clear()
        for session in self._open.values():
            self._listener.seats(self.now_ms, session, session.lines, ())
            self._listener.ended(session)
        self._open.clear()

    # --- seats ---

    def _hold(self, row: Row) -> None:
        session = self._open.get(row.generation)
        if session is not None:
            self._move(session, row.lines)
            known = _known(session.holder, row.holder)
            if known != session.holder:
                self._listener.seats(self.now_ms, session, session.lines, ())
                session.holder = known
                self._listener.seats(self.now_ms, session, (), session.lines)
            self._bound(session, row.ends_ms)
            return
        if row.kind == GRANTED:
            self._first = row.generation if self._first is None else self._first
        elif not self._is_older(row.generation):
            return  # The repeat of a request on a lease that has ended.
        place = (row.client, row.share, row.address) if row.share else None
        session = Session(
            row.generation,
            row.client,
            row.holder,
            row.address,
            place,
            row.lines,
            self.now_ms,
            began_before=row.kind == RENEWED,
        )
        self._open[row.generation] = session
        self._listener.began(session)
        self._listener.seats(self.now_ms, session, (), row.lines)
        self._bound(session, row.ends_ms)
        if self._episodes:
            self._grant(row)
        if self._places:
            self._turn_came(row)

    def _move(self, session: Session, lines: Lines) -> None:
        if lines != session.lines:
            self._listener.seats(self.now_ms, session, session.lines, lines)
            session.lines = lines

    def _bound(self, session: Session, ends_ms: int) -> None:
        """It is borrowed until then, unless it was longer before (0: it is not borrowed)."""
        if ends_ms > session.ends_ms:
            session.ends_ms = ends_ms
            self._set_due(self._due | {session.generation: ends_ms})

    def _set_due(self, due: dict[int, int]) -> None:
        self._due, self._due_ms = due, min(due.values(), default=NEVER_MS)

    def _end_due(self, at_ms: int) -> None:
        """What was borrowed until then or before has ended by itself."""
        while self._due_ms <= at_ms:
            generation = min(self._due, key=self._due.__getitem__)
            self.now_ms = max(self.now_ms, self._due_ms)
            self._close(generation, AT_ITS_END)

    def _close(self, generation: int, how: str) -> None:
        """This open session ends now."""
        session = self._open.pop(generation)
        if generation in self._due:
            self._set_due({one: ms for one, ms in self._due.items() if one != generation})
        if session.began_before:
            self._over.add(generation)
        session.ended_ms, session.how = self.now_ms, how
        self._listener.seats(self.now_ms, session, session.lines, ())
        self._listener.ended(session)

    def _is_older(self, generation: int) -> bool:
        """Whether this lease is one that was granted before the record begins."""
        before = self._first is None or generation < self._first
        return not self._is_whole and before and generation not in self._over

    def _end(self, row: Row) -> None:
        if row.generation in self._open:
            self._close(row.generation, row.kind)
        elif row.generation in self._places:
            self._waited_in_vain(row.generation, row.kind)
        elif self._is_older(row.generation):
            self._over.add(row.generation)

    # --- units ---

    def _take(self, row: Row) -> None:
        session = self._open.get(row.generation)
        if session is None or row.number <= session.last_number:
            return
        session.last_number = row.number
        if row.lines:
            self._move(session, row.lines)
        if row.reserves:
            session.reserved[row.number] = row.units
        for key, units in row.units:
            self._count(session, key, units)

    def _settle(self, row: Row) -> None:
        session = self._open.get(row.generation)
        taken = session.reserved.pop(row.number, None) if session is not None else None
        if session is None or taken is None:
            return
        stays = dict(row.units)
        for key, units in taken:
            self._count(session, key, stays.get(key, 0) - units)

    def _count(self, session: Session, key: LicenceKey, units: int) -> None:
        if units:
            session.units[key] = session.units.get(key, 0) + units
            self._listener.took(self.now_ms, session, key, units)

    # --- refusals ---

    def _refuse(self, row: Row) -> None:
        number = self._place_of.get((row.client, row.lease_id))
        if number is not None:
            for waits in self._places[number][1]:
                waits.requests, waits.reason = 1, row.reason
                self._listener.refused(self.now_ms, waits, 1)
            self._waited_in_vain(number, row.reason)
            return
        for licence, seats in row.lines:
            product = licence.firm_code, licence.product_code
            if (row.client, product) in self._told:
                continue  # The ledger counts them all.
            key = row.client, row.holder.user, product
            denial = self._episodes.pop(key, None)
            if denial is None:
                denial = Denial(
                    row.client,
                    row.holder,
                    product,
                    seats,
                    self.now_ms,
                    self.now_ms,
                    0,
                    row.reason,
                )
            denial.until_ms, denial.reason = self.now_ms, row.reason
            denial.requests += 1
            if len(self._episodes) >= EPISODES_MAX:
                self._listener.denied(self._episodes.pop(next(iter(self._episodes))))
            self._episodes[key] = denial  # At the end: the one heard of longest ago is first.
            self._listener.refused(self.now_ms, denial, 1)

    def _queue(self, row: Row) -> None:
        """Somebody waits for its turn; what it is told again later is the same place."""
        number, ref = row.generation, (row.client, row.lease_id)
        if number in self._places:
            return
        self._drop_place(self._place_of.get(ref))
        if len(self._places) >= PLACES_MAX:
            self._drop_place(next(iter(self._places)))
        now_ms = self.now_ms
        waits = [
            Denial(
                row.client,
                row.holder,
                (key.firm_code, key.product_code),
                seats,
                now_ms,
                now_ms,
                in_queue=True,
            )
            for key, seats in row.lines
        ]
        self._places[number] = ref, waits
        self._place_of[ref] = number

    def _drop_place(self, number: int | None) -> list[Denial]:
        """Nobody waits at this place any more."""
        if number is None:
            return []
        ref, waits = self._places.pop(number)
        del self._place_of[ref]
        return waits

    def _turn_came(self, row: Row) -> None:
        for denial in self._drop_place(self._place_of.get((row.client, row.lease_id))):
            denial.until_ms = denial.granted_ms = self.now_ms
            self._listener.denied(denial)

    def _waited_in_vain(self, number: int, reason: str) -> None:
        for denial in self._drop_place(number):
            denial.until_ms, denial.reason = self.now_ms, reason
            self._listener.denied(denial)

    def _tell(self, row: Row) -> None:
        """An episode that the ledger tells: its first refusal, or how often and how it ended."""
        ((licence, seats),) = row.lines
        product = licence.firm_code, licence.product_code
        denial = self._told.pop((row.client, product), None)
        now_ms = self.now_ms
        if row.kind == EPISODE:
            if denial is not None:
                self._listener.denied(denial)
            denial = Denial(row.client, row.holder, product, seats, now_ms, now_ms, 1, row.reason)
            self._told[row.client, product] = denial
            self._listener.refused(now_ms, denial, 1)
        elif denial is not None:
            more = max(0, row.number - denial.requests)
            denial.requests, denial.until_ms = denial.requests + more, now_ms
            denial.granted_ms = now_ms if row.is_granted else None
            self._listener.refused(now_ms, denial, more)
            self._listener.denied(denial)

    def _grant(self, row: Row) -> None:
        for licence, _ in row.lines:
            key = row.client, row.holder.user, (licence.firm_code, licence.product_code)
            denial = self._episodes.pop(key, None)
            if denial is not None:
                denial.granted_ms = self.now_ms
                self._listener.denied(denial)

    def _forget(self) -> None:
        """Whoever was not heard of for long has given up."""
        while self._episodes:
            key, denial = next(iter(self._episodes.items()))
            if self.now_ms - denial.until_ms <= EPISODE_MS:
                return
            del self._episodes[key]
            self._listener.denied(denial)


def _known(one: Holder, other: Holder) -> Holder:
    """What two requests on one lease say of its holder: a host without the key says no names."""
    return Holder(
        one.user or other.user,
        one.host or other.host,
        one.pid or other.pid,
        one.application or other.application,
    )
