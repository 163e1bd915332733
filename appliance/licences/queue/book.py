"""What the state keeps of those who wait: their places, and the seats that are held for some.

    place_of    of a key: the number of the place under it
    waiting     of a product: the places without an offer, in their order, with the seats they want
    holds       the places with an offer, by the age at which it ends
    waiters     of a client: its places

A seat that is held counts as one of a lease (`licences.counting`), so nobody else takes it. Nothing
is held for who has no offer.

A base of `appliance.licences.state.State`; who is next is said in `turns`. Only the handlers that
`appliance.licences.machine` lists write.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from appliance.licences.commands import LeaseRef
from appliance.licences.counting import ALL, Counting
from appliance.licences.queue.place import Place, QueueRules
from appliance.licences.records import Lease
from appliance.licences.undo import ABSENT, count_down, count_up, delist, enlist

HELD: Final = ""
"""Under this key are all places with an offer."""


class QueueBook(Counting):
    """The tables of a state, with what writes those of the queue."""

    __slots__ = ()

    def place(self, ref: LeaseRef) -> Place | None:
        """Who waits under this key."""
        number = self.place_of.get(ref)
        return None if number is None else self.places[number]

    def position(self, place: Place) -> tuple[int, int]:
        """Which one it is of how many that wait for the same product, counted from 1; of several
        products the one for which most come before it. 0 for who has an offer."""
        if place.held is not None:
            return 0, 0
        positions = []
        for product in place.products:
            those = self.waiting[product]
            before = bisect_left(those, (place.number, 0))
            positions.append((before + 1, len(those)))
        return max(positions)

    def holdings(self) -> Iterator[Lease]:
        """All that takes seats but for those that linger: the active leases, and what is held for
        an offer."""
        yield from self.leases.values()
        for _, number in self.holds.get(HELD, ()):
            held = self.places[number].held
            if held is not None:
                yield held

    def frees_by(self, age_ms: int) -> bool:
        """Whether a seat for which somebody may wait becomes free by time alone, by that age: an
        offer is over, or a seat lingers no more."""
        if not self.places:
            return False
        first = (those[0][0] for those in (self.holds.get(HELD), self.kept.get(ALL)) if those)
        return min(first, default=age_ms + 1) <= age_ms

    def set_queue_rules(self, rules: QueueRules) -> None:
        """These hold for all who wait, from here on."""
        self.queue_rules = rules

    def add_place(self, place: Place) -> None:
        """One more waits, behind all others."""
        self._put(self.places, place.number, place)
        self._enter(place)

    def drop_place(self, place: Place) -> None:
        """It waits no more; what was held for it is free."""
        self._put(self.places, place.number, ABSENT)
        self._leave(place)

    def _set_place(self, old: Place, new: Place) -> None:
        self._put(self.places, new.number, new)
        self._leave(old)
        self._enter(new)

    def overtake(self, number: int) -> None:
        """One that came later has its seats before this one."""
        place = self.places[number]
        self._set_place(place, replace(place, overtaken=place.overtaken + 1))

    def hold(self, place: Place, lease: Lease, for_ms: int) -> None:
        """Offer it the seats of this lease, and hold them for so long."""
        until_age_ms = self.age_ms + for_ms
        self.make_room(lease, comes_back=True)
        self._set_place(place, replace(place, held=lease, until_age_ms=until_age_ms))

    def withdraw_holds(self) -> None:
        """Take back all offers; who had one waits on at its place."""
        for _, number in list(self.holds.get(HELD, ())):
            self.withdraw(self.places[number])

    def withdraw(self, place: Place) -> None:
        """Take back its offer; it waits on."""
        self._set_place(place, replace(place, held=None, until_age_ms=0))

    def sweep_holds(self, most: int) -> None:
        """Who did not come for its seats in time waits no more; at most so many at once."""
        for _ in range(most):
            those = self.holds.get(HELD)
            if not those or those[0][0] > self.age_ms:
                return
            self.drop_place(self.places[those[0][1]])

    # --- what is counted of places ---

    def _enter(self, place: Place) -> None:
        numbers = self.place_of
        numbers[place.ref] = place.number
        count_up(self.waiters, place.ref.client)
        if place.held is not None:
            self.count(place.held)
            enlist(self.holds, HELD, (place.until_age_ms, place.number))
            return
        for item, product in zip(place.ask.items, place.products, strict=True):
            enlist(self.waiting, product, (place.number, item.seats))

    def _leave(self, place: Place) -> None:
        del self.place_of[place.ref]
        count_down(self.waiters, place.ref.client)
        if place.held is not None:
            self.uncount(place.held)
            delist(self.holds, HELD, (place.until_age_ms, place.number))
            return
        for item, product in zip(place.ask.items, place.products, strict=True):
            delist(self.waiting, product, (place.number, item.seats))
            self.freed.add(product)

    def count_all(self) -> None:
        """Count everything, of a state of which nothing is counted yet."""
        super().count_all()
        for place in self.places.values():
            self._enter(place)

    def _put_back(self, table: dict[Any, Any], key: Any, old: Any) -> None:
        now = table.get(key) if table is self.places else None
        if now is not None:
            self._leave(now)
        super()._put_back(table, key, old)
        if table is self.places and old is not ABSENT:
            self._enter(old)
