"""Whether a store is what it was: all of it, looked at each time it is opened (design D7).

    the database's structure    SQLite's own quick_check: every page is used once
    owner, position             their checksums
    mark                        the position is not behind it, and does not contradict it
    entries                     each one's checksum, none missing, and the chain of roots from the
                                first to the last
    snapshot                    each chunk's checksum, none missing, its root in the chain

What is found is said in words, by `Damage`. While the store is in use, each record that is read is
checked again by itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from appliance.adapters.store.mark import MarkRecord
from appliance.adapters.store.records import (
    Damage,
    Position,
    SnapshotHead,
    checksum,
    chunk_key,
    chunk_row,
    decode_term,
    entry_row,
)
from appliance.ledger.messages import Entry
from appliance.verifier.layouts import entry_root


def verify(db: sqlite3.Connection, position: Position, mark: MarkRecord, store_id: bytes) -> None:
    """Raises Damage at the first thing that is not as it was written."""
    report = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if report != "ok":
        raise Damage(f"the database is not in order: {' '.join(str(report).split())}")
    _verify_mark(db, position, mark, store_id)
    index, root, snapshot = position.base_index, position.base_root, position.snapshot
    roots = {index: root}
    for entry in read_entries(db, index + 1, position.last_index):
        index, root = entry.index, entry_root(root, entry.index, entry.body)
        if entry.root != root:
            raise Damage(f"entry {index} does not follow on the one before")
        if snapshot is not None and index == snapshot.index:
            roots[index] = root
    if root != position.last_root:
        raise Damage(f"the log's last entry {index} is another one than was stored last")
    if snapshot is not None:
        if roots.get(snapshot.index) != snapshot.root:
            raise Damage("the snapshot belongs to another log")
        for _ in read_snapshot(db, snapshot):
            pass
    _verify_numbers(db, position)


def checked(db: sqlite3.Connection, table: str) -> bytes:
    """The one record of a table. Raises Damage."""
    row = db.execute(f"SELECT data, sum FROM {table}").fetchone()
    if not _blobs(row) or checksum(row[0]) != row[1]:
        raise Damage(f"the record of its {table} is not as it was written")
    return bytes(row[0])


def read_entries(db: sqlite3.Connection, first: int, last: int) -> Iterator[Entry]:
    """Entries that have to be there, one by one. Raises Damage."""
    expected = first
    rows = db.execute(
        "SELECT number, term, root, body, sum FROM entry WHERE number BETWEEN ? AND ?"
        " ORDER BY number",
        (first, last),
    )
    for number, *blobs in rows:
        term, root, body, row_sum = blobs
        if not _blobs(blobs) or entry_row(number, term, root, body)[-1] != row_sum:
            raise Damage(f"entry {number} is not as it was written")
        if number != expected:
            raise Damage(f"entry {expected} is missing")
        yield Entry(number, decode_term(term), root, body)
        expected += 1
    if expected <= last:
        raise Damage(f"entry {expected} is missing")


def read_chunk(db: sqlite3.Connection, head: SnapshotHead, number: int) -> bytes:
    """One chunk that has to be there, counted from 0. Raises Damage."""
    key = chunk_key(head.slot, number)
    row = db.execute("SELECT data, sum FROM chunk WHERE number = ?", (key,)).fetchone()
    if not _blobs(row) or chunk_row(key, row[0])[-1] != row[1]:
        raise Damage(f"chunk {number} of the snapshot is missing or not as it was written")
    return bytes(row[0])


def read_snapshot(db: sqlite3.Connection, head: SnapshotHead) -> Iterator[bytes]:
    """All its chunks. Raises Damage."""
    return (read_chunk(db, head, number) for number in range(head.count))


def _blobs(row: Sequence[object] | None) -> bool:
    """Whether there is a row, all of bytes: in SQLite the type is a value's own, not a column's."""
    return row is not None and all(type(value) is bytes for value in row)


def _verify_mark(
    db: sqlite3.Connection, position: Position, mark: MarkRecord, store_id: bytes
) -> None:
    if mark.store_id != store_id:
        raise Damage("its mark is that of another store")
    if position.sequence < mark.sequence:
        raise Damage(
            f"it is {mark.sequence - position.sequence} transactions behind its mark: entry"
            f" {position.last_index} instead of {mark.last_index} is its last"
        )
    if position.sequence == mark.sequence:
        if position.mark(store_id) != mark:
            raise Damage("it says something else than its mark")
        return
    if position.promised < mark.promised or position.adopted < mark.adopted:
        raise Damage("it promised or adopted a lower term than its mark says")
    if position.commit_index < mark.commit_index:
        raise Damage("fewer entries of it are committed than its mark says")
    if position.adopted != mark.adopted or mark.last_index < position.base_index:
        return
    if mark.last_index > position.last_index:
        raise Damage(f"entry {mark.last_index}, which its mark names, is missing")
    if mark.last_index > position.base_index:
        (entry,) = read_entries(db, mark.last_index, mark.last_index)
        if entry.root != mark.last_root:
            raise Damage(f"entry {mark.last_index} is another one than its mark says")


def _verify_numbers(db: sqlite3.Connection, position: Position) -> None:
    low, high, count = db.execute("SELECT min(number), max(number), count(*) FROM entry").fetchone()
    expected, first = position.last_index - position.base_index, position.base_index + 1
    if count != expected or (count and (low, high) != (first, position.last_index)):
        raise Damage(
            f"it holds {count} entries from {low or 0} to {high or 0} instead of {expected} from"
            f" {first} to {position.last_index}"
        )
    if position.commit_index > position.last_index:
        raise Damage(
            f"it says that {position.commit_index} entries were committed, but ends with"
            f" {position.last_index}"
        )
