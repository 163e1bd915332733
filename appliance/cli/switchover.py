"""`tmr switchover`: let the other TMR host serve, in good order.

What can go wrong here is going there and back: the answer may be lost just because the address
moved, and the same request repeated at the new active host would mean the way back. So the host
that is to serve is always named, and whether it serves is looked at.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

import click

from appliance.cli._connection import EXIT_CODES, Asked, connection_options, perform, why_option
from appliance.cli._hosts import active_host, ask_each, best, nobody
from appliance.cli._installation import Connection
from appliance.cli.output import json_option, print_json, say
from appliance.errors import ExitCode, UserError

if TYPE_CHECKING:
    from appliance.client import AsyncClient
    from appliance.codec.api import DoneDocument

LOOK_AGAIN_S: Final = 0.1


@click.command(epilog=EXIT_CODES)
@connection_options
@click.option("--to", "target", default="", metavar="HOST", help="The TMR host to serve next.")
@why_option
@json_option
def switchover(asked: Asked, target: str, why: str, as_json: bool) -> None:
    """Let the other TMR host serve; needs role operate."""
    connection = asked.connect()
    document, host, serves = perform(
        connection,
        lambda client: _switch(client, connection, target, why),
        unknown="look at `tmr status` before you do it again",
    )
    if as_json:
        print_json(document)
    elif serves:
        say(f"{host} serves now.")
    if not serves:
        say(f"tmr: it is recorded, but {host} does not serve yet: look at `tmr status`.", err=True)


async def _switch(
    client: AsyncClient, connection: Connection, target: str, why: str
) -> tuple[DoneDocument, str, bool]:
    """Ask for it, then wait until it is so. Gives the document, the host, whether it serves."""
    from appliance.client import OutcomeUnknown, Refused
    from appliance.codec.api import DoneDocument

    host = await _target(connection, target)
    try:
        document = await client.switchover(why, host)
    except (OutcomeUnknown, Refused) as error:
        # A host that serves already refuses to be made to: then an earlier try took effect.
        if isinstance(error, Refused) and error.reason != "bad-request":
            raise
        if active_host(await ask_each(connection)) != host:
            raise
        return DoneDocument(index=0, detail=f"{host} serves; the answer was lost"), host, True
    return document, host, await _serves(connection, host)


async def _target(connection: Connection, wanted: str) -> str:
    """The host that is to serve. Raises UserError if nobody is active or it is nonsense."""
    answers = await ask_each(connection)
    document = best(answers)
    if document is None:
        raise UserError(nobody(answers), ExitCode.UNREACHABLE)
    names = [host.name for host in document.tmr_hosts]
    active = active_host(answers)
    if not active:
        lost = [name for name in document.missing if name not in document.reason]
        missing = f" (missing: {', '.join(lost)})" if lost else ""
        raise UserError(
            f"no TMR host is active, so there is nothing to switch over: {document.reason}"
            f"{missing}; `tmr status` shows how each host is.",
            ExitCode.UNREACHABLE,
        )
    if wanted and wanted not in names:
        raise UserError(f"{wanted} is no TMR host: name one of {', '.join(names)}.", ExitCode.USAGE)
    if wanted == active:
        raise UserError(f"{active} is the active TMR host already: nothing was changed.")
    return wanted or next(name for name in names if name != active)


async def _serves(connection: Connection, host: str) -> bool:
    """Whether this host came to serve within the time that we wait."""
    give_up_at_s = time.monotonic() + connection.wait_s
    while active_host(await ask_each(connection)) != host:
        if time.monotonic() >= give_up_at_s:
            return False
        await asyncio.sleep(LOOK_AGAIN_S)
    return True
