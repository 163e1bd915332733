"""Where a store lies, how it is made, told from other files, and set aside.

    ledger.sqlite, -wal, -journal, -shm   the database, and what SQLite keeps beside it
    ledger.sqlite.mark                    `adapters.store.mark`
    archive/                              `adapters.store.archive`

A store is made by an explicit act only. An upstream that found an empty disk beside a surviving key
and went on as if nothing had been could promise a second time what it promised before (design D7).
What can go wrong in here is an `init` that a power cut interrupts: the database is made in one
transaction and then the mark; a database without a mark that counts no transaction was never used.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import Final

from appliance.adapters.store.archive import archive_path
from appliance.adapters.store.check import checked
from appliance.adapters.store.files import Files
from appliance.adapters.store.mark import Mark, mark_path
from appliance.adapters.store.records import (
    APPLICATION_ID,
    ID_BYTES,
    ID_BYTES_MAX,
    SCHEMA,
    VERSION,
    Damage,
    Owner,
    Position,
    checksum,
    decode_owner,
    decode_position,
    encode,
)
from appliance.details import detail
from appliance.sentences import sentence_of

SQLITE_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""What the module raises for a database: it cannot even read its own words on some damaged ones."""
_BUSY_WAIT_S: Final = 0.2
_BESIDE: Final = ("", "-wal", "-journal", "-shm")
_TROUBLE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)


class StoreFailed(Exception):
    """The store cannot be used, or can no longer be; the message says why and what to do."""


class NotInitialised(StoreFailed):
    """There is no store here, or one whose making was interrupted."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"There is no store at {path}: make one, once, with `tmr upstream init --config FILE`"
            " (if there was one before, it is lost, and the new one has to be admitted)."
        )


class StoreDamaged(StoreFailed):
    """The store holds something else than what was written to it."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(
            f"The store {path} is damaged ({what}): it takes no part any more; stop this upstream,"
            " set the store aside with `tmr upstream init --again --config FILE`, and let the new"
            " one be admitted; the other upstreams have the ledger."
        )


def initialise(
    path: Path, host: str, store_id: bytes, files: Files, key: bytes, restore: bytes | None
) -> bytes:
    """See `Store.init`."""
    if not ID_BYTES <= len(store_id) <= ID_BYTES_MAX:
        raise ValueError(f"a store's id has {ID_BYTES} to {ID_BYTES_MAX} bytes")
    try:
        files.make_directory(path.parent)
        mark = Mark(mark_path(path), files)
        if mark.newest is not None:
            raise StoreFailed(
                f"There is a store at {path} already: use that one, or set it aside with"
                " `tmr upstream init --again --config FILE`."
            )
        # The store's key is in it: nobody else may read the file, not even for a moment.
        files.open(path).close()
        db = connect(path)
        try:
            return _fill(path, db, mark, Owner(host, store_id, key, restore), files)
        finally:
            db.close()
            mark.close()
    except (OSError, *SQLITE_ERRORS) as error:
        raise StoreFailed(explained(path, error)) from error
    except Damage as damage:
        raise StoreDamaged(path, sentence_of(damage)) from damage


def _fill(path: Path, db: sqlite3.Connection, mark: Mark, owner: Owner, files: Files) -> bytes:
    try:
        identify(path, db, mark)
    except NotInitialised:
        _create(db, owner)
        files.sync_directory(path.parent)
    made = decode_owner(checked(db, "owner"))
    position = decode_position(checked(db, "position"))
    if position.sequence or made.host != owner.host:
        raise StoreFailed(
            f"There is a store at {path}, of host {made.host}: use that one, or set it aside with"
            " `tmr upstream init --again --config FILE`."
        )
    if (made.restore is None) != (owner.restore is None):
        raise StoreFailed(
            f"The store at {path} was begun for another purpose (a restore, or none): set it aside"
            " with `tmr upstream init --again --config FILE`."
        )
    mark.create(position.mark(made.store_id))
    return made.store_id


def _create(db: sqlite3.Connection, owner: Owner) -> None:
    db.execute("BEGIN IMMEDIATE")
    for statement in SCHEMA:
        db.execute(statement)
    for table, record in (("owner", encode(owner)), ("position", encode(Position()))):
        db.execute(f"INSERT INTO {table} VALUES (1, ?, ?)", (record, checksum(record)))
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {VERSION}")
    db.execute("COMMIT")


def connect(path: Path) -> sqlite3.Connection:
    """A connection that no other process shares. Raises sqlite3.Error."""
    # Another thread than the one that opens it writes to it later on; never two at once.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=_BUSY_WAIT_S,
    )


def identify(path: Path, db: sqlite3.Connection, mark: Mark) -> None:
    """Finds out whether this is a store, and prepares the connection.

    Raises NotInitialised, StoreFailed, Damage, sqlite3.Error.
    """
    try:
        # Exclusive: a second process gets an error instead of a second opinion.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        application_id, version = (
            int(db.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("application_id", "user_version")
        )
        empty = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    except SQLITE_ERRORS as error:
        if is_trouble(error) or mark.exists:
            raise
        raise StoreFailed(_foreign(path)) from error
    new = empty and application_id == version == 0
    if application_id != APPLICATION_ID or version != VERSION:
        if mark.newest is not None and mark.newest.format == VERSION:
            raise Damage(detail("database-foreign"))
        if application_id == APPLICATION_ID:
            raise StoreFailed(
                f"The store {path} has format {version}, this program knows {VERSION}: run the"
                " program that wrote it."
            )
        if not new:
            raise StoreFailed(_foreign(path))
    if db.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise StoreFailed(f"{path} is on a file system without WAL; choose a local disk.")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA fullfsync = ON")
    if new:
        raise NotInitialised(path)


def set_aside(path: Path, name: str, files: Files) -> Path:
    """Moves what there is of a store into the directory `name` beside it, and says where to.

    Raises StoreFailed if there is nothing, a process uses it, or it cannot be moved.
    """
    target = path.parent / name
    names = [path.name + end for end in _BESIDE]
    moved = [path.with_name(n) for n in (*names, mark_path(path).name, archive_path(path).name)]
    there = [old for old in moved if os.path.lexists(old)]
    if not there:
        raise NotInitialised(path)
    try:
        _check_unused(path)
        files.make_directory(target)
        # The mark goes last: as long as it is there, half a move is a damaged store, not none.
        for old in sorted(there, key=lambda old: old == mark_path(path)):
            files.rename(old, target / old.name)
            files.sync_directory(path.parent)
        files.sync_directory(target)
    except OSError as error:
        raise StoreFailed(explained(path, error)) from error
    return target


def _check_unused(path: Path) -> None:
    if not path.exists():
        return
    db = connect(path)
    try:
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN IMMEDIATE")
        db.execute("ROLLBACK")
    except SQLITE_ERRORS as error:
        if is_trouble(error):
            raise StoreFailed(explained(path, error)) from error
    finally:
        db.close()


def _foreign(path: Path) -> str:
    return f"{path} is no store of this program; choose another path."


def is_trouble(error: Exception) -> bool:
    """Whether the disk, the system or another process is at fault, and not what is stored."""
    if isinstance(error, (OSError, sqlite3.ProgrammingError, sqlite3.InterfaceError)):
        return True
    return _code(error) in _TROUBLE


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def explained(path: Path, error: Exception) -> str:
    """What to do about trouble with the store, in one sentence."""
    code = _code(error)
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk with the store {path} is full: free some space and start again."
    if code == sqlite3.SQLITE_IOERR or (isinstance(error, OSError) and error.errno == errno.EIO):
        return (
            f"The store {path} cannot be read or written ({error}): look after the disk, then start"
            " again."
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"The store {path} is in use by another process: stop that one first."
    if code == sqlite3.SQLITE_NOTADB:
        return _foreign(path)
    return f"The store {path} cannot be used: {error}."
