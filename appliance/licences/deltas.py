"""Updates that carry changes: what a firm's item is once they are made to the item they are for.

A firm that sold a container thousands of licences sends it the one that is new, and not all of
them. Such an update names its base: a sequence, and the Merkle root that the firm signed of all
items there. The firm's word in it is for all items afterwards. What can go wrong in here is a
change that is made to other content than the firm's: so a base of another sequence or root is
refused, and so is a result that has not as many items as the firm signed. That the items have the
very root is for the container to check, which imports the file first (`codec.firm_words`): the
ledger starts from a root that the firm signed, so it need not hash thousands of items for one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Final

import msgspec

from appliance.licences.model import (
    ContainerUpdate,
    FirmItem,
    LicenceKey,
    ProductItem,
    ReturnedItem,
)
from appliance.licences.refusals import UpdateRefused

ITEMS_MAX = 200_000
"""Product items of one firm in one container, over all its updates."""


def whole(current: FirmItem | None, update: ContainerUpdate) -> FirmItem:
    """The firm's item after this update, of which `current` (None: nothing) is the one before.

    Raises UpdateRefused if the update changes another one than that.
    """
    base, firm = update.base, update.firm
    if base is None:
        return msgspec.structs.replace(firm, items=in_order(firm.items))
    name = f"Update {firm.sequence} of firm {firm.firm_code} for container {update.serial}"
    held = 0 if current is None else current.sequence
    if base.sequence != held:
        raise UpdateRefused(
            f"{name} changes update {base.sequence}, but update {held} is what is there; have the"
            f" vendor make the one that changes {held}."
        )
    root = b"" if current is None or current.word is None else current.word.root
    if base.root != root:
        raise UpdateRefused(
            f"{name} changes an update {held} of other content than the one that is there; ask the"
            " vendor, whose records are not those by which that one was made."
        )
    items = list(() if current is None else current.items)
    for gone in update.dropped:
        at, held_there = place_in(items, gone.product_code, gone.tmr_id)
        if not held_there:
            raise UpdateRefused(
                f"{name} takes away what is not there; ask the vendor for a new one."
            )
        del items[at]
    for item in firm.items:
        at, held_there = place_in(items, item.product_code, item.tmr_id)
        if held_there:
            items[at] = item
        else:
            items.insert(at, item)
    if len(items) > ITEMS_MAX:
        raise UpdateRefused(
            f"{name} would make {len(items)} licences there, and {ITEMS_MAX} are all there can be;"
            " have the vendor issue them to another group of containers."
        )
    if firm.word is not None and firm.word.size != len(items):
        raise UpdateRefused(f"{name} leads to other licences than its firm signed; ask the vendor.")
    returned = () if current is None else current.returned
    return msgspec.structs.replace(firm, items=tuple(items), returned=(*returned, *firm.returned))


def changed_keys(update: ContainerUpdate) -> frozenset[LicenceKey] | None:
    """Which licences an update of changes is about; None for a whole one, which says nothing."""
    if update.base is None:
        return None
    firm = update.firm
    changed: tuple[ProductItem | ReturnedItem, ...] = (
        *firm.items,
        *update.dropped,
        *firm.returned,
    )
    return frozenset(LicenceKey(firm.firm_code, one.product_code, one.tmr_id) for one in changed)


def item_in(items: tuple[ProductItem, ...], product_code: int, tmr_id: int) -> ProductItem | None:
    """This item of some that are in order, None if it is not there."""
    at, held_there = place_in(items, product_code, tmr_id)
    return items[at] if held_there else None


def place_in(items: Sequence[ProductItem], product_code: int, tmr_id: int) -> tuple[int, bool]:
    """Where this item of some that are in order stands, or would; and whether it is there."""
    key = tmr_id, product_code
    at = bisect_left(items, key, key=_order)
    return at, at < len(items) and _order(items[at]) == key


def in_order(items: Iterable[ProductItem]) -> tuple[ProductItem, ...]:
    """These items in the order in which changes are made, and of which the firm signs the root: by
    TMR-IDs, so that what is issued next comes last, and changes nothing before it."""
    return tuple(sorted(items, key=_order))


_order: Final = attrgetter("tmr_id", "product_code")
