"""What the records hold of one firm: what it sells, has issued, and has taken back.

Nothing is changed in here; who asks within an act sees what that act has changed so far.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import select, update

from appliance.licences.model import ProductItem
from appliance.services.central.issued import Held, IssuedItem, IssuedUpdate
from appliance.services.central.options import Product
from appliance.services.central.records import Records, licences, returned, sold
from appliance.services.central.records.licences import After
from appliance.services.central.records.schema import firms, products
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.returning import PutBack, Return
from appliance.services.central.root import ActivatedContainer
from appliance.services.central.tickets import Ticket

PAGE: Final = 1_000
"""How many rows a list has at most, unless it is asked for fewer."""

_product = msgspec.json.Decoder(Product).decode


class FirmRecords:
    """One firm, as the records have it."""

    def __init__(self, records: Records, firm_code: int) -> None:
        """The firm of this code. Raises CentralRefused if there is none."""
        self.records = records
        with records.reading() as connection:
            row = connection.execute(select(firms).where(firms.c.firm_code == firm_code)).first()
        if row is None:
            raise CentralRefused(f"There is no firm {firm_code} in {records.place}; add it first.")
        self.firm_code: Final[int] = row.firm_code
        """The firm code that this firm's key may sign for."""
        self.firm_name: Final[str] = row.firm_name
        """The firm's name, as certified."""
        self.certificate: Final[bytes] = bytes(row.certificate)
        """The firm's certificate, DER."""
        self.wait_days: Final[int] = row.wait_days
        """How many days a lost group waits before its licences are issued anew."""

    @property
    def products(self) -> tuple[Product, ...]:
        """The firm's products, by their codes."""
        asked = select(products.c.options).where(products.c.firm_code == self.firm_code)
        with self.records.reading() as connection:
            rows = connection.execute(asked.order_by(products.c.product_code))
            return tuple(_product(row.options) for row in rows)

    def group(self, cmact_id: str) -> list[Held]:
        """The containers of this group that hold licences of this firm. Raises CentralRefused if
        there are none."""
        with self.records.reading() as connection:
            found = licences.of_group(connection, self.firm_code, cmact_id)
        if not found:
            raise CentralRefused(
                f"No container of group {cmact_id} holds licences of firm {self.firm_code}."
            )
        return found

    def licences(self, after: After | None = None, limit: int = PAGE) -> list[IssuedItem]:
        """A page of the constituents that were issued and are held, in the order of TMR-IDs."""
        with self.records.reading() as connection:
            return licences.page(connection, after, limit, self.firm_code)

    def content(self, serial: str) -> tuple[ProductItem, ...]:
        """All that this container holds of this firm."""
        with self.records.reading() as connection:
            return licences.content(connection, self.firm_code, serial)

    def holders(
        self, tmr_id: int, product_code: int | None = None
    ) -> list[tuple[Held, ProductItem]]:
        """The containers that hold this licence, and what each holds of it."""
        with self.records.reading() as connection:
            return licences.holders(connection, self.firm_code, tmr_id, product_code)

    def issued_to(self, serial: str) -> Held | None:
        """How far this firm is with this container, None if it has issued nothing to it."""
        with self.records.reading() as connection:
            return licences.held_by(connection, self.firm_code, serial)

    def updates(self, serial: str) -> tuple[IssuedUpdate, ...]:
        """Every update issued to this container, in order. Raises CentralRefused if none was."""
        if self.issued_to(serial) is None:
            raise CentralRefused(f"Firm {self.firm_code} has issued nothing to {serial}.")
        found: list[IssuedUpdate] = []
        while True:
            page = self._files(serial, found[-1].sequence if found else 0, PAGE)
            found += page
            if len(page) < PAGE:
                return tuple(found)

    def digests(self, serial: str, sequence: int) -> set[bytes]:
        """SHA-256 of each file by which this container may have come to this sequence."""
        with self.records.reading() as connection:
            return licences.digests(connection, self.firm_code, serial, sequence)

    def tickets(self, after: str = "", limit: int = PAGE) -> list[Ticket]:
        """A page of tickets, in the order of sale, those behind the one of code `after`."""
        with self.records.reading() as connection:
            found = sold.page(connection, after, limit, self.firm_code)
        return [ticket for _, ticket in found]

    def is_used(self, nonce: bytes, act: str) -> bool:
        """Whether the request of this number was used for this act."""
        with self.records.reading() as connection:
            return sold.is_used(connection, self.firm_code, nonce, act)

    def returns(self, after: int = 0, limit: int = PAGE) -> list[Return]:
        """A page of licences that were, or are being, taken back, in the order of TMR-IDs, those
        above `after`."""
        with self.records.reading() as connection:
            return returned.page(connection, self.firm_code, after, limit)

    def confirmed(self, serials: Iterable[str]) -> dict[str, int]:
        """The newest sequence that each of these containers confirmed."""
        with self.records.reading() as connection:
            return returned.confirmed(connection, self.firm_code, set(serials))

    @property
    def put_back(self) -> tuple[PutBack, ...]:
        """Containers that showed less than they had confirmed."""
        with self.records.reading() as connection:
            return returned.all_put_back(connection, self.firm_code)

    # --- for who changes it ---

    def numbered(self, items: Iterable[ProductItem]) -> tuple[ProductItem, ...]:
        """These ordinary licences under this firm's next TMR-IDs."""
        with self.records.act() as connection:
            first = self._next_tmr_id()
            made = tuple(
                msgspec.structs.replace(item, tmr_id=tmr_id)
                for tmr_id, item in enumerate(items, first)
            )
            mine = firms.c.firm_code == self.firm_code
            connection.execute(update(firms).where(mine).values(next_tmr_id=first + len(made)))
        return made

    def check_without(self, serial: str, product_code: int) -> None:
        """Raises CentralRefused if this single container has a licence of the product."""
        if any(held.serial == serial for held, _ in self.holders(0, product_code)):
            raise CentralRefused(
                f"Container {serial} has a licence of product {product_code} already: --instead"
                " puts another in its place, with the options that you give now."
            )

    def _product(self, product_code: int) -> Product | None:
        asked = select(products.c.options).where(
            products.c.firm_code == self.firm_code, products.c.product_code == product_code
        )
        with self.records.reading() as connection:
            found = connection.execute(asked).scalar_one_or_none()
        return None if found is None else _product(found)

    def _next_tmr_id(self) -> int:
        asked = select(firms.c.next_tmr_id).where(firms.c.firm_code == self.firm_code)
        with self.records.reading() as connection:
            found: int = connection.execute(asked).scalar_one()
        return found

    def _held(self, container: ActivatedContainer) -> Held:
        return self.issued_to(container.serial) or Held(container=container)

    def _files(self, serial: str, after: int, limit: int) -> list[IssuedUpdate]:
        with self.records.reading() as connection:
            found = licences.update_files(connection, self.firm_code, serial, after, limit)
        return [IssuedUpdate(serial, self.firm_code, at, data) for at, data in found]
