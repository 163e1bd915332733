"""The options of a product item, one file each, and the table of them.

A new option is a file here, a row in OPTIONS and its fields in `appliance.licences.item`; the
bounds, the vendor's command line, the documents of both APIs, `tmr licences`, the monitor and
docs/options.md follow. Rows stand in the order in which they are looked at: the first that lets a
licence rest gives the reason, and among several licences of a product the one that came furthest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

from appliance.licences.item import OPTION_NAMES, ItemOptions
from appliance.licences.options import (
    activation,
    borrowing,
    certified_age,
    contact,
    containers,
    customer_text,
    expiration,
    feature_map,
    lease_ttl,
    linger,
    maintenance,
    modes,
    quantity,
    receipt_valid,
    refundable,
    role,
    text,
    units,
    unsettled,
    usage_period,
)
from appliance.licences.options.row import Field, Option, Shown

OPTIONS: Final[tuple[Option, ...]] = (
    text.OPTION,
    customer_text.OPTION,
    quantity.OPTION,
    role.OPTION,
    activation.OPTION,
    expiration.OPTION,
    usage_period.OPTION,
    usage_period.RESET,
    maintenance.OPTION,
    certified_age.OPTION,
    contact.OPTION,
    containers.OPTION,
    units.OPTION,
    unsettled.OPTION,
    refundable.OPTION,
    feature_map.OPTION,
    modes.OPTION,
    lease_ttl.OPTION,
    linger.OPTION,
    borrowing.OPTION,
    borrowing.SEATS,
    receipt_valid.OPTION,
)
FIELDS: Final = tuple(field for option in OPTIONS for field in option.fields)
AT_REST: Final = tuple(option.reason for option in OPTIONS if option.reason is not None)
"""Why a licence may rest, in the order of the table."""

assert sorted(field.field for field in FIELDS) == sorted(OPTION_NAMES)


def out_of_bounds(item: ItemOptions) -> Field | None:
    """The first field whose value no licence can have, None if there is none."""
    return next((field for field in FIELDS if not field.fits(item)), None)


def contradiction(item: ItemOptions) -> str:
    """What about this item contradicts itself, as it completes "The licence ...", "" if nothing."""
    for option in OPTIONS:
        said = option.contradiction(item) if option.contradiction is not None else ""
        if said:
            return said
    return ""


def bits_of(option: Option) -> int:
    """The fields of an option as `item.fields_set` counts them."""
    return sum(1 << OPTION_NAMES.index(field.field) for field in option.fields)


def needs_rules(item: ItemOptions) -> int:
    """The version of the rules from which on an item with these options can be held."""
    return max((option.since for option in OPTIONS if option.is_set(item)), default=1)


def shown(
    item: ItemOptions, how: Shown, but: Collection[str] = (), called: Callable[[str], str] = str
) -> Iterator[str]:
    """Each option that is set, as "name value", values written as `how` says and names as they are
    `called`; `but` are those (by their first fields) that are shown elsewhere."""
    for option in OPTIONS:
        if option.is_set(item) and option.fields[0].field not in but:
            yield f"{called(option.name.en)} {option.shown(item, how)}"
