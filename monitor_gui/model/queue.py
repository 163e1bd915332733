"""Who waits for which seats: the places of all, and what they come to for each product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from appliance.codec.api import LicenceDocument
from appliance.codec.api_queue import QueueDocument, QueuePlace

WAITED_S_MAX: Final = 1e10
"""Three centuries: whoever says more is not believed."""
Product = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One who waits. `since_s` is on the monitor's clock; `held_until_s`, too, None without an
    offer."""

    place: QueuePlace
    products: tuple[Product, ...]
    wants: str
    seats: int
    since_s: float
    held_until_s: float | None

    @property
    def key(self) -> tuple[str, str, int]:
        """Who it is, over all answers."""
        return self.place.client, self.place.lease_id, self.place.place

    @property
    def who(self) -> str:
        """The user and the computer as far as they are known, else the client."""
        holder = self.place.holder
        if holder.user and holder.host:
            return f"{holder.user}@{holder.host}"
        return holder.user or holder.host or self.place.client


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product that somebody waits for: how many places, how many seats they want, since when the
    first one waits, and how many of them are offered seats. `in_use` and `quantity` are of all its
    licences, None while nobody knows."""

    product: Product
    name: str
    waiting: int
    seats: int
    since_s: float
    offered: int
    in_use: int | None
    quantity: int | None


def place_rows(
    document: QueueDocument, at_s: float, names: Mapping[Product, str]
) -> list[PlaceRow]:
    """Everybody who waits, in the order of the places. `at_s` is when this was heard."""
    return [_place(place, at_s, names) for place in document.places]


def _place(place: QueuePlace, at_s: float, names: Mapping[Product, str]) -> PlaceRow:
    products = tuple((place.firm_code, item.product_code) for item in place.items)
    held_s = place.held_s
    return PlaceRow(
        place=place,
        products=products,
        wants=", ".join(
            called(product, names) + (f" × {item.seats}" if item.seats != 1 else "")
            for product, item in zip(products, place.items, strict=True)
        ),
        seats=sum(item.seats for item in place.items),
        since_s=at_s - min(max(place.waited_s, 0.0), WAITED_S_MAX),
        held_until_s=None if held_s is None else at_s + min(max(held_s, 0.0), WAITED_S_MAX),
    )


def called(product: Product, names: Mapping[Product, str]) -> str:
    """The product's name where it is known, else its codes."""
    return names.get(product) or f"{product[0]}:{product[1]}"


def product_rows(
    rows: list[PlaceRow], names: Mapping[Product, str], licences: tuple[LicenceDocument, ...] | None
) -> list[ProductRow]:
    """What it comes to for each product, by its codes."""
    of: dict[Product, list[tuple[PlaceRow, int]]] = {}
    for row in rows:
        for product, item in zip(row.products, row.place.items, strict=True):
            of.setdefault(product, []).append((row, item.seats))
    return [
        ProductRow(
            product=product,
            name=called(product, names),
            waiting=len(those),
            seats=sum(seats for _, seats in those),
            since_s=min(row.since_s for row, _ in those),
            offered=sum(row.held_until_s is not None for row, _ in those),
            in_use=_summed(licences, product, "in_use"),
            quantity=_summed(licences, product, "quantity"),
        )
        for product, those in sorted(of.items())
    ]


def _summed(
    licences: tuple[LicenceDocument, ...] | None, product: Product, field: str
) -> int | None:
    """A number of all licences of a product that can be used; None if there is none."""
    found = [
        getattr(one, field)
        for one in licences or ()
        if (one.firm_code, one.product_code) == product and one.available
    ]
    return sum(found) if found else None
