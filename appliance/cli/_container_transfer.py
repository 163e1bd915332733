"""`tmr container update|return`: licences over the network.

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
from appliance.cli.output import end_of, fail, json_option, print_json, say
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
    orders_missing: int = 0
    due_at_s: int | None = None
    taken: bool = False


@click.command()
@operator
@json_option
def update(admin: str, cert: Path, key: Path, ca: Path, as_json: bool) -> None:
    """Fetch and import whatever the vendors issued to this container."""
    _say_imported(_transfer(Admin(admin, cert, key, ca), "transfer", {}, as_json), "")


@click.command("return")
@operator
@click.argument("licence", metavar="FIRM:PRODUCT#TMRID")
@click.option("--call-off", is_flag=True, help="Keep it after all.")
@json_option
def give_back(
    admin: str, cert: Path, key: Path, ca: Path, licence: str, call_off: bool, as_json: bool
) -> None:
    """Give a licence back to its vendor, from this container and its twins.

    Two of its three containers have to order it, within seven days. A day after the second order it
    is taken away; until then any of the three calls it off by --call-off. Then `tmr container
    update` on each of them takes it from there. Needs role administer.
    """
    match = _KEY.fullmatch(licence)
    if match is None:
        fail(f"{licence!r} is no licence such as 600100:10#1.", ExitCode.USAGE)
    names = ("firm_code", "product_code", "tmr_id")
    named = dict(zip(names, map(int, match.groups()), strict=True))
    body: dict[str, Any] = {"licence": named, **({"call_off": True} if call_off else {})}
    done = _transfer(Admin(admin, cert, key, ca), "return", body, as_json)
    if call_off:
        say(f"The return of {licence} is called off; it stays.")
    elif done.taken:
        _say_imported(done, f"{licence} is taken away.")
        if done.waiting_for:
            say(
                f"{done.waiting_for} of its containers have yet to confirm: run `tmr container"
                " update` there."
            )
    elif done.orders_missing:
        say(
            f"This container orders {licence} to be taken back. Nothing happens until"
            f" {done.orders_missing} more of its three orders it within seven days: run the same"
            " command there."
        )
    else:
        say(
            f"{licence} is taken away at {end_of(done.due_at_s)}; run `tmr container update` on all"
            " three then. Until that time --call-off on any of them keeps it."
        )


def _transfer(upstream: Admin, route: str, body: dict[str, Any], as_json: bool) -> _Done:
    """What the upstream did; ends the verb here if the answer is wanted as JSON."""
    data = json.dumps(body).encode()
    answer = ask(upstream, "POST", f"/v1/container/{route}", data, TRANSFER_WAIT_S)
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
