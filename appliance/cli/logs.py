"""`tmr logs`: what the five hosts log, merged by time.

Any TMR host that answers gives the records of all: those of hosts that do not answer any more as
it last heard them. The order is that of the hosts' own clocks. Exit codes: 0 done, 1 refused, 2
wrong usage or profile, 4 no TMR host answered.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click

from appliance.cli._connection import Asked, connection_options, explained, perform
from appliance.cli._installation import Connection
from appliance.cli.output import json_option, say, show
from appliance.text import plain, shown_document

if TYPE_CHECKING:
    from appliance.client import AsyncClient
    from appliance.codec.api import LogRecord, LogsDocument

COLUMNS: Final = ("at (UTC)", "host", "level", "from", "text")
LEVELS: Final = ("debug", "info", "warning", "error", "critical")
FOLLOW_EVERY_S: Final = 1.0
_COLOURS: Final = {"warning": "yellow", "error": "red", "critical": "red"}

Sleep = Callable[[float], Awaitable[None]]


@click.command(
    epilog="Exit codes: 0 done, 1 refused, 2 wrong usage or profile, 4 no TMR host answered. "
    "With --follow and --json one record a line."
)
@connection_options
@click.option(
    "--host", "hosts", multiple=True, metavar="HOST", help="Only this host's (repeatable)."
)
@click.option(
    "--level",
    type=click.Choice(LEVELS),
    default="debug",
    show_default=True,
    help="Nothing less serious than this.",
)
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@json_option
def logs(asked: Asked, hosts: tuple[str, ...], level: str, follow: bool, as_json: bool) -> None:
    """What the hosts log, merged by time; needs an operator's certificate."""
    connection = asked.connect()
    if follow:
        asyncio.run(_follow(connection, hosts, level, as_json))
        return
    document = perform(connection, lambda client: client.logs(hosts))
    records = _of_level(document, level)
    show(
        {"records": records, "newest": document.newest},
        as_json=as_json,
        columns=COLUMNS,
        rows=[
            (at(record), record.host, record.level, record.logger, record.text)
            for record in records
        ],
        title=f"{len(records)} records",
    )


async def _follow(connection: Connection, hosts: Sequence[str], level: str, as_json: bool) -> None:
    async with connection.client() as client:
        await follow_rounds(client, connection, hosts, level, as_json, asyncio.sleep)


async def follow_rounds(
    client: AsyncClient,
    connection: Connection,
    hosts: Sequence[str],
    level: str,
    as_json: bool,
    sleep: Sleep,
) -> None:
    """Ask and print, again and again, until `sleep` is cancelled or raises.

    Once something was seen, hosts that stop answering are waited for: that is when a log is read.
    Raises UserError if the first question finds nobody, or if we may not ask.
    """
    from appliance.client import ClientError, Refused

    after: dict[str, int] = {}
    trouble = ""
    while True:
        try:
            document = await client.logs(hosts, after)
        except ClientError as error:
            said = await explained(connection, error)
            if not after or isinstance(error, Refused):
                raise said from error
            if said.sentence != trouble:
                trouble = said.sentence
                say(f"tmr: {trouble}", err=True)
        else:
            after, trouble = after | document.newest, ""
            for record in _of_level(document, level):
                click.echo(_json_line(record) if as_json else line(record))
        await sleep(FOLLOW_EVERY_S)


def _of_level(document: LogsDocument, level: str) -> list[LogRecord]:
    """The records that are at least so serious; a level that nobody knows is."""
    least = LEVELS.index(level)
    return [
        record
        for record in document.records
        if record.level not in LEVELS or LEVELS.index(record.level) >= least
    ]


def _json_line(record: LogRecord) -> str:
    import msgspec

    return json.dumps(msgspec.to_builtins(shown_document(record)), ensure_ascii=False)


def line(record: LogRecord) -> str:
    """One record as a line of the stream; coloured where the terminal shows it."""
    level = click.style(plain(f"{record.level:8}"), fg=_COLOURS.get(record.level))
    where, text = plain(f"{record.host:6}"), plain(f"{record.logger}: {record.text}")
    return f"{at(record)} {where} {level} {text}"


def at(record: LogRecord) -> str:
    """When it was logged, by that host's clock."""
    try:
        when = datetime.fromtimestamp(record.at_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return f"{record.at_ms} ms"  # beyond the calendar's end
    return when.strftime("%Y-%m-%d %H:%M:%S.") + f"{record.at_ms % 1000:03}"
