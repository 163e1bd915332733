"""What the seats of a product do at a moment, each seat once: for figures, not for decisions.

leased      a lease has it          borrowed   it is out, until its end or its return
lingering   kept for who gave it back          offered   held for who waits and has its turn
reserved    free, and kept by the access rules for others than those who come first
free        for whoever may have it            resting   of a licence that cannot be used now
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Final

from appliance.licences.access.rulebook import ruled_for
from appliance.licences.counting import RESERVED as BY_ALL_RULES
from appliance.licences.modes import NO_LIMIT
from appliance.licences.pools import usable
from appliance.licences.queue.book import HELD
from appliance.licences.state import State

LEASED: Final = "leased"
BORROWED: Final = "borrowed"
LINGERING: Final = "lingering"
OFFERED: Final = "offered"
RESERVED: Final = "reserved"
FREE: Final = "free"
RESTING: Final = "resting"
STATES: Final = (LEASED, BORROWED, LINGERING, OFFERED, RESERVED, FREE, RESTING)

Product = tuple[int, int]


def seat_states(state: State, in_one_go: int) -> Iterator[dict[Product, dict[str, int]]]:
    """The seats of each product on offer, by what they do, so many products at a time."""
    offered = _offered(state)
    products = iter(list(state.offers))
    while part := list(islice(products, in_one_go)):
        yield {one: _of(state, one, offered[one]) for one in part if one in state.offers}


def _offered(state: State) -> Counter[Product]:
    """How many seats are held for those who wait."""
    found: Counter[Product] = Counter()
    for _, number in state.holds.get(HELD, ()):
        held = state.places[number].held
        if held is not None and held.wishes.mode != NO_LIMIT:
            for charge in held.lines:
                found[charge.key.firm_code, charge.key.product_code] += charge.seats
    return found


def _of(state: State, product: Product, offered: int) -> dict[str, int]:
    offers = state.offers[product]
    keys = [offer.key for offer in offers]
    usables = {offer.key for offer in usable(state, offers)}
    out = sum(state.out.get(key, 0) for key in keys)
    lingering = sum(state.lingering.get(key, 0) for key in keys)
    taken = sum(state.seats.get(key, 0) for key in keys)
    offered = min(offered, max(0, taken - out - lingering))  # A share that has its seat takes none.
    room = {offer.key: max(0, state.free(offer.key, offer.item)) for offer in offers}
    free = sum(seats for key, seats in room.items() if key in usables)
    ruled = ruled_for(state.rulebook, *product) if state.rulebook else None
    idle = ruled.reserved - state.ruled.get((*product, BY_ALL_RULES), 0) if ruled else 0
    kept = max(0, min(idle, free))
    return {
        LEASED: taken - out - lingering - offered,
        BORROWED: out,
        LINGERING: lingering,
        OFFERED: offered,
        RESERVED: kept,
        FREE: free - kept,
        RESTING: sum(room.values()) - free,
    }
