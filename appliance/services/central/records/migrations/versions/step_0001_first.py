"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes them."""
    _what_is_certified()
    _what_is_issued()
    _what_is_handed_out()
    _what_travels()
    _what_is_noted()


def _what_is_certified() -> None:
    """Firms, their products, and containers."""
    op.create_table(
        "firms",
        sa.Column("firm_code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("next_tmr_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("firm_code", name="pk_firms"),
    )
    op.create_table(
        "products",
        sa.Column("firm_code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("firm_code", "product_code", name="pk_products"),
    )
    op.create_table(
        "containers",
        sa.Column("number", _COUNTED, autoincrement=True, nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("cmact_id", sa.Text(), nullable=False),
        sa.Column("twin", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("replaces", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_containers"),
        sa.UniqueConstraint("public_key", name="uq_containers_public_key"),
        sa.UniqueConstraint("serial", name="uq_containers_serial"),
    )
    op.create_index("ix_containers_cmact_id", "containers", ["cmact_id"])
    op.create_index("ix_containers_replaces", "containers", ["replaces"])


def _what_is_issued() -> None:
    """Licences, and how far each firm is with each container."""
    op.create_table(
        "issued",
        sa.Column("number", _COUNTED, autoincrement=True, nullable=False),
        sa.Column("firm_code", sa.BigInteger(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at_s", sa.BigInteger(), nullable=False),
        sa.Column("units_confirmed", sa.Text(), nullable=False),
        sa.Column("heir", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_issued"),
        sa.UniqueConstraint("firm_code", "serial", name="uq_issued_firm_code_serial"),
    )
    op.create_index("ix_issued_serial", "issued", ["serial"])
    op.create_table(
        "items",
        sa.Column("firm_code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("tmr_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until_sequence", sa.BigInteger(), nullable=True),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint(
            "firm_code", "serial", "tmr_id", "product_code", "from_sequence", name="pk_items"
        ),
    )
    op.create_index(
        "ix_items_firm_code_serial_from_sequence", "items", ["firm_code", "serial", "from_sequence"]
    )
    op.create_index(
        "ix_items_firm_code_serial_until_sequence",
        "items",
        ["firm_code", "serial", "until_sequence"],
    )
    op.create_index("ix_items_firm_code_tmr_id", "items", ["firm_code", "tmr_id"])


def _what_is_handed_out() -> None:
    """Updates, receipts, and the requests that were used."""
    op.create_table(
        "updates",
        sa.Column("firm_code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("firm_code", "serial", "sequence", name="pk_updates"),
    )
    op.create_table(
        "receipts",
        sa.Column("firm_code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("firm_code", "serial", "sequence", name="pk_receipts"),
    )
    op.create_table(
        "used_requests",
        sa.Column("firm_code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("created_at_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("firm_code", "nonce", "act", name="pk_used_requests"),
    )
    op.create_index(
        "ix_used_requests_firm_code_created_at_s", "used_requests", ["firm_code", "created_at_s"]
    )
    op.create_table(
        "skips",
        sa.Column("firm_code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("base", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("firm_code", "serial", "base", "sequence", name="pk_skips"),
    )


def _what_travels() -> None:
    """Tickets, returns, and what was put back."""
    op.create_table(
        "tickets",
        sa.Column("number", _COUNTED, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("firm_code", sa.BigInteger(), nullable=False),
        sa.Column("product_code", sa.BigInteger(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("tmr_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_tickets"),
        sa.UniqueConstraint("code", name="uq_tickets_code"),
    )
    op.create_index("ix_tickets_firm_code_number", "tickets", ["firm_code", "number"])
    op.create_index("ix_tickets_firm_code_tmr_id", "tickets", ["firm_code", "tmr_id"])
    op.create_table(
        "shown",
        sa.Column("number", _COUNTED, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_shown"),
    )
    op.create_index("ix_shown_code", "shown", ["code"])
    op.create_table(
        "returns",
        sa.Column("number", _COUNTED, autoincrement=True, nullable=False),
        sa.Column("firm_code", sa.BigInteger(), nullable=False),
        sa.Column("product_code", sa.BigInteger(), nullable=False),
        sa.Column("tmr_id", sa.BigInteger(), nullable=False),
        sa.Column("cmact_id", sa.Text(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("due_at_s", sa.BigInteger(), nullable=True),
        sa.Column("orders", sa.Text(), nullable=False),
        sa.Column("sequences", sa.Text(), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_returns"),
        sa.UniqueConstraint(
            "firm_code", "product_code", "tmr_id", name="uq_returns_firm_code_product_code_tmr_id"
        ),
    )
    op.create_index(
        "ix_returns_firm_code_cmact_id_settled", "returns", ["firm_code", "cmact_id", "settled"]
    )
    op.create_index(
        "ix_returns_firm_code_taken_due_at_s", "returns", ["firm_code", "taken", "due_at_s"]
    )
    op.create_table(
        "put_back",
        sa.Column("firm_code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("at_s", sa.BigInteger(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("firm_code", "serial", name="pk_put_back"),
    )


def _what_is_noted() -> None:
    """Blocks, and the audit trail."""
    op.create_table(
        "registrations",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("registered_at_s", sa.BigInteger(), nullable=False),
        sa.Column("blocked_for", sa.Text(), nullable=False),
        sa.Column("blocked_at_s", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("serial", name="pk_registrations"),
    )
    op.create_index("ix_registrations_blocked_at_s", "registrations", ["blocked_at_s"])
    op.create_table(
        "whereabouts",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("since_s", sa.BigInteger(), nullable=False),
        sa.Column("elsewhere_at_s", sa.BigInteger(), nullable=True),
        sa.Column("moves", sa.BigInteger(), nullable=False),
        sa.Column("elsewhere", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_whereabouts"),
    )
    op.create_table(
        "block_lists",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("made_at_s", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_block_lists"),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_index("ix_audit_act_number", "audit", ["act", "number"])
    op.create_index("ix_audit_subject_number", "audit", ["subject", "number"])
