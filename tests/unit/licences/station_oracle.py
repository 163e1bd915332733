"""What modes and lingering seats ought to do, as dumb as `oracle`: seats are listed one by one.

It knows what docs/modes.md promises, and nothing of how `appliance.licences` does it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.unit.licences.oracle import (
    FULL,
    GRANTED,
    RESTS,
    ROLES,
    UNKNOWN,
    Key,
    Lease,
    Licence,
    Lines,
)
from tests.unit.licences.oracle import Oracle as Seats

USER, SHARE, ALONE, FREE = "user-limit", "station-share", "exclusive", "no-limit"
CONFLICT = "exclusive-conflict"
ALL_RESTS = (*RESTS, "mode-not-permitted")


@dataclass
class Placed(Licence):
    """A licence with its access modes and its linger time."""

    modes: tuple[str, ...] = (USER,)
    linger_s: int = 0


@dataclass
class Held(Lease):
    """A lease with who holds it, from where, and how its seats are counted."""

    client: str = ""
    station: bytes = b""
    mode: str = USER

    @property
    def place(self) -> tuple[str, bytes]:
        return self.client, self.station


@dataclass
class Kept:
    """One seat that was given back: for whom, and until when."""

    key: Key
    place: tuple[str, bytes]
    until_s: int


class Oracle(Seats):
    """The licences, who uses them how, and which seats are kept for whom."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Kept] = []

    def rests(self, one: Licence, lease: Lease | None = None) -> str:
        why = super().rests(one, lease)
        if not why and isinstance(lease, Held) and isinstance(one, Placed):
            return "" if lease.mode in one.modes else "mode-not-permitted"
        return why

    def holders(self) -> list[Held]:
        return [lease for lease in self.leases.values() if isinstance(lease, Held)]

    def used_seats(self, key: Key) -> int:
        """Seats in use: those of leases of their own, and one for each share."""
        here = [lease for lease in self.holders() if key in lease.seats]
        own = sum(lease.seats[key] for lease in here if lease.mode in (USER, ALONE))
        return own + len({lease.place for lease in here if lease.mode == SHARE})

    def lingering(self, key: Key) -> list[Kept]:
        """Seats that are kept for somebody at this moment."""
        return [one for one in self.kept if one.key == key and one.until_s > self.now_s]

    def shares(self, key: Key, lease: Held) -> bool:
        """Whether this station has a seat of this licence already."""
        return any(
            other is not lease and other.mode == SHARE and other.place == lease.place
            for other in self.holders()
            if key in other.seats
        )

    def waiting(self, suiting: list[Licence], lease: Held) -> list[Key]:
        """Where a seat is this one's before any order: its share's, or one that was kept."""
        mine: list[Key] = []
        if lease.mode == SHARE:
            mine = [one.key for one in suiting if self.shares(one.key, lease)]
        kept = [one.key for one in self.kept if one.place == lease.place]
        return mine or [one.key for one in suiting if one.key in kept and lease.mode != FREE]

    def seated(self, product: int, wanted: int, lease: Lease, own: dict[Key, int]) -> Lines | str:
        assert isinstance(lease, Held)
        if not self.ordered(product):
            return UNKNOWN
        suiting = self.suiting(product, lease)
        first = self.waiting(suiting, lease)
        roles = {one.role for one in suiting if one.key in first}
        for role in sorted(ROLES, key=lambda role: role not in roles):
            of_role = [one for one in suiting if one.role == role]
            of_role.sort(key=lambda one: one.key not in first)
            mine = {one.key: own.get(one.key, 0) for one in of_role}
            for one in of_role:
                while sum(mine.values()) < wanted and self.fits(one, mine[one.key] + 1, lease):
                    mine[one.key] += 1
            if sum(mine.values()) == wanted:
                in_order = [one.key for one in of_role]
                return [(key, mine[key], 0) for key in in_order if mine[key]]
        whys = [self.rests(one, lease) for one in self.admitted(product)]
        return max(whys, key=ALL_RESTS.index) if all(whys) else FULL

    def fits(self, one: Licence, seats: int, lease: Held) -> bool:
        """Whether a lease may have so many seats of this licence altogether."""
        if lease.mode == FREE or (lease.mode == SHARE and self.shares(one.key, lease)):
            return True
        others = self.used_seats(one.key)
        if lease in self.leases.values() and (lease.mode != SHARE or one.key in lease.seats):
            others -= lease.seats.get(one.key, 0)
        kept = [other for other in self.lingering(one.key) if other.place != lease.place]
        return others + len(kept) + seats <= one.quantity

    def takes(self, name: str, lease: Held) -> tuple[str, Lines]:
        """Check out: all of it, or nothing and why."""
        again: dict[Key, int] = {}
        for product, wanted in lease.items:
            found = self.seated(product, wanted, lease, {})
            if isinstance(found, str) and found != FULL:
                return found, []
            if lease.station and self.disturbed(product, lease):
                return CONFLICT, []
            if isinstance(found, str):
                return found, []
            again |= {key: seats for key, seats, _ in found}
        lease.seats = again
        for key, seats in again.items():
            if lease.mode != FREE and not (lease.mode == SHARE and self.shares(key, lease)):
                self.come_back(key, seats, lease)
        if not any(self.placed(product) for product, _ in lease.items):
            lease.station = b""
        self.leases[name] = lease
        return GRANTED, self.lines(lease)

    def placed(self, product: int) -> bool:
        """Whether any licence of a product counts by station or user."""
        mine = [one for one in self.ordered(product) if isinstance(one, Placed)]
        return any(one.modes != (USER,) or one.linger_s for one in mine)

    def disturbed(self, product: int, lease: Held) -> bool:
        """Whether exclusive use, this one's or another's, forbids it at this station."""
        others = [
            other
            for other in self.holders()
            if other.place == lease.place and product in dict(other.items)
        ]
        return any(ALONE in (other.mode, lease.mode) for other in others)

    def come_back(self, key: Key, seats: int, lease: Held) -> None:
        """Seats that were kept for this one are kept no more: those first that end first."""
        mine = [one for one in self.kept if one.key == key and one.place == lease.place]
        for one in sorted(mine, key=lambda one: one.until_s)[:seats]:
            self.kept.remove(one)

    def lines(self, lease: Lease, units: dict[Key, int] | None = None) -> Lines:
        assert isinstance(lease, Held)
        free = lease.mode == FREE
        return [(key, 0 if free else seats, 0) for key, seats in lease.seats.items()]

    def give_back(self, name: str) -> None:
        """End a lease; what it alone had is kept for who had it."""
        lease = self.leases[name]
        assert isinstance(lease, Held)
        for key, seats in lease.seats.items():
            one = self.licences.get(key)
            if not isinstance(one, Placed) or lease.mode == FREE:
                continue
            if lease.mode == SHARE and self.shares(key, lease):
                continue
            ends_s = self.now_s + one.linger_s
            ends_s = ends_s if one.ends_s is None else min(ends_s, one.ends_s)
            if ends_s > self.now_s:
                self.kept += [Kept(key, lease.place, ends_s) for _ in range(seats)]
        self.end(name)
