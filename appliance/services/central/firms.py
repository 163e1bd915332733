"""One firm: its key, products, and what it has issued to which container.

    firm.key.pem, firm.cert.der, root.cert.der, firm.json
    updates/SERIAL.FIRM.SEQUENCE.tmr-update   every update ever issued
    receipts/                                 what containers confirmed of them

What can go wrong in here is a sequence number that was used and whose file is lost: the container
could never be updated again. So the files are stored before the state that counts them, and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, cast

import msgspec

from appliance.adapters.files import write_whole
from appliance.codec.certificates import RandomBits, check_firm
from appliance.codec.licence_files import build_update, check_item, read_update
from appliance.licences.model import (
    ContainerUpdate,
    FirmItem,
    LicenceKey,
    ProductItem,
    ReturnedItem,
)
from appliance.licences.refusals import UpdateRefused
from appliance.services.central import returning
from appliance.services.central.by_hand import UsedRequest
from appliance.services.central.issued import (
    Issue,
    IssuedContainer,
    IssuedUpdate,
    check_kinds,
    next_of,
    update_file_name,
)
from appliance.services.central.options import Options, Product
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.returning import PutBack, Return
from appliance.services.central.root import ActivatedContainer, RootAuthority
from appliance.services.central.storage import (
    key_at,
    make_private,
    public_bytes,
    read_key,
    read_state,
    write_private,
    write_state,
)
from appliance.services.central.tickets import TICKETS_MAX, Ticket, new_code, with_ticket

_KEY: Final = "firm.key.pem"
_CERTIFICATE: Final = "firm.cert.der"
_ROOT: Final = "root.cert.der"
_STATE: Final = "firm.json"
_UPDATES: Final = "updates"
_RECEIPTS: Final = "receipts"


Keep = Callable[[Sequence[IssuedUpdate]], None]


def _nowhere(updates: Sequence[IssuedUpdate]) -> None:
    """The firm's own directory is all that keeps them."""


class _FirmState(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    firm_code: int
    firm_name: str
    next_tmr_id: int = 1
    products: tuple[Product, ...] = ()
    containers: tuple[IssuedContainer, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    returns: tuple[Return, ...] = ()
    used_requests: tuple[UsedRequest, ...] = ()
    put_back: tuple[PutBack, ...] = ()


class FirmStore:
    """One firm in one directory. No other firm's key and not the root's is in there."""

    def __init__(self, path: Path, keep: Keep = _nowhere) -> None:
        """Opens the firm in `path`. Raises CentralRefused if there is none.

        `keep` gets the signed updates of an act before the act counts; what it raises prevents it.
        """
        self._path = path
        self._keep = keep
        self._state = read_state(path / _STATE, _FirmState)
        self._key = read_key(path / _KEY)
        self._certificate = (path / _CERTIFICATE).read_bytes()
        self._root = (path / _ROOT).read_bytes()

    @classmethod
    def create(
        cls,
        path: Path,
        firm_code: int,
        firm_name: str,
        root: RootAuthority,
        now: datetime,
        rng: RandomBits,
    ) -> FirmStore:
        """Makes a firm, certified by `root`. Raises CentralRefused.

        An interrupted attempt is taken up again with the key that it left.
        """
        if (path / _STATE).exists():
            raise CentralRefused(f"Firm {firm_code} exists already in {path}.")
        try:
            check_firm(firm_code, firm_name)
        except ValueError as error:
            raise CentralRefused(str(error)) from None
        make_private(path / _UPDATES)
        key = key_at(path / _KEY)
        certificate = root.certify_firm(firm_code, firm_name, public_bytes(key), now, rng)
        write_whole(path / _CERTIFICATE, certificate)
        write_whole(path / _ROOT, root.certificate)
        write_state(path / _STATE, _FirmState(firm_code=firm_code, firm_name=firm_name))
        return cls(path)

    @property
    def firm_code(self) -> int:
        """The firm code that this firm's key may sign for."""
        return self._state.firm_code

    @property
    def firm_name(self) -> str:
        """The firm's name, as certified."""
        return self._state.firm_name

    @property
    def certificate(self) -> bytes:
        """The firm's certificate, DER."""
        return self._certificate

    @property
    def products(self) -> tuple[Product, ...]:
        """The firm's products."""
        return self._state.products

    @property
    def containers(self) -> tuple[IssuedContainer, ...]:
        """Every container this firm has issued licences to, and the licences."""
        return self._state.containers

    def add_product(self, product: Product) -> None:
        """Adds a product. Raises CentralRefused if its code is taken or an option out of range."""
        if self._product(product.product_code) is not None:
            raise CentralRefused(
                f"Firm {self.firm_code} has a product {product.product_code} already."
            )
        _check(product.item(1, Options()))
        self._save(msgspec.structs.replace(self._state, products=(*self.products, product)))

    def next_item(self, product_code: int, options: Options) -> ProductItem:
        """What `issue` would issue next. Raises CentralRefused if it cannot be issued."""
        product = self._product(product_code)
        if product is None:
            raise CentralRefused(
                f"Firm {self.firm_code} has no product {product_code}; add it first."
            )
        item = product.item(self._state.next_tmr_id, options)
        _check(item)
        return item

    def issue(
        self,
        group: Sequence[ActivatedContainer],
        product_code: int,
        options: Options,
        ticket: Ticket | None = None,
        used: tuple[UsedRequest, ...] | None = None,
    ) -> Issue:
        """A new TMR licence for these three containers, under this firm's next TMR-ID.

        Each update holds the whole new firm item of its container. A `ticket` is used up by it;
        `used` are all the requests that are used up from then on. Raises CentralRefused, also if
        one of the three has yet to confirm a return.
        """
        item = self.next_item(product_code, options)
        serials = [container.serial for container in group]
        returning.check_not_behind(self.returns, self.firm_code, self.confirmed, serials)
        held = {issued.container.serial: issued for issued in self.containers}
        changed = []
        for container in group:
            before = held.get(container.serial, IssuedContainer(container=container))
            changed.append(next_of(before, (*before.items, item)))
        tickets = self._state.tickets
        if ticket is not None:
            spent = msgspec.structs.replace(ticket, requests=(), tmr_id=item.tmr_id)
            tickets = with_ticket(tickets, spent)
        used = self.used_requests if used is None else used
        more = {"tickets": tickets, "used_requests": used}
        updates = self._sign_and_keep(changed, item.tmr_id + 1, (), **more)
        return Issue(self.firm_code, product_code, item.tmr_id, updates, item.expires_at_s)

    def change(self, tmr_id: int, options: Options, serials: Sequence[str] = ()) -> Issue:
        """Issues the licence with this TMR-ID again with other options.

        To all three of its containers, or to those with these `serials` only, which makes a
        constituent that differs from its twins. Raises CentralRefused.
        """
        if not options.values:
            raise CentralRefused("Nothing is to be changed; give at least one option.")
        holders = {
            issued.container.serial: issued
            for issued in self.containers
            if any(item.tmr_id == tmr_id for item in issued.items)
        }
        if not holders:
            raise CentralRefused(f"Firm {self.firm_code} has issued no TMR-ID {tmr_id}.")
        for serial in serials:
            if serial not in holders:
                raise CentralRefused(f"Container {serial} holds no licence with TMR-ID {tmr_id}.")
        changed = []
        for serial in dict.fromkeys(serials or holders):
            items = list(holders[serial].items)
            at = next(at for at, item in enumerate(items) if item.tmr_id == tmr_id)
            made = items[at] = options.applied_to(items[at])
            _check(made)
            changed.append(next_of(holders[serial], tuple(items)))
        updates = self._sign_and_keep(changed, self._state.next_tmr_id)
        return Issue(self.firm_code, made.product_code, tmr_id, updates, made.expires_at_s)

    def held_by(self, cmact_id: str) -> tuple[IssuedContainer, ...]:
        """The containers of this group that hold licences of this firm. Raises CentralRefused if
        there are none."""
        found = tuple(
            one for one in self.containers if one.container.cmact_id == cmact_id and one.items
        )
        if not found:
            raise CentralRefused(
                f"No container of group {cmact_id} holds licences of firm {self.firm_code}."
            )
        return found

    def confirm_units(self, cmact_id: str, ledger_id: str) -> tuple[IssuedUpdate, ...]:
        """Says to this group that its unit counters are right in the restored ledger of that id.

        Raises CentralRefused.
        """
        changed = [
            msgspec.structs.replace(next_of(held, held.items), units_confirmed=ledger_id)
            for held in self.held_by(cmact_id)
        ]
        return self._sign_and_keep(changed, self._state.next_tmr_id)

    def renew(
        self,
        changed: Sequence[IssuedContainer],
        returns: tuple[Return, ...],
        *,
        emptied: Sequence[IssuedContainer] = (),
        used: tuple[UsedRequest, ...] | None = None,
    ) -> tuple[IssuedUpdate, ...]:
        """Issues what these containers hold now: what was lost to new ones (`reissuing`), or less
        than before (`returning`). What became of `emptied` is noted only; `returns` and `used` are
        all that there are from then on. Raises CentralRefused."""
        used = self.used_requests if used is None else used
        return self._sign_and_keep(
            changed, self._state.next_tmr_id, emptied, returns=returns, used_requests=used
        )

    def heir_of(self, serial: str) -> str:
        """The container to which this one's licences were issued anew, "" if they were not."""
        issued = self.issued_to(serial)
        return "" if issued is None else issued.heir

    def updates(self, serial: str) -> tuple[IssuedUpdate, ...]:
        """Every update issued to this container, in order. Raises CentralRefused if none was."""
        issued = self.issued_to(serial)
        if issued is None:
            raise CentralRefused(f"Firm {self.firm_code} has issued nothing to {serial}.")
        found = []
        for sequence in range(1, issued.sequence + 1):
            data = self.update_file(serial, sequence)
            found.append(IssuedUpdate(serial, self.firm_code, sequence, data))
        return tuple(found)

    @property
    def tickets(self) -> tuple[Ticket, ...]:
        """Every ticket, in the order of sale."""
        return self._state.tickets

    @property
    def returns(self) -> tuple[Return, ...]:
        """Every licence that was, or is being, taken back."""
        return self._state.returns

    def add_ticket(self, product_code: int, options: Options, rng: RandomBits) -> Ticket:
        """Sells one licence of a product, to whoever shows the ticket. Raises CentralRefused."""
        self.next_item(product_code, options)
        if len(self.tickets) >= TICKETS_MAX:
            raise CentralRefused(f"Firm {self.firm_code} has {TICKETS_MAX} tickets, all it can.")
        ticket = Ticket(code=new_code(rng), product_code=product_code, options=options)
        self._save(msgspec.structs.replace(self._state, tickets=(*self.tickets, ticket)))
        return ticket

    def keep_requests(self, ticket: Ticket, requests: tuple[bytes, ...]) -> None:
        """Remembers who has shown a ticket so far."""
        kept = msgspec.structs.replace(ticket, requests=requests)
        self._save(msgspec.structs.replace(self._state, tickets=with_ticket(self.tickets, kept)))

    def next_update(self, serial: str, held: int) -> IssuedUpdate | None:
        """The update of this container that follows on sequence `held`; None if there is none."""
        issued = self.issued_to(serial)
        if issued is None or not 0 <= held < issued.sequence:
            return None
        data = self.update_file(serial, held + 1)
        return IssuedUpdate(serial, self.firm_code, held + 1, data)

    @property
    def put_back(self) -> tuple[PutBack, ...]:
        """Containers that showed less than they had confirmed."""
        return self._state.put_back

    @property
    def used_requests(self) -> tuple[UsedRequest, ...]:
        """Requests that were carried by hand, and were used."""
        return self._state.used_requests

    @property
    def confirmed(self) -> dict[str, int]:
        """The newest sequence that each container confirmed, by serial."""
        return {one.container.serial: one.confirmed for one in self.containers}

    def holders(self, key: LicenceKey) -> list[IssuedContainer]:
        """The containers that hold this licence."""
        same = (key.product_code, key.tmr_id)
        return [
            issued
            for issued in self.containers
            if any((item.product_code, item.tmr_id) == same for item in issued.items)
        ]

    def set_returns(self, returns: tuple[Return, ...]) -> None:
        """Keeps these as all returns; nothing is signed."""
        self._save(msgspec.structs.replace(self._state, returns=returns))

    def keep_receipt(self, changed: IssuedContainer, data: bytes) -> None:
        """Keeps this receipt, and then what is known of its container."""
        make_private(self._path / _RECEIPTS)
        name = update_file_name(changed.container.serial, self.firm_code, changed.confirmed)
        write_private(self._path / _RECEIPTS / f"{name}.tmr-receipt", data)
        self._note(changed)

    def keep_put_back(self, changed: IssuedContainer, note: PutBack) -> None:
        """Keeps what is known of this container, and the note, as its newest."""
        others = tuple(one for one in self.put_back if one.serial != note.serial)
        self._note(changed, put_back=(*others, note))

    def _note(self, changed: IssuedContainer, **more: object) -> None:
        """What is known of one container's receipts, and which tickets are free by that."""
        containers = {one.container.serial: one for one in self.containers}
        containers[changed.container.serial] = changed
        confirmed = {serial: one.confirmed for serial, one in containers.items()}
        self._save(
            msgspec.structs.replace(
                self._state,
                containers=tuple(containers.values()),
                tickets=returning.credited(self.tickets, self.returns, confirmed),
                **more,
            )
        )

    def issued_to(self, serial: str) -> IssuedContainer | None:
        """What was issued to this container, None if nothing was."""
        return next((one for one in self.containers if one.container.serial == serial), None)

    def update_file(self, serial: str, sequence: int) -> bytes:
        """The update of this container with this sequence, which was issued."""
        return self._update_path(serial, sequence).read_bytes()

    def _update_path(self, serial: str, sequence: int) -> Path:
        return self._path / _UPDATES / update_file_name(serial, self.firm_code, sequence)

    def _product(self, product_code: int) -> Product | None:
        return next((one for one in self.products if one.product_code == product_code), None)

    def _sign_and_keep(
        self,
        changed: Sequence[IssuedContainer],
        next_tmr_id: int,
        emptied: Sequence[IssuedContainer] = (),
        **more: object,
    ) -> tuple[IssuedUpdate, ...]:
        """Signs, reads back, stores the files, then the state that counts them, and `more`.

        What became of `emptied` is noted only: nobody is to hear of it.
        """
        returns = cast("tuple[Return, ...]", more.get("returns", self.returns))
        updates = [
            self._sign(issued, returning.named(returns, issued.container.cmact_id))
            for issued in changed
        ]
        for update in updates:
            write_private(self._path / _UPDATES / update.file_name, update.data)
        self._keep(updates)
        containers = {issued.container.serial: issued for issued in self.containers}
        containers.update({issued.container.serial: issued for issued in (*changed, *emptied)})
        self._save(
            msgspec.structs.replace(
                self._state,
                next_tmr_id=next_tmr_id,
                containers=tuple(containers.values()),
                **more,
            )
        )
        return tuple(updates)

    def _sign(self, issued: IssuedContainer, returned: tuple[ReturnedItem, ...]) -> IssuedUpdate:
        container = issued.container
        check_kinds(issued.items, {container.serial: container.kind})
        update = ContainerUpdate(
            serial=container.serial,
            cmact_id=container.cmact_id,
            twin=container.twin,
            certificate=container.certificate,
            firm=FirmItem(
                firm_code=self.firm_code,
                firm_name=self.firm_name,
                sequence=issued.sequence,
                items=issued.items,
                units_confirmed=issued.units_confirmed,
                returned=returned,
            ),
        )
        try:
            data = build_update(self._key, self._certificate, update)
            # Whatever an upstream would refuse is not handed out.
            read_update(data, self._root)
        except UpdateRefused as refused:
            raise CentralRefused(refused.detail) from None
        return IssuedUpdate(container.serial, self.firm_code, issued.sequence, data)

    def _save(self, state: _FirmState) -> None:
        write_state(self._path / _STATE, state)
        self._state = state


def _check(item: ProductItem) -> None:
    try:
        check_item(item)
    except UpdateRefused as refused:
        raise CentralRefused(refused.detail) from None
