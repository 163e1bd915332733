"""The durable half of a replica: one SQLite database on each upstream (design D7, D9).

A `Write` is one transaction or part of one. It is reported written when SQLite has synced it (WAL,
synchronous=FULL) and the mark beside the database (`adapters.mark`) has been synced after it. What
the tables hold says `store_records`; what is looked at when a store is opened, `store_check`.

Two things can go wrong, and are kept apart. A store that *fails* (disk full, I/O error) does so for
good: a sync that failed may have lost what a later one seems to confirm. So the first failure is
its last act, the process ends, and a restart reads what is really there. A store that is *damaged*
holds something else than what was written to it. That is no reason to end: it says so, takes no
further write, gives no record that does not prove itself, and waits for an operator.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from appliance.adapters.archive import Archive, Segment, archive_path
from appliance.adapters.mark import MEMBERSHIP_BYTES_MAX, Mark, mark_path
from appliance.adapters.store_check import (
    checked,
    read_chunk,
    read_entries,
    read_snapshot,
    verify,
)
from appliance.adapters.store_files import REAL_FILES, Files
from appliance.adapters.store_home import (
    SQLITE_ERRORS,
    NotInitialised,
    StoreDamaged,
    StoreFailed,
    connect,
    explained,
    identify,
    initialise,
    is_trouble,
)
from appliance.adapters.store_records import (
    CHUNKS_MAX,
    Damage,
    Position,
    SnapshotHead,
    checksum,
    chunk_key,
    chunk_row,
    decode_owner,
    decode_position,
    encode,
    entry_row,
)
from appliance.errors import UNREADABLE
from appliance.ledger.effects import SnapshotRecord, Write
from appliance.ledger.messages import Entry
from appliance.ledger.receipts import ZERO_ROOT
from appliance.ledger.surroundings import Damaged, Recovered
from appliance.ledger.terms import NO_TERM, Term

__all__ = ["NotInitialised", "Store", "StoreDamaged", "StoreFailed"]

_INSERT: Final = "INSERT INTO entry VALUES (?, ?, ?, ?, ?)"
_PUT_CHUNK: Final = "INSERT OR REPLACE INTO chunk VALUES (?, ?, ?)"
_MISTAKE: Final = "This is a mistake in the program; nothing was stored."


class Store:
    """The store of one host, used by one process and one thread at a time."""

    def __init__(self, path: Path, host: str, files: Files = REAL_FILES) -> None:
        """Opens the store at `path`, and looks at all of it.

        Raises NotInitialised if there is none, and StoreFailed if what is there is something else,
        another host's, of another version, in use, or cannot be read. If it is damaged, `damage`
        says how.
        """
        self._path = path
        self._files = files
        self._failed = ""
        self.damage = ""
        """What is wrong with this store, in words; "" if nothing is known to be."""
        self.store_id = b""
        """What it got when it was made, 16 to 32 bytes (design D7); b"" if damage hides it."""
        self.key = b""
        """The private half of the store's key, b"" if damage hides it or it has none."""
        self._restore: bytes | None = None
        self._db: sqlite3.Connection | None = None
        self._position = Position()
        self._term: tuple[Term, bytes] = (NO_TERM, encode(NO_TERM))
        self._archive = Archive(archive_path(path), files)
        try:
            with self._failing():
                self._mark = Mark(mark_path(path), files)
                self._open(host)
        except StoreDamaged:
            pass
        except BaseException:
            self.close()
            raise

    @staticmethod
    def init(
        path: Path,
        host: str,
        store_id: bytes,
        files: Files = REAL_FILES,
        key: bytes = b"",
        restore: bytes | None = None,
    ) -> bytes:
        """Makes an empty store for `host`, with its mark, and gives its id.

        That is `store_id` (16 to 32 bytes; `key` is what it can sign with), or the id of an
        earlier `init` that did not get to its end; its key then stays, too. With `restore` it
        waits for one (`Recovered.restore`). Raises StoreFailed if there is a store, or none can
        be made.
        """
        return initialise(path, host, store_id, files, key, restore)

    @property
    def last_index(self) -> int:
        """The index of the last durable entry, 0 if there is none."""
        return self._position.last_index

    def write(self, writes: Sequence[Write]) -> None:
        """Makes all of this durable, in order, in one transaction, and marks it.

        Raises StoreDamaged, with nothing done, or StoreFailed: after that nothing may be written
        any more, close the store and end.
        """
        with self._failing():
            db = self._sound()
            position, sealed = self._position, list[Segment]()
            db.execute("BEGIN IMMEDIATE")
            for write in writes:
                position = self._put(db, position, write, sealed)
            self._commit(db, position)
            if sealed:
                self._archive.replace_by(sealed)

    def read(self, first: int, last: int, bytes_max: int) -> tuple[Entry, ...] | Damaged:
        """The entries from `first` to `last`, as many as fit into `bytes_max`, at least one.

        Empty if there is none at `first`. Raises StoreFailed.
        """
        first = max(first, 1)
        if first <= self._position.base_index:
            first, last = 1, 0
        entries: list[Entry] = []
        size = 0
        try:
            with self._failing():
                db = self._sound()
                for entry in read_entries(db, first, min(last, self.last_index)):
                    size += len(entry.body)
                    if entries and size > bytes_max:
                        break
                    entries.append(entry)
        except StoreDamaged:
            return Damaged(self.damage)
        return tuple(entries)

    def read_chunk(self, index: int, number: int) -> bytes | Damaged | None:
        """Chunk `number`, from 0 on, of the snapshot after entry `index`.

        None if this is not the snapshot (any more) or it has no such chunk. Raises StoreFailed.
        """
        head = self._position.snapshot
        if head is None or head.index != index or not 0 <= number < head.count:
            return None
        try:
            with self._failing():
                return read_chunk(self._sound(), head, number)
        except StoreDamaged:
            return Damaged(self.damage)

    def stage_put(self, number: int, data: bytes) -> None:
        """Puts chunk `number` of a next snapshot aside, until a write names it as staged.

        What is put aside is gone after a restart. Raises StoreDamaged, StoreFailed.
        """
        with self._failing():
            db = self._sound()
            if not 0 <= number < CHUNKS_MAX:
                raise StoreFailed(f"There is no chunk {number}: {_MISTAKE}")
            db.execute(_PUT_CHUNK, chunk_row(chunk_key(self._position.slot + 1, number), data))

    def stage_clear(self) -> None:
        """Drops what was put aside. Raises StoreDamaged, StoreFailed."""
        with self._failing():
            _clear_stage(self._sound(), self._position)

    def recover(self) -> Recovered:
        """What to start a replica from; its entries are read while they are iterated over.

        That raises StoreFailed.
        """
        position, head = self._position, self._position.snapshot
        try:
            with self._failing():
                db = self._sound()
                chunks = None if head is None else tuple(read_snapshot(db, head))
        except StoreDamaged:
            return Recovered(store_id=self.store_id, damage=self.damage)
        return Recovered(
            position.promised,
            position.adopted,
            position.commit_index,
            self._entries(1 + (head.index if head else 0)),
            self.store_id,
            "",
            position.membership,
            chunks,
            head.index if head else 0,
            head.root if head else ZERO_ROOT,
            head.about if head else b"",
            position.base_index + 1,
            self._restore,
        )

    def close(self) -> None:
        """Closes database and mark; what was written stays written."""
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
        with contextlib.suppress(AttributeError, OSError):
            self._mark.close()

    # --- opening ---

    def _open(self, host: str) -> None:
        size = self._files.size(self._path)
        if not size:
            if self._mark.exists:
                self._know_id()
                raise Damage("its mark is there, but the database is not")
            raise NotInitialised(self._path)
        self._db = connect(self._path)
        identify(self._path, self._db, self._mark)
        owner = decode_owner(checked(self._db, "owner"))
        if owner.host != host:
            raise StoreFailed(
                f"The store {self._path} is that of host {owner.host}, this is {host}: a copied"
                " store must not vote; make a new one with `tmr upstream init`."
            )
        self.store_id, self.key, self._restore = owner.store_id, owner.key, owner.restore
        position = decode_position(checked(self._db, "position"))
        if self._mark.newest is None:
            if position.sequence == 0:
                raise NotInitialised(self._path)
            raise Damage("its mark cannot be read" if self._mark.exists else "its mark is missing")
        verify(self._db, position, self._mark.newest, self.store_id)
        # Whatever is found may rest on writes that a killed process did not sync any more. This
        # one syncs them with itself, before anything of it is told to anybody.
        self._db.execute("BEGIN IMMEDIATE")
        _clear_stage(self._db, position)
        self._commit(self._db, position)

    def _know_id(self) -> None:
        if self._mark.newest is not None and not self.store_id:
            self.store_id = self._mark.newest.store_id

    def _sound(self) -> sqlite3.Connection:
        if self.damage:
            raise StoreDamaged(self._path, self.damage)
        assert self._db is not None
        return self._db

    # --- writing ---

    def _commit(self, db: sqlite3.Connection, position: Position) -> None:
        """Ends the transaction, and marks it when it is durable."""
        position = msgspec.structs.replace(position, sequence=position.sequence + 1)
        data = encode(position)
        db.execute("UPDATE position SET data = ?, sum = ?", (data, checksum(data)))
        db.execute("COMMIT")
        self._mark.write(position.mark(self.store_id))
        self._position = position

    def _put(
        self, db: sqlite3.Connection, position: Position, write: Write, sealed: list[Segment]
    ) -> Position:
        """Adds one write to the transaction; gives the position after it."""
        if write.cut_to is not None and write.cut_to < position.last_index:
            position = self._cut(db, position, write.cut_to)
        if write.snapshot is not None:
            if write.snapshot.replaces:
                committed = min(position.commit_index, write.snapshot.index)
                position = self._seal(db, position, committed, sealed)
                position = _emptied(db, position, write.snapshot)
            position = self._take(db, position, write.snapshot)
        if write.append:
            position = self._append(db, position, write.append)
        membership = position.membership if write.membership is None else write.membership
        if len(membership) > MEMBERSHIP_BYTES_MAX:
            raise StoreFailed(f"The membership has {len(membership)} bytes: {_MISTAKE}")
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
                f" last: {_MISTAKE}"
            )
        if write.snapshot is not None and write.snapshot.index > position.commit_index:
            raise StoreFailed(f"A snapshot was to pass the commit: {_MISTAKE}")
        if write.compact_to is not None:
            head = position.snapshot
            if write.compact_to > min(position.commit_index, head.index if head else 0):
                raise StoreFailed(
                    f"Entries up to {write.compact_to} were to be dropped, which no snapshot"
                    f" covers: {_MISTAKE}"
                )
            position = self._seal(db, position, write.compact_to, sealed)
        return position

    def _root_at(self, db: sqlite3.Connection, position: Position, index: int) -> bytes | None:
        if index == position.base_index:
            return position.base_root
        if not position.base_index < index <= position.last_index:
            return None
        (entry,) = read_entries(db, index, index)
        return entry.root

    def _cut(self, db: sqlite3.Connection, position: Position, index: int) -> Position:
        head = position.snapshot
        root = self._root_at(db, position, index)
        if root is None or (head is not None and index < head.index):
            raise StoreFailed(
                f"The log was to be cut to entry {index}, which is in the snapshot: {_MISTAKE}"
            )
        db.execute("DELETE FROM entry WHERE number > ?", (index,))
        return msgspec.structs.replace(position, last_index=index, last_root=root)

    def _append(
        self, db: sqlite3.Connection, position: Position, entries: Sequence[Entry]
    ) -> Position:
        last_index = position.last_index
        for entry in entries:
            if entry.index != last_index + 1:
                raise StoreFailed(
                    f"Entry {entry.index} was to be stored after entry {last_index}: {_MISTAKE}"
                )
            term, known = entry.term, self._term
            if known[0] != term:
                self._term = known = (term, encode(term))
            db.execute(_INSERT, entry_row(entry.index, known[1], entry.root, entry.body))
            last_index = entry.index
        return msgspec.structs.replace(position, last_index=last_index, last_root=entries[-1].root)

    def _take(self, db: sqlite3.Connection, position: Position, record: SnapshotRecord) -> Position:
        """Lets this snapshot be the one."""
        if self._root_at(db, position, record.index) != record.root:
            raise StoreFailed(f"A snapshot was to be stored of another log: {_MISTAKE}")
        slot, count = position.slot + 1, record.staged or len(record.chunks)
        if record.chunks:
            _clear_stage(db, position)
            rows = (chunk_row(chunk_key(slot, n), data) for n, data in enumerate(record.chunks))
            db.executemany(_PUT_CHUNK, rows)
        low, staged = db.execute(
            "SELECT min(number), count(*) FROM chunk WHERE number >= ?", (chunk_key(slot, 0),)
        ).fetchone()
        if not 0 < count == staged or low != chunk_key(slot, 0):
            raise StoreFailed(f"A snapshot of {count} chunks has {staged}: {_MISTAKE}")
        db.execute("DELETE FROM chunk WHERE number < ?", (chunk_key(slot, 0),))
        head = SnapshotHead(slot, record.index, record.root, count, record.about)
        return msgspec.structs.replace(position, snapshot=head, slot=slot)

    def _seal(
        self, db: sqlite3.Connection, position: Position, index: int, sealed: list[Segment]
    ) -> Position:
        """Drops the entries up to `index`, once they are in the archive."""
        if index <= position.base_index:
            return position
        root = self._root_at(db, position, index)
        assert root is not None
        entries = read_entries(db, position.base_index + 1, index)
        sealed += self._archive.seal(self.store_id, position.base_root, entries)
        db.execute("DELETE FROM entry WHERE number <= ?", (index,))
        return msgspec.structs.replace(position, base_index=index, base_root=root)

    # --- inside ---

    def _entries(self, first: int) -> Iterator[Entry]:
        with self._failing():
            yield from read_entries(self._sound(), first, self.last_index)

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        """Turns whatever goes wrong into StoreFailed or StoreDamaged, for good."""
        if self._failed:
            raise StoreFailed(self._failed)
        try:
            yield
        except GeneratorExit:
            raise
        except StoreDamaged:
            raise
        except StoreFailed as failed:
            self._failed = str(failed)
            raise
        except (OSError, *SQLITE_ERRORS) as error:
            if is_trouble(error):
                self._failed = explained(self._path, error)
                raise StoreFailed(self._failed) from error
            raise self._damaged(str(error)) from error
        except (Damage, *UNREADABLE) as error:
            raise self._damaged(str(error)) from error

    def _damaged(self, what: str) -> StoreDamaged:
        self.damage = what
        self._know_id()
        if self._db is not None and self._db.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
        return StoreDamaged(self._path, what)


def _clear_stage(db: sqlite3.Connection, position: Position) -> None:
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
