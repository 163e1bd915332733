"""The files in which License Central kept its records before there was a database, taken over.

    root/root.json, root/blocks.json, root/block-list.crl
    firms/CODE/firm.json

Nothing of them is written. What can go wrong in here is to take over half of it, or what nobody
wrote so: an unknown or missing member is refused by the file's name, and the directory is as it
was.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection, insert

from appliance.codec.block_list import read_block_list
from appliance.codec.ticket_codes import CHARACTERS, checked
from appliance.licences.model import ProductItem
from appliance.licences.refusals import BlockListRefused
from appliance.services.central.blocking import Registration
from appliance.services.central.by_hand import UsedRequest
from appliance.services.central.issued import Change, Held
from appliance.services.central.options import Options, Product
from appliance.services.central.records import audit, licences, returned, sold
from appliance.services.central.records.database import OLD_FILE
from appliance.services.central.records.founding import make_database
from appliance.services.central.records.schema import (
    block_lists,
    containers,
    firms,
    products,
    registrations,
)
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.returning import PutBack, Return
from appliance.services.central.root import ActivatedContainer
from appliance.services.central.root_key import RootKey
from appliance.services.central.tickets import Ticket, Use, lines_of
from appliance.unreadable import UNREADABLE

T = TypeVar("T")


class _Container(ActivatedContainer, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing more, and so for all of these."""


class _Registration(Registration, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class _Item(ProductItem, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class _Product(Product, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class _Options(Options, frozen=True, forbid_unknown_fields=True):
    pass


class _Ticket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: str
    product_code: int
    options: _Options
    requests: tuple[bytes, ...] = ()
    tmr_id: int | None = None


class _Return(Return, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class _UsedRequest(UsedRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class _PutBack(PutBack, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class _CertifiedFirm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    firm_code: int
    firm_name: str
    public_key: bytes
    certificate: bytes


class _Root(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    firms: tuple[_CertifiedFirm, ...] = ()
    containers: tuple[_Container, ...] = ()


class _BlockAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    at_s: int
    action: str
    serial: str
    why: str


class _Blocks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: int = 0
    registrations: tuple[_Registration, ...] = ()
    acts: tuple[_BlockAct, ...] = ()


class _Issued(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    container: _Container
    sequence: int = 0
    items: tuple[_Item, ...] = ()
    confirmed: int = 0
    confirmed_at_s: int = 0
    units_confirmed: str = ""
    heir: str = ""


class OldFirm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A firm's `firm.json`."""

    firm_code: int
    firm_name: str
    next_tmr_id: int = 1
    products: tuple[_Product, ...] = ()
    containers: tuple[_Issued, ...] = ()
    tickets: tuple[_Ticket, ...] = ()
    returns: tuple[_Return, ...] = ()
    used_requests: tuple[_UsedRequest, ...] = ()
    put_back: tuple[_PutBack, ...] = ()


_OLD_ACTS: Final = "before"


def take_over(directory: Path, url: str, who: str) -> int:
    """Makes the records of the old files in this directory; gives how many licences they are.

    Raises CentralRefused; the directory is then as it was.
    """
    if not (directory / OLD_FILE).exists():
        raise CentralRefused(f"{directory} holds no files of an older release.")
    root = RootKey(directory / "root").certificate
    old = read_state(directory / OLD_FILE, _Root)
    blocks_file = directory / "root" / "blocks.json"
    blocks = read_state(blocks_file, _Blocks) if blocks_file.exists() else _Blocks()
    old_firms = [read_state(path, OldFirm) for path in sorted(directory.glob("firms/*/firm.json"))]
    count = 0

    def fill(connection: Connection) -> None:
        nonlocal count
        _take_root(connection, directory, old, blocks, root)
        for firm in old_firms:
            count += _take_firm(connection, directory, firm, old)
        detail = {"firms": len(old_firms), "containers": len(old.containers)}
        audit.append(connection, who, "take over", directory.name, detail)

    make_database(directory, url, fill)
    return count


def _take_root(
    connection: Connection, directory: Path, old: _Root, blocks: _Blocks, root: bytes
) -> None:
    _insert(connection, containers, old.containers)
    _insert(connection, registrations, blocks.registrations)
    for act in blocks.acts:
        detail = {"why": act.why}
        audit.append(connection, _OLD_ACTS, act.action, act.serial, detail, act.at_s * 1000)
    path = directory / "root" / "block-list.crl"
    data = path.read_bytes() if path.exists() else None
    if data is not None:
        try:
            read_block_list(data, root)
        except BlockListRefused:
            data = None  # What nobody believes is no list: the next one is due.
    if blocks.number:
        connection.execute(insert(block_lists).values(number=blocks.number, made_at_s=0, data=data))


def _take_firm(connection: Connection, directory: Path, firm: OldFirm, old: _Root) -> int:
    where = directory / "firms" / str(firm.firm_code)
    known = next((one for one in old.firms if one.firm_code == firm.firm_code), None)
    if known is None or known.firm_name != firm.firm_name:
        raise CentralRefused(
            f"{where / 'firm.json'} is of firm {firm.firm_code} ({firm.firm_name!r}), which"
            f" {directory / OLD_FILE} does not have: restore both from one backup."
        )
    code = firm.firm_code
    _insert(connection, firms, [known], next_tmr_id=firm.next_tmr_id)
    for product in firm.products:
        options = msgspec.json.encode(product).decode()
        row = {"firm_code": code, "product_code": product.product_code, "options": options}
        connection.execute(insert(products).values(**row))
    for issued in firm.containers:
        group = issued.container.cmact_id
        named = [
            (one.product_code, one.tmr_id)
            for one in firm.returns
            if one.taken and one.cmact_id == group
        ]
        _take_container(connection, code, issued, named)
    for ticket in firm.tickets:
        sold.sell(connection, code, _ticket(firm, ticket))
    for one in firm.returns:
        returned.put(connection, code, one)
    sold.use(connection, code, firm.used_requests, 0)
    for note in firm.put_back:
        returned.keep_put_back(connection, code, note)
    return licences.count(connection, code)


def _ticket(firm: OldFirm, old: _Ticket) -> Ticket:
    """An old ticket as one of a single line, by a code whose last character checks the others. Who
    had shown it shows it again."""
    code = checked(old.code.replace("-", "")[: CHARACTERS - 1])
    (product,) = [one for one in firm.products if one.product_code == old.product_code]
    (line,) = lines_of([(product.item(1, old.options), Options(old.options.values))])
    group = [
        issued.container.cmact_id
        for issued in firm.containers
        for item in issued.items
        if item.tmr_id == old.tmr_id
    ]
    if old.tmr_id is None:
        return Ticket(code=code, lines=(line,))
    use = Use(
        line=line.line,
        quantity=line.quantity,
        tmr_id=old.tmr_id,
        cmact_id=group[0] if group else "",
    )
    return Ticket(code=code, lines=(line,), uses=(use,))


def _take_container(
    connection: Connection, firm_code: int, issued: _Issued, named: Sequence[tuple[int, int]]
) -> None:
    """What this container holds, as of its newest sequence. Its next file is whole, since the older
    release's files are none that a container of this one takes."""
    serial = issued.container.serial
    before = Held(container=issued.container, sequence=issued.sequence - 1)
    confirmed = issued.units_confirmed
    held = licences.write(
        connection, firm_code, Change(held=before, put=issued.items, units_confirmed=confirmed)
    )
    licences.name_returned(connection, firm_code, held, named)
    rooted = licences.rooted(connection, firm_code, serial, held.sequence)
    licences.keep_update(connection, firm_code, serial, held.sequence, rooted, None)
    held = msgspec.structs.replace(
        held,
        confirmed=issued.confirmed,
        confirmed_at_s=issued.confirmed_at_s,
        heir=issued.heir,
    )
    licences.note(connection, firm_code, held)


def _insert(
    connection: Connection, table: Any, rows: Sequence[msgspec.Struct], **more: object
) -> None:
    for row in rows:
        connection.execute(insert(table).values(**msgspec.structs.asdict(row), **more))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise CentralRefused(f"{path} is missing; restore it from a backup.") from None


def read_state(path: Path, kind: type[T]) -> T:
    """What an older release wrote into this file. Raises CentralRefused."""
    try:
        return msgspec.json.decode(_bytes(path), type=kind)
    except UNREADABLE as error:
        raise CentralRefused(
            f"{path} is not as that release wrote it ({error}); restore it from a backup."
        ) from None
