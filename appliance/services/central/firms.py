"""One firm: what is sold, changed, added and confirmed in its name; `firm_updates` signs it.

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
from appliance.codec.licence_files import check_item
from appliance.codec.ticket_codes import new_code
from appliance.licences.model import ProductItem
from appliance.licences.refusals import UpdateRefused
from appliance.services.central import adding, returning
from appliance.services.central.adding import More
from appliance.services.central.by_hand import REQUEST_S, UsedRequest
from appliance.services.central.firm_updates import KEY_NAME, FirmUpdates, digests
from appliance.services.central.issued import Change, Issue, IssuedUpdate
from appliance.services.central.options import Options, Product
from appliance.services.central.records import Records, returned, sold
from appliance.services.central.records.schema import firms, products
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root import ActivatedContainer, RootAuthority
from appliance.services.central.storage import key_at, make_private, public_bytes
from appliance.services.central.tickets import Ticket, Use, Wanted, lines_of
from appliance.verifier.certificates import SINGLE

WAIT_DAYS_MAX: Final = 366
"""For how long a lost group may have to wait."""


class FirmStore(FirmUpdates):
    """One firm. What it signs with is in its own directory, and no other key is in there.

    Whatever changes something is one act, all of it or nothing, and raises CentralRefused.
    """

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
            public_key = public_bytes(key_at(path / KEY_NAME))
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

    def set_wait_days(self, days: int) -> None:
        """How many days a lost group waits from now on, see `reissuing.check_waited`. Raises
        CentralRefused if they are out of range."""
        if not 0 <= days <= WAIT_DAYS_MAX:
            raise CentralRefused(f"A lost group waits for 0 to {WAIT_DAYS_MAX} days.")
        with self.records.act() as connection:
            mine = update(firms).where(firms.c.firm_code == self.firm_code)
            connection.execute(mine.values(wait_days=days))
            self.records.note("wait", str(self.firm_code), days=days)

    # --- products ---

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

    def next_item(
        self, product_code: int, options: Options, *, single: bool = False
    ) -> ProductItem:
        """What `issue` would issue next; to a `single` container an ordinary licence, which has no
        TMR-ID. Raises CentralRefused if it cannot be issued."""
        product = self._product(product_code)
        if product is None:
            raise CentralRefused(
                f"Firm {self.firm_code} has no product {product_code}; add it first."
            )
        item = product.item(0 if single else self._next_tmr_id(), options)
        _check(item)
        return item

    # --- licences ---

    def issue(
        self,
        group: Sequence[ActivatedContainer],
        product_code: int,
        options: Options,
        used: Sequence[UsedRequest] = (),
        now_s: int = 0,
    ) -> Issue:
        """A new TMR licence for these three containers, under this firm's next TMR-ID; or an
        ordinary one for the one that stands alone, in the place of another of that product.

        These requests are used up by it, at `now_s` (Unix time). Raises CentralRefused, also if one
        of the three has yet to confirm a return.
        """
        with self.records.act():
            self.use(used, now_s)
            (item,), updates = self._issue(group, [(product_code, options)])
        return Issue(self.firm_code, product_code, item.tmr_id, updates, item.expires_at_s)

    def redeem(
        self, group: Sequence[ActivatedContainer], ticket: Ticket, wanted: Sequence[Wanted]
    ) -> None:
        """What these containers want of a ticket becomes licences of theirs: one update for each
        container, whatever the number of lines. Raises CentralRefused as `issue` does."""
        with self.records.act() as connection:
            items, _ = self._issue(group, [(one.line.product_code, one.options) for one in wanted])
            for one, item in zip(wanted, items, strict=True):
                use = Use(
                    line=one.line.line,
                    quantity=one.quantity,
                    tmr_id=item.tmr_id,
                    cmact_id=group[0].cmact_id,
                )
                sold.spend(connection, self.firm_code, ticket.code, use)

    def _issue(
        self, group: Sequence[ActivatedContainer], wanted: Sequence[tuple[int, Options]]
    ) -> tuple[list[ProductItem], tuple[IssuedUpdate, ...]]:
        """New licences of these products with these options, for these containers."""
        with self.records.act() as connection:
            group_id, serials = group[0].cmact_id, {one.serial for one in group}
            returning.check_not_behind(
                returned.unsettled(connection, self.firm_code, group_id),
                self.firm_code,
                returned.confirmed(connection, self.firm_code, serials),
                serials,
            )
            items = []
            for product_code, options in wanted:
                single = group[0].twin == SINGLE
                item = self.next_item(product_code, options, single=single)
                if not single:
                    connection.execute(
                        update(firms)
                        .where(firms.c.firm_code == self.firm_code)
                        .values(next_tmr_id=item.tmr_id + 1)
                    )
                items.append(item)
            updates = self._sign([Change(held=self._held(one), put=tuple(items)) for one in group])
            for item in items:
                self._note("issue", item.product_code, item.tmr_id, updates)
        return items, updates

    def change(self, tmr_id: int, options: Options, serials: Sequence[str] = ()) -> Issue:
        """Issues the licence with this TMR-ID again with other options.

        To all three of its containers, or to those with these `serials` only, which makes a
        constituent that differs from its twins. Raises CentralRefused.
        """
        if not options.values:
            raise CentralRefused("Nothing is to be changed; give at least one option.")
        return self._changed(tmr_id, options.applied_to, serials, "change", options=options.values)

    def add(self, tmr_id: int, more: More, order: str, now_s: int) -> Issue:
        """Adds to the licence with this TMR-ID in all its containers, once for an order of this
        name (case and blanks do not count), at `now_s` (Unix time). Raises CentralRefused."""
        with self.records.act():
            used = adding.use(order, tmr_id, more, now_s)
            if self.is_used(used.nonce, used.act):
                raise CentralRefused(
                    f"Order {order!r} was added to TMR-ID {tmr_id} already: `tmr central updates`"
                    " hands out once more what was issued."
                )
            self.use((used,), now_s)
            said = {"order": order, **more._asdict()}
            return self._changed(
                tmr_id, lambda one: adding.added_to(one, more, now_s), (), "add", **said
            )

    def _changed(
        self,
        tmr_id: int,
        make: Callable[[ProductItem], ProductItem],
        serials: Sequence[str],
        act: str,
        **said: object,
    ) -> Issue:
        if not tmr_id:
            raise CentralRefused(
                "An ordinary licence has no TMR-ID to name it by: issue it to its container again,"
                " with --single and --instead."
            )
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
                made = make(item)
                _check(made)
                changes.append(Change(held=held, put=(made,)))
            updates = self._sign(changes)
            self._note(act, made.product_code, tmr_id, updates, **said)
        return Issue(self.firm_code, made.product_code, tmr_id, updates, made.expires_at_s)

    def confirm_units(self, cmact_id: str, ledger_id: str) -> tuple[IssuedUpdate, ...]:
        """Says to this group that its unit counters are right in the restored ledger of that id.

        Raises CentralRefused.
        """
        with self.records.act():
            changes = [
                Change(held=held, units_confirmed=ledger_id) for held in self.group(cmact_id)
            ]
            updates = self._sign(changes)
            self.records.note("confirm", cmact_id, ledger=ledger_id, updates=digests(updates))
        return updates

    def renew(self, changes: Sequence[Change], act: str, subject: str) -> tuple[IssuedUpdate, ...]:
        """Issues what these containers hold from now on: what was lost to new ones (`reissuing`),
        or less than before (`returning`). Raises CentralRefused."""
        with self.records.act():
            updates = self._sign(changes)
            self.records.note(act, subject, firm=self.firm_code, updates=digests(updates))
        return updates

    # --- tickets, returns ---

    def add_ticket(self, lines: Sequence[tuple[int, Options]], rng: RandomBits) -> Ticket:
        """Sells licences of these products with these options, to whoever shows the ticket. Raises
        CentralRefused."""
        with self.records.act() as connection:
            made = lines_of([(self.next_item(*line), line[1]) for line in lines])
            ticket = Ticket(code=new_code(rng), lines=made)
            sold.sell(connection, self.firm_code, ticket)
            self.records.note(
                "ticket",
                str(self.firm_code),
                # A ticket is worth a licence: the trail tells which one it was, not what it is.
                ticket_sha256=sha256(ticket.code.encode()).hexdigest(),
                lines=[(one.product_code, one.quantity, one.options.values) for one in made],
            )
        return ticket

    def use(self, used: Iterable[UsedRequest], now_s: int) -> None:
        """Remembers these requests as used, and forgets those that are too old to be shown."""
        with self.records.act() as connection:
            sold.use(connection, self.firm_code, used, now_s - REQUEST_S)


def _check(item: ProductItem) -> None:
    try:
        check_item(item, single=not item.tmr_id)
    except UpdateRefused as refused:
        raise CentralRefused(refused.detail) from None
