"""When a licence rests, and for how long a receipt of it may be relied on.

Two things end a licence's use: its expiration time, and a certified time that is older than its
vendor allows (only if the vendor set such a limit: without one, stale certified time stops nothing,
since a licence server must not stop a plant). Both are compared with log time. And one that counts
units rests in a restored ledger until its vendor confirms the counter.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from appliance.licences import reasons, refuse
from appliance.licences.carry_over import units_rest
from appliance.licences.commands import Outcome
from appliance.licences.merge import TmrLicence
from appliance.licences.model import LicenceKey, ProductItem
from appliance.licences.state import State

TWINS_UNREACHABLE: Final = "quorum-lost"
"""What a check-out is told if fewer than two of the matching twins can be reached."""


def why_rests(state: State, key: LicenceKey, item: ProductItem) -> str:
    """The reason for which nobody can use this licence at present, "" if there is none."""
    if item.expires_at_s is not None and state.log_time_ms >= item.expires_at_s * 1000:
        return reasons.EXPIRED
    if item.certified_age_max_s is not None and is_stale(state, item):
        return reasons.CERTIFIED_STALE
    if item.units is not None and units_rest(state, key.firm_code):
        return reasons.UNITS_UNCONFIRMED
    return ""


def rests(state: State, key: LicenceKey, item: ProductItem) -> Outcome | None:
    """Why a lease of this available licence is good for nothing at present, None if it is."""
    why = why_rests(state, key, item)
    return refuse.at_rest(why, key.firm_code, key.product_code) if why else None


def why_refused(state: State, licence: TmrLicence, reachable: Collection[str]) -> str:
    """The reason that a new check-out of this licence would get now, "" if it would be granted.

    `reachable` are the serials of the containers whose upstreams answer. With several licences of
    one product, a check-out takes another one if there is one.
    """
    if not licence.available or licence.item is None:
        return reasons.UNKNOWN_PRODUCT
    if not licence.available_among(reachable):
        return TWINS_UNREACHABLE
    why = why_rests(state, licence.key, licence.item)
    if not why and state.seats.get(licence.key, 0) >= licence.item.quantity:
        return reasons.NO_SEAT_FREE
    return why


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
    if item.certified_age_max_s is not None:
        until_ms = certified_until_ms(state, item) or 0
        valid_s = min(valid_s, until_ms // 1000 - now_s)
    return max(0, valid_s)
