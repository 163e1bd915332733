"""`tmr upstream`: the store of an upstream, on its own host and while the upstream is stopped.

Exit codes: 0 done, 1 refused or failed, 2 usage.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli.output import fail, json_option, print_json, show
from appliance.errors import ExitCode

if TYPE_CHECKING:
    from appliance.ledger.messages import Entry
    from appliance.licences.commands import Found

_config_option = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The settings of this upstream, a TOML file.",
)


@click.group()
def upstream() -> None:
    """An upstream's store of the ledger."""


@upstream.command()
@_config_option
@click.option(
    "--again",
    is_flag=True,
    help="Set a damaged store aside first, into a directory beside it, and make a new one.",
)
@json_option
def init(config: Path, again: bool, as_json: bool) -> None:
    """Make this upstream's store: empty, with an id of its own. Done once, before the first start.

    An upstream never makes a store by itself: one that lost its disk must not come back as if it
    had promised nothing. A store made with --again has to be admitted by the other upstreams.
    """
    from appliance.adapters.signatures import StoreKey
    from appliance.adapters.store import Store, StoreFailed
    from appliance.adapters.store_files import REAL_FILES
    from appliance.adapters.store_home import set_aside
    from appliance.services.settings import load_upstream

    settings = load_upstream(config)
    aside: Path | None = None
    try:
        if again:
            name = f"damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
            aside = set_aside(settings.store, name, REAL_FILES)
        key = StoreKey.draw()
        store_id = Store.init(settings.store, settings.name, key.id, key=key.private)
    except StoreFailed as error:
        fail(str(error))
    if as_json:
        document = {"store": str(settings.store), "store_id": store_id.hex()}
        print_json(document | ({"set_aside": str(aside)} if aside else {}))
        return
    if aside is not None:
        click.echo(f"The old store is kept in {aside}.")
    click.echo(f"Store {store_id.hex()} made at {settings.store}.")


def _founding(entries: Iterable[Entry]) -> Found:
    """The command that founded the ledger with this log."""
    from appliance.ledger.book import ChainBroken, read_entry
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
    from appliance.adapters.store import Store, StoreFailed
    from appliance.cli import _backups
    from appliance.ledger.standing import proof_in
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
            founding = _founding(found.entries)
            entries = (entry for entry in store.recover().entries if entry.index <= proof.index)
            head = _backups.head_of(founding.ledger_id, founding.virtual_serial, proof)
            written = _backups.written(path, head, entries, proof, root)
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
    """Look at all that this stopped upstream has stored: database, mark, snapshot and archive.

    Ends with 1 if any of it is not as it was written.
    """
    from appliance.adapters.archive import Archive, SegmentDamaged, archive_path
    from appliance.adapters.store import Store, StoreFailed
    from appliance.adapters.store_files import REAL_FILES
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
        "damage": damage,
    }
    rows = [(name.replace("_", " "), value) for name, value in document.items()]
    show(document, as_json=as_json, columns=("what", "value"), rows=rows)
    if damage:
        raise click.exceptions.Exit(int(ExitCode.REFUSED))
