"""All of License Central in one file, and back: every row of every table, and the private keys.

    file     "TMRCENT1", records
    record   length of what follows, 4 bytes, big-endian; MessagePack: (what, name, content)
             head, the schema's revision, (number, hash) of the newest audit row    the first
             file, a key's or certificate's path, its bytes
             row, a table's name, its values in the order of the table's columns
             end, "", SHA-256 of all before it                                      the last

A backup of SQLite restores into PostgreSQL, and the other way round. What can go wrong in here is
a file that is read as far as it goes: so it is read whole and its checksum compared before the
first row is written, and the audit trail has to hold and to end as the head says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Table, insert, select, text, update

from appliance.adapters.files import PRIVATE_MODE, PUBLIC_MODE, new_file, write_whole
from appliance.services.central.records import audit
from appliance.services.central.records.database import OLD_FILE, Records
from appliance.services.central.records.founding import make_database
from appliance.services.central.records.schema import REVISIONS, firms, metadata
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.storage import make_private
from appliance.unreadable import UNREADABLE

MAGIC: Final = b"TMRCENT1"
RECORD_BYTES_MAX: Final = 16 << 20
"""No record is longer: a row holds one file at most."""
TMR_IDS_SKIPPED: Final = 10_000
"""By how much a restore raises each firm's next TMR-ID: what was sold after the backup was made is
in no record any more, and its TMR-IDs must not be given twice."""
_LENGTH_BYTES: Final = 4
_HEAD, _FILE, _ROW, _END = "head", "file", "row", "end"
_FILES: Final = re.compile(
    r"root/root\.key\.pem|root/root\.cert\.der|firms/[0-9]{1,10}/firm\.key\.pem"
)
_ROWS_AT_ONCE: Final = 500

_encode: Final = msgspec.msgpack.Encoder().encode


class _Record(msgspec.Struct, frozen=True, array_like=True):
    what: str
    name: str
    content: Any


_decode: Final = msgspec.msgpack.Decoder(_Record).decode


class Told(NamedTuple):
    """What a backup holds: rows, keys and certificates, and where its audit trail ends."""

    rows: int
    files: int
    head: audit.Head


def back_up(directory: Path, records: Records, to: Path) -> Told:
    """Writes all there is into the new file `to`, for its owner only.

    Raises CentralRefused, and OSError (FileExistsError if there is such a file already).
    """
    rows = 0
    with records.reading() as connection, new_file(to) as (_, file):
        writer = _Writer(file)
        head = audit.head(connection)
        writer.add(_HEAD, REVISIONS[-1], tuple(head))
        files = sorted(path for path in directory.rglob("*") if _name(directory, path))
        for path in files:
            writer.add(_FILE, _name(directory, path), path.read_bytes())
        for table in metadata.sorted_tables:
            order = list(table.primary_key)
            asked = select(table).order_by(*order).execution_options(yield_per=_ROWS_AT_ONCE)
            for row in connection.execute(asked):
                writer.add(_ROW, str(table.name), tuple(row))
                rows += 1
        writer.add(_END, "", writer.digest())
    return Told(rows, len(files), head)


def restore(directory: Path, source: Path, url: str, who: str) -> Told:
    """Makes a License Central in `directory`, which holds none, of this backup; its records are
    in a file there, or in the PostgreSQL of `url`.

    Raises CentralRefused, and OSError; there is then no License Central in `directory`.
    """
    records = Records(directory)
    if records.exists or (directory / OLD_FILE).exists():
        raise CentralRefused(f"{directory} holds a License Central already: name another one.")
    told = looked_through(source)

    def fill(connection: Connection) -> None:
        _fill(connection, source)
        found = audit.verify(connection)
        if found != told.head:
            why = found.why if isinstance(found, audit.Broken) else "it ends elsewhere"
            raise CentralRefused(
                f"The audit trail in {source} does not hold at row {found.number}: {why}. Use"
                " another backup."
            )
        connection.execute(update(firms).values(next_tmr_id=firms.c.next_tmr_id + TMR_IDS_SKIPPED))
        detail = {"number": told.head.number, "hash": told.head.hash.hex()}
        audit.append(connection, who, "restore", source.name, detail)

    for record in _read(source):
        if record.what == _FILE:
            path = directory / record.name
            make_private(path.parent)
            mode = PRIVATE_MODE if path.name.endswith(".key.pem") else PUBLIC_MODE
            write_whole(path, record.content, mode)
    make_database(directory, url, fill)
    return told


class _Writer:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = sha256()
        self._write(MAGIC)

    def add(self, what: str, name: str, content: object) -> None:
        data = _encode(_Record(what, name, content))
        self._write(len(data).to_bytes(_LENGTH_BYTES, "big") + data)

    def digest(self) -> bytes:
        return self._digest.digest()

    def _write(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)


def _name(directory: Path, path: Path) -> str:
    name = path.relative_to(directory).as_posix()
    return name if _FILES.fullmatch(name) and path.is_file() else ""


def looked_through(source: Path) -> Told:
    """What this file holds, once all of it was read. Raises CentralRefused."""
    rows = files = 0
    head = None
    for record in _read(source):
        if record.what == _HEAD and head is None:
            head = audit.Head(*record.content)
        rows += record.what == _ROW
        files += record.what == _FILE
    if head is None:
        raise _no_backup(source)
    return Told(rows, files, head)


def _read(source: Path) -> Iterator[_Record]:
    """The records of this file but the end, which has to be there. Raises CentralRefused."""
    digest = sha256()
    with source.open("rb") as file:
        begun = file.read(len(MAGIC))
        if begun != MAGIC:
            raise CentralRefused(f"{source} is no backup of License Central.")
        digest.update(begun)
        number = 0
        while True:
            length = file.read(_LENGTH_BYTES)
            size = int.from_bytes(length, "big")
            data = file.read(size) if size <= RECORD_BYTES_MAX else b""
            if len(length) < _LENGTH_BYTES or len(data) < size:
                raise _no_backup(source)
            try:
                record = _decode(data)
            except UNREADABLE:
                raise _no_backup(source) from None
            if record.what == _END:
                if record.content != digest.digest() or file.read(1):
                    raise _no_backup(source)
                return
            digest.update(length + data)
            _check(source, record, number)
            number += 1
            yield record


def _check(source: Path, record: _Record, number: int) -> None:
    """Raises CentralRefused for a record that no backup of this release holds there."""
    if (record.what == _HEAD) != (number == 0):
        raise _no_backup(source)
    if record.what == _HEAD and record.name != REVISIONS[-1]:
        raise CentralRefused(
            f"{source} is a backup of another release (schema {record.name[:40]}): restore it with"
            " that one, and run `tmr central migrate`."
        )
    table = metadata.tables.get(record.name)
    sound = {
        _HEAD: lambda: _is_head(record.content),
        _FILE: lambda: bool(_FILES.fullmatch(record.name)) and isinstance(record.content, bytes),
        _ROW: lambda: (
            table is not None
            and isinstance(record.content, list)
            and len(record.content) == len(table.columns)
        ),
    }.get(record.what)
    if sound is None or not sound():
        raise _no_backup(source)


def _is_head(content: Any) -> bool:
    return (
        isinstance(content, list)
        and [type(one) for one in content] == [int, bytes]
        and len(content[1]) == audit.HASH_BYTES
    )


def _no_backup(source: Path) -> CentralRefused:
    return CentralRefused(f"{source} is not as it was written: use another backup.")


def _fill(connection: Connection, source: Path) -> None:
    waiting: list[list[Any]] = []
    current: Table | None = None
    for record in _read(source):
        if record.what != _ROW:
            continue
        table = metadata.tables[record.name]
        if table is not current or len(waiting) >= _ROWS_AT_ONCE:
            _insert(connection, current, waiting)
            waiting, current = [], table
        waiting.append(record.content)
    _insert(connection, current, waiting)
    if connection.dialect.name == "postgresql":
        go_on_counting(connection)


def _insert(connection: Connection, table: Table | None, rows: list[list[Any]]) -> None:
    if table is not None and rows:
        names = [column.name for column in table.columns]
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])


def go_on_counting(connection: Connection) -> None:
    """PostgreSQL's counters go on behind the rows that were given their numbers."""
    for table in metadata.sorted_tables:
        column = table.columns.get("number")
        if column is not None and column.autoincrement is True:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'number'),"
                    f" (SELECT coalesce(max(number), 0) + 1 FROM {table.name}), false)"
                )
            )
