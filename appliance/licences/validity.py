"""When a licence rests, and for how long a receipt of it may be relied on.

Two things end a licence's use: its expiration time, and a certified time that is older than its
vendor allows (only if the vendor set such a limit: without one, stale certified time stops nothing,
since a licence server must not stop a plant). Both are compared with log time. And one that counts
units rests in a restored ledger until its vendor confirms the counter.
"""

from __future__ import annotations

from appliance.licences import refuse
from appliance.licences.commands import Outcome
from appliance.licences.model import LicenceKey, ProductItem
from appliance.licences.restoring import units_rest
from appliance.licences.state import State


def rests(state: State, key: LicenceKey, item: ProductItem) -> Outcome | None:
    """Why a lease of this available licence is good for nothing at present, None if it is."""
    if item.expires_at_s is not None and state.log_time_ms >= item.expires_at_s * 1000:
        return refuse.expired(key.firm_code, key.product_code)
    if is_stale(state, item):
        return refuse.certified_stale(key.firm_code, key.product_code)
    if item.units is not None and units_rest(state, key.firm_code):
        return refuse.units_unconfirmed(key.firm_code, key.product_code)
    return None


def certified_until_ms(state: State, item: ProductItem) -> int | None:
    """Until when (Unix ms) the certified time is young enough for this item; None if its vendor
    set no limit. Where none is known yet, it never was: 0."""
    if item.certified_age_max_s is None:
        return None
    certified_ms = state.virtual_certified_ms()
    return 0 if certified_ms is None else certified_ms + item.certified_age_max_s * 1000


def is_stale(state: State, item: ProductItem) -> bool:
    """Whether this licence's vendor wants a newer certified time than the ledger knows."""
    until_ms = certified_until_ms(state, item)
    return until_ms is not None and state.log_time_ms >= until_ms


def valid_for_s(state: State, item: ProductItem) -> int:
    """How long a receipt holds: whole seconds, so that none outlives the licence (design D3)."""
    valid_s = item.receipt_valid_s
    now_s = -(-state.log_time_ms // 1000)
    if item.expires_at_s is not None:
        valid_s = min(valid_s, item.expires_at_s - now_s)
    until_ms = certified_until_ms(state, item)
    if until_ms is not None:
        valid_s = min(valid_s, until_ms // 1000 - now_s)
    return max(0, valid_s)
