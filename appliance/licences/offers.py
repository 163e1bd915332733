"""What is offered of each product: its available licences, in the order in which they are chosen.

The order depends on nothing but the licences, so it is made once, when they change. Which of them
suit a request, and have room for it, is judged by walking it (`appliance.licences.pools`).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from appliance.licences.grants import Line
from appliance.licences.item import fields_set
from appliance.licences.merge import TmrLicence
from appliance.licences.model import LicenceKey, ProductItem
from appliance.licences.modes import USER_LIMIT
from appliance.licences.roles import RANK

_NEVER: Final = float("inf")


class Charge(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """So many seats that are counted against one licence."""

    key: LicenceKey
    seats: int


Charges = tuple[Charge, ...]
"""What a lease holds: each licence once, those of one product side by side."""


class Offer(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An available licence. `alone` is a lease of one seat of it, and `line` what its grant says:
    most leases have these very values. `counted` says whether any licence of its product has a unit
    counter, `placed` whether any counts its seats by station or user: then leases keep theirs.
    `options` are those that it uses (`item.fields_set`)."""

    key: LicenceKey
    item: ProductItem
    alone: Charges
    line: tuple[Line, ...]
    counted: bool
    placed: bool
    options: int


def order(key: LicenceKey, item: ProductItem) -> tuple[float, ...]:
    """What comes first is chosen first: main before overflow before emergency; of licences that
    have all that is asked for the one with the fewest features; the latest end; the lowest
    TMR-ID."""
    ends_s = _NEVER if item.expires_at_s is None else item.expires_at_s
    return RANK[item.role], item.feature_map.bit_count(), -ends_s, key.tmr_id


def offers_of(
    view: Mapping[LicenceKey, TmrLicence], items: Mapping[LicenceKey, ProductItem]
) -> dict[tuple[int, int], tuple[Offer, ...]]:
    """The available licences of each (firm code, product code), in their order."""
    return {
        product: _offered(sorted(keys, key=lambda key: order(key, items[key])), view, items)
        for product, keys in _by_product(items).items()
    }


def offers_again(
    before: Mapping[tuple[int, int], tuple[Offer, ...]],
    known: Mapping[LicenceKey, Offer],
    changed: Collection[LicenceKey],
    view: Mapping[LicenceKey, TmrLicence],
    items: Mapping[LicenceKey, ProductItem],
) -> tuple[Mapping[tuple[int, int], tuple[Offer, ...]], Mapping[LicenceKey, Offer]]:
    """As `offers_of` and `by_licence`, which gave `before` and `known`, once these licences changed
    and no other: what costs about as much as what changed."""
    others = _offered_otherwise(known, changed, items)
    if not others:
        return before, known
    made, offered = dict(before), dict(known)
    for product, mine in _by_product(others).items():
        gone = {key for key in mine if offered.pop(key, None) is not None}
        kept = list(before.get(product, ()))
        stay: list[ProductItem] = []
        if gone:
            kept = [offer for offer in kept if offer.key not in gone]
            stay = [offer.item for offer in kept]
        new = [key for key in mine if key in items]
        flags = _flags([*stay, *(items[key] for key in new)])
        if kept and not gone:
            flags = (kept[0].counted or flags[0], kept[0].placed or flags[1])
        if kept and (kept[0].counted, kept[0].placed) != flags:
            keys = [*(offer.key for offer in kept), *new]
            kept = list(_offered(sorted(keys, key=lambda key: order(key, items[key])), view, items))
            offered.update((offer.key, offer) for offer in kept)
        else:
            for key in new:
                offered[key] = _offer(key, view, items, *flags)
                insort(kept, offered[key], key=lambda one: order(one.key, one.item))
        made[product] = tuple(kept)
        if not kept:
            del made[product]
    return made, offered


def _offered_otherwise(
    known: Mapping[LicenceKey, Offer],
    changed: Iterable[LicenceKey],
    items: Mapping[LicenceKey, ProductItem],
) -> list[LicenceKey]:
    """Of these licences those that are offered otherwise than before: what one more of the twins
    says of a licence changes nothing of its offer as a rule."""
    others = []
    for key in changed:
        offer, item = known.get(key), items.get(key)
        if (None if offer is None else offer.item) != item:
            others.append(key)
    return others


def with_periods(items: Mapping[LicenceKey, ProductItem]) -> dict[LicenceKey, ProductItem]:
    """Those of these licences that have a usage period."""
    return {key: item for key, item in items.items() if item.usage_period_s is not None}


def by_licence(
    offers: Mapping[tuple[int, int], tuple[Offer, ...]],
) -> dict[LicenceKey, Offer]:
    """The same, by licence."""
    return {offer.key: offer for of in offers.values() for offer in of}


def _by_product(keys: Iterable[LicenceKey]) -> dict[tuple[int, int], list[LicenceKey]]:
    products: dict[tuple[int, int], list[LicenceKey]] = {}
    for key in keys:
        products.setdefault((key.firm_code, key.product_code), []).append(key)
    return products


def _offered(
    keys: list[LicenceKey],
    view: Mapping[LicenceKey, TmrLicence],
    items: Mapping[LicenceKey, ProductItem],
) -> tuple[Offer, ...]:
    flags = _flags([items[key] for key in keys])
    return tuple(_offer(key, view, items, *flags) for key in keys)


def _flags(items: Sequence[ProductItem]) -> tuple[bool, bool]:
    counted = any(item.units is not None for item in items)
    return counted, any(item.modes != (USER_LIMIT,) or item.linger_s for item in items)


def _offer(
    key: LicenceKey,
    view: Mapping[LicenceKey, TmrLicence],
    items: Mapping[LicenceKey, ProductItem],
    counted: bool,
    placed: bool,
) -> Offer:
    return Offer(
        key,
        items[key],
        (Charge(key, 1),),
        (Line(key.product_code, key.tmr_id, 1, view[key].item_hash),),
        counted,
        placed,
        fields_set(items[key]),
    )
