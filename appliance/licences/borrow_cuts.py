"""A vendor's update that would take seats away which are out: refused, with the date of their end.

What can go wrong in here is a restored ledger that cannot take in its own licences: its containers
bring all of their updates anew, and may pass by a smaller one. So only what was lent in this very
ledger stands in the way of an update.
"""

from __future__ import annotations

from collections import Counter

from appliance.licences import reasons, refuse
from appliance.licences.commands import Outcome
from appliance.licences.deltas import item_in
from appliance.licences.model import Container, LicenceKey
from appliance.licences.refuse_borrowing import day
from appliance.licences.state import State


def why_cut(state: State, firm_code: int, after: Container) -> Outcome | None:
    """Why the firm's item may not become what it is in this container; None if it may."""
    before = state.containers.get(after.serial)
    if before is None or not state.borrowed:
        return None
    out, ends_ms = Counter[LicenceKey](), dict[LicenceKey, int]()
    for one in state.borrowed.values():
        if one.key.firm_code == firm_code and one.ledger_id == state.ledger_id:
            out[one.key] += one.seats
            ends_ms[one.key] = max(ends_ms.get(one.key, 0), one.ends_at_ms)
    for key, seats in sorted(out.items()):
        left = _quantity(after, key)
        if left < _quantity(before, key) and left < seats:
            return refuse.said(
                reasons.UPDATE_REFUSED,
                "cut-below-borrowed",
                licence=str(key),
                left=left,
                serial=after.serial,
                seats=seats,
                until=day(ends_ms[key]),
            )
    return None


def _quantity(container: Container, key: LicenceKey) -> int:
    """The seats of this licence by what a container holds; none, if it was given back."""
    firm = container.firm(key.firm_code)
    if firm is None or any(
        (one.product_code, one.tmr_id) == (key.product_code, key.tmr_id) for one in firm.returned
    ):
        return 0
    item = item_in(firm.items, key.product_code, key.tmr_id)
    return 0 if item is None else item.quantity
