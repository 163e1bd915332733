"""A check-out that may wait: what becomes of it, by what stands under its key.

    a lease                   as ever (`licences.leases`)
    nothing, seats free       a lease, unless somebody would be overtaken once too often
    nothing, seats wanting    QUEUED: a place behind all others, if it may wait and can ever be met
    a place with an offer     a lease
    a place                   QUEUED; the place is over, and the answer a refusal, if it waited for
                              as long as it says now, can never be met any more, or is not allowed

A place ends by an entry: by the check-out that gets its seats, by CheckIn (the client waits no
more), Expire (nothing was heard of it), Release (an operator), or because its offer was not taken
in time. It has a number, which these commands name as a generation. A repeat that says no more than
that it waits on is no entry (`refusal`), and counts as a sign of life.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from appliance.details import detail
from appliance.licences import reasons, refuse, seats
from appliance.licences.bounds import too_long
from appliance.licences.commands import (
    CheckIn,
    CheckOut,
    Expire,
    Outcome,
    Release,
    SetQueue,
)
from appliance.licences.names import differs
from appliance.licences.offers import Charges
from appliance.licences.queue.never import never
from appliance.licences.queue.place import (
    PLACES_MAX,
    PLACES_PER_CLIENT_MAX,
    PLACES_PER_PRODUCT_MAX,
    Place,
    QueueRules,
    why_not_queue,
)
from appliance.licences.queue.turns import (
    LAST,
    next_turn,
    overtaken_by,
    pass_on,
    passes_freely,
)
from appliance.licences.reasons import (
    EXCLUSIVE_CONFLICT,
    QUEUED,
    TOO_MANY_LEASES,
    UNKNOWN_PRODUCT,
    WANT_OF_SEATS,
)
from appliance.licences.records import Act, Lease
from appliance.licences.rules import needs
from appliance.licences.state import State

WAITS_ON: Final = WANT_OF_SEATS | {EXCLUSIVE_CONFLICT, TOO_MANY_LEASES, UNKNOWN_PRODUCT}
"""Refusals by which nobody loses a place: an update may be under way, a program about to end."""
PLACE_TTL_S: Final = 30
"""A place bears so much silence where its products say nothing of a lease's."""


def at_queue(state: State, command: CheckOut) -> Outcome | Charges | Lease:
    """As `seats.judge`, where somebody waits or may have to; places are made and ended here."""
    place = state.place(command.lease)
    if place is not None:
        return _at_place(state, place, command)
    found = seats.judge(state, command)
    if isinstance(found, Lease):
        return found
    if not isinstance(found, Outcome):
        if overtakes(state, command, found):
            return found
        found = refuse.others_wait(command.firm_code, command.product_code)
    if not command.wait_s or found.reason not in WANT_OF_SEATS:
        return found
    wrong = never(state, command) or _full(state, command)
    return wrong or _queued(state, command)


def refusal(state: State, command: CheckOut) -> Outcome | None:
    """What this check-out would be answered without an entry, were it the next command: how it is
    refused, or that it waits on. None if it needs an entry."""
    if not state.places and not command.wait_s:
        return seats.refusal(state, command)
    if not state.founded:
        return None
    if needs(command) > state.rules:
        return refuse.rules_not_raised(state.rules)
    place = state.place(command.lease)
    if place is not None:
        return _waits_on(state, place, command)
    refused = seats.refusal(state, command)
    if refused is None:
        found = seats.judge(state, command)
        if isinstance(found, Lease | Outcome) or _overtaken(state, command, found) is not None:
            return None
        refused = refuse.others_wait(command.firm_code, command.product_code)
    if not command.wait_s or refused.reason not in WANT_OF_SEATS:
        return refused
    return never(state, command) or _full(state, command)


def overtakes(state: State, command: CheckOut, charges: Charges) -> bool:
    """Whether these seats may be had before all who wait; those who are overtaken remember it."""
    those = _overtaken(state, command, charges)
    for number in those or ():
        state.overtake(number)
    return those is not None


def _overtaken(state: State, command: CheckOut, charges: Charges) -> tuple[int, ...] | None:
    """Whom a check-out overtakes that gets these seats now; None if one of them may not be."""
    if not state.waiting or passes_freely(state, command, charges):
        return ()
    products = [(command.firm_code, item.product_code) for item in command.items]
    return overtaken_by(state, products, LAST)


def _full(state: State, command: CheckOut) -> Outcome | None:
    """Why there is no place for one more; None if there is."""
    client, firm_code = command.lease.client, command.firm_code
    if state.waiters.get(client, 0) >= PLACES_PER_CLIENT_MAX:
        return refuse.queue_full_for_client(PLACES_PER_CLIENT_MAX)
    if len(state.places) >= PLACES_MAX:
        return refuse.queue_full(PLACES_MAX)
    for item in command.items:
        product_code, most = item.product_code, PLACES_PER_PRODUCT_MAX
        if len(state.waiting.get((firm_code, product_code), ())) >= most:
            return refuse.queue_full_for_product(firm_code, product_code, most)
    return None


def _queued(state: State, command: CheckOut) -> Outcome:
    """One more waits, behind all others."""
    lives_s = [
        offer.item.lease_ttl_s
        for item in command.items
        for offer in state.offers.get((command.firm_code, item.product_code), ())
    ]
    ask = replace(command, nonce=b"")
    ttl_s = min(lives_s, default=PLACE_TTL_S)
    place = Place(ask, state.commands_applied, state.age_ms, ttl_s)
    state.add_place(place)
    return waits(place)


def waits(place: Place) -> Outcome:
    """What who waits is told."""
    return Outcome(
        QUEUED, firm_code=place.ask.firm_code, generation=place.number, lease_ttl_s=place.ttl_s
    )


def _at_place(state: State, place: Place, command: CheckOut) -> Outcome | Charges | Lease:
    if _differs(place, command):
        return refuse.other_check_out(place.ref)
    if place.held is None:
        pass_on(state, place.products)
        place = state.places[place.number]
    if place.held is not None:
        return _takes_offer(state, place, command)
    over = _over(state, place, command)
    if over is not None:
        state.drop_place(place)
    return over or waits(place)


def _takes_offer(state: State, place: Place, command: CheckOut) -> Outcome | Charges | Lease:
    """It comes for its seats, and has them if it may at this moment; else it waits on."""
    state.withdraw(place)
    place = state.places[place.number]
    found = seats.judge(state, command)
    if isinstance(found, Outcome) and found.reason in WAITS_ON:
        return waits(place)
    state.drop_place(place)
    return found


def _waits_on(state: State, place: Place, command: CheckOut) -> Outcome | None:
    """That it waits on, or that this is another check-out; None if there is more to say."""
    if _differs(place, command):
        return refuse.other_check_out(place.ref)
    if place.held is not None or _over(state, place, command) is not None:
        return None
    if any(next_turn(state, product) is not None for product in place.products):
        return None
    return waits(place)


def _over(state: State, place: Place, command: CheckOut) -> Outcome | None:
    """Why a place without an offer is over; None if it is not."""
    waited_ms = state.age_ms - place.since_age_ms
    if waited_ms >= command.wait_s * 1000:
        return refuse.waited_in_vain(place.ask.firm_code, place.ask.product_code, waited_ms)
    found = seats.seats_for(state, command)
    if not isinstance(found, Outcome):
        return None
    return never(state, command) if found.reason in WAITS_ON else found


def _differs(place: Place, command: CheckOut) -> bool:
    ask = place.ask
    return (
        command.firm_code != ask.firm_code
        or command.items != ask.items
        or command.secret_hash != ask.secret_hash
        or command.wishes != ask.wishes
        or command.station != ask.station
        or differs(command.holder, ask.holder)
    )


def end_place(state: State, place: Place, command: CheckIn | Expire | Release) -> Outcome:
    """It waits no more, whoever says so."""
    if command.generation != place.number:
        return refuse.old_place(place.ref, place.number, command.generation)
    state.drop_place(place)
    if isinstance(command, Release):
        subject = f"the place of {place.ref.client}/{place.ref.lease_id}"
        state.note(Act("release", subject, command.who, command.why, state.log_time_ms))
    return Outcome(reasons.DONE, firm_code=place.ask.firm_code, generation=place.number)


def set_queue(state: State, command: SetQueue) -> Outcome:
    """Apply what an operator says of all who wait; who was overtaken was so."""
    if too_long(command.who, command.why):
        return refuse.bad(detail("who-why-long"))
    wrong = why_not_queue((command.overtakes_max, command.hold_s))
    if wrong:
        return refuse.bad(wrong)
    state.set_queue_rules(QueueRules(command.overtakes_max, command.hold_s))
    subject = f"overtaken {command.overtakes_max} times, held {command.hold_s} s"
    state.note(Act("queue", subject, command.who, command.why, state.log_time_ms))
    return Outcome(reasons.DONE)
