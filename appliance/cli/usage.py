"""`tmr usage`: who used what, when and for how long, and the proof of it (docs/usage.md)."""

from __future__ import annotations

import csv
import functools
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from appliance.cli._backups import read_root, root_option
from appliance.cli._connection import EXIT_CODES, Asked, connection_options
from appliance.cli._usage_anchor import Stamps, anchor, stamps_options
from appliance.cli._usage_sources import Copies, Installation, Source, read
from appliance.cli._usage_verdict import rows_of
from appliance.cli.output import Row, complain, fail, json_option, print_json, print_table, show
from appliance.errors import ExitCode

if TYPE_CHECKING:
    from appliance.ledger.certificates.receipts import Endorsement
    from appliance.usage.figures import UsageRow
    from appliance.usage.folding import Folding
    from appliance.usage.verifying import Verdict

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
LAST_MS: Final = 253_370_764_800_000
FIGURES: Final = (
    "in_use_peak",
    "in_use_avg",
    "seat_s",
    "sessions",
    "denials",
    "waits",
    "waited_s",
    "waited_s_max",
    "requests_denied",
    "units",
)
"""The numbers of a line, in this order."""


def _moment(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    from appliance.usage.calendar import read_moment

    if value is None:
        return None
    try:
        return read_moment(value)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", ctx, param) from None


def record_options(command: Decorated) -> Decorated:
    """Give a verb the period and the source of a record: `from_ms`, `to_ms`, `source`."""

    @functools.wraps(command)
    def gathered(
        *arguments: Any,
        asked: Asked,
        record: tuple[Path, ...],
        from_ms: int | None,
        to_ms: int | None,
        **others: Any,
    ) -> Any:
        begin_ms, end_ms = from_ms or 0, LAST_MS if to_ms is None else to_ms
        if begin_ms >= end_ms:
            fail("--from is not before --to: nothing lies between them.", ExitCode.USAGE)
        source: Source = Copies(record) if record else Installation(asked)
        return command(*arguments, source=source, from_ms=begin_ms, to_ms=end_ms, **others)

    directory = click.Path(exists=True, file_okay=False, path_type=Path)
    options = (
        click.option(
            "--from",
            "from_ms",
            callback=_moment,
            metavar="TIME",
            help="Begin then: 2026-11, 2026-11-30 or 2026-11-30T22:15, in UTC.",
        ),
        click.option("--to", "to_ms", callback=_moment, metavar="TIME", help="End before then."),
        click.option(
            "--record",
            type=directory,
            multiple=True,
            metavar="DIR",
            help="Ask nobody: read this copy of an upstream's archive (repeatable).",
        ),
    )
    decorated: Any = gathered
    for option in reversed(options):
        decorated = option(decorated)
    result: Decorated = connection_options(decorated)
    return result


pseudonymous_option = click.option(
    "--pseudonymous",
    is_flag=True,
    help="Show no names of users, computers and clients, but what stands for them; no addresses.",
)


@click.group(epilog=EXIT_CODES)
def usage() -> None:
    """Who used what, when and for how long; reports, exports, and the proof of the record."""


usage.add_command(anchor)


@usage.command(epilog=EXIT_CODES)
@record_options
@click.option(
    "--by",
    default="product,day",
    show_default=True,
    metavar="WORDS",
    help="Cut by hour, day or month, and by product, user, host, group, client; with commas.",
)
@pseudonymous_option
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values.")
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.png",
    help="Also draw seats in use and denials over time.",
)
@json_option
def report(
    source: Source,
    from_ms: int,
    to_ms: int,
    by: str,
    pseudonymous: bool,
    as_csv: bool,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Seats in use, uses and denials, from the first entry of the record on; needs role operate.

    Peaks and averages are exact. Times are log time, in UTC. `in_use_avg` is over the whole of the
    period of a line, as far as there is a record. A denial is an episode: refusals of the same user
    and product that end without a seat within a minute; one that ends with a seat is a wait.
    """
    words = [word.strip() for word in by.split(",") if word.strip()]
    rows, folding = read(source, lambda one: _reported(one, words, from_ms, to_ms, pseudonymous))
    if as_json:
        gaps = [{"first": gap.first, "last": gap.last} for gap in folding.gaps]
        ends = {"begin_ms": folding.begin_ms, "end_ms": folding.end_ms}
        print_json({"rows": rows, "last_index": folding.last_index, **ends, "gaps": gaps})
    elif as_csv:
        _write_csv((*_who(rows), "period", *FIGURES, "why"), map(_cells, rows))
    else:
        print_table((*_who(rows), "period", *FIGURES, "why"), map(_cells, rows))
    _tell_gaps(folding)
    if picture is not None:
        from appliance.cli._usage_picture import draw

        draw(rows, picture)


async def _reported(
    source: Source, by: Sequence[str], from_ms: int, to_ms: int, pseudonymous: bool
) -> tuple[list[UsageRow], Folding]:
    from appliance.licences.names import KEY_BYTES, pseudonym
    from appliance.usage.folding import Folding
    from appliance.usage.pseudonyms import Pseudonyms
    from appliance.usage.report import Report, TooMuch

    tags = {} if pseudonymous else await source.tags()
    try:
        report = Report(
            by,
            lambda tag: tags.get(tag) or pseudonym(tag),
            from_ms,
            to_ms,
            Pseudonyms(token_bytes(KEY_BYTES)) if pseudonymous else str,
        )
    except ValueError as error:
        fail(f"{error}.", ExitCode.USAGE)
    folding = Folding(report)
    try:
        await _fold(source, folding, to_ms)
        return report.rows(folding.begin_ms, folding.end_ms), folding
    except TooMuch as much:
        fail(f"{much}.")


async def _fold(source: Source, folding: Folding, to_ms: int) -> None:
    """Read the record up to that time, and a minute more, in which a wait may end."""
    from appliance.usage.figures import UsageGap
    from appliance.usage.sessions import EPISODE_MS

    async for part in source.parts():
        if isinstance(part, UsageGap):
            folding.gap(part)
            continue
        for kept in part:
            folding.entry(kept)
        if folding.end_ms > to_ms + EPISODE_MS:
            break
    folding.close()


def _who(rows: Sequence[UsageRow]) -> tuple[str, ...]:
    return tuple(rows[0].of) if rows else ()


def _cells(row: UsageRow) -> Row:
    why = " ".join(f"{reason}:{count}" for reason, count in row.why.items())
    figures = [getattr(row, name) for name in FIGURES]
    shown = [round(one, 3) if isinstance(one, float) else one for one in figures]
    return (*row.of.values(), row.period, *shown, why)


def _write_csv(columns: Sequence[str], rows: Iterable[Row]) -> None:
    """RFC 4180, except for the line's end. What a spreadsheet would take for a formula is text."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])


def _harmless(cell: object) -> object:
    """A cell that no spreadsheet runs: names are what strangers said of themselves."""
    from appliance.cli.output import cell_text

    if not isinstance(cell, str):
        return cell
    text = " ".join(cell_text(cell).split())
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _tell_gaps(folding: Folding) -> None:
    for gap in folding.gaps:
        complain(
            f"No upstream has the entries from {gap.first} to {gap.last}: what happened then is"
            " not counted."
        )


@usage.command(epilog=EXIT_CODES)
@record_options
@click.argument("what", type=click.Choice(("sessions", "denials")))
@pseudonymous_option
@json_option
def export(
    source: Source, what: str, from_ms: int, to_ms: int, pseudonymous: bool, as_json: bool
) -> None:
    """Each use, or each denial, as comma-separated values for other tools; needs role operate.

    Uses are those that overlap the period. Columns are named as OpenLM and Open iT name theirs.
    """
    from appliance.usage.exporting import DENIALS, SESSIONS

    columns = SESSIONS if what == "sessions" else DENIALS
    rows, folding = read(source, lambda one: _exported(one, what, from_ms, to_ms, pseudonymous))
    if as_json:
        print_json({what: [dict(zip(columns, row, strict=True)) for row in rows]})
    else:
        _write_csv(columns, rows)
    _tell_gaps(folding)


async def _exported(
    source: Source, what: str, from_ms: int, to_ms: int, pseudonymous: bool
) -> tuple[list[Row], Folding]:
    from appliance.licences.names import KEY_BYTES, pseudonym
    from appliance.usage.exporting import Export, TooMany
    from appliance.usage.folding import Folding
    from appliance.usage.pseudonyms import Pseudonyms

    tags = {} if pseudonymous else await source.tags()
    export = Export(
        what,
        lambda tag: tags.get(tag) or pseudonym(tag),
        from_ms,
        to_ms,
        Pseudonyms(token_bytes(KEY_BYTES)) if pseudonymous else None,
    )
    folding = Folding(export)
    try:
        await _fold(source, folding, to_ms)
    except TooMany as many:
        fail(f"{many}.")
    return export.rows, folding


@usage.command(epilog=EXIT_CODES)
@record_options
@root_option
@stamps_options
@json_option
def verify(
    source: Source,
    from_ms: int,
    to_ms: int,
    root_path: Path | None,
    anchors_directory: Path | None,
    authority: Path | None,
    as_json: bool,
) -> None:
    """Prove that the record of a period is complete and unchanged, or name its first break.

    It rests on the licence root alone: two containers have to have signed what the record leads to.
    Nobody is believed, and no old program is needed. Needs role operate, or copies of two
    upstreams' archives (--record twice). Ends with 1 if the period is not proven.
    """
    named = source.connection.profile.licence_root if isinstance(source, Installation) else None
    root = read_root(root_path, named)
    stamps = Stamps(anchors_directory, authority)
    verdict, until_ms = read(source, lambda one: _verified(one, from_ms, to_ms, root, stamps))
    show(verdict, as_json=as_json, columns=("what", "value"), rows=rows_of(verdict))
    missed = stamps.missed(from_ms, min(to_ms, until_ms))
    if missed:
        complain(
            f"{missed[0]} stamps no entry of this record: it was changed since, or is another"
            " one's."
        )
    if not verdict.complete:
        complain(f"This period is not proven: {verdict.why_not}.")
    if missed or not verdict.complete:
        raise click.exceptions.Exit(int(ExitCode.REFUSED))


async def _verified(
    source: Source, from_ms: int, to_ms: int, root: bytes, stamps: Stamps
) -> tuple[Verdict, int]:
    """The verdict, and up to which log time (Unix ms) the record was followed."""
    from appliance.codec.certified_statements import read_statement
    from appliance.codec.licence_files import read_update
    from appliance.usage.figures import UsageGap
    from appliance.usage.proof import endorsed
    from appliance.usage.verifying import STATEMENTS_KEPT, Verification

    verification = Verification(
        from_ms,
        to_ms,
        lambda data: read_statement(data, root),
        lambda data: read_update(data, root),
        stamps.time_of if len(stamps) else None,
    )
    async for part in source.parts():
        if isinstance(part, UsageGap):
            verification.gap(part)
            continue
        for kept in part:
            verification.feed(kept)
        if verification.broken or verification.is_over:
            break
    others: list[Endorsement] = []
    for name in source.names:
        first, found = verification.signed_from, 0
        while found < STATEMENTS_KEPT:
            page = await source.page(name, first)
            if not page:
                break
            others += endorsed(page[: STATEMENTS_KEPT - found])
            found += len(page)
            first = page[-1].entry.index + 1
    source.certificates = (*source.certificates, *verification.certificates)
    verdict = verification.verdict(others, source.containers(root))
    return verdict, verification.log_time_ms
