"""Queries and writes: tickets, who has shown them, and requests that were used by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from appliance.services.central.by_hand import UsedRequest
from appliance.services.central.options import Options
from appliance.services.central.records.schema import shown, tickets, used_requests
from appliance.services.central.tickets import Ticket

_options = msgspec.json.Decoder(Options).decode


def ticket(connection: Connection, code: str) -> tuple[int, Ticket] | None:
    """The firm code and the ticket of this code, None if there is none."""
    found = _where(connection, 1, tickets.c.code == code)
    return found[0] if found else None


def page(
    connection: Connection, after: str, limit: int, firm_code: int | None = None
) -> list[tuple[int, Ticket]]:
    """Up to `limit` firm codes and tickets, of all firms or of one, in the order of sale: those
    behind the ticket of code `after` ("": from the first)."""
    wanted = [] if firm_code is None else [tickets.c.firm_code == firm_code]
    if after:
        before = select(tickets.c.number).where(tickets.c.code == after).scalar_subquery()
        wanted.append(tickets.c.number > before)
    return _where(connection, limit, *wanted)


def sell(connection: Connection, firm_code: int, made: Ticket) -> None:
    """Keeps a new ticket."""
    connection.execute(
        insert(tickets).values(
            code=made.code,
            firm_code=firm_code,
            product_code=made.product_code,
            options=msgspec.json.encode(made.options).decode(),
            tmr_id=made.tmr_id,
        )
    )


def show(connection: Connection, code: str, requests: Iterable[bytes]) -> None:
    """These requests, and no others, have been shown with this ticket."""
    connection.execute(delete(shown).where(shown.c.code == code))
    for request in requests:
        connection.execute(insert(shown).values(code=code, request=request))


def spend(connection: Connection, code: str, tmr_id: int) -> None:
    """This ticket became the licence with this TMR-ID."""
    connection.execute(update(tickets).where(tickets.c.code == code).values(tmr_id=tmr_id))
    show(connection, code, ())


def credit(connection: Connection, firm_code: int, tmr_id: int) -> None:
    """The ticket of this licence, if it has one, may be used again."""
    connection.execute(
        update(tickets)
        .where(tickets.c.firm_code == firm_code, tickets.c.tmr_id == tmr_id)
        .values(tmr_id=None)
    )


def use(
    connection: Connection, firm_code: int, requests: Iterable[UsedRequest], forget_before_s: int
) -> None:
    """Remembers these as used, and forgets those that were made before that time (Unix time)."""
    connection.execute(
        delete(used_requests).where(
            used_requests.c.firm_code == firm_code, used_requests.c.created_at_s < forget_before_s
        )
    )
    for one in requests:
        connection.execute(
            insert(used_requests).values(firm_code=firm_code, **msgspec.structs.asdict(one))
        )


def is_used(connection: Connection, firm_code: int, nonce: bytes, act: str) -> bool:
    """Whether the request of this number was used for this act."""
    asked = select(used_requests.c.nonce).where(
        used_requests.c.firm_code == firm_code,
        used_requests.c.nonce == nonce,
        used_requests.c.act == act,
    )
    return connection.execute(asked).first() is not None


def _where(
    connection: Connection, limit: int, *wanted: ColumnElement[bool]
) -> list[tuple[int, Ticket]]:
    asked = select(tickets).where(*wanted).order_by(tickets.c.number).limit(limit)
    rows: list[Any] = list(connection.execute(asked))
    requests: dict[str, list[bytes]] = {}
    some = select(shown).where(shown.c.code.in_([row.code for row in rows]))
    for row in connection.execute(some.order_by(shown.c.number)):
        requests.setdefault(row.code, []).append(bytes(row.request))
    return [
        (
            row.firm_code,
            Ticket(
                code=row.code,
                product_code=row.product_code,
                options=_options(row.options),
                requests=tuple(requests.get(row.code, ())),
                tmr_id=row.tmr_id,
            ),
        )
        for row in rows
    ]
