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
from appliance.codec.request_files import ContainerRequest
from appliance.codec.ticket_codes import new_code
from appliance.licences.model import (
    ContainerUpdate,
    FirmItem,
    ProductItem,
    ReturnedItem,
    UpdateBase,
)
from appliance.licences.refusals import UpdateRefused
from appliance.services.central import adding, returning
from appliance.services.central.adding import More
from appliance.services.central.by_hand import REQUEST_S, UsedRequest
from appliance.services.central.firm_records import FirmRecords
from appliance.services.central.issued import (
    Change,
    Held,
    Issue,
    IssuedUpdate,
    check_kinds,
)
from appliance.services.central.options import Options, Product
from appliance.services.central.records import Records, licences, returned, sold
from appliance.services.central.records.schema import firms, products
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root import ActivatedContainer, RootAuthority
from appliance.services.central.storage import key_at, make_private, public_bytes, read_key
from appliance.services.central.tickets import Ticket, Use, Wanted, lines_of
from appliance.verifier.certificates import SINGLE
from appliance.verifier.merkle import Peaks

_KEY: Final = "firm.key.pem"
CHANGES_MAX: Final = 2_000
"""Items that one update changes at most: what is more comes by several."""

WAIT_DAYS_MAX: Final = 366
"""For how long a lost group may have to wait."""

Keep = Callable[[Sequence[IssuedUpdate]], None]


class FirmStore(FirmRecords):
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
        super().__init__(records, firm_code)
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
            self.records.note("confirm", cmact_id, ledger=ledger_id, updates=_digests(updates))
        return updates

    def renew(self, changes: Sequence[Change], act: str, subject: str) -> tuple[IssuedUpdate, ...]:
        """Issues what these containers hold from now on: what was lost to new ones (`reissuing`),
        or less than before (`returning`). Raises CentralRefused."""
        with self.records.act():
            updates = self._sign(changes)
            self.records.note(act, subject, firm=self.firm_code, updates=_digests(updates))
        return updates

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
            sequence = licences.reachable(connection, code, newest, held, CHANGES_MAX)
            data = self._signed(newest, held, sequence)
            digest = sha256(data).digest()
            licences.note_skip(connection, code, serial, held, sequence, digest)
        return IssuedUpdate(serial, code, sequence, data)

    def updates_since(self, asked: ContainerRequest) -> list[IssuedUpdate]:
        """All that this container lacks, by as few files as carry it. Raises CentralRefused."""
        serial, held = asked.serial, dict(asked.held).get(self.firm_code, 0)
        newest = self.issued_to(serial)
        if newest is None:
            raise CentralRefused(f"Firm {self.firm_code} has issued nothing to {serial}.")
        if newest.container.public_key != asked.public_key:
            raise CentralRefused(f"Container {serial} was activated with another key.")
        if held > newest.sequence:
            raise CentralRefused(
                f"Container {serial} holds update {held} of firm {self.firm_code}, and"
                f" {newest.sequence} is the newest here: these records are older than what was"
                " issued. Restore newer ones first."
            )
        found: list[IssuedUpdate] = []
        while (update := self.next_update(serial, held)) is not None:
            found.append(update)
            held = update.sequence
        return found

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

    # --- signing ---

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
                    rooted = licences.rooted(connection, code, held.serial, held.sequence)
                    data = self._signed(held, held.sequence - 1, held.sequence, rooted)
                    licences.keep_update(connection, code, held.serial, held.sequence, rooted, data)
                    made.append(IssuedUpdate(held.serial, code, held.sequence, data))
        self._keep(made)
        return tuple(made)

    def _signed(self, held: Held, base: int, sequence: int, rooted: Peaks | None = None) -> bytes:
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
        check_item(item, single=not item.tmr_id)
    except UpdateRefused as refused:
        raise CentralRefused(refused.detail) from None
