"""The products that a program names, as a check-out asks for them."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.licences.commands import Item
from appliance.licences.products import why_no_items

Product = tuple[int, int] | tuple[int, int, int]
"""(firm code, product code) or (firm code, product code, seats)."""


def wanted_of(products: Sequence[Product]) -> tuple[int, tuple[Item, ...]]:
    """The firm code, and the products. Raises ValueError for what nobody can ask."""
    items = tuple(Item(*codes) for _, *codes in products)
    wrong = why_no_items(items)
    if wrong:
        raise ValueError(f"a lease cannot be had so: {wrong}")
    firms = {product[0] for product in products}
    if len(firms) > 1:
        raise ValueError("the products of one lease have to be of one firm")
    return firms.pop(), items
