"""`tmr backup`: a copy of the ledger while it serves, and whether a copy holds (design D7)."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import click
import msgspec

from appliance.cli import _backups
from appliance.cli._connection import EXIT_CODES, Asked, connection_options, explained
from appliance.cli._installation import Connection
from appliance.cli.output import fail, json_option, show
from appliance.unreadable import UNREADABLE

if TYPE_CHECKING:
    from appliance.client import AsyncClient
    from appliance.codec.backup_pages import BackupPage, BackupSnapshot
    from appliance.ledger.membership.backups import Backup, BackupHead
    from appliance.ledger.messages import Entry
    from appliance.ledger.snapshot.seals import Sealed

SNAPSHOT_GONE = "snapshot-gone"
TRIES = 5
"""How often to begin again if a snapshot is followed by a newer one while it is copied."""

_Document = TypeVar("_Document")


class _Overtaken(Exception):
    """The snapshot that is being copied is gone: a newer one took its place."""


@click.command(epilog=EXIT_CODES)
@connection_options
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Ask nobody: look at this file, and say what it holds.")
@_backups.root_option
@json_option
def backup(asked: Asked, path: Path, check: bool, root_path: Path | None, as_json: bool) -> None:
    """Copy the ledger into FILE, up to an entry that two upstreams signed for.

    The system goes on serving. The file proves itself to whoever has the licence root: it is
    checked before it gets its name, and again by --check. It holds no key of any container or host,
    but the names of clients: keep it private. Needs role operate.
    """
    if check:
        named = None if root_path else asked.connect().profile.licence_root
        found = _backups.checked(path, _backups.read_root(root_path, named))
    else:
        connection = asked.connect()
        root = _backups.read_root(root_path, connection.profile.licence_root)
        found = _taken(connection, path, root)
    document = _backups.document_of(path, found)
    rows = _backups.rows_of(document)
    show(document, as_json=as_json, columns=("what", "value"), rows=rows)


def _taken(connection: Connection, path: Path, root: bytes) -> Backup:
    """Copy the ledger, page by page: each one is asked for when the one before is on the disk."""
    with asyncio.Runner() as runner:
        client = runner.run(_client(connection))

        def perform(work: Callable[[AsyncClient], Awaitable[_Document]]) -> _Document:
            return runner.run(_explained(connection, client, work))

        try:
            for left in reversed(range(TRIES)):
                try:
                    return _copied(perform, path, root)
                except _Overtaken as overtaken:
                    if not left:
                        fail(f"{overtaken}: snapshots come faster than one is copied.")
            raise AssertionError("the last try returns or fails")
        finally:
            runner.run(client.close())


async def _client(connection: Connection) -> AsyncClient:
    return connection.client()


async def _explained(
    connection: Connection,
    client: AsyncClient,
    work: Callable[[AsyncClient], Awaitable[_Document]],
) -> _Document:
    from appliance.client import ClientError, Refused

    try:
        return await work(client)
    except ClientError as error:
        if isinstance(error, Refused) and error.reason == SNAPSHOT_GONE:
            raise _Overtaken(str(error)) from error
        raise await explained(connection, error) from error


class _Perform(Protocol):
    """Has the client do something, and gives what came of it. Raises UserError."""

    def __call__(self, work: Callable[[AsyncClient], Awaitable[_Document]]) -> _Document: ...


def _copied(perform: _Perform, path: Path, root: bytes) -> Backup:
    from appliance.ledger.certificates.proofs import decode_proof

    page = perform(lambda client: client.backup_page(1))
    base: Sealed | None = None
    chunks: Iterator[bytes] = iter(())
    if page.base_index:  # The log's beginning is gone: a snapshot stands for it.
        base, count = _base(perform(lambda client: client.backup_snapshot()))
        first = base.head.index + 1
        page = perform(lambda client: client.backup_page(first))
        chunks = _chunks(perform, base, count)
    try:
        proof = decode_proof(page.proof)
    except ValueError as error:
        fail(f"The TMR host gives no proof of its log: {error}.")
    head = _backups.head_of(page.ledger_id, page.virtual_serial, proof, base)
    entries = _entries(page, head, lambda first: perform(lambda c: c.backup_page(first)))
    return _backups.written(path, head, chunks, entries, proof, root)


def _base(head: BackupSnapshot) -> tuple[Sealed, int]:
    from appliance.ledger.snapshot.seals import decode_sealed

    try:
        return decode_sealed(head.sealed), head.chunks
    except UNREADABLE as error:
        fail(f"The TMR host gives what is no snapshot of a ledger: {error}.")


def _chunks(perform: _Perform, base: Sealed, count: int) -> Iterator[bytes]:
    for number in range(count):
        yield perform(functools.partial(_chunk, index=base.head.index, number=number)).data


async def _chunk(client: AsyncClient, index: int, number: int) -> BackupSnapshot:
    return await client.backup_snapshot(index, number)


def _entries(
    page: BackupPage, head: BackupHead, ask: Callable[[int], BackupPage]
) -> Iterator[Entry]:
    """All entries up to the proof; whether they are the right ones shows the check that follows."""
    from appliance.ledger.messages import Entry

    decode = msgspec.msgpack.Decoder(Entry).decode
    index = head.base.head.index if head.base is not None else 0
    while index < head.index:
        for data in page.entries:
            try:
                entry = decode(data)
            except UNREADABLE as error:
                fail(f"The TMR host gives what is no entry of a ledger: {error}.")
            index = entry.index
            yield entry
            if index >= head.index:
                return
        if not page.entries or page.ledger_id != head.ledger_id:
            fail(f"The log ends at entry {index}, before {head.index}: take the backup again.")
        page = ask(index + 1)
