"""What seats and units ought to do: a licence server as dumb as it can be, for `test_oracle`.

It gives one seat and one unit after the other, and counts everything anew at each question. It
knows what docs/programs.md promises, and nothing of how `appliance.licences` does it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ROLES = ("main", "overflow", "emergency")
RESTS = ("emergency-declined", "licence-expired", "features-not-licensed")
"""Why a licence may rest, in the order in which it is looked at."""
GRANTED, UNKNOWN, FULL = "granted", "unknown-product", "no-seat-free"

Key = tuple[int, int]
"""(product code, TMR-ID)."""
Lines = list[tuple[Key, int, int]]
"""(licence, seats, units) of a grant."""


@dataclass
class Licence:
    """One available licence."""

    product: int
    tmr_id: int
    quantity: int = 1
    role: str = "main"
    features: int = 0
    ends_s: int | None = None
    units: int | None = None

    @property
    def key(self) -> Key:
        return self.product, self.tmr_id


@dataclass
class Lease:
    """What was asked, where it sits, and what its numbered requests were answered."""

    items: tuple[tuple[int, int], ...]
    features: int
    emergency: bool
    seats: dict[Key, int] = field(default_factory=dict)
    answers: list[tuple[int, int, str, dict[Key, int]]] = field(default_factory=list)


class Oracle:
    """The licences, who holds seats of them, and what was used of their units."""

    def __init__(self) -> None:
        self.now_s = 0
        self.licences: dict[Key, Licence] = {}
        self.leases: dict[str, Lease] = {}
        self.used: dict[Key, int] = {}

    # --- licences ---

    def ordered(self, product: int) -> list[Licence]:
        """A product's licences in the order in which they are chosen."""
        mine = [one for one in self.licences.values() if one.product == product]

        def place(one: Licence) -> tuple[float, ...]:
            ends_s = float("inf") if one.ends_s is None else one.ends_s
            return ROLES.index(one.role), bin(one.features).count("1"), -ends_s, one.tmr_id

        return sorted(mine, key=place)

    def rests(self, one: Licence, lease: Lease | None = None) -> str:
        """Why a licence is of no use, to anybody or to this lease; "" if it is."""
        if lease is not None and one.role == "emergency" and not lease.emergency:
            return RESTS[0]
        if one.ends_s is not None and self.now_s >= one.ends_s:
            return RESTS[1]
        if lease is not None and lease.features & ~one.features:
            return RESTS[2]
        return ""

    def admitted(self, product: int) -> list[Licence]:
        """Those that anybody may look at: emergency licences only in an emergency."""
        mine = self.ordered(product)
        usual = [one for one in mine if one.role != "emergency"]
        spared = any(not self.rests(one) for one in usual)
        return usual if spared else mine

    def suiting(self, product: int, lease: Lease) -> list[Licence]:
        return [one for one in self.admitted(product) if not self.rests(one, lease)]

    def taken(self, key: Key) -> int:
        """Seats of a licence that are in use."""
        return sum(lease.seats.get(key, 0) for lease in self.leases.values())

    # --- seats ---

    def seated(self, product: int, wanted: int, lease: Lease, own: dict[Key, int]) -> Lines | str:
        """So many seats of one role, with those that it has already; or why not."""
        if not self.ordered(product):
            return UNKNOWN
        for role in ROLES:
            of_role = [one for one in self.suiting(product, lease) if one.role == role]
            mine = {one.key: own.get(one.key, 0) for one in of_role}
            for one in of_role:
                others = self.taken(one.key) - lease.seats.get(one.key, 0)
                while sum(mine.values()) < wanted and others + mine[one.key] < one.quantity:
                    mine[one.key] += 1
            if sum(mine.values()) == wanted:
                return [(key, seats, 0) for key, seats in mine.items() if seats]
        whys = [self.rests(one, lease) for one in self.admitted(product)]
        return max(whys, key=RESTS.index) if all(whys) else FULL

    def check_out(
        self, name: str, items: tuple[tuple[int, int], ...], features: int, emergency: bool
    ) -> tuple[str, Lines]:
        """All that is asked for, or nothing and why."""
        lease = Lease(items, features, emergency)
        for product, wanted in items:
            found = self.seated(product, wanted, lease, {})
            if isinstance(found, str):
                return found, []
            lease.seats |= {key: seats for key, seats, _ in found}
        self.leases[name] = lease
        return GRANTED, self.lines(lease)

    def why_not(self, key: Key, lease: Lease) -> str:
        one = self.licences.get(key)
        return UNKNOWN if one is None else self.rests(one, lease)

    def renew(self, name: str) -> tuple[str, Lines]:
        """Where a lease sits from now on, or why it cannot sit where it does."""
        lease = self.leases[name]
        after: dict[Key, int] = {}
        for product, wanted in lease.items:
            part = {key: seats for key, seats in lease.seats.items() if key[0] == product}
            whys = {key: self.why_not(key, lease) for key in part}
            if any(whys.values()):
                own = {key: seats for key, seats in part.items() if not whys[key]}
                found = self.seated(product, wanted, lease, own)
                if isinstance(found, str):
                    return next(why for why in whys.values() if why), []
                part = {key: seats for key, seats, _ in found}
            after |= part
        lease.seats = after
        return GRANTED, self.lines(lease)

    def lines(self, lease: Lease, units: dict[Key, int] | None = None) -> Lines:
        """A grant's lines: what it sits on, and what gave units."""
        units = units or {}
        held = [(key, seats, units.get(key, 0)) for key, seats in lease.seats.items()]
        return held + [(key, 0, count) for key, count in units.items() if key not in lease.seats]

    def end(self, name: str) -> None:
        """The seats are free."""
        del self.leases[name]

    # --- units ---

    def counters(self, product: int, lease: Lease) -> dict[Key, int]:
        """The unit counters that a lease may take from, its own first, and what they hold."""
        own = [self.licences[key] for key in lease.seats if key[0] == product]
        more = [one for one in self.suiting(product, lease) if one not in own]
        return {
            one.key: max(0, one.units - self.used.get(one.key, 0))
            for one in own + more
            if one.units is not None
        }

    def consume(self, name: str, product: int, units: int) -> tuple[str, Lines]:
        """The next numbered request: all these units once, or none."""
        lease, taken = self.leases[name], dict[Key, int]()
        why, _ = self.renew(name)
        if why == GRANTED:
            counters = self.counters(product, lease)
            if not counters:
                why = "no-unit-counter"
            elif sum(counters.values()) < units:
                why = "units-exhausted"
            for key, left in counters.items() if why == GRANTED else ():
                while left > taken.get(key, 0) and sum(taken.values()) < units:
                    taken[key] = taken.get(key, 0) + 1
        for key, count in taken.items():
            self.used[key] = self.used.get(key, 0) + count
        lease.answers.append((product, units, why, taken))
        return why, self.lines(lease, taken) if why == GRANTED else []
