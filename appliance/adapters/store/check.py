"""Whether a store is what it was: all of it, looked at each time it is opened (design D7).

    the database's structure    SQLite's own quick_check: every page is used once
    owner, position             their checksums
    mark                        the position is not behind it, and does not contradict it
    entries                     each one's checksum, none missing, and the chain of roots from the
                                first to the last
    snapshot                    each chunk's checksum, none missing, its root in the chain

What is found is said by `Damage`, by a code of `appliance.details.store`. While the store is in
use, each record that is read is checked again by itself.
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
from appliance.details import detail
from appliance.ledger.messages import Entry, Recorded
from appliance.verifier.layouts import entry_root


def verify(db: sqlite3.Connection, position: Position, mark: MarkRecord, store_id: bytes) -> None:
    """Raises Damage at the first thing that is not as it was written."""
    report = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if report != "ok":
        raise Damage(detail("database-broken", said=" ".join(str(report).split())))
    _verify_mark(db, position, mark, store_id)
    index, root, snapshot = position.base_index, position.base_root, position.snapshot
    roots = {index: root}
    for entry in read_entries(db, index + 1, position.last_index):
        index, root = entry.index, entry_root(root, entry.index, entry.body)
        if entry.root != root:
            raise Damage(detail("entry-loose", index=index))
        if snapshot is not None and index == snapshot.index:
            roots[index] = root
    if root != position.last_root:
        raise Damage(detail("last-entry-other", index=index))
    if snapshot is not None:
        if roots.get(snapshot.index) != snapshot.root:
            raise Damage(detail("snapshot-foreign"))
        for _ in read_snapshot(db, snapshot):
            pass
    _verify_numbers(db, position)


def checked(db: sqlite3.Connection, table: str) -> bytes:
    """The one record of a table. Raises Damage."""
    row = db.execute(f"SELECT data, sum FROM {table}").fetchone()
    if not _blobs(row) or checksum(row[0]) != row[1]:
        raise Damage(detail("record-altered", table=table))
    return bytes(row[0])


def read_entries(db: sqlite3.Connection, first: int, last: int) -> Iterator[Entry]:
    """Entries that have to be there, one by one. Raises Damage."""
    return (kept.entry for kept in read_recorded(db, first, last))


def read_recorded(db: sqlite3.Connection, first: int, last: int) -> Iterator[Recorded]:
    """Entries that have to be there, with their results, one by one. Raises Damage."""
    expected = first
    rows = db.execute(
        "SELECT number, term, root, body, result, sum FROM entry WHERE number BETWEEN ? AND ?"
        " ORDER BY number",
        (first, last),
    )
    for number, *blobs in rows:
        term, root, body, result, row_sum = blobs
        if not _blobs(blobs) or entry_row(number, term, root, body, result)[-1] != row_sum:
            raise Damage(detail("entry-altered", index=number))
        if number != expected:
            raise Damage(detail("entry-missing", index=expected))
        yield Recorded(Entry(number, decode_term(term), root, body), result)
        expected += 1
    if expected <= last:
        raise Damage(detail("entry-missing", index=expected))


def read_chunk(db: sqlite3.Connection, head: SnapshotHead, number: int) -> bytes:
    """One chunk that has to be there, counted from 0. Raises Damage."""
    key = chunk_key(head.slot, number)
    row = db.execute("SELECT data, sum FROM chunk WHERE number = ?", (key,)).fetchone()
    if not _blobs(row) or chunk_row(key, row[0])[-1] != row[1]:
        raise Damage(detail("chunk-altered", chunk=number))
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
        raise Damage(detail("mark-foreign"))
    if position.sequence < mark.sequence:
        behind, last = mark.sequence - position.sequence, position.last_index
        raise Damage(detail("mark-ahead", behind=behind, last=last, marked=mark.last_index))
    if position.sequence == mark.sequence:
        if position.mark(store_id) != mark:
            raise Damage(detail("mark-other"))
        return
    if position.promised < mark.promised or position.adopted < mark.adopted:
        raise Damage(detail("mark-term-higher"))
    if position.commit_index < mark.commit_index:
        raise Damage(detail("mark-commit-higher"))
    if position.adopted != mark.adopted or mark.last_index < position.base_index:
        return
    if mark.last_index > position.last_index:
        raise Damage(detail("mark-entry-missing", index=mark.last_index))
    if mark.last_index > position.base_index:
        (entry,) = read_entries(db, mark.last_index, mark.last_index)
        if entry.root != mark.last_root:
            raise Damage(detail("mark-entry-other", index=mark.last_index))


def _verify_numbers(db: sqlite3.Connection, position: Position) -> None:
    low, high, count = db.execute("SELECT min(number), max(number), count(*) FROM entry").fetchone()
    expected, first = position.last_index - position.base_index, position.base_index + 1
    if count != expected or (count and (low, high) != (first, position.last_index)):
        here = {"count": count, "low": low or 0, "high": high or 0}
        wanted = {"wanted": expected, "first": first, "last": position.last_index}
        raise Damage(detail("entry-count", **here, **wanted))
    if position.commit_index > position.last_index:
        values = {"committed": position.commit_index, "last": position.last_index}
        raise Damage(detail("entries-uncommitted", **values))
