"""`tmr limit`: how many seats of a product one client may hold."""

from __future__ import annotations

import click

from appliance.cli._connection import (
    EXIT_CODES,
    Asked,
    connection_options,
    perform,
    product_codes,
    why_option,
)
from appliance.cli.output import counted, json_option, print_json, say


@click.command(epilog=EXIT_CODES)
@connection_options
@click.argument("product", callback=product_codes, metavar="FIRM:PRODUCT")
@click.option(
    "--seats",
    type=click.IntRange(0),
    required=True,
    help="The most that one client may hold; 0 lifts the limit.",
)
@why_option
@json_option
def limit(asked: Asked, product: tuple[int, int], seats: int, why: str, as_json: bool) -> None:
    """Limit the seats that one client may hold of a product; needs role administer.

    A lower limit ends no lease: nothing more is granted to who has reached it.
    """
    done = perform(
        asked.connect(),
        lambda client: client.limit_seats(*product, seats, why),
        unknown="do it again, which is safe",
    )
    if as_json:
        print_json(done)
    elif seats:
        say(f"Each client may hold {counted(seats, 'seat')} of {product[0]}:{product[1]}.")
    else:
        say(f"One client may hold all seats of {product[0]}:{product[1]}.")
