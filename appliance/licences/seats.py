"""Whether a check-out gets a seat: one judgement, for the machine and for who answers without it.

A refusal is not remembered and changes nothing (`appliance.licences.leases`, note 1). So the host
that serves may give it from its own state, once that is known to be the newest, and no entry of the
ledger is spent on it: else anybody who is let in could fill three disks with questions.

Two bounds keep one client from taking the tables of leases away from all others. They are part of
the machine and not of the host that admits requests, because only the order in the ledger says how
many leases somebody has: requests that wait are no leases yet, and a host that was just started, or
that was hijacked, knows no count of its own.
"""

from __future__ import annotations

from typing import Final

from appliance.licences import commands as c
from appliance.licences import refuse
from appliance.licences.commands import Outcome
from appliance.licences.granting import granted
from appliance.licences.model import LicenceKey, ProductItem
from appliance.licences.records import Lease
from appliance.licences.rules import needs
from appliance.licences.state import State
from appliance.licences.validity import furthest, rests, why_rests
from appliance.licences.wishes import wishes_hash

LEASES_MAX: Final = 200_000
"""Active leases in one ledger."""
LEASES_PER_CLIENT_MAX: Final = 100_000
"""Active leases of one client."""
LEASES_KEPT: Final = 50_000
"""So many of LEASES_MAX are kept for clients that hold fewer than LEASES_SHARE."""
LEASES_SHARE: Final = 50
"""A client with fewer leases is refused only where all LEASES_MAX are taken."""


def judge(state: State, command: c.CheckOut) -> Outcome | LicenceKey:
    """The licence of which this check-out gets a seat, or its answer where it gets none: a refusal,
    or GRANTED again for the seat that it has."""
    lease = state.leases.get(command.lease)
    if lease is not None:
        return _again(state, lease, command)
    tombstone = state.ended(command.lease)
    if tombstone is not None:
        return refuse.lease_ended(tombstone)
    firm_code, product_code = command.firm_code, command.product_code
    keys = state.offers.get((firm_code, product_code))
    if keys is None:
        return refuse.not_available(firm_code, product_code)
    at_rest = []
    for key in keys:
        item = state.items[key]
        why = why_rests(state, key, item, command.wishes)
        if why:
            at_rest.append(why)
        elif state.seats.get(key, 0) < item.quantity:
            return _too_many(state, command) or key
    if len(at_rest) == len(keys):
        return refuse.at_rest(furthest(at_rest), firm_code, product_code)
    return refuse.no_seat_free(firm_code, product_code)


def refusal(state: State, command: c.CheckOut) -> Outcome | None:
    """How this check-out would be refused, were it the next command; None if it would not be."""
    if not state.founded:
        return None
    if needs(command) > state.rules:
        return refuse.rules_not_raised(state.rules)
    answer = judge(state, command)
    return answer if type(answer) is Outcome and not answer.ok else None


def _too_many(state: State, command: c.CheckOut) -> Outcome | None:
    """Why this client may have no further lease, whatever the licence; None if it may."""
    total = len(state.leases)
    if total < LEASES_PER_CLIENT_MAX and total < LEASES_MAX - LEASES_KEPT and not state.quotas:
        return None  # Nobody has more leases than all have together.
    client = command.lease.client
    held, quota = state.held.get(client, 0), state.quotas.get(_product(command))
    if held >= LEASES_PER_CLIENT_MAX:
        return refuse.too_many_of_client(LEASES_PER_CLIENT_MAX)
    if total >= LEASES_MAX or (total >= LEASES_MAX - LEASES_KEPT and held >= LEASES_SHARE):
        return refuse.too_many_leases(LEASES_MAX)
    if quota is not None and state.seats_of(client, *_product(command)) >= quota:
        return refuse.over_quota(*_product(command), quota)
    return None


def _product(command: c.CheckOut) -> tuple[int, int]:
    return command.firm_code, command.product_code


def _again(state: State, lease: Lease, command: c.CheckOut) -> Outcome:
    """The answer to a check-out under a key that has a lease."""
    key = lease.key
    if (
        command.firm_code != key.firm_code
        or command.product_code != key.product_code
        or command.secret_hash != lease.secret_hash
        or command.holder != lease.holder
        or command.wishes != lease.wishes
    ):
        return refuse.other_check_out(lease.ref)
    item = usable(state, lease)
    if isinstance(item, Outcome):
        return item
    left = state.units_left(key)
    asked = wishes_hash(lease.wishes)
    return granted(state, key, item, lease.generation, lease.lease_ttl_s, 0, left, asked)


def usable(state: State, lease: Lease) -> ProductItem | Outcome:
    """The product item that this lease may use at present, or why it may use none."""
    key = lease.key
    item = state.items.get(key)
    if item is None:
        return refuse.not_available(key.firm_code, key.product_code)
    return rests(state, key, item, lease.wishes) or item
