"""The durable half of a replica: one SQLite database on each upstream (design D7, D9).

A `Write` is one transaction or part of one. It is reported written when SQLite has synced it (WAL,
synchronous=FULL) and the mark beside the database (`adapters.store.mark`) has been synced after it.
What the tables hold says `records`; what is looked at when a store is opened, `check`.

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

import msgspec

from appliance.adapters.store.archive import (
    NO_LIMITS,
    Archive,
    ArchiveFacts,
    ArchiveLimits,
    Segment,
    archive_path,
)
from appliance.adapters.store.check import (
    checked,
    read_chunk,
    read_entries,
    read_recorded,
    read_snapshot,
    verify,
)
from appliance.adapters.store.files import REAL_FILES, Files
from appliance.adapters.store.home import (
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
from appliance.adapters.store.mark import Mark, mark_path
from appliance.adapters.store.names import NamesRead, empty_wal, read_names
from appliance.adapters.store.records import (
    CHUNKS_MAX,
    Damage,
    Position,
    checksum,
    chunk_key,
    chunk_row,
    decode_owner,
    decode_position,
    encode,
)
from appliance.adapters.store.transaction import (
    MISTAKE,
    PUT_CHUNK,
    Terms,
    Transaction,
    clear_stage,
)
from appliance.details import detail
from appliance.ledger.effects import Write
from appliance.ledger.messages import Entry, Recorded
from appliance.ledger.replica.surroundings import Damaged, Recovered
from appliance.sentences import sentence_of
from appliance.unreadable import UNREADABLE
from appliance.verifier.layouts import ZERO_ROOT

__all__ = ["NotInitialised", "Store", "StoreDamaged", "StoreFailed"]


class Store:
    """The store of one host, used by one process and one thread at a time."""

    def __init__(
        self,
        path: Path,
        host: str,
        files: Files = REAL_FILES,
        archive_limits: ArchiveLimits = NO_LIMITS,
    ) -> None:
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
        self._terms = Terms()
        self._archive = Archive(archive_path(path), files, archive_limits)
        try:
            with self._failing():
                self._mark = Mark(mark_path(path), files)
                self._open(host)
                self._thin_archive([])
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

    @property
    def base_index(self) -> int:
        """Entries up to this one are gone from the log, into the archive."""
        return self._position.base_index

    def write(self, writes: Sequence[Write]) -> None:
        """Makes all of this durable, in order, in one transaction, and marks it.

        Raises StoreDamaged, with nothing done, or StoreFailed: after that nothing may be written
        any more, close the store and end.
        """
        with self._failing():
            db = self._sound()
            position = self._position
            transaction = Transaction(db, self._archive, self.store_id, self._terms)
            db.execute("BEGIN IMMEDIATE")
            for write in writes:
                position = transaction.put(position, write)
            self._commit(db, position)
            if transaction.forgot:
                empty_wal(db)
            if transaction.sealed:
                self._archive.replace_by(transaction.sealed)
                self._thin_archive(transaction.sealed)

    @property
    def archive(self) -> ArchiveFacts:
        """How large the archive is. Any thread may ask."""
        return self._archive.facts

    def _thin_archive(self, sealed: list[Segment]) -> None:
        """A segment that cannot be deleted is tried again with the next one."""
        with contextlib.suppress(OSError):
            self._archive.keep_within_limits(sealed)

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

    def read_record(self, first: int, last: int, bytes_max: int) -> tuple[Recorded, ...]:
        """Entries with their results from `first` to `last`, as many as fit into `bytes_max`, at
        least one: the archive's, then the log's. What is missing is passed over, so the first one
        may be later than asked for. Empty if there is none. Raises StoreDamaged, StoreFailed.
        """
        kept: list[Recorded] = []
        size = 0
        with self._failing():
            for one in self._recorded(self._sound(), first, min(last, self._position.commit_index)):
                size += len(one.entry.body) + len(one.result)
                if kept and size > bytes_max:
                    break
                kept.append(one)
        return tuple(kept)

    def _recorded(self, db: sqlite3.Connection, first: int, last: int) -> Iterator[Recorded]:
        base_index = self._position.base_index
        if first <= base_index:
            sealed_to = min(last, base_index)
            for one in self._archive.recorded(first):
                if one.entry.index > sealed_to:
                    break
                yield one
        start = max(first, base_index + 1)
        if start <= last:
            yield from read_recorded(db, start, last)

    def read_names(self, after: int) -> NamesRead:
        """The names that were written after number `after`, as many as go into one message, and the
        key of their tags. Raises StoreDamaged, StoreFailed."""
        with self._failing():
            return read_names(self._sound(), after)

    def stage_put(self, number: int, data: bytes) -> None:
        """Puts chunk `number` of a next snapshot aside, until a write names it as staged.

        What is put aside is gone after a restart. Raises StoreDamaged, StoreFailed.
        """
        with self._failing():
            db = self._sound()
            if not 0 <= number < CHUNKS_MAX:
                raise StoreFailed(f"There is no chunk {number}: {MISTAKE}")
            db.execute(PUT_CHUNK, chunk_row(chunk_key(self._position.slot + 1, number), data))

    def stage_clear(self) -> None:
        """Drops what was put aside. Raises StoreDamaged, StoreFailed."""
        with self._failing():
            clear_stage(self._sound(), self._position)

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
                raise Damage(detail("database-missing"))
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
            raise Damage(detail("mark-unreadable" if self._mark.exists else "mark-missing"))
        verify(self._db, position, self._mark.newest, self.store_id)
        # Whatever is found may rest on writes that a killed process did not sync any more. This
        # one syncs them with itself, before anything of it is told to anybody.
        self._db.execute("BEGIN IMMEDIATE")
        clear_stage(self._db, position)
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
            raise self._damaged(detail("store-unreadable", said=error)) from error
        except Damage as error:
            raise self._damaged(sentence_of(error)) from error
        except UNREADABLE as error:
            raise self._damaged(detail("store-unreadable", said=error)) from error

    def _damaged(self, what: str) -> StoreDamaged:
        self.damage = what
        self._know_id()
        if self._db is not None and self._db.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
        return StoreDamaged(self._path, what)
