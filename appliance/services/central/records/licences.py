"""Queries and writes: what each firm issued to each container, as of any sequence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, select, update
from sqlalchemy import tuple_ as sql_tuple

from appliance.licences.grants import HASH_BYTES, item_hash
from appliance.licences.model import ProductItem
from appliance.services.central.issued import Change, Held, IssuedItem
from appliance.services.central.records.rows import put_row
from appliance.services.central.records.schema import (
    containers,
    issued,
    items,
    skips,
    updates,
)
from appliance.services.central.root import activated
from appliance.verifier.merkle import NO_LEAVES, Peaks, leaf_hash

RETURNED: Final = ""
"""What stands in the place of an item that is named as given back."""
_item: Final = msgspec.json.Decoder(ProductItem).decode
_CURRENT: Final = items.c.until_sequence.is_(None)
_HELD: Final = and_(_CURRENT, items.c.item != RETURNED)
_ORDER: Final = (items.c.tmr_id, items.c.product_code)
"""That of the tree of which the firm signs the root (`appliance.licences.deltas`)."""


class After(NamedTuple):
    """Where a page of licences goes on: behind this constituent."""

    firm_code: int
    tmr_id: int
    product_code: int
    serial: str


def held_where(connection: Connection, firm_code: int, *wanted: ColumnElement[bool]) -> list[Held]:
    """How far this firm is with the containers of these conditions, in the order of first issue."""
    asked = (
        select(issued, *(one for one in containers.c if one.name not in ("number", "serial")))
        .join(containers, containers.c.serial == issued.c.serial)
        .where(issued.c.firm_code == firm_code, *wanted)
        .order_by(issued.c.number)
    )
    return [_held(row) for row in connection.execute(asked).mappings()]


def held_by(connection: Connection, firm_code: int, serial: str) -> Held | None:
    """How far this firm is with this container, None if it has issued nothing to it."""
    return next(iter(held_where(connection, firm_code, issued.c.serial == serial)), None)


def holders(
    connection: Connection, firm_code: int, tmr_id: int, product_code: int | None = None
) -> list[tuple[Held, ProductItem]]:
    """The containers that hold the licence with this TMR-ID, and what each holds of it."""
    wanted = [_HELD, items.c.firm_code == firm_code, items.c.tmr_id == tmr_id]
    if product_code is not None:
        wanted.append(items.c.product_code == product_code)
    found = connection.execute(select(items.c.serial, items.c.item).where(*wanted)).all()
    by_serial = {row.serial: _item(row.item) for row in found}
    known = held_where(connection, firm_code, issued.c.serial.in_(by_serial))
    return [(held, by_serial[held.serial]) for held in known]


def of_group(connection: Connection, firm_code: int, cmact_id: str) -> list[Held]:
    """The containers of this group that hold licences of this firm."""
    holds = exists().where(items.c.firm_code == firm_code, items.c.serial == issued.c.serial, _HELD)
    return held_where(connection, firm_code, containers.c.cmact_id == cmact_id, holds)


def holds_any(connection: Connection, firm_code: int, serial: str) -> bool:
    """Whether this container holds a licence of this firm."""
    asked = select(items.c.tmr_id).where(
        items.c.firm_code == firm_code, items.c.serial == serial, _HELD
    )
    return connection.execute(asked.limit(1)).first() is not None


def content(connection: Connection, firm_code: int, serial: str) -> tuple[ProductItem, ...]:
    """The items that this container holds now, in the order in which changes are made."""
    found = connection.execute(
        select(items.c.item)
        .where(items.c.firm_code == firm_code, items.c.serial == serial, _HELD)
        .order_by(*_ORDER)
    )
    return tuple(_item(row.item) for row in found)


class Delta(NamedTuple):
    """What changed in a container's content: items that are new or other than before, and product
    codes and TMR-IDs of what is gone, and of what is newly named as given back."""

    put: tuple[ProductItem, ...]
    dropped: tuple[tuple[int, int], ...]
    returned: tuple[tuple[int, int], ...]


def delta(connection: Connection, firm_code: int, serial: str, base: int, sequence: int) -> Delta:
    """What changed from the content as of `base` (0: nothing) to that as of `sequence`."""
    asked = select(items).where(items.c.firm_code == firm_code, items.c.serial == serial)
    new = and_(items.c.from_sequence > base, items.c.from_sequence <= sequence)
    rows: dict[tuple[int, int, int], Any] = {}
    for change in (new, items.c.until_sequence > base):  # Each by an index: few of all there are.
        for row in connection.execute(asked.where(change)):
            if row.from_sequence <= sequence:
                rows[row.tmr_id, row.product_code, row.from_sequence] = row
    put: list[ProductItem] = []
    returned: list[tuple[int, int]] = []
    gone: dict[tuple[int, int], None] = {}
    there: set[tuple[int, int]] = set()
    for _, row in sorted(rows.items()):
        key = (row.product_code, row.tmr_id)
        ended = row.until_sequence is not None and row.until_sequence <= sequence
        if ended and row.from_sequence <= base and row.item != RETURNED:
            gone[key] = None
        elif not ended and row.item != RETURNED:
            there.add(key)
            if row.from_sequence > base:
                put.append(_item(row.item))
        elif not ended and row.from_sequence > base:
            returned.append(key)
    dropped = tuple(key for key in gone if key not in there)
    return Delta(tuple(put), dropped, tuple(returned))


def reachable(connection: Connection, firm_code: int, newest: Held, base: int, most: int) -> int:
    """The highest sequence up to which at most `most` changes follow on `base`, one update at
    least and `newest` at most."""
    asked = (
        select(items.c.from_sequence)
        .where(items.c.firm_code == firm_code, items.c.serial == newest.serial)
        .where(items.c.from_sequence > base, items.c.from_sequence <= newest.sequence)
        .order_by(items.c.from_sequence)
        .limit(most + 1)
    )
    found = connection.execute(asked).scalars().all()
    if len(found) <= most:
        return newest.sequence
    last: int = found[-1]
    return max(last - 1, base + 1)


def page(
    connection: Connection, after: After | None, limit: int, firm_code: int | None = None
) -> list[IssuedItem]:
    """Up to `limit` constituents, in the order of firm codes, TMR-IDs and containers."""
    order = (items.c.firm_code, items.c.tmr_id, items.c.product_code, items.c.serial)
    asked = select(items.c.firm_code, items.c.item, items.c.serial).where(_HELD)
    if firm_code is not None:
        asked = asked.where(items.c.firm_code == firm_code)
    if after is not None:
        asked = asked.where(sql_tuple(*order) > sql_tuple(*after))
        # Where the firm is named, SQLite would look at all of its rows for that alone.
        asked = (
            asked.where(items.c.tmr_id >= after.tmr_id) if firm_code == after.firm_code else asked
        )
    rows = connection.execute(asked.order_by(*order).limit(limit)).all()
    wanted = containers.c.serial.in_({row.serial for row in rows})
    known = connection.execute(select(containers).where(wanted)).mappings()
    by_serial = {row["serial"]: activated(row) for row in known}
    return [IssuedItem(row.firm_code, by_serial[row.serial], _item(row.item)) for row in rows]


def count(connection: Connection, firm_code: int) -> int:
    """How many licences of this firm somebody holds."""
    asked = select(func.count(items.c.tmr_id.distinct())).where(
        items.c.firm_code == firm_code, _HELD
    )
    return connection.execute(asked).scalar_one()


# --- writing ---


def write(connection: Connection, firm_code: int, change: Change) -> Held:
    """Makes this change a container's newest sequence; gives how far the firm is with it then."""
    serial, sequence = change.held.serial, change.sequence
    keys = [(one.product_code, one.tmr_id) for one in change.put]
    _end(connection, firm_code, serial, [*keys, *change.dropped], sequence)
    _insert(
        connection,
        firm_code,
        serial,
        sequence,
        [_row(firm_code, one) for one in change.put],
    )
    confirmed = change.units_confirmed
    made = msgspec.structs.replace(
        change.held,
        sequence=sequence,
        units_confirmed=change.held.units_confirmed if confirmed is None else confirmed,
    )
    note(connection, firm_code, made)
    return made


def name_returned(
    connection: Connection, firm_code: int, held: Held, keys: Iterable[tuple[int, int]]
) -> None:
    """Names these licences as given back, with the newest sequence of this container."""
    rows = [(product_code, tmr_id, RETURNED, None) for product_code, tmr_id in keys]
    _insert(connection, firm_code, held.serial, held.sequence, rows)


def empty(connection: Connection, firm_code: int, held: Held, heir: str) -> None:
    """This container holds nothing any more: `heir` got it. It is told nothing of that."""
    connection.execute(
        update(items)
        .where(items.c.firm_code == firm_code, items.c.serial == held.serial, _HELD)
        .values(until_sequence=held.sequence + 1)
    )
    note(connection, firm_code, msgspec.structs.replace(held, heir=heir))


def note(connection: Connection, firm_code: int, held: Held) -> None:
    """What is known of this container from now on."""
    values = {name: getattr(held, name) for name in Held.__struct_fields__ if name != "container"}
    put_row(connection, issued, {"firm_code": firm_code, "serial": held.serial}, values)


def rooted(connection: Connection, firm_code: int, serial: str, sequence: int) -> Peaks:
    """The tree of all items that this container holds at `sequence`, its newest."""
    mine = and_(items.c.firm_code == firm_code, items.c.serial == serial)
    before = NO_LEAVES if sequence == 1 else root_at(connection, firm_code, serial, sequence - 1)
    added = None if before is None else _only_added(connection, mine, sequence)
    if before is not None and added is not None:
        return before.appended(added)
    held = connection.execute(select(items.c.leaf).where(mine, _HELD).order_by(*_ORDER))
    return NO_LEAVES.appended(bytes(row.leaf) for row in held)


def _only_added(
    connection: Connection, mine: ColumnElement[bool], sequence: int
) -> list[bytes] | None:
    """The leaves that came with this newest sequence, if nothing went with it and all that came
    stands behind everything else, as what is issued does; else None. Looks at no other rows."""
    gone = select(items.c.tmr_id).where(mine, items.c.until_sequence == sequence)
    if connection.execute(gone.limit(1)).first() is not None:
        return None
    asked = select(*_ORDER, items.c.leaf).where(mine, items.c.from_sequence == sequence)
    # Sorted here: the database would walk through all rows in their order instead.
    rows = sorted(tuple(row) for row in connection.execute(asked) if row.leaf is not None)
    if rows:
        behind = select(func.count()).where(mine, items.c.tmr_id >= rows[0][0])
        if connection.execute(behind).scalar_one() > len(rows):
            return None
    return [bytes(leaf) for _, _, leaf in rows]


def keep_update(
    connection: Connection,
    firm_code: int,
    serial: str,
    sequence: int,
    rooted: Peaks,
    data: bytes | None,
) -> None:
    """Keeps the update of this sequence, and its file if there is one."""
    connection.execute(
        insert(updates).values(
            firm_code=firm_code,
            serial=serial,
            sequence=sequence,
            size=rooted.size,
            peaks=b"".join(rooted.roots),
            data=data,
        )
    )


def root_at(connection: Connection, firm_code: int, serial: str, sequence: int) -> Peaks | None:
    """The tree of this container's items after this update, None if there was none."""
    row = connection.execute(
        select(updates.c.size, updates.c.peaks).where(
            updates.c.firm_code == firm_code,
            updates.c.serial == serial,
            updates.c.sequence == sequence,
        )
    ).first()
    if row is None:
        return None
    peaks = bytes(row.peaks)
    roots = (peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES))
    return Peaks(row.size, tuple(roots))


def note_skip(
    connection: Connection, firm_code: int, serial: str, base: int, sequence: int, digest: bytes
) -> None:
    """Remembers the file that changes `base` to `sequence`; the same one again changes nothing."""
    values = {"firm_code": firm_code, "serial": serial, "base": base, "sequence": sequence}
    known = select(skips.c.sha256).where(*(skips.c[name] == one for name, one in values.items()))
    if connection.execute(known).first() is None:
        connection.execute(insert(skips).values(**values, sha256=digest))


def digests(connection: Connection, firm_code: int, serial: str, sequence: int) -> set[bytes]:
    """SHA-256 of each file by which this container may have come to this sequence."""
    asked = select(skips.c.sha256).where(
        skips.c.firm_code == firm_code, skips.c.serial == serial, skips.c.sequence == sequence
    )
    found = {bytes(row.sha256) for row in connection.execute(asked)}
    for at, data in update_files(connection, firm_code, serial, sequence - 1, 1):
        if at == sequence:
            found.add(sha256(data).digest())
    return found


def update_files(
    connection: Connection, firm_code: int, serial: str, after: int, limit: int
) -> list[tuple[int, bytes]]:
    """Up to `limit` update files of this container with higher sequences than `after`, in order."""
    asked = (
        select(updates.c.sequence, updates.c.data)
        .where(updates.c.firm_code == firm_code, updates.c.serial == serial)
        .where(updates.c.sequence > after, updates.c.data.is_not(None))
        .order_by(updates.c.sequence)
        .limit(limit)
    )
    return [(row.sequence, bytes(row.data)) for row in connection.execute(asked)]


def _end(
    connection: Connection,
    firm_code: int,
    serial: str,
    keys: Collection[tuple[int, int]],
    sequence: int,
) -> None:
    for product_code, tmr_id in keys:
        connection.execute(
            update(items)
            .where(items.c.firm_code == firm_code, items.c.serial == serial)
            .where(items.c.tmr_id == tmr_id, items.c.product_code == product_code, _CURRENT)
            .values(until_sequence=sequence)
        )


def _row(firm_code: int, item: ProductItem) -> tuple[int, int, str, bytes | None]:
    leaf = leaf_hash(item_hash(firm_code, item))
    return item.product_code, item.tmr_id, msgspec.json.encode(item).decode(), leaf


def _insert(
    connection: Connection,
    firm_code: int,
    serial: str,
    sequence: int,
    rows: Sequence[tuple[int, int, str, bytes | None]],
) -> None:
    made = [
        {
            "firm_code": firm_code,
            "serial": serial,
            "tmr_id": tmr_id,
            "product_code": product_code,
            "from_sequence": sequence,
            "item": text,
            "leaf": leaf,
        }
        for product_code, tmr_id, text, leaf in rows
    ]
    if made:
        connection.execute(insert(items), made)


def _held(row: Any) -> Held:
    fields = [name for name in Held.__struct_fields__ if name != "container"]
    return Held(container=activated(row), **{name: row[name] for name in fields})
