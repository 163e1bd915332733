"""`tmr backup`: a copy of the ledger while it serves, and whether a copy holds (design D7)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli import _backups
from appliance.cli._connection import EXIT_CODES, Asked, Connection, connection_options, explained
from appliance.cli.output import fail, json_option, show

if TYPE_CHECKING:
    from appliance.client import AsyncClient
    from appliance.codec.api import BackupPage
    from appliance.ledger.backups import Backup, Head
    from appliance.ledger.messages import Entry
    from appliance.ledger.proofs import CommitProof


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
        trusted = b"" if root_path else asked.connect().profile.trust.root
        found = _backups.checked(path, _backups.read_root(root_path, trusted))
    else:
        connection = asked.connect()
        root = _backups.read_root(root_path, connection.profile.trust.root)
        found = _taken(connection, path, root)
    document = _backups.document_of(path, found)
    rows = _backups.rows_of(document)
    show(document, as_json=as_json, columns=("what", "value"), rows=rows)


def _taken(connection: Connection, path: Path, root: bytes) -> Backup:
    """Copy the ledger, page by page: each one is asked for when the one before is on the disk."""
    from appliance.client import ClientError

    with asyncio.Runner() as runner:
        client = runner.run(_client(connection))

        def page(first: int) -> BackupPage:
            async def ask() -> BackupPage:
                try:
                    return await client.backup_page(first)
                except ClientError as error:
                    raise await explained(connection, error) from error

            return runner.run(ask())

        try:
            begin = page(1)
            head, proof = _head(begin)
            return _backups.written(path, head, _entries(begin, head, page), proof, root)
        finally:
            runner.run(client.close())


async def _client(connection: Connection) -> AsyncClient:
    return connection.client()


def _head(page: BackupPage) -> tuple[Head, CommitProof]:
    from appliance.ledger.proofs import decode_proof

    try:
        proof = decode_proof(page.proof)
    except ValueError as error:
        fail(f"The TMR host gives no proof of its log: {error}.")
    return _backups.head_of(page.ledger_id, page.virtual_serial, proof), proof


def _entries(page: BackupPage, head: Head, ask: Callable[[int], BackupPage]) -> Iterator[Entry]:
    """All entries up to the proof; whether they are the right ones shows the check that follows."""
    import msgspec

    from appliance.ledger.messages import Entry

    decode = msgspec.msgpack.Decoder(Entry).decode
    index = 0
    while True:
        for data in page.entries:
            try:
                entry = decode(data)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                fail(f"The TMR host gives what is no entry of a ledger: {error}.")
            index = entry.index
            yield entry
            if index >= head.index:
                return
        if not page.entries or page.ledger_id != head.ledger_id:
            fail(f"The log ends at entry {index}, before {head.index}: take the backup again.")
        page = ask(index + 1)
