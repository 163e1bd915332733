"""What is counted of two tables, the leases and the seats that linger, kept in step with each row.

    seats       of a licence: those of leases that have seats of their own, one for each share,
                those that linger, those that are out, and those that are held for an offer to
                who waits (`licences.queue`). This is what never exceeds the quantity
    out         of a licence: of these the seats that are borrowed
    lingering   of a licence: of these the seats that linger
    held        of a client: its leases, and its seats of a product
    sharers     of a share: the leases that use its one seat. The first takes it, the last frees it
    stations    of a station: its leases of a product, and those of them that are exclusive
    ruled       of an access rule: the seats of a product that leases name as counted under it, and
                of all that reserve together
    kept        the seats that linger, by whoever looks for them, those first that end first

A share and a station are known by product or licence, client, station id and address together.
All of it follows from the rows, so undoing a row undoes it. What can go wrong in here is to count
by something that may change while the row stays: so it all depends on the row alone.

Seats linger on the age in the state, which the ledger moves, and not on the serving host's clock:
each failover would begin their time anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from msgspec.structs import replace

from appliance.licences.commands import Borrowed
from appliance.licences.grants import LINES_MAX
from appliance.licences.item import NO_TERMS, ItemOptions, terms_of
from appliance.licences.model import LicenceKey
from appliance.licences.modes import EXCLUSIVE, NO_LIMIT, STATION_SHARE, Party
from appliance.licences.offers import Charge
from appliance.licences.records import Lease, Linger, lease_of
from appliance.licences.tables import Tables
from appliance.licences.undo import ABSENT, count_down, count_up, delist, enlist

LINGERS_MAX: Final = 50_000
"""How many givings back linger at a time; whoever comes beyond it frees the seats at once."""
ALL: Final = ""
"""Under this key are all seats that linger, of whatever licence."""
RESERVED: Final = -1
"""In the place of a rule's number: all rules that reserve."""


class Counting(Tables):
    """The state's tables, with what is counted of them."""

    __slots__ = ("freed",)

    def _begin(self) -> None:
        self.freed: set[tuple[int, int]] = set()
        """Products of which this command freed seats while somebody waits; no part of the state."""
        super()._begin()

    # --- leases ---

    def count(self, lease: Lease) -> None:
        """Count a lease that is in its table."""
        client, held, taken = lease.ref.client, self.held, self.seats
        held[client] = held.get(client, 0) + 1
        mode = lease.wishes.mode
        for charge in lease.lines:
            key, seats = charge.key, charge.seats
            if mode == STATION_SHARE:
                share = (key, *lease.party.place)
                count_up(self.sharers, share)
                seats = int(self.sharers[share] == 1)
            if seats and mode != NO_LIMIT:
                taken[key] = taken.get(key, 0) + seats
                of_product = client, key.firm_code, key.product_code
                held[of_product] = held.get(of_product, 0) + seats
        if lease.station:
            for station in stations_of(lease):
                count_up(self.stations, station)
        if lease.ruled:
            self._count_ruled(lease)

    def uncount(self, lease: Lease) -> None:
        """Count a lease no more."""
        client, held, mode = lease.ref.client, self.held, lease.wishes.mode
        count_down(held, client)
        for charge in lease.lines:
            key, seats = charge.key, self.frees(lease, charge)
            if mode == STATION_SHARE:
                count_down(self.sharers, (key, *lease.party.place))
            if seats:
                count_down(self.seats, key, seats)
                count_down(held, (client, key.firm_code, key.product_code), seats)
                if self.places:
                    self.freed.add((key.firm_code, key.product_code))
        if lease.station:
            for station in stations_of(lease):
                count_down(self.stations, station)
        if lease.ruled:
            self._uncount_ruled(lease)

    def _count_ruled(self, lease: Lease) -> None:
        """Count its seats under the access rules; a share's seat is counted once under each."""
        shared, place = lease.wishes.mode == STATION_SHARE, lease.party.place
        for charge in lease.ruled:
            product = lease.key.firm_code, charge.product_code
            if shared:
                share = (*product, charge.rule, *place)
                count_up(self.ruled, share)
                if self.ruled[share] > 1:
                    continue
            count_up(self.ruled, (*product, charge.rule), charge.seats)
            if charge.reserved:
                count_up(self.ruled, (*product, RESERVED), charge.seats)

    def _uncount_ruled(self, lease: Lease) -> None:
        shared, place = lease.wishes.mode == STATION_SHARE, lease.party.place
        for charge in lease.ruled:
            product = lease.key.firm_code, charge.product_code
            if shared:
                share = (*product, charge.rule, *place)
                count_down(self.ruled, share)
                if share in self.ruled:
                    continue
            count_down(self.ruled, (*product, charge.rule), charge.seats)
            if charge.reserved:
                count_down(self.ruled, (*product, RESERVED), charge.seats)

    def takes_none(self, key: LicenceKey, party: Party) -> bool:
        """Whether this party would take no seat of a licence: it never does, or its share has
        one."""
        if party.mode == STATION_SHARE:
            return (key, *party.place) in self.sharers
        return party.mode == NO_LIMIT

    def frees(self, lease: Lease, charge: Charge) -> int:
        """How many seats of this licence an active lease frees when it ends."""
        mode = lease.wishes.mode
        if mode == STATION_SHARE:
            return int(self.sharers[charge.key, *lease.party.place] == 1)
        return 0 if mode == NO_LIMIT else charge.seats

    def free(self, key: LicenceKey, item: ItemOptions) -> int:
        """How many seats of this licence nobody has, negative if more are taken than there are by
        now: what any further seat is measured by."""
        free = item.quantity - self.seats.get(key, 0)
        return free - self.held_back(key, item) if self.borrowing_in_doubt else free

    # --- seats that are out ---

    def held_back(self, key: LicenceKey, item: ItemOptions) -> int:
        """How many seats of this licence may be out without this ledger's knowing of it: it was
        restored, and the lost one may have lent more after the backup, also by terms that an update
        lowered since. Whatever it lent is over once this one is older than the longest time to
        borrow."""
        if not self.borrowing_in_doubt:
            return 0
        now, before = terms_of(item), self.lent_before.get(key, NO_TERMS)
        if self.age_ms >= max(now.most_s, before.most_s) * 1000:
            return 0
        return max(0, max(now.seats, before.seats) - self.out.get(key, 0))

    def count_out(self, out: Borrowed) -> None:
        """Count seats that are borrowed, whose row is in its table."""
        self.count(lease_of(out))
        count_up(self.out, out.key, out.seats)
        count_up(self.borrowers, out.borrower, out.generation)
        enlist(self.due, ALL, (out.ends_at_ms, out.generation))

    def uncount_out(self, out: Borrowed) -> None:
        """Count them no more."""
        self.uncount(lease_of(out))
        count_down(self.out, out.key, out.seats)
        count_down(self.borrowers, out.borrower, out.generation)
        delist(self.due, ALL, (out.ends_at_ms, out.generation))

    # --- seats that linger ---

    def lingers(self) -> Iterator[Linger]:
        """What was given back and lingers."""
        return iter(self._lingers.values())

    def linger(self, lease: Lease, freed: Iterable[tuple[LicenceKey, int, int]]) -> None:
        """Keep what the lease, which has ended, freed: so many seats of a licence, so many ms."""
        for place, (key, seats, for_ms) in enumerate(freed):
            if not seats or for_ms <= 0 or len(self._lingers) >= LINGERS_MAX:
                continue
            number = self.commands_applied * LINES_MAX + place
            kept = Linger(key, *lease.party.owner, seats, self.age_ms + for_ms)
            self._put(self._lingers, number, kept)
            self._keep(number, kept)

    def spare(self, key: LicenceKey, owner: tuple[str, bytes, bytes], wanted: int) -> int:
        """How many of a licence's lingering seats this owner may have, counted up to `wanted`: its
        own, and those whose time is over."""
        found = 0
        for until, number in self.kept.get(key, ()):
            if until > self.age_ms or found >= wanted:
                break
            found += self._lingers[number].seats
        for until, number in self.kept.get((key, *owner), ()):
            if found >= wanted:
                break
            if until > self.age_ms:
                found += self._lingers[number].seats
        return found

    def own_lingering(self, key: LicenceKey, owner: tuple[str, bytes, bytes]) -> int:
        """How many of a licence's seats linger for this owner."""
        those = self.kept.get((key, *owner), ())
        return sum(self._lingers[number].seats for until, number in those if until > self.age_ms)

    def make_room(self, lease: Lease, *, comes_back: bool) -> None:
        """Let lingering seats go that this lease is to have: its own first, if it `comes_back`, and
        otherwise no more than it lacks."""
        if not self.lingering:
            return
        party = lease.party
        owner = party.owner
        for charge in lease.lines:
            key, seats = charge.key, charge.seats
            if key not in self.lingering or self.takes_none(key, party):
                continue
            if comes_back:
                self._let_go(key, (key, *owner), seats)
            self._let_go(key, key, self._lack(key, seats), ended=True)
            self._let_go(key, (key, *owner), self._lack(key, seats))

    def _lack(self, key: LicenceKey, seats: int) -> int:
        item = self.items.get(key)
        return 0 if item is None else seats - self.free(key, item)

    def _let_go(self, key: LicenceKey, whose: Any, seats: int, *, ended: bool = False) -> None:
        """So many of these lingering seats linger no more; with `ended`, only such as are over."""
        while seats > 0 and (those := self.kept.get(whose)):
            until, number = those[0]
            if ended and until > self.age_ms:
                return
            kept = self._lingers[number]
            self._unkeep(number, kept)
            left = replace(kept, seats=kept.seats - seats) if kept.seats > seats else None
            self._put(self._lingers, number, left or ABSENT)
            if left is not None:
                self._keep(number, left)
            seats -= kept.seats

    def sweep(self, most: int) -> None:
        """Forget seats whose time to linger is over, at most so many givings back."""
        for _ in range(most):
            those = self.kept.get(ALL)
            if not those or those[0][0] > self.age_ms:
                return
            kept = self._lingers[those[0][1]]
            self._let_go(kept.key, ALL, kept.seats)

    def _keep(self, number: int, kept: Linger) -> None:
        count_up(self.seats, kept.key, kept.seats)
        count_up(self.lingering, kept.key, kept.seats)
        for whose in _lists(kept):
            enlist(self.kept, whose, (kept.until_age_ms, number))

    def _unkeep(self, number: int, kept: Linger) -> None:
        count_down(self.seats, kept.key, kept.seats)
        count_down(self.lingering, kept.key, kept.seats)
        if self.places:
            self.freed.add((kept.key.firm_code, kept.key.product_code))
        for whose in _lists(kept):
            delist(self.kept, whose, (kept.until_age_ms, number))

    # --- undoing, and reading a snapshot ---

    def count_all(self) -> None:
        """Count everything, of a state of which nothing is counted yet."""
        for lease in self.leases.values():
            self.count(lease)
        for number, kept in self._lingers.items():
            self._keep(number, kept)
        for out in self.borrowed.values():
            self.count_out(out)

    def _put_back(self, table: dict[Any, Any], key: Any, old: Any) -> None:
        now = table.get(key)
        if table is self.leases and now is not None:
            self.uncount(now)
        elif table is self._lingers and now is not None:
            self._unkeep(key, now)
        elif table is self.borrowed and now is not None:
            self.uncount_out(now)
        super()._put_back(table, key, old)
        if table is self.leases and old is not ABSENT:
            self.count(old)
        elif table is self._lingers and old is not ABSENT:
            self._keep(key, old)
        elif table is self.borrowed and old is not ABSENT:
            self.count_out(old)


def stations_of(lease: Lease) -> Iterator[tuple[int, int, str, bytes, bytes, bool]]:
    """Where this lease uses which product: counted once for all, and once more if exclusively."""
    products = {(charge.key.firm_code, charge.key.product_code) for charge in lease.lines}
    for firm_code, product_code in products:
        station = firm_code, product_code, *lease.party.place
        yield *station, False
        if lease.wishes.mode == EXCLUSIVE:
            yield *station, True


def _lists(kept: Linger) -> tuple[Any, ...]:
    return ALL, kept.key, (kept.key, kept.client, kept.user, kept.station)
