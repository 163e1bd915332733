"""Whether a check-out can be met at all, were all seats free: who cannot be served need not wait.

Judged by what there is now: a vendor's next update, or other access rules, may change it.
"""

from __future__ import annotations

from itertools import groupby

from appliance.licences import refuse
from appliance.licences.access.form import RESERVE
from appliance.licences.access.judging import asker_of, said_of
from appliance.licences.commands import CheckOut, Item, Outcome
from appliance.licences.grants import LINES_MAX
from appliance.licences.modes import FOR_ONE
from appliance.licences.pools import eligible, usable
from appliance.licences.state import State


def never(state: State, command: CheckOut) -> Outcome | None:
    """Why this check-out, which is refused for want of seats, will be so for ever; None if it need
    not be."""
    if command.wishes.mode in FOR_ONE and not state.rulebook:
        return None
    for item in command.items:
        most = _most(state, command, item)
        if most is not None and item.seats > most:
            return refuse.never_satisfiable(command.firm_code, item.product_code, item.seats, most)
    return None


def _most(state: State, command: CheckOut, item: Item) -> int | None:
    """The most seats of a product that one lease of this client could have; None if nobody can
    have any now."""
    product = command.firm_code, item.product_code
    offers = state.offers.get(product, ())
    most = 0
    suit = list(eligible(state, offers, command.wishes))
    if not suit:
        return None
    for _, of_role in groupby(suit, lambda offer: offer.item.role):
        quantities = sorted((offer.item.quantity for offer in of_role), reverse=True)
        most = max(most, sum(quantities[:LINES_MAX]))
    most = min(most, state.quotas.get(product, most))
    if not state.rulebook:
        return most
    ruled, _, mine = said_of(state, product, asker_of(command))
    if ruled is None:
        return most
    for number in mine:
        rule = ruled.rules[number]
        if rule.action != RESERVE:
            most = min(most, rule.seats)
    quantity = sum(offer.item.quantity for offer in usable(state, offers))
    if ruled.reserved <= quantity:
        others = [n for n in ruled.reserves if n not in mine]
        most = min(most, quantity - sum(ruled.rules[number].seats for number in others))
    return most
