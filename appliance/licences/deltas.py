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
from collections.abc import Sequence

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
        at, held_there = _place(items, _key(gone))
        if not held_there:
            raise UpdateRefused(
                f"{name} takes away what is not there; ask the vendor for a new one."
            )
        del items[at]
    for item in firm.items:
        at, held_there = _place(items, _key(item))
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
    keys = [_key(item) for item in firm.items]
    keys += [_key(one) for one in (*update.dropped, *firm.returned)]
    return frozenset(LicenceKey(firm.firm_code, *key) for key in keys)


def item_in(items: tuple[ProductItem, ...], product_code: int, tmr_id: int) -> ProductItem | None:
    """This item of some that are in order, None if it is not there."""
    at, held_there = _place(items, (product_code, tmr_id))
    return items[at] if held_there else None


def in_order(items: tuple[ProductItem, ...]) -> tuple[ProductItem, ...]:
    """These items by product codes and TMR-IDs, which is the order in which changes are made."""
    return tuple(sorted(items, key=_key))


def _key(item: ProductItem | ReturnedItem) -> tuple[int, int]:
    return item.product_code, item.tmr_id


def _place(items: Sequence[ProductItem], key: tuple[int, int]) -> tuple[int, bool]:
    """Where this item of some that are in order stands, or would; and whether it is there."""
    at = bisect_left(items, key, key=_key)
    return at, at < len(items) and _key(items[at]) == key
