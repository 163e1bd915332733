"""The audit trail: each act, who did it, when and what, each row chained to the one before.

A row's hash is SHA-256 over the hash of the row before and all of the row. What can go wrong in
here is a trail that somebody with the database rewrote: a changed, missing or moved row breaks the
chain. Who rewrites all rows after it, or cuts off the end, leaves a chain that holds; so the newest
number and hash are to be noted elsewhere from time to time, and compared (`verify` with a head).
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection, RowMapping, func, insert, select

from appliance.services.central.records.schema import audit

HASH_BYTES: Final = 32
START: Final = bytes(HASH_BYTES)
"""What the first row is chained to."""
_SLICE: Final = 10_000


class Row(NamedTuple):
    """One act. `at_ms` is Unix time; `detail` is JSON text."""

    number: int
    at_ms: int
    who: str
    act: str
    subject: str
    detail: str
    hash: bytes


class Head(NamedTuple):
    """The newest row's number and hash: (0, START) for an empty trail."""

    number: int
    hash: bytes


class Broken(NamedTuple):
    """The first row at which the chain does not hold, and why."""

    number: int
    why: str


def append(
    connection: Connection,
    who: str,
    act: str,
    subject: str,
    detail: Mapping[str, object],
    at_ms: int | None = None,
) -> None:
    """Adds a row, as a part of the transaction; the caller sees to it that no other one does.

    It happened now, or at `at_ms` (Unix time).
    """
    at_ms = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    made = following(head(connection), who, act, subject, detail, at_ms)
    connection.execute(insert(audit).values(**made._asdict()))


def following(
    last: Head, who: str, act: str, subject: str, detail: Mapping[str, object], at_ms: int
) -> Row:
    """The row that says this and follows on `last`."""
    written = msgspec.json.encode(dict(detail), order="sorted").decode()
    made = Row(last.number + 1, at_ms, who, act, subject, written, b"")
    return made._replace(hash=_hash(last.hash, made))


def head(connection: Connection) -> Head:
    """Where the trail ends."""
    row = connection.execute(
        select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    ).first()
    return Head(0, START) if row is None else Head(row.number, bytes(row.hash))


def page(
    connection: Connection,
    before: int | None,
    limit: int,
    subject: str = "",
    acts: Collection[str] = (),
) -> list[Row]:
    """Up to `limit` rows, newest first, those with numbers below `before`; of one subject, or of
    some kinds of act, if named."""
    wanted = select(audit).order_by(audit.c.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(audit.c.number < before)
    if subject:
        wanted = wanted.where(audit.c.subject == subject)
    if acts:
        wanted = wanted.where(audit.c.act.in_(acts))
    return [_row(row) for row in connection.execute(wanted).mappings()]


def verify(connection: Connection, noted: Head | None = None) -> Head | Broken:
    """Where the trail ends if its chain holds, else the first row where it does not.

    With `noted`, a head that was noted before, the row of that number must have that hash.
    """
    at = Head(0, START)
    for row in _all(connection):
        if row.number != at.number + 1:
            return Broken(at.number + 1, "the row is missing")
        if row.hash != _hash(at.hash, row):
            return Broken(row.number, "the row or one before it is not as it was written")
        at = Head(row.number, row.hash)
        if noted is not None and noted.number == at.number and noted.hash != at.hash:
            return Broken(row.number, "its hash is not the one that was noted")
    if noted is not None and noted.number > at.number:
        return Broken(at.number + 1, f"the trail ends before row {noted.number}, which was noted")
    return at


def count(connection: Connection) -> int:
    """How many rows there are."""
    return connection.execute(select(func.count()).select_from(audit)).scalar_one()


def _all(connection: Connection) -> Iterator[Row]:
    after = 0
    while True:
        wanted = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(_SLICE)
        rows = [_row(row) for row in connection.execute(wanted).mappings()]
        if not rows:
            return
        yield from rows
        after = rows[-1].number


def _row(row: RowMapping) -> Row:
    return Row(**{**row, "hash": bytes(row["hash"])})


def _hash(before: bytes, row: Row) -> bytes:
    said = msgspec.json.encode((row.number, row.at_ms, row.who, row.act, row.subject, row.detail))
    return sha256(before + said).digest()
