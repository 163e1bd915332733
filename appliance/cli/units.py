"""`tmr units`: which requests took units lately, and refunds of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from appliance.cli._connection import EXIT_CODES, Asked, connection_options, perform, why_option
from appliance.cli.leases import since
from appliance.cli.output import counted, json_option, print_json, say, show

if TYPE_CHECKING:
    from appliance.client import AsyncClient
    from appliance.codec.api_units import TakingDocument, TakingsDocument


@click.group()
def units() -> None:
    """Units that were taken lately, and refunds of them."""


@units.command("list", epilog=EXIT_CODES)
@connection_options
@click.option("--last", type=click.IntRange(1), default=50, show_default=True, metavar="N")
@json_option
def listed(asked: Asked, last: int, as_json: bool) -> None:
    """The last N requests that took units; their numbers are what `tmr units refund` takes."""
    document = perform(asked.connect(), lambda client: _all(client, last))
    columns = ("number", "at (UTC)", "client", "lease", "licences", "units", "state")
    rows = [
        (
            one.taking,
            since(one.at_ms),
            one.client,
            one.lease_id,
            ", ".join(f"{one.firm_code}:{of.product_code}#{of.tmr_id}" for of in one.taken),
            sum(of.units for of in one.taken),
            _state(one),
        )
        for one in document.takings
    ]
    show(document, as_json=as_json, columns=columns, rows=rows)
    if not rows and not as_json:
        say("tmr: nobody took units that are remembered.", err=True)


async def _all(client: AsyncClient, last: int) -> TakingsDocument:
    """The last of all pages' rows."""
    from appliance.codec.api_units import TakingsDocument

    found: list[TakingDocument] = []
    after: int | None = 0
    while after is not None:
        page = await client.takings(after)
        found = [*found, *page.takings][-last:]
        after = page.next
    return TakingsDocument(takings=tuple(found))


def _state(one: TakingDocument) -> str:
    if one.unsettled:
        return "reserved"
    return "" if one.refunded is None else f"{one.refunded} refunded"


@units.command(epilog=EXIT_CODES)
@connection_options
@click.argument("taking", type=click.IntRange(1), metavar="NUMBER")
@click.option("--units", "amount", type=click.IntRange(1), required=True, metavar="N")
@why_option
@json_option
def refund(asked: Asked, taking: int, amount: int, why: str, as_json: bool) -> None:
    """Give N units back that were taken under NUMBER, once; needs role operate.

    The licence's vendor says how many units can be refunded in all (`refundable_units` in
    `tmr licences --json`): none, if he says nothing.
    """
    done = perform(
        asked.connect(),
        lambda client: client.refund(taking, amount, why),
        unknown="do it again, which is safe: nothing is refunded twice",
    )
    if as_json:
        print_json(done)
    else:
        say(f"{counted(amount, 'unit')} taken under {taking} were given back.")
