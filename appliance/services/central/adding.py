"""More of a licence that was sold: seats, units, time (pure).

`change` says what a licence is to be; who sells more says what it is to have *more*, so that two
who sell at once do not undo each other. What can go wrong in here is a command that is repeated and
adds twice: so each has an order's name, and an order adds once to a licence.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from appliance.licences.model import ProductItem
from appliance.services.central.by_hand import UsedRequest, check_order
from appliance.services.central.refusals import CentralRefused

_DAY_S: Final = 86_400


class More(NamedTuple):
    """What is added to a licence."""

    seats: int = 0
    units: int = 0
    days: int = 0


def added_to(item: ProductItem, more: More, now_s: int) -> ProductItem:
    """The item with so much more; days count from its end, or from `now_s` (Unix time) if that is
    past. Raises CentralRefused if it has nothing that could become more."""
    changes: dict[str, int] = {}
    if more.seats:
        changes["quantity"] = item.quantity + more.seats
    if more.units:
        if item.units is None:
            raise CentralRefused(f"TMR-ID {item.tmr_id} has no unit counter: units add nothing.")
        changes["units"] = item.units + more.units
    if more.days:
        if item.expires_at_s is None:
            raise CentralRefused(f"TMR-ID {item.tmr_id} has no end: days add nothing.")
        changes["expires_at_s"] = max(item.expires_at_s, now_s) + more.days * _DAY_S
    return msgspec.structs.replace(item, **changes)


def use(order: str, tmr_id: int, more: More, now_s: int) -> UsedRequest:
    """What is remembered of an order that added to this licence. Raises CentralRefused if nothing
    is added, or the order can have no such name."""
    check_order(order)
    if min(more) < 0 or not any(more):
        raise CentralRefused("Say what is added: seats, units or days, each above 0.")
    named = " ".join(order.casefold().split())
    nonce = sha256(f"tmr-added-1\0{tmr_id}\0{named}".encode()).digest()
    return UsedRequest(nonce=nonce, created_at_s=now_s, act=f"add {tmr_id}")
