"""License Central in one directory: a root and any number of firms, side by side.

root/       the root authority
firms/CODE/ one directory for each firm
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from appliance.codec.certificates import RandomBits
from appliance.codec.request_files import ContainerRequest, RequestRefused, read_request
from appliance.codec.signed_files import without_transport
from appliance.licences.model import ProductItem
from appliance.services.central import reissuing
from appliance.services.central.blocking import LIST_DAYS, BlockBook, Registration
from appliance.services.central.by_hand import UsedRequest, used_up
from appliance.services.central.firms import FirmStore, Keep
from appliance.services.central.issued import Issue, IssuedUpdate, check_kinds
from appliance.services.central.options import Options, Product
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root import ActivatedContainer, RootAuthority, check_three
from appliance.services.central.storage import locked
from appliance.services.central.tickets import Ticket

LEDGER_ID_BYTES_MAX: Final = 64


class LicenseCentral:
    """The vendors' side for whoever holds both the root and firms; safe among programs.

    `rng` numbers certificates and groups; nothing secret is drawn from it.
    """

    def __init__(self, path: Path, rng: RandomBits | None = None, keep: Keep | None = None) -> None:
        """`keep` gets the updates of each act before the act counts, see FirmStore."""
        self._path = path
        self._keep: Keep = keep or (lambda updates: None)
        self._rng: RandomBits = rng or random.SystemRandom()

    @classmethod
    def create(
        cls, path: Path, name: str = "TMR licence root", rng: RandomBits | None = None
    ) -> LicenseCentral:
        """Makes a root in `path`. Raises CentralRefused if there is one."""
        central = cls(path, rng)
        with locked(path):
            RootAuthority.create(central._root_path, name, _now(), central._rng)
        return central

    @property
    def _root_path(self) -> Path:
        return self._path / "root"

    @property
    def root(self) -> RootAuthority:
        """The root authority. Raises CentralRefused if there is none here."""
        return RootAuthority(self._root_path)

    @property
    def blocks(self) -> BlockBook:
        """The root's registrations and blocks. Raises CentralRefused."""
        return BlockBook(self._root_path, self.root)

    def firm(self, firm_code: int) -> FirmStore:
        """This firm. Raises CentralRefused if there is none here."""
        path = self._path / "firms" / str(firm_code)
        if not path.exists():
            raise CentralRefused(f"There is no firm {firm_code} in {self._path}; add it first.")
        return FirmStore(path, self._keep)

    def firms(self) -> tuple[FirmStore, ...]:
        """All firms, by firm code."""
        found = (FirmStore(path.parent) for path in (self._path / "firms").glob("*/firm.json"))
        return tuple(sorted(found, key=lambda firm: firm.firm_code))

    def add_firm(self, firm_code: int, firm_name: str) -> FirmStore:
        """Makes a firm with a key of its own, certified by the root. Raises CentralRefused."""
        path = self._path / "firms" / str(firm_code)
        with locked(self._path):
            return FirmStore.create(path, firm_code, firm_name, self.root, _now(), self._rng)

    def add_product(self, firm_code: int, product: Product) -> None:
        """Adds a product to a firm. Raises CentralRefused."""
        with locked(self._path):
            self.firm(firm_code).add_product(product)

    def issue(
        self,
        firm_code: int,
        product_code: int,
        requests: Sequence[bytes],
        options: Options | None = None,
        *,
        order: str = "",
    ) -> Issue:
        """Issues a TMR licence to the three containers that made these request files, for this
        firm and the order of this name (see `by_hand`).

        A new group is activated first. Raises CentralRefused; then no licence was issued.
        """
        read = [_read(number, data) for number, data in enumerate(requests, start=1)]
        with locked(self._path):
            firm = self.firm(firm_code)
            # What is refused anyway must not activate a group.
            item = firm.next_item(product_code, options or Options())
            check_kinds((item,), {one.serial: one.kind for one in read})
            check_three(read)
            used = self._used_up(firm, read, order, f"issue {product_code}")
            group = self.root.activate(read, _now(), self._rng)
            return firm.issue(group, product_code, options or Options(), used=used)

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
            for held in self.firm(firm_code).containers
            if not serials or held.container.serial in serials
            for item in held.items
            if item.tmr_id == tmr_id
        )

    def activate_group(
        self, requests: Sequence[ContainerRequest], now: datetime
    ) -> tuple[ActivatedContainer, ...]:
        """The group of these three, made if they are new, see RootAuthority.activate."""
        return self.root.activate(requests, now, self._rng)

    def add_ticket(self, firm_code: int, product_code: int, options: Options) -> Ticket:
        """Sells a licence to whoever shows the ticket, see FirmStore.add_ticket."""
        with locked(self._path):
            return self.firm(firm_code).add_ticket(product_code, options, self._rng)

    def clear_ticket(self, code: str) -> Ticket:
        """Forgets who has shown a ticket so far: a wrong container was among them."""
        with locked(self._path):
            for firm in self.firms():
                for ticket in firm.tickets:
                    if ticket.code == code and ticket.tmr_id is None:
                        firm.keep_requests(ticket, ())
                        return ticket
        raise CentralRefused(
            "There is no unused ticket of this name: `tmr central ticket list` shows what there is."
        )

    def change(
        self, firm_code: int, tmr_id: int, options: Options, serials: Sequence[str] = ()
    ) -> Issue:
        """Issues a licence again with other options, see FirmStore.change."""
        with locked(self._path):
            return self.firm(firm_code).change(tmr_id, options, serials)

    def confirm_units(
        self, firm_code: int, cmact_id: str, ledger_id: str
    ) -> tuple[IssuedUpdate, ...]:
        """Confirms a firm's unit counters in a restored ledger, see FirmStore.confirm_units."""
        _check_ledger_id(ledger_id)
        with locked(self._path):
            return self.firm(firm_code).confirm_units(cmact_id, ledger_id)

    def reissue(
        self,
        firm_code: int,
        cmact_id: str,
        requests: Sequence[bytes],
        ledger_id: str,
        *,
        order: str = "",
    ) -> tuple[IssuedUpdate, ...]:
        """Issues all that a lost group held to the three new containers of these request files.

        See `reissuing.move_group`; the requests are for this firm and order, see `by_hand`. The
        lost ones have to be blocked. Raises CentralRefused.
        """
        _check_ledger_id(ledger_id)
        read = [_read(number, data) for number, data in enumerate(requests, start=1)]
        with locked(self._path):
            firm, blocks = self.firm(firm_code), self.blocks
            for held in firm.held_by(cmact_id):
                serial = held.container.serial
                if serial in {request.serial for request in read}:
                    raise CentralRefused(f"Container {serial} is one of group {cmact_id} itself.")
                if not blocks.reason_for(serial):
                    raise CentralRefused(
                        f"Container {serial} is not blocked: what it holds would be there twice;"
                        " block it first with `tmr central block`."
                    )
            check_three(read)
            used = self._used_up(firm, read, order, f"reissue {cmact_id}")
            group = self.root.activate(read, _now(), self._rng)
            moved = reissuing.move_group(firm, cmact_id, group, ledger_id)
            return firm.renew(moved.made, moved.returns, emptied=moved.emptied, used=used)

    def reissue_for(
        self, firm_code: int, lost: str, request: bytes, *, order: str = ""
    ) -> tuple[IssuedUpdate, ...]:
        """Issues all that the container `lost` held to the new one that made this request file,
        for this order (see `by_hand`).

        The new one becomes the same twin of the same group, for good, and `lost` nobody's: it has
        to be blocked, and stays so. The root's record comes first; whoever is interrupted after it
        asks again with the same request. Raises CentralRefused; then no licence was issued.
        """
        asked = _read(1, request)
        with locked(self._path):
            firm, root, blocks = self.firm(firm_code), self.root, self.blocks
            held = reissuing.holder(firm, lost, root.containers)
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
            used = self._used_up(firm, [asked], order, f"reissue {lost}")
            new = root.replace(lost, asked, _now(), self._rng)
            moved = reissuing.move_one(firm, held, new)
            return firm.renew(moved.made, moved.returns, emptied=moved.emptied, used=used)

    def _used_up(
        self, firm: FirmStore, read: Sequence[ContainerRequest], order: str, act: str
    ) -> tuple[UsedRequest, ...]:
        now_s = int(_now().timestamp())
        return used_up(firm.used_requests, read, firm.firm_code, order, act, now_s)

    def register(self, serial: str, owner: str) -> Registration:
        """Notes whose container this is, see BlockBook.register. Raises CentralRefused."""
        with locked(self._path):
            return self.blocks.register(serial, owner, _now())

    def block(self, serial: str, owner: str, reason: str) -> Registration:
        """Blocks a registered container, see BlockBook.block. Raises CentralRefused."""
        with locked(self._path):
            return self.blocks.block(serial, owner, reason, _now())

    def unblock(self, serial: str, reason: str) -> Registration:
        """Takes a block back, see BlockBook.unblock. Raises CentralRefused, also for a container of
        which any firm issued the licences anew: they would be there twice."""
        with locked(self._path):
            for firm in self.firms():
                heir = firm.heir_of(serial)
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
        with locked(self._path):
            if if_due and not self.blocks.is_due(_now()):
                return self.blocks.list_path.read_bytes()
            return self.blocks.make_list(_now(), days)

    def updates(self, firm_code: int, serial: str) -> tuple[IssuedUpdate, ...]:
        """Every update of this firm for this container, in order. Raises CentralRefused."""
        return self.firm(firm_code).updates(serial)


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
