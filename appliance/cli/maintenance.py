"""`tmr maintenance`: keep a TMR host from serving while somebody works on it."""

from __future__ import annotations

import click

from appliance.cli._connection import (
    EXIT_CODES,
    Asked,
    connection_options,
    perform,
    why_option,
)
from appliance.cli.output import json_option, print_json, say


@click.command(epilog=EXIT_CODES)
@connection_options
@click.argument("switch", metavar="on|off", type=click.Choice(["on", "off"]))
@click.argument("host")
@why_option
@json_option
def maintenance(asked: Asked, switch: str, host: str, why: str, as_json: bool) -> None:
    """Begin (on) or end (off) the maintenance of TMR host HOST; needs role operate.

    The active host lets the other one serve first; it is refused if that one could not.
    """
    on = switch == "on"
    document = perform(
        asked.connect(),
        lambda client: client.maintenance(host, why, on),
        unknown="do it again, which is safe",
    )
    if as_json:
        print_json(document)
        return
    said = f"in maintenance and does not serve: end it with `tmr maintenance off {host}`"
    say(f"{host} is {said if on else 'out of maintenance and may serve'}.")
