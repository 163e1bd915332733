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
from appliance.licences.modes import NO_LIMIT, STATION_SHARE, Party
from appliance.licences.offers import Charge, Charges, Offer
from appliance.licences.records import Shares
from appliance.licences.roles import EMERGENCY, RANK
from appliance.licences.state import State
from appliance.licences.validity import anybodys, furthest, why_offer_rests
from appliance.licences.wishes import Wishes


def one_seat(state: State, offers: Sequence[Offer], wishes: Wishes) -> Charges | Outcome:
    """A seat of the first of a product's licences that suits and has one free, or why there is
    none."""
    for offer in offers:
        key, item = offer.key, offer.item
        if state.free(key, item) < 1 or why_offer_rests(state, offer, wishes):
            continue
        if item.role == EMERGENCY and _spared(state, offers):
            break
        return offer.alone
    return _why_none(state, offers, wishes)


def all_seats(
    state: State, firm_code: int, items: Sequence[Item], wishes: Wishes, party: Party
) -> Charges | Outcome:
    """All these seats, or why there are not all of them. The products differ."""
    charges: Charges = ()
    for later, item in zip(reversed(range(len(items))), items, strict=True):
        most = LINES_MAX - len(charges) - later
        found = seats(state, firm_code, item, wishes, party, most)
        if isinstance(found, Outcome):
            return found
        charges += found
    return charges


def seats(
    state: State,
    firm_code: int,
    item: Item,
    wishes: Wishes,
    party: Party,
    most: int,
    own: Mapping[LicenceKey, int] = MappingProxyType({}),
) -> Charges | Outcome:
    """So many seats of a product, of `most` licences at most and of one role, or why there are
    none. `own` are seats that the lease holds already: it keeps those of the role that it gets.

    Where a seat waits for this party, it comes before the order of licences and roles."""
    offers = state.offers.get((firm_code, item.product_code))
    if offers is None:
        return refuse.not_available(firm_code, item.product_code)
    scattered = False
    suit = list(eligible(state, offers, wishes))
    if suit and suit[0].placed:
        suit = _first_what_waits(state, suit, party)
    for _, of_role in groupby(suit, lambda offer: offer.item.role):
        rooms = [(offer.key, room(state, offer, own, party, item.seats)) for offer in of_role]
        if sum(free for _, free in rooms) < item.seats:
            continue
        shares = allot(rooms, item.seats, most, own)
        if shares:
            return _charges(state, shares)
        scattered = True
    if scattered:
        return refuse.seats_scattered(firm_code, item.product_code, item.seats)
    return _why_none(state, offers, wishes, item.seats)


def _charges(state: State, shares: Shares) -> Charges:
    if len(shares) == 1 and shares[0][1] == 1:
        return state.offered[shares[0][0]].alone
    return tuple(Charge(key, count) for key, count in shares)


def _first_what_waits(state: State, offers: list[Offer], party: Party) -> list[Offer]:
    """These licences, first those of a role in which a seat waits for this party: of its share, or
    else one that lingers. Those of one role stay side by side."""
    if party.mode == NO_LIMIT:
        return offers
    waits: set[LicenceKey] = set()
    if party.mode == STATION_SHARE:
        waits = {one.key for one in offers if (one.key, *party.place) in state.sharers}
    waits = waits or {one.key for one in offers if (one.key, *party.owner) in state.kept}
    roles = {one.item.role for one in offers if one.key in waits}
    return sorted(
        offers,
        key=lambda one: (one.item.role not in roles, RANK[one.item.role], one.key not in waits),
    )


def seats_taken(state: State, charge: Charge, party: Party) -> int:
    """How many seats this party takes for what it is given of a licence."""
    return 0 if state.takes_none(charge.key, party) else charge.seats


def room(
    state: State, offer: Offer, own: Mapping[LicenceKey, int], party: Party, wanted: int
) -> int:
    """The seats that a lease can have of this licence, with those that it has; where some linger,
    counted up to what is wanted."""
    key, mine = offer.key, own.get(offer.key, 0)
    if state.takes_none(key, party):
        return wanted
    free = state.free(key, offer.item) + mine
    if free < wanted and key in state.lingering:
        free += state.spare(key, party.owner, wanted - free)
    return max(free, mine)


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
        offer.item.role != EMERGENCY and not why_offer_rests(state, offer, anybodys(offer.item))
        for offer in offers
    )


def usable(state: State, offers: Sequence[Offer]) -> list[Offer]:
    """Those of a product's licences that somebody or other may use now."""
    found = [one for one in offers if not why_offer_rests(state, one, anybodys(one.item))]
    spared = any(one.item.role != EMERGENCY for one in found)
    return [one for one in found if not (spared and one.item.role == EMERGENCY)]


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
        return [(offers[0].key, state.left_of(offers[0]))]
    first = [state.offered[key] for key in own if key.product_code == product_code]
    more = (offer for offer in eligible(state, offers, wishes) if offer.key not in own)
    return [
        (offer.key, state.left_of(offer))
        for offer in (*first, *more)
        if offer.item.units is not None
    ]


def units_left(state: State, charges: Charges, product_code: int, wishes: Wishes) -> int | None:
    """What a lease with these usable licences can take of a product; None without a counter."""
    first = charges[0].key
    if product_code == first.product_code:
        offers = state.offers[first.firm_code, product_code]
        if not offers[0].counted:
            return None
        if len(charges) == 1 and len(offers) == 1:
            return state.left_of(offers[0])
    own = [charge.key for charge in charges]
    found = counters(state, first.firm_code, product_code, wishes, own)
    return min(sum(left for _, left in found), COUNT_MAX) if found else None
