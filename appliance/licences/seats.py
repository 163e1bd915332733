"""Whether a check-out gets its seats: one judgement, for the machine and who answers without it.

A refusal is not remembered and changes nothing (`appliance.licences.leases`, note 1). So the host
that serves may give it from its own state, once that is known to be the newest, and no entry of the
ledger is spent on it: else anybody who is let in could fill three disks with questions.

Two bounds keep one client from taking the tables of leases away from all others. They are part of
the machine and not of the host that admits requests, because only the order in the ledger says how
many leases somebody has: requests that wait are no leases yet, and a host that was just started, or
that was hijacked, knows no count of its own.
"""

from __future__ import annotations

from itertools import chain, groupby
from typing import Final

import msgspec

from appliance.licences import commands as c
from appliance.licences import refuse
from appliance.licences.access import judging
from appliance.licences.commands import Outcome
from appliance.licences.grants import LINES_MAX
from appliance.licences.modes import EXCLUSIVE
from appliance.licences.names import differs
from appliance.licences.offers import Charge, Charges
from appliance.licences.pools import all_seats, one_seat, seats, seats_taken
from appliance.licences.reasons import NO_SEAT_FREE, SEATS_RESERVED, UNKNOWN_PRODUCT
from appliance.licences.records import Lease
from appliance.licences.rules import needs
from appliance.licences.state import State
from appliance.licences.validity import why_offer_rests

LEASES_MAX: Final = 200_000
"""Active leases in one ledger."""
LEASES_PER_CLIENT_MAX: Final = 100_000
"""Active leases of one client."""
LEASES_KEPT: Final = 50_000
"""So many of LEASES_MAX are kept for clients that hold fewer than LEASES_SHARE."""
LEASES_SHARE: Final = 50
"""A client with fewer leases is refused only where all LEASES_MAX are taken."""


def judge(state: State, command: c.CheckOut) -> Outcome | Charges | Lease:
    """The seats that this check-out gets; the lease that it has, on other licences where it has to
    move; or why it is refused."""
    lease = state.leases.get(command.lease)
    if lease is not None:
        return _again(state, lease, command)
    tombstone = state.ended(command.lease)
    if tombstone is not None:
        return refuse.lease_ended(tombstone)
    return seats_for(state, command)


def seats_for(state: State, command: c.CheckOut) -> Outcome | Charges:
    """The seats that a new lease would get, whoever waits for some; or why it would be refused."""
    firm_code, wishes = command.firm_code, command.wishes
    if state.rulebook and (denied := judging.denied(state, command)) is not None:
        return denied
    offers = state.offers.get((firm_code, command.product_code))
    if offers and command.seats == 1 and not command.more and not offers[0].placed:
        found = one_seat(state, offers, wishes)
    else:
        found = all_seats(state, firm_code, command.items, wishes, command.party)
    if not isinstance(found, Outcome):
        return _not_alone(state, command) or too_many(state, command, found) or found
    if found.reason == NO_SEAT_FREE:
        return _not_alone(state, command) or found
    return found


def refusal(state: State, command: c.CheckOut) -> Outcome | None:
    """How this check-out would be refused, were it the next command; None if it would not be."""
    if not state.founded:
        return None
    if needs(command) > state.rules:
        return refuse.rules_not_raised(state.rules)
    answer = judge(state, command)
    if type(answer) is not Outcome:
        return None
    if answer.reason in (NO_SEAT_FREE, SEATS_RESERVED) and _may_be_over(state, command):
        return None
    return answer


def _may_be_over(state: State, command: c.CheckOut) -> bool:
    """Whether a seat lingers for which this is asked. The state has the age of its last command, so
    only the next one tells whether that time is over."""
    return any(
        offer.key in state.lingering
        for item in command.items
        for offer in state.offers.get((command.firm_code, item.product_code), ())
    )


def _not_alone(state: State, command: c.CheckOut) -> Outcome | None:
    """Why this station cannot have it: exclusive use, or use beside an exclusive one."""
    if not command.station or not state.stations:
        return None
    firm_code, party = command.firm_code, command.party
    wanted = party.mode == EXCLUSIVE
    for item in command.items:
        place = (firm_code, item.product_code, *party.place)
        if (*place, True) in state.stations:
            return refuse.exclusive_conflict(firm_code, item.product_code, wanted=False)
        if wanted and (*place, False) in state.stations:
            return refuse.exclusive_conflict(firm_code, item.product_code, wanted=True)
    return None


def too_many(state: State, command: c.CheckOut, charges: Charges) -> Outcome | None:
    """Why this client may have no further lease, by the access rules or whatever the licence; None
    if it may."""
    if state.rulebook:
        wrong = judging.why_not(state, command, charges)
        if wrong is not None:
            return wrong
    total = len(state.leases)
    if total < LEASES_PER_CLIENT_MAX and total < LEASES_MAX - LEASES_KEPT and not state.quotas:
        return None  # Nobody has more leases than all have together.
    client = command.lease.client
    held = state.held.get(client, 0)
    if held >= LEASES_PER_CLIENT_MAX:
        return refuse.too_many_of_client(LEASES_PER_CLIENT_MAX)
    if total >= LEASES_MAX or (total >= LEASES_MAX - LEASES_KEPT and held >= LEASES_SHARE):
        return refuse.too_many_leases(LEASES_MAX)
    if state.quotas:
        return _over_quota(state, command, charges)
    return None


def _over_quota(state: State, command: c.CheckOut, charges: Charges) -> Outcome | None:
    client, firm_code = command.lease.client, command.firm_code
    for item in command.items:
        quota = state.quotas.get((firm_code, item.product_code))
        seats = state.seats_of(client, firm_code, item.product_code)
        if quota is None:
            continue
        of = [charge for charge in charges if charge.key.product_code == item.product_code]
        more = sum(seats_taken(state, charge, command.party) for charge in of)
        if more and seats + more > quota:
            return refuse.over_quota(firm_code, item.product_code, seats, quota)
    return None


def _again(state: State, lease: Lease, command: c.CheckOut) -> Outcome | Lease:
    """The answer to a check-out under a key that has a lease."""
    if (
        command.firm_code != lease.key.firm_code
        or command.secret_hash != lease.secret_hash
        or differs(command.holder, lease.holder)
        or command.wishes != lease.wishes
        or (lease.station and command.station != lease.station)
        or not _same_items(command, lease)
    ):
        return refuse.other_check_out(lease.ref)
    return settled(state, lease)


def _same_items(command: c.CheckOut, lease: Lease) -> bool:
    """Whether a check-out asks for what the lease was granted."""
    if len(lease.lines) > 1:
        return command.items == lease.items
    (charge,) = lease.lines
    one = (command.product_code, command.seats) == (charge.key.product_code, charge.seats)
    return one and not command.more


def settled(state: State, lease: Lease) -> Lease | Outcome:
    """This lease, if it may use all its licences at present. Where it may not it moves, as what it
    is, to others that it may use; if there are none, why it may not."""
    for charge in lease.lines:
        if _why_not(state, lease, charge):
            return _moved(state, lease)
    return lease


def _why_not(state: State, lease: Lease, charge: Charge) -> str:
    """Why a lease may not use one of its licences at present, "" if it may."""
    offer = state.offered.get(charge.key)
    if offer is None:
        return UNKNOWN_PRODUCT
    return why_offer_rests(state, offer, lease.wishes)


def _moved(state: State, lease: Lease) -> Lease | Outcome:
    """The same lease on licences that it may use; what it has of a product stays if it can."""
    firm_code, lines, moved = lease.key.firm_code, 0, []
    parts = [tuple(of) for _, of in groupby(lease.lines, lambda one: one.key.product_code)]
    whys = [[_why_not(state, lease, charge) for charge in part] for part in parts]
    stay = sum(len(part) for part, why in zip(parts, whys, strict=True) if not any(why))
    go = sum(map(any, whys))
    for item, part, why in zip(lease.items, parts, whys, strict=True):
        if not any(why):
            moved.append(part)
            continue
        go -= 1
        own = {one.key: one.seats for one, wrong in zip(part, why, strict=True) if not wrong}
        most = LINES_MAX - stay - lines - go
        found = seats(state, firm_code, item, lease.wishes, lease.party, most, own)
        if isinstance(found, Outcome):
            return _no_longer(next(filter(None, why)), firm_code, item.product_code)
        lines += len(found)
        moved.append(found)
    return msgspec.structs.replace(lease, lines=tuple(chain.from_iterable(moved)))


def _no_longer(why: str, firm_code: int, product_code: int) -> Outcome:
    """The licence of a lease is of no use, and there is no other."""
    if why == UNKNOWN_PRODUCT:
        return refuse.not_available(firm_code, product_code)
    return refuse.at_rest(why, firm_code, product_code)
