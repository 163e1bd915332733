"""The vendors' database: opened, read, and changed by one transaction for each act.

    central.db      SQLite (WAL, FULL), the default
    database.url    or instead: where PostgreSQL is, with the password; for its owner only

What can go wrong in here is an act of which half is there: so all that an act changes, its row in
the audit trail included, is one transaction, and acts on one database come one after the other,
also those of several programs and machines. An act within an act is a part of it.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url, select, table, text
from sqlalchemy import column as sql_column
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError
from sqlalchemy.exc import SQLAlchemyError as SqlError

from appliance.services.central.records import audit
from appliance.services.central.records.schema import REVISIONS
from appliance.services.central.refusals import CentralRefused, RecordsFailed

FILE: Final = "central.db"
URL_FILE: Final = "database.url"
OLD_FILE: Final = Path("root", "root.json")
"""What a directory holds whose records are files, as they were before there was a database."""
LOCK_WAIT_S: Final = 10.0
"""How long an act waits for another program's."""
_LOCK: Final = 0x544D52  # "TMR": which of PostgreSQL's advisory locks is ours
_WRITES: Final = "tmr_writes"
VERSION: Final = table("alembic_version", sql_column("version_num"))
_URL_BYTES_MAX: Final = 4096


class Records:
    """One database, safe among threads, programs and, with PostgreSQL, machines.

    All raise CentralRefused, RecordsFailed if the database itself does not do, and have then
    changed nothing.
    """

    def __init__(self, directory: Path, who: str = "") -> None:
        """Those that belong to this directory of keys; opened when they are used. `who` acts, as
        the audit trail has it."""
        self._directory = directory
        self._who = who
        self._engine: Engine | None = None
        self._opening = threading.Lock()
        self._mine = threading.local()
        self._writing = threading.Lock()

    # --- one transaction ---

    @contextmanager
    def act(self) -> Iterator[Connection]:
        """What is done within counts as a whole once the block ends well, else not at all."""
        with self._joined(writes=True) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """What is read within is of one moment; within an act it is what that act has made."""
        with self._joined(writes=False) as connection:
            yield connection

    @contextmanager
    def by(self, who: str) -> Iterator[None]:
        """Who acts in this thread within the block."""
        before = getattr(self._mine, "who", "")
        self._mine.who = who
        try:
            yield
        finally:
            self._mine.who = before

    def note(self, act: str, subject: str, **detail: object) -> None:
        """One row of the audit trail, as a part of the act that is going on."""
        with self.act() as connection:
            audit.append(
                connection, getattr(self._mine, "who", "") or self._who, act, subject, detail
            )

    def trail(self, before: int | None, limit: int, subject: str = "") -> list[audit.Row]:
        """A page of the audit trail, newest first, see `audit.page`."""
        with self.reading() as connection:
            return audit.page(connection, before, limit, subject)

    def verify(self, noted: audit.Head | None = None) -> audit.Head | audit.Broken:
        """Whether the audit trail holds, see `audit.verify`."""
        with self.reading() as connection:
            return audit.verify(connection, noted)

    @contextmanager
    def _joined(self, *, writes: bool) -> Iterator[Connection]:
        current: Connection | None = getattr(self._mine, "connection", None)
        if current is not None and (not writes or self._mine.writes):
            yield current
            return
        turn = self._turn() if writes else nullcontext()
        with turn, self._transaction(writes=writes) as connection:
            self._mine.connection, self._mine.writes = connection, writes
            try:
                yield connection
            finally:
                self._mine.connection = current
                self._mine.writes = False

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Acts of this process wait here for each other: SQLite would have each sleep and look
        again, and the last one would wait for long."""
        if not self._writing.acquire(timeout=LOCK_WAIT_S):
            raise RecordsFailed(
                f"{self.place} {_SQLITE[sqlite3.SQLITE_BUSY]}. Nothing was changed."
            )
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        engine = self.engine()
        with refusing(self.place):
            connection = engine.connect()
        with connection:
            with refusing(self.place):
                begin(connection, writes=writes)
                check_revision(connection, self.place)
            with refusing(self.place):
                yield connection
            try:
                connection.commit()
            except SqlError as error:
                raise _commit_failed(error, connection, self.place) from None
            except BaseException:
                connection.invalidate()  # Interrupted there, nobody knows what state it is in.
                raise

    # --- where it is ---

    @property
    def place(self) -> str:
        """Where the database is, without a password, for a sentence."""
        url = self._url()
        return url.render_as_string(hide_password=True) if url else str(self._directory / FILE)

    @property
    def exists(self) -> bool:
        """Whether this directory has a database, wherever that is."""
        return any((self._directory / name).exists() for name in (FILE, URL_FILE))

    def engine(self) -> Engine:
        """The database's engine. Raises CentralRefused if there is no database yet."""
        with self._opening:
            if self._engine is None:
                if not self.exists:
                    raise CentralRefused(_none_in(self._directory))
                self._engine = open_engine(self._url() or sqlite_url(self._directory / FILE))
                # Whoever forgets to close lets go of the connections all the same.
                weakref.finalize(self, self._engine.dispose)
            return self._engine

    def close(self) -> None:
        """Lets go of the database."""
        with self._opening:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    def _url(self) -> Any:
        path = self._directory / URL_FILE
        try:
            with path.open("rb") as file:
                text_in = file.read(_URL_BYTES_MAX).decode()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise CentralRefused(f"{path} holds no database URL.") from None
        return read_url(text_in.strip())


def read_url(given: str) -> Any:
    """A PostgreSQL URL for SQLAlchemy. Raises CentralRefused."""
    try:
        url = make_url(given)
    except ArgumentError:
        url = None
    if url is None or url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise CentralRefused(
            "A database's URL is postgresql://USER:PASSWORD@HOST:PORT/NAME; without one the records"
            f" are in the file {FILE}."
        )
    return url.set(drivername="postgresql+psycopg")


def open_engine(url: Any) -> Engine:
    """An engine for this URL, with our manner of transactions. Raises CentralRefused."""
    try:
        engine = create_engine(url, pool_pre_ping=url.get_backend_name() == "postgresql")
    except (ImportError, NoSuchModuleError):
        raise CentralRefused(
            "PostgreSQL needs its driver: install tmr-appliance[postgresql]."
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    return engine


def begin(connection: Connection, *, writes: bool) -> None:
    """Begins a transaction; one that writes waits until no other one does."""
    if connection.dialect.name == "sqlite":
        connection.execution_options(**{_WRITES: writes})
        connection.begin()
        return
    if not writes:
        connection.execution_options(isolation_level="REPEATABLE READ")
        connection.begin()
        return
    connection.begin()
    connection.execute(text(f"SET LOCAL lock_timeout = {int(LOCK_WAIT_S * 1000)}"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def check_revision(connection: Connection, place: str) -> None:
    """Raises CentralRefused unless the schema is the one that this release works with."""
    if revision(connection, place) != REVISIONS[-1]:
        raise CentralRefused(
            f"The records in {place} are those of an older release: back them up, and run `tmr"
            " central migrate`."
        )


def revision(connection: Connection, place: str) -> str:
    """Which of REVISIONS the schema is. Raises CentralRefused if it is a newer one."""
    found = connection.execute(select(VERSION.c.version_num)).scalar_one_or_none()
    if found not in REVISIONS:
        raise CentralRefused(
            f"The records in {place} are those of a newer release (schema {found}): install that"
            " one."
        )
    return str(found)


def _none_in(directory: Path) -> str:
    if (directory / OLD_FILE).exists():
        return (
            f"{directory} holds the files of an older release: run `tmr central migrate`, which"
            " takes them over and leaves them as they are."
        )
    return f"{directory} holds no License Central: make it first with `tmr central init`."


def sqlite_url(path: Path) -> Any:
    """The URL, for SQLAlchemy, of the SQLite database in this file."""
    return make_url("sqlite+pysqlite://").set(database=str(path))


def _on_connect(connection: Any, _: object) -> None:
    connection.isolation_level = None  # BEGIN is said by us
    connection.execute(f"PRAGMA busy_timeout = {int(LOCK_WAIT_S * 1000)}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def refusing(place: str) -> Iterator[None]:
    """What the database says against it, as one sentence."""
    try:
        yield
    except SqlError as error:
        raise RecordsFailed(_sentence(error, place)) from None


_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: "is in use by another program; try again when it is done",
    sqlite3.SQLITE_LOCKED: "is in use by another program; try again when it is done",
    sqlite3.SQLITE_FULL: "has no room left on its disk; make room, and repeat the command",
    sqlite3.SQLITE_READONLY: "cannot be written; see who owns it and its directory",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; see who owns it and its directory",
    sqlite3.SQLITE_IOERR: "is on a disk that fails; look at the disk, and repeat the command",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it by `tmr central restore`",
    sqlite3.SQLITE_NOTADB: "is damaged; restore it by `tmr central restore`",
}
_IN_USE: Final = "55P03"
_FULL: Final = "53100"


def _sentence(error: SqlError, place: str) -> str:
    cause = getattr(error, "orig", None)
    code = getattr(cause, "sqlite_errorcode", None)
    what = _SQLITE.get(code & 0xFF) if isinstance(code, int) else None
    state = getattr(cause, "sqlstate", None)
    if state == _IN_USE:
        what = _SQLITE[sqlite3.SQLITE_BUSY]
    elif state == _FULL:
        what = _SQLITE[sqlite3.SQLITE_FULL]
    said = " ".join(str(cause or error).split())
    what = what or "did not do it; see what it says"
    return f"{place} {what} ({said}). Nothing was changed."


def _commit_failed(error: SqlError, connection: Connection, place: str) -> CentralRefused:
    """A PostgreSQL that goes away at that moment may have done it, or not."""
    lost = isinstance(error, DatabaseError) and error.connection_invalidated
    with suppress(SqlError):
        connection.rollback()
    if lost:
        return RecordsFailed(
            f"The connection to {place} broke at the last step: look whether it was done (`tmr"
            " central audit`) before you repeat it."
        )
    return RecordsFailed(_sentence(error, place))
