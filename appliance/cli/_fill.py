"""`tmr upstream fill`: what an upstream's archive lacks, from another one's (docs/archive.md)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from appliance.cli._connection import EXIT_CODES, Asked, connection_options
from appliance.cli._usage_sources import Copies, Installation, Source, read
from appliance.cli.output import complain, fail, json_option, show
from appliance.errors import ExitCode

if TYPE_CHECKING:
    from appliance.adapters.store.database import Store
    from appliance.adapters.store.filling import Aside
    from appliance.ledger.messages import Recorded
    from appliance.usage.filling import Filling

PAGE_BYTES: Final = 1 << 20


@click.command(epilog=EXIT_CODES)
@connection_options
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The settings of this upstream, a TOML file.",
)
@click.option(
    "--record",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Ask nobody: read this copy of another upstream's archive (repeatable).",
)
@json_option
def fill(asked: Asked, config: Path, record: tuple[Path, ...], as_json: bool) -> None:
    """Fetch what the archive of this stopped upstream lacks, as the others have it; needs role
    operate. Nothing is kept that does not lead to what this upstream endorsed itself.

    Ends with 1 if entries are missing still, unless it is the record's beginning that nobody has.
    """
    from appliance.adapters.store.archive import Archive, archive_path
    from appliance.adapters.store.database import Store, StoreFailed
    from appliance.adapters.store.files import REAL_FILES
    from appliance.adapters.store.filling import Aside, gaps
    from appliance.services.settings import load_upstream
    from appliance.usage.figures import UsageGap
    from appliance.usage.filling import Filling

    settings = load_upstream(config)
    source: Source = Copies(record) if record else Installation(asked)
    archive = Archive(archive_path(settings.store), REAL_FILES)
    filled, missing = 0, []
    try:
        # While it is open, no other process can use this store.
        store = Store(settings.store, settings.name, archive_limits=settings.archive_limits)
        try:
            if store.damage:
                fail(f"{settings.store} is damaged ({store.damage}): mend that first.")
            aside = Aside(settings.store, store.store_id, REAL_FILES)
            for first, last in gaps(archive, store.base_index):
                filling = Filling(UsageGap(first, last))
                filled += read(source, partial(_filled, filling=filling, aside=aside, store=store))
                aside.drop()
            missing = gaps(archive, store.base_index)
        finally:
            store.close()
    except StoreFailed as error:
        fail(str(error))
    except OSError as error:
        fail(f"The archive beside {settings.store} cannot be filled: {error}.")
    named = [{"first": first, "last": last} for first, last in missing]
    still = ", ".join(f"{first} to {last}" for first, last in missing)
    rows = [("entries fetched", filled), ("missing still", still or "none")]
    document = {"fetched": filled, "missing": named}
    show(document, as_json=as_json, columns=("what", "value"), rows=rows)
    if any(first > 1 for first, _ in missing):
        raise click.exceptions.Exit(int(ExitCode.REFUSED))


async def _filled(source: Source, filling: Filling, aside: Aside, store: Store) -> int:
    """Fetch one gap; gives how many entries of it are in the archive now."""
    from appliance.usage.figures import UsageGap
    from appliance.usage.proof import Break

    gap = filling.gap
    try:
        async for part in source.parts(filling.asks_from):
            if isinstance(part, UsageGap):
                filling.begin_anew()
                aside.drop()
                continue
            for kept in part:
                if kept.entry.index > gap.last:
                    break
                root = filling.feed(kept)
                if root is not None:
                    aside.keep(root, kept)
            if part[-1].entry.index >= gap.last:
                break
        filling.closes(_own(store, gap.last + 1))
    except Break as broken:
        complain(f"The entries from {gap.first} to {gap.last} are not filled: {broken}.")
        return 0
    return aside.take()


def _own(store: Store, first: int) -> Iterator[Recorded]:
    """What this upstream has from this entry on. Raises StoreFailed."""
    while page := store.read_record(first, store.last_index, PAGE_BYTES):
        yield from page
        first = page[-1].entry.index + 1
