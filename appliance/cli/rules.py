"""`tmr rules`: which rules are in force, who knows newer ones, and raising them (docs/rules.md)."""

from __future__ import annotations

import click

from appliance.cli._connection import EXIT_CODES, Asked, connection_options, perform, why_option
from appliance.cli.output import json_option, print_json, print_table, say


@click.group(epilog=EXIT_CODES)
def rules() -> None:
    """Which rules are in force, and raising them after an upgrade."""


@rules.command(epilog=EXIT_CODES)
@connection_options
@json_option
def status(asked: Asked, as_json: bool) -> None:
    """Show which rules are in force and which each host knows."""
    document = perform(asked.connect(), lambda client: client.rules())
    if as_json:
        print_json(document)
        return
    rows = [
        (host.name, host.role, host.release or "?", str(host.supports), str(document.in_force))
        for host in document.hosts
    ]
    print_table(("host", "role", "release", "supports", "in force"), rows)
    if document.common > document.in_force:
        say(f"All hosts know rules {document.common}: `tmr rules raise` puts them in force.")
    elif document.waits_for:
        say(f"Newer rules wait for {' and '.join(document.waits_for)}: upgrade them.")


@rules.command("raise", epilog=EXIT_CODES)
@connection_options
@click.option(
    "--to",
    "version",
    type=click.IntRange(1),
    default=None,
    metavar="N",
    help="Which rules; else the newest that all hosts know.",
)
@why_option
@json_option
def raise_rules(asked: Asked, version: int | None, why: str, as_json: bool) -> None:
    """Put newer rules in force, once all hosts know them; needs role administer.

    There is no way back: afterwards no host can run an older release.
    """
    done = perform(
        asked.connect(),
        lambda client: client.raise_rules(why, version or 0),
        unknown="do it again, which is safe",
    )
    if as_json:
        print_json(done)
    else:
        say(f"{done.detail[:1].upper()}{done.detail[1:]}.")
