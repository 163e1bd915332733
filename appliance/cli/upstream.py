"""`tmr upstream`: the store of an upstream, on its own host and while the upstream is stopped.

Exit codes: 0 done, 1 refused or failed, 2 usage.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._fill import fill
from appliance.cli.output import fail, json_option, print_json, say, show
from appliance.errors import ExitCode

if TYPE_CHECKING:
    from appliance.ledger.messages import Entry
    from appliance.ledger.replica.surroundings import Recovered
    from appliance.licences.commands import Found
    from appliance.licences.records import Known
    from appliance.services.settings import UpstreamSettings

_config_option = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The settings of this upstream, a TOML file.",
)


@click.group()
def upstream() -> None:
    """An upstream's store of the ledger."""


upstream.add_command(fill)


@upstream.command()
@_config_option
@click.option(
    "--again",
    is_flag=True,
    help="Set a damaged store aside first, into a directory beside it, and make a new one.",
)
@click.option(
    "--for-restore",
    is_flag=True,
    help="The new store waits until `tmr restore` says what it is to hold.",
)
@json_option
def init(config: Path, again: bool, for_restore: bool, as_json: bool) -> None:
    """Make this upstream's store: empty, with an id of its own. Done once, before the first start.

    An upstream never makes a store by itself: one that lost its disk must not come back as if it
    had promised nothing. A store made with --again has to be admitted by the other upstreams, or
    all three are made --for-restore: then it remembers how far the ledger had got in the old one.
    """
    from appliance.adapters.signatures import StoreKey
    from appliance.adapters.store.database import Store, StoreFailed
    from appliance.adapters.store.files import REAL_FILES
    from appliance.adapters.store.home import set_aside
    from appliance.ledger.membership.founding_anew import encode_known
    from appliance.licences.records import NOTHING_KNOWN
    from appliance.services.settings import load_upstream

    settings = load_upstream(config)
    aside: Path | None = None
    try:
        before = _known_before(settings) if again and for_restore else NOTHING_KNOWN
        if again:
            name = f"damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
            aside = set_aside(settings.store, name, REAL_FILES)
        key = StoreKey.draw()
        restore = encode_known(before) if for_restore else None
        store_id = Store.init(
            settings.store, settings.name, key.id, key=key.private, restore=restore
        )
    except StoreFailed as error:
        fail(str(error))
    if as_json:
        document = {"store": str(settings.store), "store_id": store_id.hex()}
        print_json(document | ({"set_aside": str(aside)} if aside else {}))
        return
    if aside is not None:
        say(f"The old store is kept in {aside}.")
    say(f"Store {store_id.hex()} made at {settings.store}.")
    if for_restore:
        say("It waits for `tmr restore`, and founds nothing by itself.")


def _known_before(settings: UpstreamSettings) -> Known:
    """How far the ledger had got in this store, as far as that is proven; nothing if it cannot be
    read, or is gone. Raises StoreFailed if a process uses it."""
    from appliance.adapters.machines import machine_of
    from appliance.adapters.store.database import NotInitialised, Store
    from appliance.ledger.log.book import Book, ChainBroken
    from appliance.ledger.membership.backups import BackupRefused, begin
    from appliance.ledger.membership.founding_anew import decode_known, known_by
    from appliance.ledger.replica.standing import proof_in
    from appliance.ledger.snapshot.seals import decode_sealed
    from appliance.licences.records import NOTHING_KNOWN
    from appliance.services.settings import read_root

    try:
        store = Store(settings.store, settings.name)
    except NotInitialised:
        return NOTHING_KNOWN
    try:
        found = store.recover()
        proof = None if found.damage else proof_in(found)
        if proof is None:
            return decode_known(found.restore) if found.restore else NOTHING_KNOWN
        book = Book(machine_of(read_root(settings.root)))
        if found.snapshot is not None:
            begin(book, decode_sealed(found.snapshot_about), found.snapshot)
        for entry in found.entries:
            if entry.index <= proof.index:
                book.apply(entry)
                book.commit(entry.index)
        return known_by(book)
    except (ChainBroken, BackupRefused):
        return NOTHING_KNOWN
    finally:
        store.close()


def _ledger_in(found: Recovered) -> tuple[bytes, str]:
    """Id and virtual serial of the ledger in a store."""
    from appliance.licences.snapshot import SnapshotRefused, load

    if found.snapshot is None:
        founding = _founding(found.entries)
        return founding.ledger_id, founding.virtual_serial
    try:
        state = load(found.snapshot)
    except SnapshotRefused as refused:
        fail(refused.detail)
    return state.ledger_id, state.virtual_serial


def _founding(entries: Iterable[Entry]) -> Found:
    """The command that founded the ledger with this log."""
    from appliance.ledger.log.book import ChainBroken, read_entry
    from appliance.licences.commands import Found

    try:
        for entry in entries:
            for command in read_entry(entry)[1]:
                if isinstance(command, Found):
                    return command
    except ChainBroken as broken:
        fail(f"The store's log cannot be read: {broken}.")
    fail("The store's log founds no ledger.")


@upstream.command()
@_config_option
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def backup(config: Path, path: Path, as_json: bool) -> None:
    """Copy what this stopped upstream holds into FILE, up to the last entry that is proven.

    For when the others are lost and no TMR host can serve any more: whatever two stores signed for
    is in it, so it is newer than any backup that was taken before.
    """
    from appliance.adapters.store.database import Store, StoreFailed
    from appliance.cli import _backups
    from appliance.ledger.replica.standing import proof_in
    from appliance.ledger.snapshot.seals import decode_sealed
    from appliance.services.settings import load_upstream, read_root

    settings = load_upstream(config)
    root = read_root(settings.root)
    try:
        store = Store(settings.store, settings.name)
        try:
            found = store.recover()
            proof = proof_in(found)
            if found.damage:
                fail(f"{settings.store} is damaged ({found.damage}): use another upstream's.")
            if proof is None:
                fail(f"{settings.store} holds nothing that is proven.")
            base = None if found.snapshot is None else decode_sealed(found.snapshot_about)
            ledger = _ledger_in(found)
            entries = (entry for entry in store.recover().entries if entry.index <= proof.index)
            head = _backups.head_of(*ledger, proof, base)
            written = _backups.written(path, head, found.snapshot or (), entries, proof, root)
        finally:
            store.close()
    except StoreFailed as error:
        fail(str(error))
    document = _backups.document_of(path, written)
    rows = _backups.rows_of(document)
    show(document, as_json=as_json, columns=("what", "value"), rows=rows)


@upstream.command()
@_config_option
@json_option
def check(config: Path, as_json: bool) -> None:
    """Look at all that this stopped upstream has stored: database, mark, snapshot and archive; and
    say which entries the archive lacks.

    Ends with 1 if any of it is not as it was written.
    """
    from appliance.adapters.store.archive import Archive, SegmentDamaged, archive_path
    from appliance.adapters.store.database import Store, StoreFailed
    from appliance.adapters.store.files import REAL_FILES
    from appliance.adapters.store.filling import gaps
    from appliance.services.settings import load_upstream

    settings = load_upstream(config)
    archive = Archive(archive_path(settings.store), REAL_FILES)
    damage: list[str] = []
    try:
        store = Store(settings.store, settings.name)
        found = store.recover()
        last_index = store.last_index
        store.close()
        segments = archive.segments()
        lacks = gaps(archive, found.first_index - 1)
        for segment in segments:
            try:
                archive.read(segment)
            except SegmentDamaged as damaged:
                damage.append(str(damaged))
    except StoreFailed as error:
        fail(str(error))
    except OSError as error:
        fail(f"The archive beside {settings.store} cannot be read: {error}.")
    if found.damage:
        damage.insert(0, f"{settings.store}: {found.damage}")
    document = {
        "store": str(settings.store),
        "store_id": found.store_id.hex(),
        "first_index": found.first_index,
        "last_index": last_index,
        "snapshot_index": found.snapshot_index,
        "segments": len(segments),
        "archive_lacks": [f"{first} to {last}" for first, last in lacks],
        "damage": damage,
    }
    rows = [(name.replace("_", " "), value) for name, value in document.items()]
    show(document, as_json=as_json, columns=("what", "value"), rows=rows)
    if damage:
        raise click.exceptions.Exit(int(ExitCode.REFUSED))
