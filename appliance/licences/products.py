"""Products and seats that a check-out asks for: what nobody can ask, said in one place."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.details import detail
from appliance.licences.bounds import PRODUCTS_MAX, SEATS_MAX
from appliance.licences.commands import Item


def why_no_items(items: Sequence[Item]) -> str:
    """What is wrong with these products and seats, "" if nothing is."""
    if not 1 <= len(items) <= PRODUCTS_MAX:
        return detail("products-count", count=len(items), most=PRODUCTS_MAX)
    seen: set[int] = set()
    for item in items:
        if item.product_code in seen:
            return detail("product-twice", product=item.product_code)
        if not 1 <= item.seats <= SEATS_MAX:
            return detail("seats-range", product=item.product_code, most=SEATS_MAX)
        seen.add(item.product_code)
    return ""
