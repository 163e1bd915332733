"""Refunds: an operator gives units back that a job took and that failed, once for each request.

Units are worth money, and operators are the plant's own people: so a vendor has to allow it, by the
option `refundable_units`, which bounds what all refunds of a licence can come to. Who did it and
why is on record.

What can go wrong in here is a second refund. Each request that takes units gets a running number
and is remembered, with what was refunded of it, beyond its lease's end; what is forgotten, as the
oldest of TAKINGS_MAX, cannot be refunded any more. So nobody needs to remember refunds for ever.
The sum of a licence's refunds is never forgotten, and a restore carries it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from appliance.details import detail
from appliance.licences import commands as c
from appliance.licences import refuse
from appliance.licences.bounds import too_long
from appliance.licences.commands import Outcome
from appliance.licences.model import LicenceKey
from appliance.licences.records import OPEN, Act, Shares
from appliance.licences.reserving import less, taken_still, total, what_goes_back
from appliance.licences.state import State

REFUNDED_MAX: Final = 20_000
"""Licences of which units can have been refunded."""


def refund(state: State, command: c.Refund) -> Outcome:
    """Give units back of those that were taken under a number; the same refund again is no second
    one."""
    if too_long(command.who, command.why):
        return refuse.bad(detail("who-why-long"))
    taking = state.takings.get(command.taking)
    if taking is None:
        return refuse.no_refund("refund-of-nothing", taking=command.taking)
    if taking.unsettled:
        return refuse.no_refund("refund-unsettled", taking=command.taking)
    if taking.refunded != OPEN:
        if taking.refunded == command.units:
            return taken_still(taking.firm_code, taking.generation, taking.shares)
        return refuse.no_refund("refund-again", refunded=taking.refunded, taking=command.taking)
    if not 1 <= command.units <= total(taking.shares):
        return refuse.no_refund(
            "refund-beyond",
            taken=total(taking.shares),
            taking=command.taking,
            units=command.units,
        )
    kept = less(taking.shares, command.units)
    back = dict(what_goes_back(taking.shares, kept))
    wrong = _beyond(state, taking.shares, back)
    if wrong is not None:
        return wrong
    for key, units in back.items():
        state.set_refunded(key, state.units_refunded.get(key, 0) + units)
        state.use_units(key, -units)
    taking = msgspec.structs.replace(taking, shares=kept, refunded=command.units)
    state.set_taking(command.taking, taking)
    subject = f"{command.units} units of {taking.ref.client}/{taking.ref.lease_id}"
    state.note(Act("refund", subject, command.who, command.why, state.log_time_ms))
    return taken_still(taking.firm_code, taking.generation, kept)


def _beyond(state: State, shares: Shares, back: Mapping[LicenceKey, int]) -> Outcome | None:
    """Why a vendor does not allow that so much of these shares is given back, None if all do."""
    for key, _ in shares:
        item = state.items.get(key)
        allowed = 0 if item is None else item.refundable_units
        left = allowed - state.units_refunded.get(key, 0)
        if key not in state.units_refunded and len(state.units_refunded) >= REFUNDED_MAX:
            return refuse.no_refund("refunds-full", most=REFUNDED_MAX)
        if back.get(key, 0) > left:
            return refuse.no_refund("refund-not-allowed", licence=str(key), left=max(0, left))
    return None
