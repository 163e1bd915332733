"""From rows to uses: who held which seats from when to when, how it ended, and who got none.

`Sessions` is fed rows in the order of the log, and tells a `Listener` what follows from each. It
keeps what is held and who was refused within the last minute, and nothing else, so a record of any
length takes the memory of its leases.

A refusal is one of an *episode*: the same client and user asks again for the same product within
a minute. If it gets a seat within that minute, the episode was a wait, of that length. If not, the
episode is a *true denial*: somebody gave up.

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
    GRANTED,
    RENEWED,
    RULES,
    SETTLED,
    UNITS,
    Lines,
    Row,
)

UNKNOWN: Final = "unknown"
"""How a use ended of which the record lacks the end."""
EPISODE_MS: Final = 60_000
"""Refusals of the same wish that are not farther apart belong together."""
EPISODES_MAX: Final = 100_000
"""So many episodes are open at a time; the one heard of longest ago ends for a further one."""
Product = tuple[int, int]
"""Firm code and product code."""
Share = tuple[str, bytes, bytes]
"""Client, station and address: who uses a licence's seat together."""


@dataclass(slots=True)
class Session:
    """One use of seats. `began_ms` is when it began, or where it was met first if it `began_before`
    the record; `ended_ms` is None and `how` empty while it lasts. `units` are what it took."""

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
    last_number: int = 0
    reserved: dict[int, Lines] = field(default_factory=dict)


@dataclass(slots=True)
class Denial:
    """An episode of refusals for one product: from the first to the last at `until_ms`, `requests`
    of them, `seats` wanted, for which last `reason`. `granted_ms` is when it got them after all."""

    client: str
    holder: Holder
    product: Product
    seats: int
    began_ms: int
    until_ms: int
    requests: int
    reason: str
    granted_ms: int | None = None

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

    def refused(self, at_ms: int, denial: Denial) -> None:
        """One more request of an episode was refused."""

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
        self._first: int | None = None
        self._episodes: dict[tuple[str, bytes, Product], Denial] = {}
        self.now_ms = 0
        """Log time of what was fed last."""

    def feed(self, rows: Iterable[Row], at_ms: int = 0) -> None:
        """Rows of an entry at this log time, entries in the order of the log."""
        if at_ms > self.now_ms:
            self.now_ms = at_ms
            self._forget()
        for row in rows:
            kind = row.kind
            if kind in (GRANTED, RENEWED):
                self._hold(row)
            elif kind == DENIED:
                self._refuse(row)
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
        self._is_whole, self._first = False, None

    def close(self, at_ms: int) -> None:
        """The record ends at this log time: tell of what lasts still."""
        self.now_ms = max(self.now_ms, at_ms)
        for denial in self._episodes.values():
            self._listener.denied(denial)
        self._episodes.clear()
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
        if self._episodes:
            self._grant(row)

    def _move(self, session: Session, lines: Lines) -> None:
        if lines != session.lines:
            self._listener.seats(self.now_ms, session, session.lines, lines)
            session.lines = lines

    def _is_older(self, generation: int) -> bool:
        """Whether this lease is one that was granted before the record begins."""
        before = self._first is None or generation < self._first
        return not self._is_whole and before and generation not in self._over

    def _end(self, row: Row) -> None:
        session = self._open.pop(row.generation, None)
        if session is None:
            if self._is_older(row.generation):
                self._over.add(row.generation)
            return
        if session.began_before:
            self._over.add(row.generation)
        session.ended_ms, session.how = self.now_ms, row.kind
        self._listener.seats(self.now_ms, session, session.lines, ())
        self._listener.ended(session)

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
        for licence, seats in row.lines:
            product = licence.firm_code, licence.product_code
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
            self._listener.refused(self.now_ms, denial)

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
