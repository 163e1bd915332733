"""`tmr names`: what hosts remember of users, computers and applications (docs/names.md)."""

from __future__ import annotations

import click

from appliance.cli._connection import EXIT_CODES, Asked, connection_options, perform, why_option
from appliance.cli.output import counted, json_option, print_json, say


@click.group(epilog=EXIT_CODES)
def names() -> None:
    """Names of users, computers and applications, which lie beside the ledger."""


@names.command(epilog=EXIT_CODES)
@connection_options
@click.argument("name")
@why_option
@json_option
def erase(asked: Asked, name: str, why: str, as_json: bool) -> None:
    """Have NAME forgotten by all hosts; needs role administer.

    The record keeps who did it and why, so do not write the name into the reason. No lease, no
    receipt and no proof changes.
    """
    done = perform(
        asked.connect(),
        lambda client: client.erase_name(name, why),
        unknown="do it again, which is safe",
    )
    if as_json:
        print_json(done)
        return
    say(f"The name is forgotten by entry {done.index}; {done.tag} is shown in its place.")
    if done.leases:
        say(
            f"{counted(done.leases, 'lease')} of that name goes on: the program says the name again"
            " when it renews its lease. End it there, then erase the name once more."
            if done.leases == 1
            else f"{counted(done.leases, 'lease')} of that name go on: the programs say the name"
            " again when they renew their leases. End them there, then erase the name once more."
        )
