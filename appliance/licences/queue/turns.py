"""Whose turn it is: who waits is offered seats in order, and is overtaken no more than is allowed.

    waits, short      fewer seats are free than it asks for, or free ones are reserved for others.
                      Whoever has seats before it overtakes it
    waits otherwise   its own limit, its station: nobody overtakes it, and it keeps its place
    free to pass      takes no seat of others: joins its share, takes back what lingers for it, or
                      has all its seats of what is reserved for it. It overtakes nobody

What can go wrong in here is a seat that nobody may have: so who can never be served keeps nobody
waiting, and whoever is judged to have a turn is judged as any check-out, under the rules in force.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from appliance.licences.access.judging import asker_of, free_seats, ruled_by, said_of
from appliance.licences.commands import CheckOut, Outcome
from appliance.licences.granting import made, ttl_s
from appliance.licences.offers import Charges
from appliance.licences.pools import seats_taken
from appliance.licences.queue.never import never
from appliance.licences.queue.place import Place
from appliance.licences.reasons import NO_SEAT_FREE, SEATS_RESERVED
from appliance.licences.seats import seats_for
from appliance.licences.state import State

SHORT: Final = frozenset((NO_SEAT_FREE, SEATS_RESERVED))
"""Refusals of who waits for seats that others have, or may have."""
LAST: Final = 2**63
"""Behind everybody."""


class Turn(NamedTuple):
    """This place has its turn for these seats, and overtakes those with these numbers."""

    place: Place
    charges: Charges
    overtaken: tuple[int, ...]


def pass_on(state: State, products: Iterable[tuple[int, int]]) -> None:
    """Offer what is free of these products to those whose turn it is."""
    for product in sorted(products):
        while (turn := next_turn(state, product)) is not None:
            place = turn.place
            for_ms = 1000 * min(state.queue_rules.hold_s, ttl_s(state, turn.charges))
            lease = made(state, place.ask, turn.charges, place.number)
            state.hold(place, lease, for_ms)
            for number in turn.overtaken:
                state.overtake(number)


def next_turn(state: State, product: tuple[int, int]) -> Turn | None:
    """Who of those that wait for this product has the turn now; None if nobody has."""
    those = state.waiting.get(product)
    if not those or not _may_have_room(state, product):
        return None
    short: list[int] = []
    blocked = False
    for number, _ in those:
        place = state.places[number]
        found = seats_for(state, place.ask)
        if isinstance(found, Outcome):
            if _is_short(state, place, found):
                short.append(number)
                blocked = blocked or place.overtaken >= state.queue_rules.overtakes_max
                if blocked and not _has_reserves(state, place.ask, product):
                    return None
            continue
        if passes_freely(state, place.ask, found):
            return Turn(place, found, ())
        if blocked:
            continue
        others = [one for one in place.products if one != product]
        more = overtaken_by(state, others, number)
        if more is not None:
            return Turn(place, found, tuple(sorted({*short, *more})))
    return None


def overtaken_by(
    state: State, products: Iterable[tuple[int, int]], number: int
) -> tuple[int, ...] | None:
    """Whom somebody overtakes that has seats of these products now and waits under this number (or
    comes LAST); None if one of those may not be overtaken."""
    found: set[int] = set()
    for product in products:
        for earlier, _ in state.waiting.get(product, ()):
            if earlier >= number:
                break
            place = state.places[earlier]
            answer = seats_for(state, place.ask)
            if not isinstance(answer, Outcome):
                return None  # It is this one's turn.
            if not _is_short(state, place, answer):
                continue
            if place.overtaken >= state.queue_rules.overtakes_max:
                return None
            found.add(earlier)
    return tuple(sorted(found))


def _is_short(state: State, place: Place, refused: Outcome) -> bool:
    """Whether it waits for seats that others have, which it could have one day."""
    return refused.reason in SHORT and never(state, place.ask) is None


def passes_freely(state: State, command: CheckOut, charges: Charges) -> bool:
    """Whether nobody has to wait longer if this check-out has these seats."""
    party = command.party
    wanted = {
        charge.key.product_code: 0
        for charge in charges
        if seats_taken(state, charge, party) > state.own_lingering(charge.key, party.owner)
    }
    if not wanted:
        return True
    if not state.rulebook:
        return False
    for charge in charges:
        if charge.key.product_code in wanted:
            wanted[charge.key.product_code] += charge.seats
    for rule in ruled_by(state, command, charges):
        if rule.reserved and rule.product_code in wanted:
            wanted[rule.product_code] -= rule.seats
    return all(left <= 0 for left in wanted.values())


def _may_have_room(state: State, product: tuple[int, int]) -> bool:
    """Whether looking is worth while: where stations count, a share may have room though no seat is
    free."""
    offers = state.offers.get(product, ())
    return len(offers) > 0 and (offers[0].placed or free_seats(state, product) > 0)


def _has_reserves(state: State, command: CheckOut, product: tuple[int, int]) -> bool:
    if not state.rulebook:
        return False
    ruled = said_of(state, product, asker_of(command)).ruled
    return ruled is not None and bool(ruled.reserves)
