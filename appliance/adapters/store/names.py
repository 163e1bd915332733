"""The table of names in a store's database: written beside the log, and forgotten for good.

What can go wrong in here is a name that is deleted and still stands in the file: in a page that
SQLite keeps for later, in what a page had room for, or in the write-ahead log. So whatever changes
this table is done with `secure_delete`, which overwrites with zeros, and once something was
forgotten the write-ahead log is emptied.
"""

from __future__ import annotations

import sqlite3
from typing import Final, NamedTuple

from appliance.ledger.effects import NamesWrite
from appliance.ledger.messages import NAMES_PER_MESSAGE
from appliance.licences.names import NameRow

_KEY: Final = b""
"""The tag under which the key stands: no name has it."""


class NamesRead(NamedTuple):
    """The key of the tags (empty: none), the number of the last row, and the rows."""

    key: bytes
    last: int
    rows: tuple[NameRow, ...]


def write_names(db: sqlite3.Connection, write: NamesWrite) -> bool:
    """Change the table within the open transaction; whether something was forgotten."""
    db.execute("PRAGMA secure_delete = ON")
    try:
        return _write(db, write)
    finally:
        db.execute("PRAGMA secure_delete = OFF")


def _write(db: sqlite3.Connection, write: NamesWrite) -> bool:
    forgot = 0
    if write.key:
        _put(db, _KEY, write.key, 0)
    for row in write.rows:
        _put(db, row.tag, row.name.encode("utf-8", "surrogatepass"), row.seen_ms)
    for tag, until_ms in write.forget:
        forgot += _forget(db, "tag = ? AND seen_ms <= ?", tag, until_ms)
    if write.used_since_ms:
        forgot += _forget(db, "seen_ms < ? AND tag != ?", write.used_since_ms, _KEY)
    if write.most is not None:
        (count,) = db.execute("SELECT count(*) FROM name").fetchone()
        over = count - 1 - write.most
        if over > 0:
            oldest = "SELECT number FROM name WHERE tag != ? ORDER BY seen_ms, number LIMIT ?"
            forgot += _forget(db, f"number IN ({oldest})", _KEY, over)
    return forgot > 0


def _put(db: sqlite3.Connection, tag: bytes, text: bytes, seen_ms: int) -> None:
    """A row gets a new number whenever it is written, so that who reads on meets it again. One that
    is not as it was written makes room, too."""
    db.execute(
        "DELETE FROM name WHERE tag = ? AND (seen_ms < ? OR (seen_ms = ? AND text != ?))",
        (tag, seen_ms, seen_ms, text),
    )
    db.execute(
        "INSERT OR IGNORE INTO name (tag, text, seen_ms) VALUES (?, ?, ?)", (tag, text, seen_ms)
    )


def _forget(db: sqlite3.Connection, which: str, *values: object) -> int:
    return db.execute(f"DELETE FROM name WHERE {which}", values).rowcount


def empty_wal(db: sqlite3.Connection) -> None:
    """Bring all that is committed into the database, and leave nothing in the write-ahead log."""
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def read_names(db: sqlite3.Connection, after: int) -> NamesRead:
    """The rows after this number that are names, at most NAMES_PER_MESSAGE, and the key."""
    key = db.execute("SELECT text FROM name WHERE tag = ?", (_KEY,)).fetchone()
    rows = db.execute(
        "SELECT number, tag, text, seen_ms FROM name WHERE number > ? AND tag != ?"
        " ORDER BY number LIMIT ?",
        (after, _KEY, NAMES_PER_MESSAGE),
    ).fetchall()
    names = (_row(*row[1:]) for row in rows)
    return NamesRead(
        bytes(key[0]) if key is not None and type(key[0]) is bytes else b"",
        rows[-1][0] if rows else after,
        tuple(name for name in names if name is not None),
    )


def _row(tag: object, text: object, seen_ms: object) -> NameRow | None:
    """A row, None if it is not as it was written: then it is no name that fits its tag."""
    if type(tag) is not bytes or type(text) is not bytes or type(seen_ms) is not int:
        return None
    try:
        return NameRow(tag, text.decode("utf-8", "surrogatepass"), seen_ms)
    except UnicodeDecodeError:
        return None
