"""Queries and writes: licences on their way back, receipts, and containers that were put back."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    exists,
    select,
)

from appliance.licences.model import LicenceKey
from appliance.services.central.records.licences import RETURNED
from appliance.services.central.records.rows import put_row
from appliance.services.central.records.schema import issued, items, put_back, receipts, returns
from appliance.services.central.returning import PutBack, Return

_named = msgspec.json.Decoder(dict[str, int]).decode


def find(connection: Connection, key: LicenceKey) -> Return | None:
    """The return of this licence, None if nobody ordered it."""
    return next(iter(_where(connection, 1, _is(key.firm_code, key.product_code, key.tmr_id))), None)


def page(connection: Connection, firm_code: int, after: int, limit: int) -> list[Return]:
    """Up to `limit` returns of this firm, in the order of TMR-IDs, those above `after`."""
    return _where(connection, limit, returns.c.firm_code == firm_code, returns.c.tmr_id > after)


def due(connection: Connection, firm_code: int, now_s: int) -> list[Return]:
    """What is to be taken away now."""
    return _where(connection, None, *_due(firm_code, now_s))


def is_any_due(connection: Connection, firm_code: int, now_s: int) -> bool:
    """Whether something is."""
    return bool(_where(connection, 1, *_due(firm_code, now_s)))


def unsettled(connection: Connection, firm_code: int, cmact_id: str) -> list[Return]:
    """What this group has given back, and one of its containers has yet to confirm."""
    return _where(
        connection,
        None,
        returns.c.firm_code == firm_code,
        returns.c.cmact_id == cmact_id,
        returns.c.settled.is_(False),
        returns.c.taken.is_(True),
    )


def of_container(
    connection: Connection, firm_code: int, cmact_id: str, serial: str
) -> list[Return]:
    """The returns of this group that this container ordered, or that were taken from it."""
    found = _where(
        connection, None, returns.c.firm_code == firm_code, returns.c.cmact_id == cmact_id
    )
    return [one for one in found if serial in one.orders or serial in one.sequences]


def taken_above(
    connection: Connection, firm_code: int, cmact_id: str, serial: str, sequence: int
) -> list[Return]:
    """What was taken away from this container of the group by a later update than `sequence`."""
    taken = _where(
        connection,
        None,
        returns.c.firm_code == firm_code,
        returns.c.cmact_id == cmact_id,
        returns.c.taken.is_(True),
    )
    return [one for one in taken if one.sequences.get(serial, 0) > sequence]


def unnamed(
    connection: Connection, firm_code: int, cmact_id: str, serial: str
) -> list[tuple[int, int]]:
    """Product code and TMR-ID of what this group gave back and is not named to this container."""
    named = exists().where(
        items.c.firm_code == firm_code,
        items.c.serial == serial,
        items.c.tmr_id == returns.c.tmr_id,
        items.c.product_code == returns.c.product_code,
        items.c.until_sequence.is_(None),
        items.c.item == RETURNED,
    )
    asked = (
        select(returns.c.product_code, returns.c.tmr_id)
        .where(returns.c.firm_code == firm_code, returns.c.cmact_id == cmact_id)
        .where(returns.c.taken.is_(True), ~named)
        .order_by(returns.c.tmr_id, returns.c.product_code)
    )
    return [(row.product_code, row.tmr_id) for row in connection.execute(asked)]


def confirmed(connection: Connection, firm_code: int, serials: set[str]) -> dict[str, int]:
    """The newest sequence that each of these containers confirmed."""
    asked = select(issued.c.serial, issued.c.confirmed).where(
        issued.c.firm_code == firm_code, issued.c.serial.in_(serials)
    )
    return {row.serial: row.confirmed for row in connection.execute(asked)}


# --- writing ---


def put(connection: Connection, firm_code: int, made: Return) -> None:
    """Keeps this return, in the place that it had."""
    known = confirmed(connection, firm_code, set(made.sequences))
    values = {
        "cmact_id": made.cmact_id,
        "counted": made.counted,
        "due_at_s": made.due_at_s,
        "orders": msgspec.json.encode(made.orders).decode(),
        "sequences": msgspec.json.encode(made.sequences).decode(),
        "taken": made.taken,
        "settled": made.is_settled(known),
    }
    key = {"firm_code": firm_code, "product_code": made.product_code, "tmr_id": made.tmr_id}
    put_row(connection, returns, key, values)


def forget(connection: Connection, firm_code: int, gone: Return) -> None:
    """There is no such return."""
    connection.execute(delete(returns).where(_is(firm_code, gone.product_code, gone.tmr_id)))


def keep_receipt(
    connection: Connection, firm_code: int, serial: str, sequence: int, data: bytes
) -> None:
    """Keeps this receipt; the one of the same sequence that was there is the same."""
    key = {"firm_code": firm_code, "serial": serial, "sequence": sequence}
    put_row(connection, receipts, key, {"data": data})


def keep_put_back(connection: Connection, firm_code: int, note: PutBack) -> None:
    """Keeps this note, as the newest of its container."""
    values = msgspec.structs.asdict(note)
    key = {"firm_code": firm_code, "serial": values.pop("serial")}
    put_row(connection, put_back, key, values)


def all_put_back(connection: Connection, firm_code: int) -> tuple[PutBack, ...]:
    """Containers that showed less than they had confirmed."""
    columns = [put_back.c[name] for name in PutBack.__struct_fields__]
    asked = select(*columns).where(put_back.c.firm_code == firm_code).order_by(put_back.c.at_s)
    return tuple(PutBack(**row) for row in connection.execute(asked).mappings())


def _is(firm_code: int, product_code: int, tmr_id: int) -> ColumnElement[bool]:
    return and_(
        returns.c.firm_code == firm_code,
        returns.c.product_code == product_code,
        returns.c.tmr_id == tmr_id,
    )


def _due(firm_code: int, now_s: int) -> tuple[ColumnElement[bool], ...]:
    return (
        returns.c.firm_code == firm_code,
        returns.c.taken.is_(False),
        returns.c.due_at_s <= now_s,
    )


def _where(connection: Connection, limit: int | None, *wanted: ColumnElement[bool]) -> list[Return]:
    asked = select(returns).where(*wanted).order_by(returns.c.tmr_id).limit(limit)
    return [_return(row) for row in connection.execute(asked)]


def _return(row: Any) -> Return:
    return Return(
        product_code=row.product_code,
        tmr_id=row.tmr_id,
        cmact_id=row.cmact_id,
        counted=row.counted,
        orders=_named(row.orders),
        due_at_s=row.due_at_s,
        sequences=_named(row.sequences),
    )
