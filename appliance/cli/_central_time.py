"""`tmr central timeserver-certificate`: a time server's key, certified by the licence root."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom

import click

from appliance.cli.output import fail, json_option, print_json, say

_DAYS = 5 * 365


@click.command("timeserver-certificate")
@click.option("--name", required=True, help="The time server's name, as certified.")
@click.option("--days", type=int, default=_DAYS, show_default=True, help="For how long it is.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Directory for its key, its certificate and the root's.",
)
@json_option
@click.pass_obj
def timeserver_certificate(directory: Path, name: str, days: int, out: Path, as_json: bool) -> None:
    """Make the key of a time server, and have the root certify it."""
    from appliance.services.central import CentralRefused, LicenseCentral
    from appliance.services.central.time_servers import make_time_server

    try:
        root = LicenseCentral(directory).root
        made = make_time_server(root, name, out, days, datetime.now(UTC), SystemRandom())
    except CentralRefused as refused:
        fail(refused.detail)
    except OSError as error:
        fail(f"{error.filename} cannot be used: {error.strerror}.")
    if as_json:
        print_json(
            {
                "key": str(made.key),
                "certificate": str(made.certificate),
                "root_certificate": str(made.root),
                "ends": made.ends.date().isoformat(),
            }
        )
    else:
        say(f"Time server {name} certified until {made.ends:%Y-%m-%d}: see {out}")
