"""Which licences of a product seats and units are taken from: all of its licences are one pool.

Licences are looked at in their order (`offers.order`). Whoever asks for several seats may get them
of several licences, but all of one role. An emergency licence is for the day on which no main and
no overflow licence can be used: that their seats are taken, or that they lack what one program
asks for, is no such day.

What can go wrong in here is half a grant: so nothing is taken, a whole answer is found or none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType

from appliance.licences import refuse
from appliance.licences.bounds import COUNT_MAX
from appliance.licences.commands import Item, Outcome
from appliance.licences.grants import LINES_MAX
from appliance.licences.model import LicenceKey
from appliance.licences.offers import Charge, Charges, Offer
from appliance.licences.records import Shares
from appliance.licences.roles import EMERGENCY
from appliance.licences.state import State
from appliance.licences.validity import furthest, why_offer_rests
from appliance.licences.wishes import Wishes


def one_seat(state: State, firm_code: int, product_code: int, wishes: Wishes) -> Charges | Outcome:
    """A seat of the first licence that suits and has one free, or why there is none."""
    offers = state.offers.get((firm_code, product_code))
    if offers is None:
        return refuse.not_available(firm_code, product_code)
    seats = state.seats
    for offer in offers:
        key, item = offer.key, offer.item
        if seats.get(key, 0) >= item.quantity or why_offer_rests(state, offer, wishes):
            continue
        if item.role == EMERGENCY and _spared(state, offers):
            break
        return offer.alone
    return _why_none(state, offers, wishes)


def all_seats(
    state: State, firm_code: int, items: Sequence[Item], wishes: Wishes
) -> Charges | Outcome:
    """All these seats, or why there are not all of them. The products differ."""
    charges: Charges = ()
    for later, item in zip(reversed(range(len(items))), items, strict=True):
        most = LINES_MAX - len(charges) - later
        found = seats(state, firm_code, item, wishes, most)
        if isinstance(found, Outcome):
            return found
        charges += found
    return charges


def seats(
    state: State,
    firm_code: int,
    item: Item,
    wishes: Wishes,
    most: int,
    own: Mapping[LicenceKey, int] = MappingProxyType({}),
) -> Charges | Outcome:
    """So many seats of a product, of `most` licences at most and of one role, or why there are
    none. `own` are seats that the lease holds already: it keeps those of the role that it gets."""
    offers = state.offers.get((firm_code, item.product_code))
    if offers is None:
        return refuse.not_available(firm_code, item.product_code)
    scattered = False
    for _, of_role in groupby(eligible(state, offers, wishes), lambda offer: offer.item.role):
        room = [(offer.key, _free(state, offer, own)) for offer in of_role]
        if sum(free for _, free in room) < item.seats:
            continue
        shares = allot(room, item.seats, most, own)
        if shares:
            return tuple(Charge(key, count) for key, count in shares)
        scattered = True
    if scattered:
        return refuse.seats_scattered(firm_code, item.product_code, item.seats)
    return _why_none(state, offers, wishes, item.seats)


def _free(state: State, offer: Offer, own: Mapping[LicenceKey, int]) -> int:
    """The seats that a lease can have of this licence, with those that it has."""
    mine = own.get(offer.key, 0)
    return max(offer.item.quantity - state.seats.get(offer.key, 0) + mine, mine)


def eligible(state: State, offers: Sequence[Offer], wishes: Wishes) -> Iterator[Offer]:
    """The licences that suit, in their order."""
    for offer in offers:
        if offer.item.role == EMERGENCY and _spared(state, offers):
            return
        if not why_offer_rests(state, offer, wishes):
            yield offer


def _spared(state: State, offers: Sequence[Offer]) -> bool:
    """Whether emergency licences are not to be used: another one is available, to whomever."""
    return any(
        offer.item.role != EMERGENCY and not why_offer_rests(state, offer) for offer in offers
    )


def _why_none(state: State, offers: Sequence[Offer], wishes: Wishes, wanted: int = 1) -> Outcome:
    """Why nobody with these wishes gets so many seats of this product."""
    key = offers[0].key
    if offers[-1].item.role == EMERGENCY and _spared(state, offers):
        offers = [offer for offer in offers if offer.item.role != EMERGENCY]
    whys = [why_offer_rests(state, offer, wishes) for offer in offers]
    if all(whys):
        return refuse.at_rest(furthest(whys), key.firm_code, key.product_code)
    return refuse.no_seat_free(key.firm_code, key.product_code, wanted)


def allot(
    room: Sequence[tuple[LicenceKey, int]],
    wanted: int,
    most: int,
    own: Mapping[LicenceKey, int] = MappingProxyType({}),
) -> Shares:
    """So much of what there is, first what is `own`, then in order, of `most` licences at most;
    where that is too few in this order, of the largest. Nothing if they hold less."""
    if len(room) == 1 and most > 0:
        ((key, free),) = room
        return ((key, wanted),) if wanted <= free else ()
    taken = {key: min(own[key], wanted) for key, _ in room if key in own}
    left = wanted - sum(taken.values())
    for key, free in room:
        more = min(free - taken.get(key, 0), left)
        if more > 0:
            taken[key] = taken.get(key, 0) + more
            left -= more
    if left:
        return ()
    if len(taken) <= most:
        return tuple((key, taken[key]) for key, _ in room if key in taken)
    largest = sorted(room, key=lambda one: -one[1])[:most]
    return allot(largest, wanted, most) if most > 0 else ()


# --- units ---


def counters(
    state: State, firm_code: int, product_code: int, wishes: Wishes, own: Collection[LicenceKey]
) -> list[tuple[LicenceKey, int]]:
    """The unit counters that a lease may take from, and what they hold: those of its `own`
    licences first."""
    offers = state.offers.get((firm_code, product_code), ())
    if not offers or not offers[0].counted:
        return []
    if len(offers) == 1 and offers[0].key in own:
        return [(offers[0].key, _units_left(state, offers[0]))]
    first = [state.offered[key] for key in own if key.product_code == product_code]
    more = (offer for offer in eligible(state, offers, wishes) if offer.key not in own)
    return [
        (offer.key, _units_left(state, offer))
        for offer in (*first, *more)
        if offer.item.units is not None
    ]


def _units_left(state: State, offer: Offer) -> int:
    return max(0, (offer.item.units or 0) - state.units_used.get(offer.key, 0))


def units_left(state: State, charges: Charges, product_code: int, wishes: Wishes) -> int | None:
    """What a lease with these usable licences can take of a product; None without a counter."""
    first = charges[0].key
    if not state.offered[first].counted and product_code == first.product_code:
        return None
    own = [charge.key for charge in charges]
    found = counters(state, first.firm_code, product_code, wishes, own)
    return min(sum(left for _, left in found), COUNT_MAX) if found else None
