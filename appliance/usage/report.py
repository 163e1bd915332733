"""A usage report: seats in use, uses and refusals, by hour, day or month and by whoever used them.

Peaks and averages are exact: they follow from each change of what is held, not from samples. What
is asked for at a time is cut out of the record's whole life, since a seat that is held in an hour
may have been taken months before.

What can go wrong in here is a report without end: cells are bounded, and more of them are refused
with what to do instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass, field
from itertools import chain
from itertools import product as every
from typing import Final

from appliance.licences.access.form import NO_RULES, AccessRules
from appliance.licences.commands import Holder
from appliance.licences.model import LicenceKey
from appliance.usage.calendar import LAST_MS, PERIODS, ends_at, label, starts_at
from appliance.usage.figures import UsageRow
from appliance.usage.rows import Lines
from appliance.usage.sessions import Denial, Product, Session, Share

CELLS_MAX: Final = 200_000
"""Lines of one report."""
PRODUCT: Final = "product"
USER: Final = "user"
HOST: Final = "host"
GROUP: Final = "group"
CLIENT: Final = "client"
WHO: Final = (PRODUCT, USER, HOST, GROUP, CLIENT)
"""By what a report can be cut, beside time."""
NO_GROUP: Final = ""

Key = tuple[str, ...]
People = tuple[tuple[str, ...] | None, ...]
"""What somebody is called by each word that a report is cut by; None where that is the product."""
NameOf = Callable[[bytes], str]
"""A tag -> what is shown for it."""
ClientOf = Callable[[str], str]
"""A client -> what is shown for it."""


class TooMuch(Exception):
    """The report would have more lines than CELLS_MAX."""


@dataclass(slots=True)
class _Cell:
    peak: int = 0
    seat_ms: int = 0
    sessions: int = 0
    denials: int = 0
    waits: int = 0
    waited_ms: int = 0
    waited_ms_max: int = 0
    requests: int = 0
    units: int = 0
    why: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Tally:
    """What those of one key hold now, and since when. `shares` count the leases of each share;
    `cell` is theirs in the period from `begins_ms` to `ends_ms`, in which something was last."""

    in_use: int = 0
    since_ms: int = 0
    cell: _Cell = field(default_factory=_Cell)
    begins_ms: int = 0
    ends_ms: int = 0
    shares: dict[tuple[LicenceKey, Share], int] = field(default_factory=dict)


class Report:
    """A `sessions.Listener` that makes a report of log time from `from_ms` to before `to_ms`.

    `by` are words of PERIODS (at most one) and WHO. Users, hosts and groups are cut by tag or name
    as `name_of` gives it: a host that shows no names shows what stands for them.
    """

    def __init__(
        self,
        by: Iterable[str],
        name_of: NameOf,
        from_ms: int = 0,
        to_ms: int = LAST_MS,
        client_of: ClientOf = str,
    ) -> None:
        """Raises ValueError for words that it does not know, or that say twice how time is cut."""
        words = tuple(dict.fromkeys(by))
        unknown = [word for word in words if word not in (*PERIODS, *WHO)]
        periods = [word for word in words if word in PERIODS]
        if unknown or len(periods) > 1 or from_ms >= to_ms:
            known = ", ".join((*PERIODS, *WHO))
            raise ValueError(
                f"a report is cut by one of hour, day, month and any of the others of {known}, and"
                " ends after it begins"
            )
        self._period = periods[0] if periods else ""
        self._who = tuple(word for word in words if word in WHO)
        self._name_of, self._client_of = name_of, client_of
        self._from_ms, self._to_ms = from_ms, to_ms
        self._cells: dict[tuple[int, Key], _Cell] = {}
        self._tallies: dict[Key, _Tally] = {}
        self._groups: dict[bytes | str, tuple[str, ...]] = {}
        self._held: dict[int, People] = {}
        self._keys: dict[tuple[Product, People], tuple[Key, ...]] = {}

    # --- what happens ---

    def seats(self, at_ms: int, session: Session, before: Lines, after: Lines) -> None:
        """As `Listener`."""
        for line in before:
            self._change(at_ms, session, line, -1)
        if not after:
            del self._held[session.generation]
        elif not before and session.generation not in self._held:
            self._held[session.generation] = self._people(session.client, session.holder)
        for line in after:
            self._change(at_ms, session, line, 1)

    def began(self, session: Session) -> None:
        """As `Listener`."""
        at_ms = session.began_ms
        people = self._held[session.generation] = self._people(session.client, session.holder)
        if self._covers(at_ms) and not session.began_before:
            for product in _products(session.lines):
                for key in self._joined(product, people):
                    self._cell(at_ms, key).sessions += 1

    def ended(self, session: Session) -> None:
        """As `Listener`."""

    def took(self, at_ms: int, session: Session, key: LicenceKey, units: int) -> None:
        """As `Listener`."""
        if self._covers(at_ms):
            product = (key.firm_code, key.product_code)
            for of in self._joined(product, self._held[session.generation]):
                self._cell(at_ms, of).units += units

    def refused(self, at_ms: int, denial: Denial, requests: int) -> None:
        """As `Listener`."""
        if self._covers(at_ms):
            for cell in self._of_denial(at_ms, denial):
                cell.requests += requests
                cell.why[denial.reason] += requests

    def denied(self, denial: Denial) -> None:
        """As `Listener`."""
        if not self._covers(denial.counts_ms):
            return
        for cell in self._of_denial(denial.counts_ms, denial):
            if denial.granted_ms is None:
                cell.denials += 1
            else:
                cell.waits += 1
                cell.waited_ms += denial.waited_ms
                cell.waited_ms_max = max(cell.waited_ms_max, denial.waited_ms)

    def ruled(self, rules: AccessRules) -> None:
        """As `Listener`. A report by group asks the rules in force when a session begins."""
        found: dict[bytes | str, list[str]] = {}
        for group in (rules or NO_RULES).groups:
            subjects = group.subjects
            whom: tuple[bytes | str, ...] = (*subjects.users, *subjects.hosts, *subjects.clients)
            for who in whom:
                found.setdefault(who, []).append(group.name)
        self._groups = {who: tuple(names) for who, names in found.items()}

    # --- what came of it ---

    def rows(self, begin_ms: int, end_ms: int) -> list[UsageRow]:
        """All lines, in the order of time and then of what they are for. The record goes from
        `begin_ms` to `end_ms` (Unix ms): no average counts what is outside of it."""
        begin_ms, end_ms = max(begin_ms, self._from_ms), min(end_ms, self._to_ms)
        for key, tally in self._tallies.items():
            self._advance(key, tally, end_ms)
        return [
            self._row(start_ms, key, cell, begin_ms, end_ms)
            for (start_ms, key), cell in sorted(self._cells.items(), key=lambda one: one[0])
        ]

    def _row(self, start_ms: int, key: Key, cell: _Cell, begin_ms: int, end_ms: int) -> UsageRow:
        begins_ms = max(start_ms, begin_ms)
        until_ms = min(ends_at(self._period, start_ms), end_ms) if self._period else end_ms
        return UsageRow(
            start_ms=start_ms,
            period=label(self._period, start_ms) if self._period else "",
            of=dict(zip(self._who, key, strict=True)),
            in_use_peak=cell.peak,
            in_use_avg=cell.seat_ms / (until_ms - begins_ms) if until_ms > begins_ms else 0.0,
            seat_s=cell.seat_ms / 1000,
            sessions=cell.sessions,
            denials=cell.denials,
            waits=cell.waits,
            waited_s=cell.waited_ms / 1000,
            waited_s_max=cell.waited_ms_max / 1000,
            requests_denied=cell.requests,
            why=dict(sorted(cell.why.items())),
            units=cell.units,
        )

    # --- inside ---

    def _covers(self, at_ms: int) -> bool:
        return self._from_ms <= at_ms < self._to_ms

    def _cell(self, at_ms: int, key: Key) -> _Cell:
        start_ms = starts_at(self._period, at_ms) if self._period else 0
        cell = self._cells.get((start_ms, key))
        if cell is None:
            _check_room(self._cells)
            cell = self._cells[start_ms, key] = _Cell()
        return cell

    def _of_denial(self, at_ms: int, denial: Denial) -> Iterator[_Cell]:
        for key in self._joined(denial.product, self._people(denial.client, denial.holder)):
            yield self._cell(at_ms, key)

    def _people(self, client: str, holder: Holder) -> People:
        """What whoever uses something is called."""
        found: list[tuple[str, ...] | None] = []
        for word in self._who:
            if word == PRODUCT:
                found.append(None)
            elif word == CLIENT:
                found.append((self._client_of(client),))
            elif word == USER:
                found.append((self._name_of(holder.user),))
            elif word == HOST:
                found.append((self._name_of(holder.host),))
            else:
                groups = self._groups
                whose = (groups.get(who, ()) for who in (holder.user, holder.host, client))
                found.append(tuple(dict.fromkeys(chain(*whose))) or (NO_GROUP,))
        return tuple(found)

    def _joined(self, product: Product, people: People) -> tuple[Key, ...]:
        keys = self._keys.get((product, people))
        if keys is None:
            if len(self._keys) >= CELLS_MAX:
                self._keys.clear()
            named = (f"{product[0]}:{product[1]}",)
            keys = tuple(every(*(named if names is None else names for names in people)))
            self._keys[product, people] = keys
        return keys

    def _change(self, at_ms: int, session: Session, line: tuple[LicenceKey, int], by: int) -> None:
        licence, seats = line
        people = self._held[session.generation]
        for key in self._joined((licence.firm_code, licence.product_code), people):
            tally = self._tallies.get(key)
            if tally is None:
                _check_room(self._tallies)
                tally = self._tallies[key] = _Tally(since_ms=at_ms)
            self._advance(key, tally, at_ms)
            tally.in_use += self._counted(tally, session, licence, seats, by)
            if by > 0 and tally.in_use and self._covers(at_ms):
                cell = self._cell_of(tally, key, at_ms)
                cell.peak = max(cell.peak, tally.in_use)

    def _cell_of(self, tally: _Tally, key: Key, at_ms: int) -> _Cell:
        """As `_cell`; mostly it is the one of the last time."""
        if not tally.begins_ms <= at_ms < tally.ends_ms:
            tally.cell = self._cell(at_ms, key)
            period = self._period
            tally.begins_ms = starts_at(period, at_ms) if period else 0
            tally.ends_ms = ends_at(period, tally.begins_ms) if period else LAST_MS
        return tally.cell

    @staticmethod
    def _counted(tally: _Tally, session: Session, licence: LicenceKey, seats: int, by: int) -> int:
        """How many seats come or go: of a share the first takes its seat, and the last frees it."""
        if session.share is None:
            return by * seats
        share = licence, session.share
        leases = tally.shares.get(share, 0)
        if leases + by:
            tally.shares[share] = leases + by
        else:
            del tally.shares[share]
        return by * seats if 0 in (leases, leases + by) else 0

    def _advance(self, key: Key, tally: _Tally, at_ms: int) -> None:
        """What is held was held until now."""
        begin_ms, end_ms = max(tally.since_ms, self._from_ms), min(at_ms, self._to_ms)
        tally.since_ms = at_ms
        in_use = tally.in_use
        while in_use and begin_ms < end_ms:
            cell = self._cell_of(tally, key, begin_ms)
            until_ms = min(end_ms, tally.ends_ms)
            cell.peak = max(cell.peak, in_use)
            cell.seat_ms += in_use * (until_ms - begin_ms)
            begin_ms = until_ms


def _check_room(held: Sized) -> None:
    if len(held) >= CELLS_MAX:
        raise TooMuch(
            f"the report would have more than {CELLS_MAX:,} lines: ask for a shorter time, or cut"
            " it by day or month instead of hour, or by less"
        )


def _products(lines: Lines) -> tuple[Product, ...]:
    if len(lines) == 1:
        key = lines[0][0]
        return ((key.firm_code, key.product_code),)
    return tuple(dict.fromkeys((key.firm_code, key.product_code) for key, _ in lines))
