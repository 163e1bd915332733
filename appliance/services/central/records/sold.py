"""Queries and writes: tickets, what became of their lines, and requests that were used by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from appliance.codec.ticket_codes import ticket_mark
from appliance.services.central.by_hand import UsedRequest
from appliance.services.central.options import Options
from appliance.services.central.records.schema import (
    ticket_lines,
    ticket_uses,
    tickets,
    used_requests,
)
from appliance.services.central.tickets import Line, Ticket, Use

_options = msgspec.json.Decoder(Options).decode


def ticket(connection: Connection, code: str) -> tuple[int, Ticket] | None:
    """The firm code and the ticket of this code, None if there is none."""
    found = _where(connection, 1, tickets.c.code == code)
    return found[0] if found else None


def marked(connection: Connection, mark: bytes) -> tuple[int, Ticket] | None:
    """The same by a ticket's mark (`codec.ticket_codes`)."""
    found = _where(connection, 1, tickets.c.mark == mark)
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
    code = made.code
    connection.execute(
        insert(tickets).values(code=code, mark=ticket_mark(code), firm_code=firm_code)
    )
    for line in made.lines:
        row = msgspec.structs.asdict(line) | {"options": msgspec.json.encode(line.options).decode()}
        connection.execute(insert(ticket_lines).values(code=code, **row))
    for use in made.uses:
        spend(connection, firm_code, code, use)


def spend(connection: Connection, firm_code: int, code: str, use: Use) -> None:
    """A part of this ticket became a licence."""
    row = msgspec.structs.asdict(use)
    connection.execute(insert(ticket_uses).values(code=code, firm_code=firm_code, **row))


def credit(connection: Connection, firm_code: int, tmr_id: int) -> None:
    """What this licence is of a ticket, if it is of one, may be used again."""
    connection.execute(
        update(ticket_uses)
        .where(ticket_uses.c.firm_code == firm_code, ticket_uses.c.tmr_id == tmr_id)
        .values(credited=True)
    )


def move(connection: Connection, firm_code: int, before: str, after: str) -> None:
    """What one group used of this firm's tickets, another one has now (CmActIDs)."""
    connection.execute(
        update(ticket_uses)
        .where(ticket_uses.c.firm_code == firm_code, ticket_uses.c.cmact_id == before)
        .values(cmact_id=after)
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
    if not rows:
        return []
    # By the ends of the page, and not one by one: thousands of values take their time.
    here = and_(tickets.c.number.between(rows[0].number, rows[-1].number), *wanted)
    lines: dict[str, list[Line]] = {}
    sold = select(ticket_lines).join(tickets, tickets.c.code == ticket_lines.c.code).where(here)
    for row in connection.execute(sold.order_by(ticket_lines.c.line)).mappings():
        fields = {name: row[name] for name in Line.__struct_fields__}
        line = Line(**fields | {"options": _options(row["options"])})
        lines.setdefault(row["code"], []).append(line)
    uses: dict[str, list[Use]] = {}
    used = select(ticket_uses).join(tickets, tickets.c.code == ticket_uses.c.code).where(here)
    for row in connection.execute(used.order_by(ticket_uses.c.number)).mappings():
        use = Use(**{name: row[name] for name in Use.__struct_fields__})
        uses.setdefault(row["code"], []).append(use)
    return [
        (
            row.firm_code,
            Ticket(code=row.code, lines=tuple(lines[row.code]), uses=tuple(uses.get(row.code, ()))),
        )
        for row in rows
    ]
