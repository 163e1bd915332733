"""The durable half of a replica: one SQLite database on each upstream (design D9).

    position   one row: promised and adopted term, commit index
    entry      one row for each entry of the log
    owner      one row: which host's store this is, and the id it drew when it was made

A `Write` is one transaction or part of one; it is reported written only when SQLite has synced it
(WAL, synchronous=FULL). Each row carries a checksum of all of it, verified whenever it is read.

What can go wrong in here is going on after a failure: a sync that failed may have lost what a later
sync seems to confirm. So the first failure is the last act of a store: nothing is reported written
after it, the process ends, and a restart reads what is really there.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import msgspec

from appliance.adapters.files import make_directory, sync_directory
from appliance.ledger.effects import Write
from appliance.ledger.messages import Entry
from appliance.ledger.surroundings import Recovered
from appliance.ledger.terms import NO_TERM, Term

APPLICATION_ID: Final = 0x544D5231  # "TMR1"
VERSION: Final = 1
_CHECKSUM_BYTES: Final = 16
_ID_BYTES: Final = 16
_SCHEMA: Final = """
CREATE TABLE owner (one INTEGER PRIMARY KEY CHECK (one = 1), data BLOB NOT NULL, sum BLOB NOT NULL);
CREATE TABLE position
    (one INTEGER PRIMARY KEY CHECK (one = 1), data BLOB NOT NULL, sum BLOB NOT NULL);
CREATE TABLE entry
    (number INTEGER PRIMARY KEY, term BLOB NOT NULL, root BLOB NOT NULL, body BLOB NOT NULL,
     sum BLOB NOT NULL);
"""
_INSERT: Final = "INSERT INTO entry VALUES (?, ?, ?, ?, ?)"
_SELECT: Final = "SELECT number, term, root, body, sum FROM entry"


class StoreFailed(Exception):
    """The store cannot be used, or can no longer be; the message says why and what to do."""


class _Owner(msgspec.Struct, frozen=True, array_like=True):
    host: str
    store_id: bytes


class _Position(msgspec.Struct, frozen=True, array_like=True):
    promised: Term = NO_TERM
    adopted: Term = NO_TERM
    commit_index: int = 0


_encode: Final = msgspec.msgpack.Encoder().encode
_decode_term: Final = msgspec.msgpack.Decoder(Term).decode


class Store:
    """The store of one host, used by one process and one thread at a time."""

    def __init__(self, path: Path, host: str) -> None:
        """Opens the store at `path`, or makes it for `host` if there is none.

        Raises StoreFailed if the file is something else, another host's, of a newer version,
        damaged, in use, or cannot be read or made.
        """
        self._path = path
        self._failed = ""
        try:
            make_directory(path.parent)
            # Another thread than the one that opens it writes to it later on; never two at once.
            self._db = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=0.2
            )
        except (OSError, sqlite3.Error) as error:
            raise StoreFailed(f"The store {path} cannot be opened: {error}.") from error
        try:
            with self._failing():
                self._open(host)
                self._position = self._read_position()
                row = self._db.execute("SELECT max(number) FROM entry").fetchone()
                self._last_index: int = row[0] or 0
                self._terms: tuple[Term, bytes] = (NO_TERM, _encode(NO_TERM))
        except BaseException:
            self._db.close()
            raise

    @property
    def store_id(self) -> str:
        """The id that this store drew when it was made, in hexadecimal (design D7)."""
        return self._owner.store_id.hex()

    @property
    def last_index(self) -> int:
        """The index of the last durable entry, 0 if there is none."""
        return self._last_index

    def write(self, writes: Sequence[Write]) -> None:
        """Makes all of this durable, in order, in one transaction. Raises StoreFailed.

        After a failure nothing may be written any more: close the store and end.
        """
        with self._failing():
            self._db.execute("BEGIN IMMEDIATE")
            position = self._position
            last_index = self._last_index
            for write in writes:
                last_index = self._put(write, last_index)
                position = _moved(position, write)
            if position != self._position:
                data = _encode(position)
                self._db.execute("UPDATE position SET data = ?, sum = ?", (data, _sum(data)))
            self._db.execute("COMMIT")
        self._position, self._last_index = position, last_index

    def read(self, first: int, last: int, bytes_max: int) -> tuple[Entry, ...]:
        """The entries from `first` to `last`, as many as fit into `bytes_max`, at least one.

        Empty if there is none at `first`. Raises StoreFailed.
        """
        entries: list[Entry] = []
        size = 0
        for entry in self._entries(max(first, 1), last):
            size += len(entry.body)
            if entries and size > bytes_max:
                break
            entries.append(entry)
        return tuple(entries)

    def recover(self) -> Recovered:
        """What to start a replica from; its entries are read while they are iterated over.

        That raises StoreFailed at the first damaged or missing one.
        """
        position = self._position
        if position.commit_index > self._last_index:
            raise self._damaged(
                f"it says that {position.commit_index} entries were committed, but holds"
                f" {self._last_index}"
            )
        return Recovered(
            position.promised,
            position.adopted,
            position.commit_index,
            self._entries(1, self._last_index),
        )

    def close(self) -> None:
        """Closes the database; what was written stays written."""
        with contextlib.suppress(sqlite3.Error):
            self._db.close()

    # --- inside ---

    def _open(self, host: str) -> None:
        # Exclusive: a second process gets an error instead of a second opinion.
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        application_id, version = self._pragma("application_id"), self._pragma("user_version")
        empty = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if application_id != APPLICATION_ID and not (empty and application_id == version == 0):
            raise StoreFailed(f"{self._path} is no store of this program; choose another path.")
        if version > VERSION:
            raise StoreFailed(
                f"The store {self._path} has format {version}, this program knows {VERSION}:"
                " run the newer program that wrote it."
            )
        if self._db.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
            raise StoreFailed(f"{self._path} is on a file system without WAL; choose a local disk.")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA fullfsync = ON")
        if application_id != APPLICATION_ID:
            self._create(host)
        self._owner = msgspec.msgpack.decode(self._checked("owner"), type=_Owner)
        if self._owner.host != host:
            raise StoreFailed(
                f"The store {self._path} is that of host {self._owner.host}, this is {host}:"
                " a copied store must not vote; start with an empty path."
            )

    def _create(self, host: str) -> None:
        owner = _encode(_Owner(host, secrets.token_bytes(_ID_BYTES)))
        position = _encode(_Position())
        self._db.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA.strip().split(";\n"):
            self._db.execute(statement)
        self._db.execute("INSERT INTO owner VALUES (1, ?, ?)", (owner, _sum(owner)))
        self._db.execute("INSERT INTO position VALUES (1, ?, ?)", (position, _sum(position)))
        self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self._db.execute(f"PRAGMA user_version = {VERSION}")
        self._db.execute("COMMIT")
        sync_directory(self._path.parent)

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f"PRAGMA {name}").fetchone()[0])

    def _checked(self, table: str) -> bytes:
        row = self._db.execute(f"SELECT data, sum FROM {table}").fetchone()
        if row is None or _sum(row[0]) != row[1]:
            raise self._damaged(f"its record {table!r} is not as it was written")
        return bytes(row[0])

    def _read_position(self) -> _Position:
        return msgspec.msgpack.decode(self._checked("position"), type=_Position)

    def _put(self, write: Write, last_index: int) -> int:
        """Adds what `write` says of the log to the transaction; gives the new last index."""
        if write.cut_to is not None and write.cut_to < last_index:
            self._db.execute("DELETE FROM entry WHERE number > ?", (write.cut_to,))
            last_index = write.cut_to
        for entry in write.append:
            if entry.index != last_index + 1:
                raise StoreFailed(
                    f"Entry {entry.index} was to be stored after entry {last_index}:"
                    " this is a mistake in the program; nothing was stored."
                )
            term, known = entry.term, self._terms
            if known[0] != term:
                self._terms = known = (term, _encode(term))
            self._db.execute(_INSERT, _row(entry.index, known[1], entry.root, entry.body))
            last_index = entry.index
        return last_index

    def _entries(self, first: int, last: int) -> Iterator[Entry]:
        expected = first
        with self._failing():
            rows = self._db.execute(
                f"{_SELECT} WHERE number BETWEEN ? AND ? ORDER BY number", (first, last)
            )
            for number, term, root, body, checksum in rows:
                if _row(number, term, root, body)[-1] != checksum:
                    raise self._damaged(f"entry {number} is not as it was written")
                if number != expected:
                    raise self._damaged(f"entry {expected} is missing")
                yield Entry(number, _decode_term(term), root, body)
                expected += 1
        if expected <= min(last, self._last_index):
            raise self._damaged(f"entry {expected} is missing")

    def _damaged(self, what: str) -> StoreFailed:
        return StoreFailed(
            f"The store {self._path} is damaged ({what}): keep the file for the support, and start"
            " with an empty path; the other upstreams have the ledger."
        )

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        """Turns whatever goes wrong into StoreFailed, for good."""
        if self._failed:
            raise StoreFailed(self._failed)
        try:
            yield
        except GeneratorExit:
            raise
        except StoreFailed as failed:
            self._failed = str(failed)
            raise
        except sqlite3.Error as error:
            self._failed = _explained(self._path, error)
            raise StoreFailed(self._failed) from error
        except (msgspec.MsgspecError, ValueError, TypeError) as error:
            damaged = self._damaged(f"a record cannot be read: {error}")
            self._failed = str(damaged)
            raise damaged from error


def _moved(position: _Position, write: Write) -> _Position:
    return _Position(
        position.promised if write.promised is None else write.promised,
        position.adopted if write.adopted is None else write.adopted,
        position.commit_index if write.commit_index is None else write.commit_index,
    )


def _sum(data: bytes) -> bytes:
    return blake2b(data, digest_size=_CHECKSUM_BYTES).digest()


def _row(number: int, term: bytes, root: bytes, body: bytes) -> tuple[Any, ...]:
    """The row of an entry; its checksum covers where each field ends, too."""
    about = _encode((number, len(term), len(root), len(body)))
    return (number, term, root, body, _sum(b"".join((about, term, root, body))))


def _explained(path: Path, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return f"The disk with the store {path} is full: free some space and start again."
    if code == sqlite3.SQLITE_IOERR:
        return (
            f"The store {path} cannot be read or written ({error}): look after the disk, then start"
            " again."
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"The store {path} is in use by another process: stop that one first."
    if code == sqlite3.SQLITE_NOTADB:
        return f"{path} is no store of this program; choose another path."
    if code == sqlite3.SQLITE_CORRUPT:
        return (
            f"The store {path} is damaged ({error}): keep the file for the support, and start with"
            " an empty path; the other upstreams have the ledger."
        )
    return f"The store {path} cannot be used: {error}."
