"""`tmr container activate|update|return`: licences over the network.

The upstream itself asks License Central, since it alone has the container's key; certified time
that is older than seven days is updated first.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
import msgspec

from appliance.cli._admin import Admin, ask, operator, read_answer
from appliance.cli._ticket import read_ticket, ticket_argument
from appliance.cli.output import fail, json_option, print_json, say
from appliance.errors import ExitCode

TRANSFER_WAIT_S = 300.0
"""Several files may travel, and a time server may be asked before."""
_KEY = re.compile(r"(\d{1,10}):(\d{1,10})#(\d{1,10})", re.ASCII)


class _Done(msgspec.Struct, frozen=True):
    """The upstream's answer (`TransferDocument`), whose module an operator's machine need not
    load."""

    imported: tuple[tuple[int, int], ...]
    waiting_for: int
    detail: str = ""


@click.command()
@operator
@ticket_argument
@json_option
def activate(
    admin: str, cert: Path, key: Path, ca: Path, ticket: str | None, as_json: bool
) -> None:
    """Show a vendor's TICKET for this container; the third of the three gets the licence.

    Without TICKET, or with -, it is read from the input; at a terminal you are asked, and it is
    not shown. On the command line others on this computer can read it.
    """
    done = _transfer(Admin(admin, cert, key, ca), {"ticket": read_ticket(ticket)}, as_json)
    waiting = done.waiting_for
    if waiting:
        say(f"The ticket is shown; {waiting} more of the three containers have to show it.")
        return
    _say_imported(done, "The licence is issued.")


@click.command()
@operator
@json_option
def update(admin: str, cert: Path, key: Path, ca: Path, as_json: bool) -> None:
    """Fetch and import whatever the vendors issued to this container."""
    _say_imported(_transfer(Admin(admin, cert, key, ca), {}, as_json), "")


@click.command("return")
@operator
@click.argument("licence", metavar="FIRM:PRODUCT#TMRID")
@json_option
def give_back(admin: str, cert: Path, key: Path, ca: Path, licence: str, as_json: bool) -> None:
    """Give a licence back to its vendor, from this container and its twins."""
    match = _KEY.fullmatch(licence)
    if match is None:
        fail(f"{licence!r} is no licence such as 600100:10#1.", ExitCode.USAGE)
    names = ("firm_code", "product_code", "tmr_id")
    named = dict(zip(names, map(int, match.groups()), strict=True))
    done = _transfer(Admin(admin, cert, key, ca), {"licence": named}, as_json)
    waiting = done.waiting_for
    _say_imported(done, f"{licence} is given back.")
    if waiting:
        say(f"{waiting} of its containers still hold it: run `tmr container update` there.")


def _transfer(upstream: Admin, body: dict[str, Any], as_json: bool) -> _Done:
    """What the upstream did; ends the verb here if the answer is wanted as JSON."""
    data = json.dumps(body).encode()
    answer = ask(upstream, "POST", "/v1/container/transfer", data, TRANSFER_WAIT_S)
    if as_json:
        print_json(read_answer(upstream, answer, dict[str, Any]))
        raise click.exceptions.Exit
    done = read_answer(upstream, answer, _Done)
    if done.detail:
        say(f"First of all, {done.detail}.")
    return done


def _say_imported(done: _Done, said: str) -> None:
    imported = ", ".join(f"update {sequence} of firm {code}" for code, sequence in done.imported)
    say(f"{said} Imported: {imported or 'nothing, for there is nothing new'}.".strip())
