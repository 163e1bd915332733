"""The tables of License Central. What made them, step by step, is in `migrations/`.

Numbers that must never be used twice are keys here: a TMR-ID's next value, an update's sequence, a
block list's number, an audit row's. Options, items and the like are JSON text, since they are read
and written as a whole. What is secret, the private keys, is in no table.

A licence's constituent in one container is a row of `items` for each version that it had, from the
update of one sequence until that of another; so the content as of any sequence, and what changed
between two, is known. An empty `item` says that the licence is named as given back;
`leaf` is an item's leaf in the tree of whose root the firm gives its word.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

REVISIONS: Final = ("0001", "0002", "0003")
"""Every revision of the schema that this release knows, oldest first: those in `migrations/`."""

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_COUNTED: Final = BigInteger().with_variant(Integer, "sqlite")
"""A key that the database counts up by itself: SQLite does so with INTEGER only."""


def _number() -> Column[int]:
    return Column("number", _COUNTED, primary_key=True, autoincrement=True)


def _key(name: str) -> Column[int]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=False)


firms: Final = Table(
    "firms",
    metadata,
    _key("firm_code"),
    _text("firm_name"),
    Column("public_key", LargeBinary, nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    _count("next_tmr_id"),
    Column("wait_days", BigInteger, nullable=False, server_default="0"),
)
"""`wait_days` is how long this firm waits before a lost group's licences are issued anew."""

products: Final = Table(
    "products", metadata, _key("firm_code"), _key("product_code"), _text("options")
)

containers: Final = Table(
    "containers",
    metadata,
    _number(),
    _text("serial"),
    Column("public_key", LargeBinary, nullable=False),
    _text("cmact_id"),
    _count("twin"),
    _text("host"),
    Column("certificate", LargeBinary, nullable=False),
    _text("replaces"),
    UniqueConstraint("serial"),
    UniqueConstraint("public_key"),
    Index(None, "cmact_id"),
    Index(None, "replaces"),
)
"""Every container that the root activated."""

issued: Final = Table(
    "issued",
    metadata,
    _number(),
    _count("firm_code"),
    _text("serial"),
    _count("sequence"),
    _count("confirmed"),
    _count("confirmed_at_s"),
    _text("units_confirmed"),
    _text("heir"),
    UniqueConstraint("firm_code", "serial"),
    Index(None, "serial"),
)
"""What each firm issued to each container: up to which sequence, and what it confirmed."""

items: Final = Table(
    "items",
    metadata,
    _key("firm_code"),
    _text("serial", key=True),
    _key("tmr_id"),
    _key("product_code"),
    _key("from_sequence"),
    Column("until_sequence", BigInteger),
    _text("item"),
    Column("leaf", LargeBinary),
    Index(None, "firm_code", "tmr_id"),
    Index(None, "firm_code", "serial", "from_sequence"),
    Index(None, "firm_code", "serial", "until_sequence"),
)

updates: Final = Table(
    "updates",
    metadata,
    _key("firm_code"),
    _text("serial", key=True),
    _key("sequence"),
    _count("size"),
    Column("peaks", LargeBinary, nullable=False),
    Column("data", LargeBinary),
)
"""Every update that an act made: the file as it was signed, and the tree of all items that the
container holds with it, how many and the hashes of `verifier.merkle.Peaks`. What was taken over of
an older release has no file."""

skips: Final = Table(
    "skips",
    metadata,
    _key("firm_code"),
    _text("serial", key=True),
    _key("base"),
    _key("sequence"),
    Column("sha256", LargeBinary, nullable=False),
)
"""Update files that were made for a container which was more than one update behind."""

receipts: Final = Table(
    "receipts",
    metadata,
    _key("firm_code"),
    _text("serial", key=True),
    _key("sequence"),
    Column("data", LargeBinary, nullable=False),
)

tickets: Final = Table(
    "tickets",
    metadata,
    _number(),
    _text("code"),
    Column("mark", LargeBinary, nullable=False),
    _count("firm_code"),
    UniqueConstraint("code"),
    UniqueConstraint("mark"),
    Index(None, "firm_code", "number"),
)
"""`mark` is how a file that is carried by hand names a ticket."""

ticket_lines: Final = Table(
    "ticket_lines",
    metadata,
    _text("code", key=True),
    _key("line"),
    _count("product_code"),
    _count("quantity"),
    Column("whole", Boolean, nullable=False),
    _text("options"),
)

ticket_uses: Final = Table(
    "ticket_uses",
    metadata,
    _number(),
    _text("code"),
    _count("line"),
    _count("quantity"),
    _count("firm_code"),
    _count("tmr_id"),
    _text("cmact_id"),
    Column("credited", Boolean, nullable=False),
    UniqueConstraint("firm_code", "tmr_id"),
    Index(None, "code"),
    Index(None, "firm_code", "cmact_id"),
)
"""What became of a ticket's lines: one row for each licence."""

returns: Final = Table(
    "returns",
    metadata,
    _number(),
    _count("firm_code"),
    _count("product_code"),
    _count("tmr_id"),
    _text("cmact_id"),
    Column("counted", Boolean, nullable=False),
    Column("due_at_s", BigInteger),
    _text("orders"),
    _text("sequences"),
    Column("taken", Boolean, nullable=False),
    Column("settled", Boolean, nullable=False),
    UniqueConstraint("firm_code", "product_code", "tmr_id"),
    Index(None, "firm_code", "cmact_id", "settled"),
    Index(None, "firm_code", "taken", "due_at_s"),
)
"""`settled` is true once every container confirmed."""

used_requests: Final = Table(
    "used_requests",
    metadata,
    _key("firm_code"),
    Column("nonce", LargeBinary, primary_key=True),
    _text("act", key=True),
    _count("created_at_s"),
    Index(None, "firm_code", "created_at_s"),
)

put_back: Final = Table(
    "put_back",
    metadata,
    _key("firm_code"),
    _text("serial", key=True),
    _count("confirmed"),
    _count("held"),
    _count("at_s"),
    Column("request", LargeBinary, nullable=False),
)

registrations: Final = Table(
    "registrations",
    metadata,
    _text("serial", key=True),
    _text("owner"),
    _count("registered_at_s"),
    _text("blocked_for"),
    Column("blocked_at_s", BigInteger),
    Index(None, "blocked_at_s"),
)

heard: Final = Table("heard", metadata, _text("serial", key=True), _count("at_s"))
"""Which blocked containers asked for something, and when last."""

whereabouts: Final = Table(
    "whereabouts",
    metadata,
    _text("serial", key=True),
    Column("evidence", LargeBinary, nullable=False),
    _count("since_s"),
    Column("elsewhere_at_s", BigInteger),
    _count("moves"),
    _text("elsewhere"),
)
"""What each container last said of what holds its key."""

systems: Final = Table(
    "systems",
    metadata,
    _text("serial", key=True),
    _text("virtual_serial"),
    _text("release"),
    _count("seen_at_s"),
)
"""In which TMR system each container last said that it works."""

subscriptions: Final = Table(
    "subscriptions",
    metadata,
    _text("cmact_id", key=True),
    _count("from_s"),
    _count("until_s"),
)

block_lists: Final = Table(
    "block_lists", metadata, _key("number"), _count("made_at_s"), Column("data", LargeBinary)
)
"""The numbers of all block lists, and the newest list."""

audit: Final = Table(
    "audit",
    metadata,
    _key("number"),
    _count("at_ms"),
    _text("who"),
    _text("act"),
    _text("subject"),
    _text("detail"),
    Column("hash", LargeBinary, nullable=False),
    Index(None, "act", "number"),
    Index(None, "subject", "number"),
)
