"""One firm: its key in a directory of its own, and in the records what it sells and has issued.

    firms/CODE/firm.key.pem

What can go wrong in here is a sequence number or a TMR-ID that is used twice, or used and its file
lost. So an act's numbers, its files and all else that it changes are one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import insert, select, update

from appliance.codec.certificates import RandomBits, check_firm
from appliance.codec.licence_files import build_update, check_item, read_update
from appliance.licences.model import (
    ContainerUpdate,
    FirmItem,
    ProductItem,
    ReturnedItem,
    UpdateBase,
)
from appliance.licences.refusals import UpdateRefused
from appliance.services.central import returning
from appliance.services.central.by_hand import REQUEST_S, UsedRequest
from appliance.services.central.issued import (
    Change,
    Held,
    Issue,
    IssuedItem,
    IssuedUpdate,
    check_kinds,
)
from appliance.services.central.options import Options, Product
from appliance.services.central.records import Records, licences, returned, sold
from appliance.services.central.records.licences import After, Root
from appliance.services.central.records.schema import firms, products
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.returning import PutBack, Return
from appliance.services.central.root import ActivatedContainer, RootAuthority
from appliance.services.central.storage import key_at, make_private, public_bytes, read_key
from appliance.services.central.tickets import Ticket, new_code

_KEY: Final = "firm.key.pem"
CHANGES_MAX: Final = 2_000
"""Items that one update changes at most: what is more comes by several."""
PAGE: Final = 1_000
"""How many rows a list has at most, unless it is asked for fewer."""

Keep = Callable[[Sequence[IssuedUpdate]], None]
_product = msgspec.json.Decoder(Product).decode


class FirmStore:
    """One firm. What it signs with is in its own directory, and no other key is in there.

    Whatever changes something is one act, all of it or nothing, and raises CentralRefused.
    """

    def __init__(
        self, path: Path, records: Records, firm_code: int, root: bytes, keep: Keep
    ) -> None:
        """The firm of this code with its key in `path`. Raises CentralRefused if there is none.

        `root` is the root's certificate. `keep` gets the signed updates of an act before the act
        counts; what it raises prevents it.
        """
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
        self._path = path
        self._root = root
        self._keep = keep

    @staticmethod
    def create(
        path: Path,
        records: Records,
        firm_code: int,
        firm_name: str,
        root: RootAuthority,
        now: datetime,
        rng: RandomBits,
    ) -> None:
        """Makes a firm, certified by `root`. Raises CentralRefused.

        An interrupted attempt is taken up again with the key that it left.
        """
        try:
            check_firm(firm_code, firm_name)
        except ValueError as error:
            raise CentralRefused(str(error)) from None
        with records.act() as connection:
            known = select(firms.c.firm_name).where(firms.c.firm_code == firm_code)
            name = connection.execute(known).scalar_one_or_none()
            if name is not None:
                raise CentralRefused(f"Firm {firm_code} exists already: it is {name!r}.")
            make_private(path)
            public_key = public_bytes(key_at(path / _KEY))
            certificate = root.certify_firm(firm_code, firm_name, public_key, now, rng)
            connection.execute(
                insert(firms).values(
                    firm_code=firm_code,
                    firm_name=firm_name,
                    public_key=public_key,
                    certificate=certificate,
                    next_tmr_id=1,
                )
            )
            records.note("firm", str(firm_code), name=firm_name, key=public_key.hex())

    # --- products ---

    @property
    def products(self) -> tuple[Product, ...]:
        """The firm's products, by their codes."""
        asked = select(products.c.options).where(products.c.firm_code == self.firm_code)
        with self.records.reading() as connection:
            rows = connection.execute(asked.order_by(products.c.product_code))
            return tuple(_product(row.options) for row in rows)

    def add_product(self, product: Product) -> None:
        """Adds a product. Raises CentralRefused if its code is taken or an option out of range."""
        with self.records.act() as connection:
            if self._product(product.product_code) is not None:
                raise CentralRefused(
                    f"Firm {self.firm_code} has a product {product.product_code} already."
                )
            _check(product.item(1, Options()))
            connection.execute(
                insert(products).values(
                    firm_code=self.firm_code,
                    product_code=product.product_code,
                    options=msgspec.json.encode(product).decode(),
                )
            )
            self.records.note(
                "product", f"{self.firm_code}:{product.product_code}", options=product
            )

    def next_item(self, product_code: int, options: Options) -> ProductItem:
        """What `issue` would issue next. Raises CentralRefused if it cannot be issued."""
        product = self._product(product_code)
        if product is None:
            raise CentralRefused(
                f"Firm {self.firm_code} has no product {product_code}; add it first."
            )
        item = product.item(self._next_tmr_id(), options)
        _check(item)
        return item

    # --- licences ---

    def issue(
        self,
        group: Sequence[ActivatedContainer],
        product_code: int,
        options: Options,
        ticket: Ticket | None = None,
        used: Sequence[UsedRequest] = (),
        now_s: int = 0,
    ) -> Issue:
        """A new TMR licence for these three containers, under this firm's next TMR-ID.

        A `ticket` is used up by it, and so are these requests, at `now_s` (Unix time). Raises
        CentralRefused, also if one of the three has yet to confirm a return.
        """
        with self.records.act() as connection:
            item = self.next_item(product_code, options)
            group_id, serials = group[0].cmact_id, {one.serial for one in group}
            returning.check_not_behind(
                returned.unsettled(connection, self.firm_code, group_id),
                self.firm_code,
                returned.confirmed(connection, self.firm_code, serials),
                serials,
            )
            self.use(used, now_s)
            if ticket is not None:
                sold.spend(connection, ticket.code, item.tmr_id)
            connection.execute(
                update(firms)
                .where(firms.c.firm_code == self.firm_code)
                .values(next_tmr_id=item.tmr_id + 1)
            )
            changes = [Change(held=self._held(one), put=(item,)) for one in group]
            updates = self._sign(changes)
            self._note("issue", item.product_code, item.tmr_id, updates)
        return Issue(self.firm_code, product_code, item.tmr_id, updates, item.expires_at_s)

    def change(self, tmr_id: int, options: Options, serials: Sequence[str] = ()) -> Issue:
        """Issues the licence with this TMR-ID again with other options.

        To all three of its containers, or to those with these `serials` only, which makes a
        constituent that differs from its twins. Raises CentralRefused.
        """
        if not options.values:
            raise CentralRefused("Nothing is to be changed; give at least one option.")
        with self.records.act():
            holders = {held.serial: (held, item) for held, item in self.holders(tmr_id)}
            if not holders:
                raise CentralRefused(f"Firm {self.firm_code} has issued no TMR-ID {tmr_id}.")
            for serial in serials:
                if serial not in holders:
                    raise CentralRefused(
                        f"Container {serial} holds no licence with TMR-ID {tmr_id}."
                    )
            changes = []
            for serial in dict.fromkeys(serials or holders):
                held, item = holders[serial]
                made = options.applied_to(item)
                _check(made)
                changes.append(Change(held=held, put=(made,)))
            updates = self._sign(changes)
            self._note("change", made.product_code, tmr_id, updates, options=options.values)
        return Issue(self.firm_code, made.product_code, tmr_id, updates, made.expires_at_s)

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

    def confirm_units(self, cmact_id: str, ledger_id: str) -> tuple[IssuedUpdate, ...]:
        """Says to this group that its unit counters are right in the restored ledger of that id.

        Raises CentralRefused.
        """
        with self.records.act():
            changes = [
                Change(held=held, units_confirmed=ledger_id) for held in self.group(cmact_id)
            ]
            updates = self._sign(changes)
            self.records.note("confirm", cmact_id, ledger=ledger_id, updates=_digests(updates))
        return updates

    def renew(self, changes: Sequence[Change], act: str, subject: str) -> tuple[IssuedUpdate, ...]:
        """Issues what these containers hold from now on: what was lost to new ones (`reissuing`),
        or less than before (`returning`). Raises CentralRefused."""
        with self.records.act():
            updates = self._sign(changes)
            self.records.note(act, subject, firm=self.firm_code, updates=_digests(updates))
        return updates

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
            page = self._files(serial, len(found), PAGE)
            found += page
            if len(page) < PAGE:
                return tuple(found)

    def next_update(self, serial: str, held: int) -> IssuedUpdate | None:
        """One file that brings this container from its update `held` to the newest, or as far as
        CHANGES_MAX changes go; None if it has them all."""
        newest = self.issued_to(serial)
        if newest is None or not 0 <= held < newest.sequence:
            return None
        if held + 1 == newest.sequence:
            stored = self._files(serial, held, 1)
            if stored:
                return stored[0]
        with self.records.act() as connection:
            code = self.firm_code
            sequence = licences.reachable(connection, code, serial, held, CHANGES_MAX)
            data = self._signed(newest, held, sequence)
            digest = sha256(data).digest()
            licences.note_skip(connection, code, serial, held, sequence, digest)
        return IssuedUpdate(serial, code, sequence, data)

    def digests(self, serial: str, sequence: int) -> set[bytes]:
        """SHA-256 of each file by which this container may have come to this sequence."""
        with self.records.reading() as connection:
            return licences.digests(connection, self.firm_code, serial, sequence)

    def _files(self, serial: str, after: int, limit: int) -> list[IssuedUpdate]:
        with self.records.reading() as connection:
            found = licences.update_files(connection, self.firm_code, serial, after, limit)
        return [IssuedUpdate(serial, self.firm_code, at, data) for at, data in found]

    # --- tickets, returns ---

    def tickets(self, after: str = "", limit: int = PAGE) -> list[Ticket]:
        """A page of tickets, in the order of sale, those behind the one of code `after`."""
        with self.records.reading() as connection:
            found = sold.page(connection, after, limit, self.firm_code)
        return [ticket for _, ticket in found]

    def add_ticket(self, product_code: int, options: Options, rng: RandomBits) -> Ticket:
        """Sells one licence of a product, to whoever shows the ticket. Raises CentralRefused."""
        with self.records.act() as connection:
            self.next_item(product_code, options)
            ticket = Ticket(code=new_code(rng), product_code=product_code, options=options)
            sold.sell(connection, self.firm_code, ticket)
            self.records.note(
                "ticket",
                f"{self.firm_code}:{product_code}",
                # A ticket is worth a licence: the trail tells which one it was, not what it is.
                ticket_sha256=sha256(ticket.code.encode()).hexdigest(),
                options=options.values,
            )
        return ticket

    def use(self, used: Iterable[UsedRequest], now_s: int) -> None:
        """Remembers these requests as used, and forgets those that are too old to be shown."""
        with self.records.act() as connection:
            sold.use(connection, self.firm_code, used, now_s - REQUEST_S)

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

    # --- signing ---

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

    def _note(
        self,
        act: str,
        product_code: int,
        tmr_id: int,
        updates: Sequence[IssuedUpdate],
        **more: object,
    ) -> None:
        key = f"{self.firm_code}:{product_code}#{tmr_id}"
        self.records.note(act, key, updates=_digests(updates), **more)

    def _sign(self, changes: Sequence[Change]) -> tuple[IssuedUpdate, ...]:
        """Makes the changes, signs what came of them, reads it back, and hands it to `keep`.

        What is more than fits into one update becomes several.
        """
        made = []
        code = self.firm_code
        with self.records.act() as connection:
            for change in changes:
                held = change.held
                check_kinds(change.put, {held.serial: held.container.kind})
                for at in range(0, len(change.put) or 1, CHANGES_MAX):
                    some = change.put[at : at + CHANGES_MAX]
                    part = msgspec.structs.replace(change, held=held, put=some)
                    held = licences.write(connection, code, part)
                    group = held.container.cmact_id
                    gone = returned.unnamed(connection, code, group, held.serial)
                    licences.name_returned(connection, code, held, gone)
                    rooted = licences.rooted(connection, code, held.serial)
                    data = self._signed(held, held.sequence - 1, held.sequence, rooted)
                    licences.keep_update(connection, code, held.serial, held.sequence, rooted, data)
                    made.append(IssuedUpdate(held.serial, code, held.sequence, data))
        self._keep(made)
        return tuple(made)

    def _signed(self, held: Held, base: int, sequence: int, rooted: Root | None = None) -> bytes:
        """The file that brings this container from `base` to `sequence`; `rooted` is of all items
        there. From nothing to the first it is whole."""
        container, code, serial = held.container, self.firm_code, held.serial
        with self.records.reading() as connection:
            made = licences.delta(connection, code, serial, base, sequence)
            before = licences.root_at(connection, code, serial, base)
            rooted = rooted or licences.root_at(connection, code, serial, sequence)
        changed = UpdateBase(sequence=base, root=b"" if before is None else before.root)
        update = ContainerUpdate(
            serial=serial,
            cmact_id=container.cmact_id,
            twin=container.twin,
            certificate=container.certificate,
            firm=FirmItem(
                firm_code=code,
                firm_name=self.firm_name,
                sequence=sequence,
                items=made.put,
                units_confirmed=held.units_confirmed,
                returned=tuple(ReturnedItem(*one) for one in made.returned),
            ),
            base=None if sequence == 1 else changed,
            dropped=tuple(ReturnedItem(*one) for one in made.dropped),
        )
        try:
            data = build_update(read_key(self._path / _KEY), self.certificate, update, rooted)
            # Whatever an upstream would refuse is not handed out.
            read_update(data, self._root)
        except UpdateRefused as refused:
            raise CentralRefused(refused.detail) from None
        return data


def _digests(updates: Iterable[IssuedUpdate]) -> dict[str, tuple[int, str]]:
    return {one.serial: (one.sequence, sha256(one.data).hexdigest()) for one in updates}


def _check(item: ProductItem) -> None:
    try:
        check_item(item)
    except UpdateRefused as refused:
        raise CentralRefused(refused.detail) from None
