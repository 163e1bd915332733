"""One firm: its key, products, and what it has issued to which container.

    firm.key.pem, firm.cert.der, root.cert.der, firm.json
    updates/SERIAL.FIRM.SEQUENCE.tmr-update   every update ever issued

What can go wrong in here is a sequence number that was used and whose file is lost: the container
could never be updated again. So the files are stored before the state that counts them, and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from appliance.adapters.files import make_directory, write_whole
from appliance.codec.certificates import RandomBits, check_firm
from appliance.codec.licence_files import build_update, check_item, read_update
from appliance.licences.model import ContainerUpdate, FirmItem, ProductItem
from appliance.licences.refusals import UpdateRefused
from appliance.services.central.options import Options, Product
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root import ActivatedContainer, RootAuthority
from appliance.services.central.storage import (
    key_at,
    public_bytes,
    read_key,
    read_state,
    write_state,
)

_KEY: Final = "firm.key.pem"
_CERTIFICATE: Final = "firm.cert.der"
_ROOT: Final = "root.cert.der"
_STATE: Final = "firm.json"
_UPDATES: Final = "updates"


class IssuedUpdate(NamedTuple):
    """One signed update file, for one container."""

    serial: str
    firm_code: int
    sequence: int
    data: bytes

    @property
    def file_name(self) -> str:
        """The file's name: sorts in the order in which a container must apply a firm's updates."""
        return update_file_name(self.serial, self.firm_code, self.sequence)


class Issue(NamedTuple):
    """What came of issuing or changing a licence."""

    firm_code: int
    product_code: int
    tmr_id: int
    updates: tuple[IssuedUpdate, ...]


class IssuedContainer(msgspec.Struct, frozen=True, kw_only=True):
    """What this firm has issued to one container so far."""

    container: ActivatedContainer
    sequence: int = 0
    items: tuple[ProductItem, ...] = ()


class _FirmState(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    firm_code: int
    firm_name: str
    next_tmr_id: int = 1
    products: tuple[Product, ...] = ()
    containers: tuple[IssuedContainer, ...] = ()


def update_file_name(serial: str, firm_code: int, sequence: int) -> str:
    """How an update file is named, in a firm's store and where it is handed out."""
    return f"{serial}.{firm_code}.{sequence:08d}.tmr-update"


class FirmStore:
    """One firm in one directory. No other firm's key and not the root's is in there."""

    def __init__(self, path: Path) -> None:
        """Opens the firm in `path`. Raises CentralRefused if there is none."""
        self._path = path
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
        make_directory(path / _UPDATES)
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
        self, group: Sequence[ActivatedContainer], product_code: int, options: Options
    ) -> Issue:
        """A new TMR licence for these three containers, under this firm's next TMR-ID.

        Each update holds the whole new firm item of its container. Raises CentralRefused.
        """
        item = self.next_item(product_code, options)
        held = {issued.container.serial: issued for issued in self.containers}
        changed = []
        for container in group:
            before = held.get(container.serial, IssuedContainer(container=container))
            changed.append(_next(before, (*before.items, item)))
        updates = self._sign_and_keep(changed, item.tmr_id + 1)
        return Issue(self.firm_code, product_code, item.tmr_id, updates)

    def change(self, tmr_id: int, options: Options, serials: Sequence[str] = ()) -> Issue:
        """Issues the licence with this TMR-ID again with other options.

        To all three of its containers, or to those with these `serials` only, which makes a
        constituent that differs from its twins. Raises CentralRefused.
        """
        if not options.chosen():
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
        product_code = 0
        for serial in dict.fromkeys(serials or holders):
            items = []
            for item in holders[serial].items:
                if item.tmr_id == tmr_id:
                    product_code = item.product_code
                    items.append(options.applied_to(item))
                    _check(items[-1])
                else:
                    items.append(item)
            changed.append(_next(holders[serial], tuple(items)))
        updates = self._sign_and_keep(changed, self._state.next_tmr_id)
        return Issue(self.firm_code, product_code, tmr_id, updates)

    def updates(self, serial: str) -> tuple[IssuedUpdate, ...]:
        """Every update issued to this container, in order. Raises CentralRefused if none was."""
        issued = next((one for one in self.containers if one.container.serial == serial), None)
        if issued is None:
            raise CentralRefused(f"Firm {self.firm_code} has issued nothing to {serial}.")
        found = []
        for sequence in range(1, issued.sequence + 1):
            path = self._path / _UPDATES / update_file_name(serial, self.firm_code, sequence)
            found.append(IssuedUpdate(serial, self.firm_code, sequence, path.read_bytes()))
        return tuple(found)

    def _product(self, product_code: int) -> Product | None:
        return next((one for one in self.products if one.product_code == product_code), None)

    def _sign_and_keep(
        self, changed: Sequence[IssuedContainer], next_tmr_id: int
    ) -> tuple[IssuedUpdate, ...]:
        """Signs, reads back, stores the files, then the state that counts them."""
        updates = [self._sign(issued) for issued in changed]
        for update in updates:
            write_whole(self._path / _UPDATES / update.file_name, update.data)
        containers = {issued.container.serial: issued for issued in self.containers}
        containers.update({issued.container.serial: issued for issued in changed})
        self._save(
            msgspec.structs.replace(
                self._state, next_tmr_id=next_tmr_id, containers=tuple(containers.values())
            )
        )
        return tuple(updates)

    def _sign(self, issued: IssuedContainer) -> IssuedUpdate:
        container = issued.container
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


def _next(before: IssuedContainer, items: tuple[ProductItem, ...]) -> IssuedContainer:
    return IssuedContainer(container=before.container, sequence=before.sequence + 1, items=items)


def _check(item: ProductItem) -> None:
    try:
        check_item(item)
    except UpdateRefused as refused:
        raise CentralRefused(refused.detail) from None
