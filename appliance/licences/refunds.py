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
        return refuse.bad("who or why is too long")
    taking = state.takings.get(command.taking)
    if taking is None:
        return refuse.no_refund(f"nothing is known of units taken under {command.taking}")
    if taking.unsettled:
        return refuse.no_refund(f"units taken under {command.taking} are not settled yet")
    if taking.refunded != OPEN:
        if taking.refunded == command.units:
            return taken_still(taking.firm_code, taking.generation, taking.shares)
        already = f"{taking.refunded} units taken under {command.taking} were refunded already"
        return refuse.no_refund(already)
    if not 1 <= command.units <= total(taking.shares):
        return refuse.no_refund(
            f"{total(taking.shares)} units were taken under {command.taking}, and"
            f" {command.units} are to be refunded"
        )
    kept = less(taking.shares, command.units)
    back = dict(what_goes_back(taking.shares, kept))
    wrong = _beyond(state, taking.shares, back)
    if wrong:
        return refuse.no_refund(wrong)
    for key, units in back.items():
        state.set_refunded(key, state.units_refunded.get(key, 0) + units)
        state.use_units(key, -units)
    taking = msgspec.structs.replace(taking, shares=kept, refunded=command.units)
    state.set_taking(command.taking, taking)
    subject = f"{command.units} units of {taking.ref.client}/{taking.ref.lease_id}"
    state.note(Act("refund", subject, command.who, command.why, state.log_time_ms))
    return taken_still(taking.firm_code, taking.generation, kept)


def _beyond(state: State, shares: Shares, back: Mapping[LicenceKey, int]) -> str:
    """Why a vendor does not allow that so much of these shares is given back, "" if all do."""
    for key, _ in shares:
        item = state.items.get(key)
        allowed = 0 if item is None else item.refundable_units
        left = allowed - state.units_refunded.get(key, 0)
        if key not in state.units_refunded and len(state.units_refunded) >= REFUNDED_MAX:
            return f"units of {REFUNDED_MAX} licences were refunded, which is all that can be"
        if back.get(key, 0) > left:
            return f"the vendor of {key} allows {max(0, left)} more units to be refunded"
    return ""
