"""A vendor's update that would take seats away which are out: refused, with the date of their end.

What can go wrong in here is a restored ledger that cannot take in its own licences: its containers
bring all of their updates anew, and may pass by a smaller one. So only what was lent in this very
ledger stands in the way of an update. Another is a restored ledger that holds too little back: what
the lost one lent, it lent by the terms of that day. So terms that an update lowers are remembered.
"""

from __future__ import annotations

from collections import Counter

from appliance.licences import reasons, refuse
from appliance.licences.commands import Outcome
from appliance.licences.deltas import item_in
from appliance.licences.item import NO_TERMS, terms_of
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


def remember_terms(
    state: State, firm_code: int, after: Container, changed: frozenset[LicenceKey] | None
) -> None:
    """A container's content is replaced by this one, or these licences of it (None: all): what was
    lent by terms that are wider than the new ones may be out yet, if that is in doubt."""
    before = state.containers.get(after.serial)
    firm = None if before is None else before.firm(firm_code)
    new = after.firm(firm_code)
    if not state.borrowing_in_doubt or firm is None or new is None:
        return
    for item in firm.items:
        key = LicenceKey(firm_code, item.product_code, item.tmr_id)
        if item.borrow_max_s is None or (changed is not None and key not in changed):
            continue
        left = item_in(new.items, item.product_code, item.tmr_id)
        old, now = terms_of(item), NO_TERMS if left is None else terms_of(left)
        if old.seats > now.seats or old.most_s > now.most_s:
            state.remember_terms(key, old)


def _quantity(container: Container, key: LicenceKey) -> int:
    """The seats of this licence by what a container holds; none, if it was given back."""
    firm = container.firm(key.firm_code)
    if firm is None or any(
        (one.product_code, one.tmr_id) == (key.product_code, key.tmr_id) for one in firm.returned
    ):
        return 0
    item = item_in(firm.items, key.product_code, key.tmr_id)
    return 0 if item is None else item.quantity
