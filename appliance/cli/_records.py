"""`tmr central audit|backup|restore|migrate`: the vendors' records as a whole."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click
import msgspec

from appliance.cli._central import moment, print_done, refusals
from appliance.cli._pages import cut, page_options, row_number, show_page
from appliance.cli.output import counted, fail, json_option
from appliance.errors import ExitCode
from appliance.services.central import LicenseCentral
from appliance.services.central.records.audit import HASH_BYTES, Broken, Head

_HEAD: Final = re.compile(rf"([0-9]{{1,18}}):([0-9a-f]{{{2 * HASH_BYTES}}})")

database_option = click.option(
    "--database",
    default="",
    envvar="TMR_CENTRAL_DATABASE",
    metavar="URL",
    help="Keep the records in this PostgreSQL (postgresql://USER:PASSWORD@HOST:PORT/NAME) instead"
    " of a file. From the environment (TMR_CENTRAL_DATABASE) nobody else on this computer reads"
    " the password.",
)


@click.command()
@click.option("--subject", default="", help="Only acts on this licence, container or firm.")
@click.option("--verify", is_flag=True, help="Check the whole trail, row by row, and list nothing.")
@click.option(
    "--head",
    metavar="NUMBER:HASH",
    help="With --verify: what it said before and you noted elsewhere; it must still be true.",
)
@page_options
@json_option
@click.pass_obj
def audit(
    directory: Path,
    /,
    subject: str,
    verify: bool,
    head: str | None,
    after: str,
    limit: int,
    as_json: bool,
) -> None:
    """List who did what and when, newest first, or check that nobody rewrote it.

    Each row is chained to the one before. Who has the database could still rewrite all rows from
    some point on, or cut off the newest: so note elsewhere what --verify says, and give it as
    --head the next time.
    """
    if head is not None and not verify:
        raise click.UsageError("--head goes with --verify.")
    if verify:
        _verify(directory, head, as_json)
        return
    before = row_number(after)
    with refusals():
        records = LicenseCentral(directory).records
        found, following = cut(
            records.trail(before, limit + 1, subject), limit, lambda row: str(row.number)
        )
    columns = ("number", "when", "who", "act", "subject", "detail")
    show_page(
        {
            "acts": [
                {
                    **row._asdict(),
                    "detail": msgspec.json.decode(row.detail),
                    "hash": row.hash.hex(),
                }
                for row in found
            ]
        },
        following,
        as_json=as_json,
        columns=columns,
        rows=[
            (row.number, moment(row.at_ms // 1000), row.who, row.act, row.subject, row.detail)
            for row in found
        ],
    )


def _verify(directory: Path, noted: str | None, as_json: bool) -> None:
    known = None
    if noted is not None:
        parts = _HEAD.fullmatch(noted)
        if parts is None:
            fail("--head is what --verify said: NUMBER:HASH.", ExitCode.USAGE)
        known = Head(int(parts[1]), bytes.fromhex(parts[2]))
    with refusals():
        found = LicenseCentral(directory).records.verify(known)
    if isinstance(found, Broken):
        fail(
            f"The audit trail does not hold at row {found.number}: {found.why}. Somebody changed"
            " the database: keep it, and compare it with a backup."
        )
    named = f"{found.number}:{found.hash.hex()}"
    said = f"The audit trail holds, {counted(found.number, 'row')}. Note this elsewhere: {named}"
    print_done({"rows": found.number, "head": named}, as_json, said)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@click.pass_obj
def backup(directory: Path, file: Path, as_json: bool) -> None:
    """Write all records and private keys into one new FILE; keep it where only you read it."""
    from appliance.services.central.records.backups import back_up

    with refusals():
        told = back_up(directory, LicenseCentral(directory).records, file)
    said = (
        f"{counted(told.rows, 'row')} and {counted(told.files, 'file')} written to {file}. The"
        " private keys are in it: whoever reads it can sign in your name."
    )
    head = f"{told.head.number}:{told.head.hash.hex()}"
    print_done({"file": str(file), "rows": told.rows, "head": head}, as_json, said)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@database_option
@json_option
@click.pass_obj
def restore(directory: Path, file: Path, database: str, as_json: bool) -> None:
    """Make a License Central of a backup FILE, where there is none.

    What was done after the backup is in no record any more: TMR-IDs go on higher by 10,000, so
    that none is given twice.
    """
    from appliance.services.central.central import whoever
    from appliance.services.central.records.backups import restore as restored

    with refusals():
        told = restored(directory, file, database, whoever())
    said = f"{counted(told.rows, 'row')} restored, up to act {told.head.number}."
    print_done({"rows": told.rows, "number": told.head.number}, as_json, said)


@click.command()
@database_option
@json_option
@click.pass_obj
def migrate(directory: Path, database: str, as_json: bool) -> None:
    """Take over the records of an older release; what is there of old files stays as it is."""
    from appliance.services.central.central import whoever
    from appliance.services.central.records import Records
    from appliance.services.central.records.founding import upgrade_records
    from appliance.services.central.records.old_files import take_over
    from appliance.services.central.records.schema import REVISIONS

    with refusals():
        records = Records(directory)
        if records.exists:
            before = upgrade_records(records)
            said = f"The records' schema is {REVISIONS[-1]}; it was {before}."
            print_done({"schema": REVISIONS[-1], "before": before}, as_json, said)
            return
        count = take_over(directory, database, whoever())
    said = f"{counted(count, 'licence')} taken over. The old files are as they were."
    print_done({"schema": REVISIONS[-1], "licences": count}, as_json, said)
