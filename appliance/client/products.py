"""The products that a program names, as a check-out asks for them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from appliance.client.states import StatusListener
from appliance.client.waiting import OnQueue
from appliance.codec.api import HolderDocument
from appliance.licences.commands import Item
from appliance.licences.products import why_no_items
from appliance.licences.wishes import Asked

Product = tuple[int, int] | tuple[int, int, int]
"""(firm code, product code) or (firm code, product code, seats)."""


class Held(Asked, total=False):
    """How a lease is held, and what it wishes: the keyword arguments of `AsyncClient.lease_all`."""

    holder: HolderDocument | None
    lease_id: str
    secret: bytes
    on_change: StatusListener | None
    quorum_wait_s: float
    deadline_s: float | None
    regain: bool
    station: bytes | None
    resume: str | os.PathLike[str] | None
    wait_s: float
    on_queue: OnQueue | None


def wanted_of(products: Sequence[Product]) -> tuple[int, tuple[Item, ...]]:
    """The firm code, and the products. Raises ValueError for what nobody can ask."""
    firms = {product[0] for product in products}
    if len(firms) > 1:
        raise ValueError("the products of one lease have to be of one firm")
    items = tuple(Item(*codes) for _, *codes in products)
    wrong = why_no_items(items)
    if wrong:
        raise ValueError(f"a lease cannot be had so: {wrong}")
    return firms.pop(), items
