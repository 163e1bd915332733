"""What units come to, told again in few lines: one number for each request that took some."""

from __future__ import annotations

from dataclasses import dataclass, field

ANSWERS = 8
OPEN_MAX = 16


@dataclass
class Taken:
    """A request that took units: how many stay taken, and whether that may still change."""

    generation: int
    number: int
    units: int
    stays: int
    reserved: bool = False
    settled: int | None = None
    refunded: int | None = None

    @property
    def is_open(self) -> bool:
        return self.reserved and self.settled is None


@dataclass
class Oracle:
    """The units of one product, which all its licences hold together. `returned` is the vendor's
    rule for what is open at a lease's end, `refundable` what operators may give back in all."""

    issued: int
    returned: bool
    refundable: int
    takings: list[Taken] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)
    last: dict[int, int] = field(default_factory=dict)

    @property
    def used(self) -> int:
        return sum(one.stays for one in self.takings)

    @property
    def left(self) -> int:
        return self.issued - self.used

    def find(self, generation: int, number: int) -> Taken | None:
        same = (one for one in self.takings if (one.generation, one.number) == (generation, number))
        return next(same, None)

    def open_of(self, generation: int) -> int:
        return sum(one.is_open and one.generation == generation for one in self.takings)

    def take(self, generation: int, units: int, reserved: bool) -> str:
        """The next numbered request of a lease that lives."""
        if reserved and self.open_of(generation) >= OPEN_MAX:
            return "too-many-reserved"
        number = self.last[generation] = self.last.get(generation, 0) + 1
        if units > self.left:
            return "units-exhausted"
        self.takings.append(Taken(generation, number, units, units, reserved))
        return "granted"

    def settle(self, generation: int, number: int, used: int) -> str:
        one = self.find(generation, number)
        known = one is not None and (one.is_open or number > self.last[generation] - ANSWERS)
        if one is None or not one.reserved or not known:
            return "not-reserved|done|lease-conflict|lease-ended"  # Settled ones are forgotten.
        if used > one.units:
            return "beyond-reserve"
        if one.settled is None:
            one.settled = one.stays = used
            return "done"
        if one.settled == used:
            return "done"
        return "lease-ended" if generation in self.ended else "lease-conflict"

    def end(self, generation: int) -> None:
        for one in self.takings:
            if one.generation == generation and one.is_open:
                one.settled = one.stays = 0 if self.returned else one.units
        self.ended.add(generation)

    def refund(self, place: int, units: int) -> str:
        if place >= len(self.takings):
            return "refund-refused"
        one = self.takings[place]
        if one.refunded is not None:
            return "done" if one.refunded == units else "refund-refused"
        spent = sum(other.refunded or 0 for other in self.takings)
        if one.is_open or not 1 <= units <= one.stays or spent + units > self.refundable:
            return "refund-refused"
        one.refunded, one.stays = units, one.stays - units
        return "done"
