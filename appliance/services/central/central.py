"""License Central in one directory: a root and any number of firms, side by side.

root/         the root's key and certificate
firms/CODE/   each firm's key
central.db    the records of all (`appliance.services.central.records`)
"""

from __future__ import annotations

import getpass
import random
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select

from appliance.codec.certificates import RandomBits
from appliance.codec.request_files import ContainerRequest, RequestRefused, read_request
from appliance.codec.signed_files import without_transport
from appliance.licences.model import ProductItem
from appliance.services.central import by_hand, reissuing
from appliance.services.central.adding import More
from appliance.services.central.blocking import LIST_DAYS, BlockBook, Registration
from appliance.services.central.by_hand import UsedRequest
from appliance.services.central.firm_records import PAGE
from appliance.services.central.firm_updates import Keep
from appliance.services.central.firms import FirmStore
from appliance.services.central.issued import Issue, IssuedItem, IssuedUpdate, check_kinds
from appliance.services.central.options import Options, Product
from appliance.services.central.records import Records, audit, licences, sold
from appliance.services.central.records.database import OLD_FILE
from appliance.services.central.records.founding import make_database
from appliance.services.central.records.licences import After
from appliance.services.central.records.schema import firms
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root import (
    ActivatedContainer,
    RootAuthority,
    check_number,
    check_three,
)
from appliance.services.central.root_key import RootKey
from appliance.services.central.systems import SystemsBook
from appliance.services.central.tickets import Ticket
from appliance.services.central.whereabouts import WhereaboutsBook

LEDGER_ID_BYTES_MAX: Final = 64


def _nowhere(updates: Sequence[IssuedUpdate]) -> None:
    """The records are all that keeps them."""


class LicenseCentral:
    """The vendors' side for whoever holds both the root and firms; safe among programs.

    `rng` numbers certificates and groups; nothing secret is drawn from it.
    """

    def __init__(
        self, path: Path, rng: RandomBits | None = None, keep: Keep = _nowhere, who: str = ""
    ) -> None:
        """`keep` gets the updates of each act before the act counts, see FirmStore. `who` acts, as
        the audit trail has it; by default this computer's user."""
        self.path = path
        self.records = Records(path, who or whoever())
        self._keep = keep
        self._rng: RandomBits = rng or random.SystemRandom()

    @classmethod
    def create(
        cls,
        path: Path,
        name: str = "TMR licence root",
        rng: RandomBits | None = None,
        database: str = "",
    ) -> LicenseCentral:
        """Makes a root in `path`, with its records in a file there, or in the PostgreSQL of this
        URL. Raises CentralRefused if there is one."""
        central = cls(path, rng)
        if central.records.exists or (path / OLD_FILE).exists():
            raise CentralRefused(f"{path} holds a root already; use it or choose another place.")
        root = RootKey.create(central._root_path, name, _now(), central._rng)
        make_database(
            path,
            database,
            lambda connection: audit.append(
                connection, whoever(), "root", name, {"certificate": root.certificate.hex()}
            ),
        )
        return central

    @property
    def _root_path(self) -> Path:
        return self.path / "root"

    @property
    def root(self) -> RootAuthority:
        """The root authority. Raises CentralRefused if there is none here."""
        return RootAuthority(self._root_path, self.records)

    @property
    def blocks(self) -> BlockBook:
        """The root's registrations and blocks. Raises CentralRefused."""
        return BlockBook(self._root_path, self.root, self.records)

    def firm(self, firm_code: int) -> FirmStore:
        """This firm. Raises CentralRefused if there is none here."""
        root = RootKey(self._root_path).certificate
        return FirmStore(self._firm_path(firm_code), self.records, firm_code, root, self._keep)

    def firms(self) -> tuple[FirmStore, ...]:
        """All firms, by firm code."""
        with self.records.reading() as connection:
            codes = connection.execute(select(firms.c.firm_code).order_by(firms.c.firm_code))
            return tuple(self.firm(code) for code in codes.scalars().all())

    def licences(self, after: After | None = None, limit: int = PAGE) -> list[IssuedItem]:
        """A page of all constituents that are held, in the order of firms and TMR-IDs."""
        with self.records.reading() as connection:
            return licences.page(connection, after, limit)

    def tickets(self, after: str = "", limit: int = PAGE) -> list[tuple[int, Ticket]]:
        """A page of all firms' codes and tickets, see FirmRecords.tickets."""
        with self.records.reading() as connection:
            return sold.page(connection, after, limit)

    def ticket(self, code: str) -> tuple[FirmStore, Ticket] | None:
        """The ticket of this code and its firm, None if there is none."""
        with self.records.reading() as connection:
            found = sold.ticket(connection, code)
            return None if found is None else (self.firm(found[0]), found[1])

    def add_firm(self, firm_code: int, firm_name: str) -> FirmStore:
        """Makes a firm with a key of its own, certified by the root. Raises CentralRefused."""
        path = self._firm_path(firm_code)
        root = self.root
        FirmStore.create(path, self.records, firm_code, firm_name, root, _now(), self._rng)
        return self.firm(firm_code)

    def _firm_path(self, firm_code: int) -> Path:
        return self.path / "firms" / str(firm_code)

    def add_product(self, firm_code: int, product: Product) -> None:
        """Adds a product to a firm. Raises CentralRefused."""
        with self.records.act():
            self.firm(firm_code).add_product(product)

    def issue(
        self,
        firm_code: int,
        product_code: int,
        requests: Sequence[bytes],
        options: Options | None = None,
        *,
        order: str = "",
        single: bool = False,
        instead: bool = False,
    ) -> Issue:
        """Issues a TMR licence to the three containers that made these request files, for this
        firm and the order of this name (see `by_hand`); or, if they are to be `single`, an ordinary
        licence to the one that stands alone.

        What is new is activated first. A single container that has a licence of the product gets
        this one `instead` if that is meant. Raises CentralRefused; then no licence was issued.
        """
        read = [_read(number, data) for number, data in enumerate(requests, start=1)]
        with self.records.act():
            firm = self.firm(firm_code)
            # What is refused anyway must not activate a group.
            item = firm.next_item(product_code, options or Options(), single=single)
            check_kinds((item,), {one.serial: one.kind for one in read})
            check_number(read, single=single)
            now = _now()
            used = self._use(firm, read, order, f"issue {product_code}", now)
            group = self.activate_group(read, now, single=single)
            now_s = int(now.timestamp())
            if single and not instead:
                firm.check_without(group[0].serial, product_code)
            return firm.issue(group, product_code, options or Options(), used=used, now_s=now_s)

    def would_issue(
        self, firm_code: int, product_code: int, options: Options
    ) -> tuple[ProductItem, ...]:
        """What `issue` would issue, for a look before. Raises CentralRefused if it cannot be."""
        return (self.firm(firm_code).next_item(product_code, options),)

    def would_change(
        self, firm_code: int, tmr_id: int, options: Options, serials: Sequence[str] = ()
    ) -> tuple[ProductItem, ...]:
        """What `change` would make of the licence, for a look before; one for each container. What
        `change` refuses is not refused here. Raises CentralRefused if there is no such firm."""
        return tuple(
            options.applied_to(item)
            for held, item in self.firm(firm_code).holders(tmr_id)
            if not serials or held.serial in serials
        )

    def activate_group(
        self, requests: Sequence[ContainerRequest], now: datetime, *, single: bool = False
    ) -> tuple[ActivatedContainer, ...]:
        """The group of these three, or the single one, made if they are new, see
        RootAuthority.activate."""
        with self.records.act():
            group: tuple[ActivatedContainer, ...]
            if single:
                group = (self.root.activate_single(requests[0], now, self._rng),)
            else:
                group = self.root.activate(requests, now, self._rng)
            for request in requests:
                self.note_contact(request, int(now.timestamp()))
            return group

    def note_contact(self, asked: ContainerRequest, now_s: int) -> None:
        """Keeps what an activated container says of itself in this request."""
        self.whereabouts.note(asked, now_s)
        self.systems.note(asked, now_s)

    @property
    def systems(self) -> SystemsBook:
        """The installed systems, as their containers say."""
        return SystemsBook(self.records)

    @property
    def whereabouts(self) -> WhereaboutsBook:
        """What containers say of what holds their keys."""
        return WhereaboutsBook(self.records)

    def add_ticket(self, firm_code: int, lines: Sequence[tuple[int, Options]]) -> Ticket:
        """Sells licences to whoever shows the ticket, see FirmStore.add_ticket."""
        with self.records.act():
            return self.firm(firm_code).add_ticket(lines, self._rng)

    def change(
        self, firm_code: int, tmr_id: int, options: Options, serials: Sequence[str] = ()
    ) -> Issue:
        """Issues a licence again with other options, see FirmStore.change."""
        with self.records.act():
            return self.firm(firm_code).change(tmr_id, options, serials)

    def add(self, firm_code: int, tmr_id: int, more: More, order: str) -> Issue:
        """Adds to a licence that was sold, once for an order of this name, see FirmStore.add."""
        with self.records.act():
            return self.firm(firm_code).add(tmr_id, more, order, int(_now().timestamp()))

    def confirm_units(
        self, firm_code: int, cmact_id: str, ledger_id: str
    ) -> tuple[IssuedUpdate, ...]:
        """Confirms a firm's unit counters in a restored ledger, see FirmStore.confirm_units."""
        _check_ledger_id(ledger_id)
        with self.records.act():
            return self.firm(firm_code).confirm_units(cmact_id, ledger_id)

    def reissue(
        self,
        firm_code: int,
        cmact_id: str,
        requests: Sequence[bytes],
        ledger_id: str = "",
        *,
        order: str = "",
        though_heard: bool = False,
    ) -> tuple[IssuedUpdate, ...]:
        """Issues all that a lost group held to the three new containers of these request files.

        See `reissuing.move_group`; the requests are for this firm and order, see `by_hand`. The
        lost ones have to be blocked, for as long as the firm waits (`reissuing.check_waited`).
        `ledger_id` is that of a ledger that was restored, "" for a new one. Raises CentralRefused.
        """
        if ledger_id:
            _check_ledger_id(ledger_id)
        read = [_read(number, data) for number, data in enumerate(requests, start=1)]
        with self.records.act():
            firm, blocks = self.firm(firm_code), self.blocks
            new = {request.serial for request in read}
            lost = reissuing.blocked_group(firm, blocks, cmact_id, new)
            check_three(read)
            now = _now()
            reissuing.check_waited(
                lost,
                blocks.heard,
                blocks.listed_at_s(max(one.blocked_at_s or 0 for one in lost)),
                firm.wait_days,
                int(now.timestamp()),
                though_heard=though_heard,
            )
            used = self._use(firm, read, order, f"reissue {cmact_id}", now)
            firm.use(used, int(now.timestamp()))
            group = self.root.activate(read, now, self._rng)
            return reissuing.move_group(firm, cmact_id, group, ledger_id)

    def move_single(
        self,
        firm_code: int,
        serial: str,
        requests: Sequence[bytes],
        *,
        order: str = "",
        units_anew: bool = False,
    ) -> tuple[IssuedUpdate, ...]:
        """Issues all that the single container `serial` holds to the three that made these request
        files, and takes it away there: the last update is its own. See `reissuing.move_single`.
        Raises CentralRefused; then nothing was moved.
        """
        read = [_read(number, data) for number, data in enumerate(requests, start=1)]
        with self.records.act():
            firm = self.firm(firm_code)
            alone = reissuing.single_holder(firm, serial)
            check_three(read)
            now = _now()
            used = self._use(firm, read, order, f"move {serial}", now)
            firm.use(used, int(now.timestamp()))
            group = self.activate_group(read, now)
            return reissuing.move_single(firm, alone, group, units_anew=units_anew)

    def reissue_for(
        self, firm_code: int, lost: str, request: bytes, *, order: str = ""
    ) -> tuple[IssuedUpdate, ...]:
        """Issues all that the container `lost` held to the new one that made this request file,
        for this order (see `by_hand`).

        The new one becomes the same twin of the same group, for good, and `lost` nobody's: it has
        to be blocked, and stays so. Raises CentralRefused; then no licence was issued.
        """
        asked = _read(1, request)
        with self.records.act():
            firm, root, blocks = self.firm(firm_code), self.root, self.blocks
            held = reissuing.holder(firm, lost, root)
            if asked.serial == lost:
                raise CentralRefused(
                    f"The request is that of {lost} itself; make a new container on the new host."
                )
            if not blocks.reason_for(lost):
                raise CentralRefused(
                    f"Container {lost} is not blocked: what it holds would be there twice; block it"
                    " first with `tmr central block`."
                )
            reason = blocks.reason_for(asked.serial)
            if reason:
                raise CentralRefused(f"Container {asked.serial} is blocked itself: {reason}.")
            now = _now()
            used = self._use(firm, [asked], order, f"reissue {lost}", now)
            firm.use(used, int(now.timestamp()))
            new = root.replace(lost, asked, now, self._rng)
            return reissuing.move_one(firm, held, new)

    def _use(
        self,
        firm: FirmStore,
        read: Sequence[ContainerRequest],
        order: str,
        act: str,
        now: datetime,
    ) -> tuple[UsedRequest, ...]:
        now_s = int(now.timestamp())
        return by_hand.use(read, firm.firm_code, order, act, now_s, firm.is_used)

    def register(self, serial: str, owner: str) -> Registration:
        """Notes whose container this is, see BlockBook.register. Raises CentralRefused."""
        with self.records.act():
            return self.blocks.register(serial, owner, _now())

    def block(self, serial: str, owner: str, reason: str) -> Registration:
        """Blocks a registered container, see BlockBook.block. Raises CentralRefused."""
        with self.records.act():
            return self.blocks.block(serial, owner, reason, _now())

    def unblock(self, serial: str, reason: str) -> Registration:
        """Takes a block back, see BlockBook.unblock. Raises CentralRefused, also for a container of
        which any firm issued the licences anew: they would be there twice."""
        with self.records.act():
            for firm in self.firms():
                held = firm.issued_to(serial)
                heir = "" if held is None else held.heir
                if heir:
                    raise CentralRefused(
                        f"Container {serial} stays blocked: what firm {firm.firm_code} issued to it"
                        f" was issued anew to {heir}."
                    )
            return self.blocks.unblock(serial, reason, _now())

    def make_block_list(self, days: int = LIST_DAYS, *, if_due: bool = False) -> bytes:
        """A new signed block list, DER, which is kept at `blocks.list_path` too.

        With `if_due` the newest one, unless it does not do any more (`BlockBook.is_due`).
        """
        blocks = self.blocks
        if if_due and not blocks.is_due(_now()):
            return blocks.list_path.read_bytes()
        return blocks.make_list(_now(), days)

    def updates(self, firm_code: int, serial: str) -> tuple[IssuedUpdate, ...]:
        """Every update of this firm for this container, in order. Raises CentralRefused."""
        return self.firm(firm_code).updates(serial)

    def updates_since(self, firm_code: int, requests: Sequence[bytes]) -> tuple[IssuedUpdate, ...]:
        """What brings the containers that made these request files from the update that each says
        it holds to the newest: one file each, or several where there are more changes than one
        carries; none for who has them all. Raises CentralRefused."""
        firm = self.firm(firm_code)
        found: list[IssuedUpdate] = []
        for number, data in enumerate(requests, start=1):
            asked = _read(number, data)
            by_hand.check_for_updates(number, asked, firm_code)
            if reason := self.blocks.reason_for(asked.serial):
                raise CentralRefused(f"Container {asked.serial} is blocked: {reason}.")
            found += firm.updates_since(asked)
        return tuple(found)


def whoever() -> str:
    """Who uses this computer, as the audit trail names people."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "somebody"
    return f"{name}@{socket.gethostname()}"


def _check_ledger_id(ledger_id: str) -> None:
    try:
        sound = 0 < len(bytes.fromhex(ledger_id)) <= LEDGER_ID_BYTES_MAX
    except ValueError:
        sound = False
    if not sound or ledger_id != ledger_id.lower():
        raise CentralRefused(f"{ledger_id!r} is no ledger's id: `tmr restore` said it.")


def _now() -> datetime:
    return datetime.now(UTC)


def _read(number: int, data: bytes) -> ContainerRequest:
    try:
        return read_request(without_transport(data))
    except RequestRefused as refused:
        raise CentralRefused(f"Request {number} is refused: {refused.detail}") from None
