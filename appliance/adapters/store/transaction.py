"""One transaction of the store: what each write changes in the database (design D7, D9).

The position (first, last, committed entry, term, snapshot) is a value: it is handed in, and the one
after a write is given back. Whoever calls begins the transaction, and commits it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

import msgspec

from appliance.adapters.store.archive import Archive, Segment
from appliance.adapters.store.check import read_entries, read_recorded
from appliance.adapters.store.home import StoreFailed
from appliance.adapters.store.mark import MEMBERSHIP_BYTES_MAX
from appliance.adapters.store.names import write_names
from appliance.adapters.store.records import (
    Position,
    SnapshotHead,
    chunk_key,
    chunk_row,
    encode,
    entry_row,
)
from appliance.ledger.effects import SnapshotRecord, Write
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.messages import Entry

MISTAKE: Final = "This is a mistake in the program; nothing was stored."
PUT_CHUNK: Final = "INSERT OR REPLACE INTO chunk VALUES (?, ?, ?)"
_INSERT: Final = "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)"


class Terms:
    """The term that was encoded last: most entries have the one before's."""

    def __init__(self) -> None:
        self.last: tuple[Term, bytes] = (NO_TERM, encode(NO_TERM))


class Transaction:
    """Puts writes into the open transaction of `db`. `sealed` are the segments made meanwhile."""

    def __init__(
        self, db: sqlite3.Connection, archive: Archive, store_id: bytes, terms: Terms
    ) -> None:
        self._db = db
        self._archive = archive
        self._store_id = store_id
        self._terms = terms
        self.sealed: list[Segment] = []
        self.forgot = False
        """Whether names went, of which nothing must be left in the file."""

    def put(self, position: Position, write: Write) -> Position:
        """Adds one write to the transaction; gives the position after it.

        Raises StoreFailed, OSError, sqlite3.Error.
        """
        if write.cut_to is not None and write.cut_to < position.last_index:
            position = self._cut(position, write.cut_to)
        if write.snapshot is not None:
            if write.snapshot.replaces:
                committed = min(position.commit_index, write.snapshot.index)
                position = self._seal(position, committed)
                position = _emptied(self._db, position, write.snapshot)
            position = self._take(position, write.snapshot)
        if write.names is not None:
            self.forgot |= write_names(self._db, write.names)
        if write.append:
            position = self._append(position, write.append, write.results)
        membership = position.membership if write.membership is None else write.membership
        if len(membership) > MEMBERSHIP_BYTES_MAX:
            raise StoreFailed(f"The membership has {len(membership)} bytes: {MISTAKE}")
        position = msgspec.structs.replace(
            position,
            promised=position.promised if write.promised is None else write.promised,
            adopted=position.adopted if write.adopted is None else write.adopted,
            commit_index=(
                position.commit_index if write.commit_index is None else write.commit_index
            ),
            membership=membership,
        )
        if position.commit_index > position.last_index:
            raise StoreFailed(
                f"Entry {position.commit_index} was to be committed, {position.last_index} is the"
                f" last: {MISTAKE}"
            )
        if write.snapshot is not None and write.snapshot.index > position.commit_index:
            raise StoreFailed(f"A snapshot was to pass the commit: {MISTAKE}")
        if write.compact_to is not None:
            head = position.snapshot
            if write.compact_to > min(position.commit_index, head.index if head else 0):
                raise StoreFailed(
                    f"Entries up to {write.compact_to} were to be dropped, which no snapshot"
                    f" covers: {MISTAKE}"
                )
            position = self._seal(position, write.compact_to)
        return position

    def _root_at(self, position: Position, index: int) -> bytes | None:
        if index == position.base_index:
            return position.base_root
        if not position.base_index < index <= position.last_index:
            return None
        (entry,) = read_entries(self._db, index, index)
        return entry.root

    def _cut(self, position: Position, index: int) -> Position:
        head = position.snapshot
        root = self._root_at(position, index)
        if root is None or (head is not None and index < head.index):
            raise StoreFailed(
                f"The log was to be cut to entry {index}, which is in the snapshot: {MISTAKE}"
            )
        self._db.execute("DELETE FROM entry WHERE number > ?", (index,))
        return msgspec.structs.replace(position, last_index=index, last_root=root)

    def _append(
        self, position: Position, entries: Sequence[Entry], results: Sequence[bytes]
    ) -> Position:
        last_index = position.last_index
        for entry, result in zip_longest(entries, results, fillvalue=b""):
            if not isinstance(entry, Entry):
                raise StoreFailed(f"There are more results than entries: {MISTAKE}")
            if entry.index != last_index + 1:
                raise StoreFailed(
                    f"Entry {entry.index} was to be stored after entry {last_index}: {MISTAKE}"
                )
            term, known = entry.term, self._terms
            if known.last[0] != term:
                known.last = (term, encode(term))
            row = entry_row(entry.index, known.last[1], entry.root, entry.body, result)
            self._db.execute(_INSERT, row)
            last_index = entry.index
        return msgspec.structs.replace(position, last_index=last_index, last_root=entries[-1].root)

    def _take(self, position: Position, record: SnapshotRecord) -> Position:
        """Lets this snapshot be the one."""
        if self._root_at(position, record.index) != record.root:
            raise StoreFailed(f"A snapshot was to be stored of another log: {MISTAKE}")
        slot, count = position.slot + 1, record.staged or len(record.chunks)
        if record.chunks:
            clear_stage(self._db, position)
            rows = (chunk_row(chunk_key(slot, n), data) for n, data in enumerate(record.chunks))
            self._db.executemany(PUT_CHUNK, rows)
        low, staged = self._db.execute(
            "SELECT min(number), count(*) FROM chunk WHERE number >= ?", (chunk_key(slot, 0),)
        ).fetchone()
        if not 0 < count == staged or low != chunk_key(slot, 0):
            raise StoreFailed(f"A snapshot of {count} chunks has {staged}: {MISTAKE}")
        self._db.execute("DELETE FROM chunk WHERE number < ?", (chunk_key(slot, 0),))
        head = SnapshotHead(slot, record.index, record.root, count, record.about)
        return msgspec.structs.replace(position, snapshot=head, slot=slot)

    def _seal(self, position: Position, index: int) -> Position:
        """Drops the entries up to `index`, once they are in the archive."""
        if index <= position.base_index:
            return position
        root = self._root_at(position, index)
        assert root is not None
        kept = read_recorded(self._db, position.base_index + 1, index)
        self.sealed += self._archive.seal(self._store_id, position.base_root, kept)
        self._db.execute("DELETE FROM entry WHERE number <= ?", (index,))
        return msgspec.structs.replace(position, base_index=index, base_root=root)


def clear_stage(db: sqlite3.Connection, position: Position) -> None:
    """Drops what was put aside for a next snapshot."""
    db.execute("DELETE FROM chunk WHERE number >= ?", (chunk_key(position.slot + 1, 0),))


def _emptied(db: sqlite3.Connection, position: Position, record: SnapshotRecord) -> Position:
    """All entries make room for this snapshot."""
    db.execute("DELETE FROM entry")
    return msgspec.structs.replace(
        position,
        base_index=record.index,
        base_root=record.root,
        last_index=record.index,
        last_root=record.root,
        commit_index=max(position.commit_index, record.index),
    )
