"""What a grant is given: the terms of a licence as they are now, in the fields of an outcome."""

from __future__ import annotations

import msgspec

from appliance.licences.commands import Outcome
from appliance.licences.grants import KIND_GRANTED, NO_SHARE, Line
from appliance.licences.model import LicenceKey, ProductItem
from appliance.licences.modes import USER_LIMIT
from appliance.licences.reasons import DONE, GRANTED
from appliance.licences.records import Lease
from appliance.licences.state import State
from appliance.licences.validity import valid_for_s


def granted(
    state: State,
    key: LicenceKey,
    item: ProductItem,
    generation: int,
    lease_ttl_s: int,
    units_taken: int,
    units_left: int | None,
) -> Outcome:
    """One seat of this available licence, on its present terms."""
    return Outcome(
        GRANTED,
        KIND_GRANTED,
        USER_LIMIT,
        NO_SHARE,
        b"",
        (Line(key.product_code, key.tmr_id, 1, state.view[key].item_hash),),
        key.firm_code,
        generation,
        1,
        item.feature_map,
        valid_for_s(state, item),
        lease_ttl_s,
        0 if item.expires_at_s is None else item.expires_at_s * 1000,
        units_taken,
        units_left,
    )


def granted_again(state: State, before: Outcome, usable: bool) -> Outcome:
    """A grant that was given before: its units and lease are the first answer's, its terms are
    those of now, for containers vouch for no others. If it is not `usable` any more, or the licence
    is not there, it is valid for no moment."""
    key = before.key
    item = None if key is None else state.items.get(key)
    if key is None or item is None:
        return msgspec.structs.replace(before, valid_for_s=0)
    now = granted(
        state,
        key,
        item,
        before.generation,
        before.lease_ttl_s,
        before.units_taken,
        before.units_left,
    )
    return now if usable else msgspec.structs.replace(now, valid_for_s=0)


def given_back(lease: Lease) -> Outcome:
    """The seat of this lease is free."""
    key = lease.key
    return Outcome(
        DONE,
        firm_code=key.firm_code,
        generation=lease.generation,
        lines=(Line(key.product_code, key.tmr_id, 1),),
    )
