"""Tickets of several lines, what became of each, and the systems that are installed.

An old ticket becomes one of a single line. Its code gets a check: the last character is another one
then, so a ticket that nobody has used yet is sent to its buyer once more. `tmr central ticket list`
has them all.
Who had shown it with one or two containers shows it again.
"""

from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from appliance.codec.ticket_codes import CHARACTERS, checked, ticket_mark
from appliance.services.central.options import Options, Product
from appliance.services.central.tickets import Line, lines_of

revision = "0002"
down_revision = "0001"

_COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables anew, with what was in them."""
    found = _read(op.get_bind())
    op.drop_table("shown")
    op.drop_table("tickets")
    _make_tickets()
    _make_systems()
    _write(op.get_bind(), found)


def _make_tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("number", _COUNTED, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("firm_code", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_tickets"),
        sa.UniqueConstraint("code", name="uq_tickets_code"),
        sa.UniqueConstraint("mark", name="uq_tickets_mark"),
    )
    op.create_index("ix_tickets_firm_code_number", "tickets", ["firm_code", "number"])
    op.create_table(
        "ticket_lines",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_code", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "line", name="pk_ticket_lines"),
    )
    op.create_table(
        "ticket_uses",
        sa.Column("number", _COUNTED, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("firm_code", sa.BigInteger(), nullable=False),
        sa.Column("tmr_id", sa.BigInteger(), nullable=False),
        sa.Column("cmact_id", sa.Text(), nullable=False),
        sa.Column("credited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_ticket_uses"),
        sa.UniqueConstraint("firm_code", "tmr_id", name="uq_ticket_uses_firm_code_tmr_id"),
    )
    op.create_index("ix_ticket_uses_code", "ticket_uses", ["code"])
    op.create_index("ix_ticket_uses_firm_code_cmact_id", "ticket_uses", ["firm_code", "cmact_id"])


def _make_systems() -> None:
    op.create_table(
        "systems",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("virtual_serial", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("seen_at_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_systems"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("cmact_id", sa.Text(), nullable=False),
        sa.Column("from_s", sa.BigInteger(), nullable=False),
        sa.Column("until_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cmact_id", name="pk_subscriptions"),
    )


def _read(connection: sa.Connection) -> list[tuple[sa.Row[Any], Line, str]]:
    """Each ticket that was sold, the line that it becomes, and the CmActID of whom it went to."""
    sold = connection.execute(
        sa.text(
            "SELECT t.code, t.firm_code, t.tmr_id, t.options, p.options AS product,"
            " (SELECT min(c.cmact_id) FROM items i JOIN containers c ON c.serial = i.serial"
            "  WHERE i.firm_code = t.firm_code AND i.tmr_id = t.tmr_id) AS cmact_id"
            " FROM tickets t JOIN products p"
            " ON p.firm_code = t.firm_code AND p.product_code = t.product_code ORDER BY t.number"
        )
    )
    found = []
    for row in sold:
        options = msgspec.json.decode(row.options, type=Options)
        product = msgspec.json.decode(row.product, type=Product)
        (line,) = lines_of([(product.item(1, options), options)])
        found.append((row, line, row.cmact_id or ""))
    return found


def _write(connection: sa.Connection, found: list[tuple[sa.Row[Any], Line, str]]) -> None:
    for row, line, cmact_id in found:
        code = checked(row.code.replace("-", "")[: CHARACTERS - 1])
        values = {"code": code, "firm_code": row.firm_code, "mark": ticket_mark(code)}
        connection.execute(_insert("tickets", values), values)
        values = msgspec.structs.asdict(line) | {"code": code, "options": row.options}
        connection.execute(_insert("ticket_lines", values), values)
        if row.tmr_id is None:
            continue
        values = {
            "code": code,
            "line": line.line,
            "quantity": line.quantity,
            "firm_code": row.firm_code,
            "tmr_id": row.tmr_id,
            "cmact_id": cmact_id,
            "credited": False,
        }
        connection.execute(_insert("ticket_uses", values), values)


def _insert(table: str, values: dict[str, object]) -> sa.Insert:
    return sa.insert(sa.table(table, *map(sa.column, values)))
