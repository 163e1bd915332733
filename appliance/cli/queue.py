"""`tmr queue`: who waits for seats, and what holds for all who wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from appliance.cli._connection import EXIT_CODES, Asked, connection_options, perform, product_codes
from appliance.cli.output import counted, json_option, print_json, say, show
from appliance.errors import ExitCode, UserError
from appliance.licences.queue.place import HOLD_S_MAX, OVERTAKES_MAX

if TYPE_CHECKING:
    from appliance.client import AsyncClient
    from appliance.codec.api import DoneDocument
    from appliance.codec.api_queue import QueueDocument, QueuePlace

COLUMNS = (
    "position",
    "client",
    "user",
    "host",
    "products",
    "waited",
    "overtaken",
    "offered for",
    "lease id",
)


def _codes_if_any(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[int, int] | None:
    return None if value is None else product_codes(ctx, param, value)


@click.command(epilog=EXIT_CODES)
@connection_options
@click.argument("product", required=False, callback=_codes_if_any, metavar="[FIRM:PRODUCT]")
@click.option(
    "--overtakes-max",
    type=click.IntRange(0, OVERTAKES_MAX),
    metavar="N",
    help="Say how often one who waits may be overtaken; needs role administer, and --why.",
)
@click.option(
    "--hold",
    "hold_s",
    type=click.IntRange(1, HOLD_S_MAX),
    metavar="SECONDS",
    help="Say for how long an offered seat is held; needs role administer, and --why.",
)
@click.option("--why", default="", metavar="TEXT", help="Why that is said, for the record.")
@json_option
def queue(
    asked: Asked,
    product: tuple[int, int] | None,
    overtakes_max: int | None,
    hold_s: int | None,
    why: str,
    as_json: bool,
) -> None:
    """Who waits for seats: your own places, or everybody's if you are an operator; all, or those
    for FIRM:PRODUCT. `tmr release` ends a place as it ends a lease.
    """
    if overtakes_max is not None or hold_s is not None:
        if not why:
            raise UserError("say with --why what this is for.", ExitCode.USAGE)
        done = perform(
            asked.connect(),
            lambda client: _set(client, overtakes_max, hold_s, why),
            unknown="do it again, which is safe",
        )
        if as_json:
            print_json(done)
        else:
            say("That holds for all who wait, from now on.")
        return
    document = perform(asked.connect(), lambda client: _all(client, product))
    rows = [_row(place) for place in document.places]
    title = (
        f"{counted(len(rows), 'place')}; overtaken {document.overtakes_max} times at most, offers"
        f" held for {document.hold_s} s"
    )
    show(document, as_json=as_json, columns=COLUMNS, rows=rows, title=title)


async def _set(
    client: AsyncClient, overtakes_max: int | None, hold_s: int | None, why: str
) -> DoneDocument:
    """What is not said stays as it is."""
    now = await client.queue()
    return await client.set_queue(
        now.overtakes_max if overtakes_max is None else overtakes_max,
        now.hold_s if hold_s is None else hold_s,
        why,
    )


async def _all(client: AsyncClient, product: tuple[int, int] | None) -> QueueDocument:
    """All pages as one."""
    import msgspec

    found: list[QueuePlace] = []
    after: int | None = 0
    while after is not None:
        page = await client.queue(*(product or (0, 0)), after=after)
        found += page.places
        after = page.next
    return msgspec.structs.replace(page, places=tuple(found))


def _row(place: QueuePlace) -> tuple[object, ...]:
    return (
        f"{place.position} of {place.of}" if place.position else "next",
        place.client,
        place.holder.user or None,
        place.holder.host or None,
        ", ".join(
            f"{place.firm_code}:{item.product_code}{f':{item.seats}' if item.seats > 1 else ''}"
            for item in place.items
        ),
        f"{place.waited_s:.0f} s",
        place.overtaken,
        None if place.held_s is None else f"{place.held_s:.0f} s",
        place.lease_id,
    )
