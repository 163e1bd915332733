"""The options of a product item: every field that a vendor may set, and its default.

Whoever shows, keeps, offers or sends a licence inherits from this struct, so that nobody can lack
an option. What each option means, how far its values go and what it refuses stands in a file of its
own: `appliance.licences.options`.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from appliance.licences.modes import USER_LIMIT


class ItemOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a vendor may say of a licence beyond its codes. Units stand in the names; times are
    Unix time. None is "not set"."""

    text: str = ""
    customer_text: str = ""
    quantity: int = 1
    role: str = "main"
    activates_at_s: int | None = None
    expires_at_s: int | None = None
    usage_period_s: int | None = None
    usage_reset: int = 0
    maintenance_from: str | None = None
    maintenance_until: str | None = None
    units: int | None = None
    unsettled_units: str = "taken"
    refundable_units: int = 0
    feature_map: int = 0
    lease_ttl_s: int = 60
    receipt_valid_s: int = 600
    certified_age_max_s: int | None = None
    modes: tuple[str, ...] = (USER_LIMIT,)
    linger_s: int = 0
    borrow_max_s: int | None = None
    borrow_seats_max: int | None = None
    contact_within_s: int | None = None
    containers: str = "any"


OPTION_NAMES = ItemOptions.__struct_fields__
DEFAULTS = ItemOptions()


def options_of(item: ItemOptions) -> dict[str, Any]:
    """All options of this item, by name."""
    return {name: getattr(item, name) for name in OPTION_NAMES}


def fields_set(item: ItemOptions) -> int:
    """Which fields say anything but their default: a bit each, in the order of OPTION_NAMES."""
    return sum(
        (getattr(item, name) != getattr(DEFAULTS, name)) << place
        for place, name in enumerate(OPTION_NAMES)
    )


class BorrowTerms(NamedTuple):
    """How many seats may be out at a time, and for how many seconds each."""

    seats: int
    most_s: int


NO_TERMS: Final = BorrowTerms(0, 0)
"""Nobody borrows."""


def terms_of(item: ItemOptions) -> BorrowTerms:
    """The terms on which it is lent."""
    if item.borrow_max_s is None:
        return NO_TERMS
    most = item.quantity if item.borrow_seats_max is None else item.borrow_seats_max
    return BorrowTerms(min(most, item.quantity), item.borrow_max_s)
