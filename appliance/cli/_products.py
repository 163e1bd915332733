"""The products and seats that `tmr run` and `tmr checkout` take, as they are written there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

import click

from appliance.licences.bounds import SEATS_MAX
from appliance.licences.commands import Item
from appliance.licences.products import why_no_items

METAVAR: Final = "FIRM:PRODUCT[:SEATS]"
_CODES: Final = re.compile(r"([0-9]+):([0-9]+)(?::([0-9]+))?")

seats_option = click.option(
    "--seats",
    type=click.IntRange(1, SEATS_MAX),
    default=1,
    show_default=True,
    metavar="N",
    help="Seats of each product that does not say how many: FIRM:PRODUCT:SEATS.",
)


class Written(NamedTuple):
    """A product as it is written; `seats` is None where it does not say how many."""

    firm_code: int
    product_code: int
    seats: int | None


class ProductType(click.ParamType[Written]):
    """A product as it is written: FIRM:PRODUCT, or FIRM:PRODUCT:SEATS."""

    name = "product"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Written:
        """What it says. Raises click's usage error if it is none."""
        match = _CODES.fullmatch(value)
        if match is None:
            self.fail(f"{value!r} is not {METAVAR}, such as 100001:10.", param, ctx)
        firm, product, seats = match.groups()
        return Written(int(firm), int(product), None if seats is None else int(seats))


class Products(NamedTuple):
    """Products of one firm, each with so many seats."""

    firm_code: int
    items: tuple[Item, ...]

    def __str__(self) -> str:
        return " ".join(
            f"{self.firm_code}:{item.product_code}" + (f":{item.seats}" if item.seats > 1 else "")
            for item in self.items
        )

    @property
    def asked(self) -> list[tuple[int, int, int]]:
        """As `AsyncClient.lease_all` takes them."""
        return [(self.firm_code, item.product_code, item.seats) for item in self.items]


def products_in(written: Iterable[Written], seats: int) -> Products:
    """What is written, with so many seats where none are. Raises click's usage error."""
    parts = tuple(written)
    firms = {one.firm_code for one in parts}
    if len(firms) > 1:
        raise click.UsageError("The products of one lease have to be of one firm.")
    items = tuple(
        Item(one.product_code, seats if one.seats is None else one.seats) for one in parts
    )
    wrong = why_no_items(items)
    if wrong:
        raise click.UsageError(f"These seats cannot be had: {wrong}.")
    return Products(firms.pop(), items)
