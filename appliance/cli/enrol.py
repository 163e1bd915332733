"""`tmr enrol`: admit a client by a token, or shut it out again.

The token is made here and shown once; what travels, and what the ledger keeps, is its SHA-256.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

import click

from appliance.cli._connection import (
    EXIT_CODES,
    Asked,
    connection_options,
    perform,
    why_option,
)
from appliance.cli.output import json_option, on_terminal, print_json, print_table, say

TOKEN_BYTES: Final = 32
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


def _name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if _NAME.fullmatch(value) is None:
        raise click.BadParameter(
            f"{value!r} is no name: use 1 to 64 letters, digits, dots, dashes, underscores, @.",
            ctx,
            param,
        )
    return value


@click.command(epilog=EXIT_CODES)
@connection_options
@click.argument("name", callback=_name)
@why_option
@click.option("--dismiss", is_flag=True, help="Take the client's token back instead.")
@json_option
def enrol(asked: Asked, name: str, why: str, dismiss: bool, as_json: bool) -> None:
    """Admit client NAME by a new token, which is shown once; needs role administer.

    A client that has one gets another, and the old one is good no more.
    """
    connection = asked.connect()
    if dismiss:
        done = perform(
            connection,
            lambda client: client.dismiss(name, why),
            unknown="do it again, which is safe",
        )
        if as_json:
            print_json(done)
        else:
            say(f"The token of {name} is good no more; its leases go on until they end.")
        return
    token = secrets.token_urlsafe(TOKEN_BYTES)
    done = perform(
        connection,
        lambda client: client.enrol(name, token, why),
        unknown="do it again, which makes another token in place of this one",
    )
    if as_json:
        import msgspec

        print_json(msgspec.to_builtins(done) | {"name": name, "token": token})
        return
    if on_terminal():
        say(f"The token of {name}, shown this once:\n\n    {token}\n")
        say("The client puts it into a file and names that as token_file in its profile.")
        return
    print_table(("client", "token"), [(name, token)])
