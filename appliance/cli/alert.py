"""`tmr alert`: one look at the system, and word to whoever has to know.

A timer on the TMR hosts runs it (roles/monitoring). Exit codes: 0 done, whatever was found; 1 the
webhook did not take it, or the settings cannot be used.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click

from appliance.adapters.log_text import PlainFormatter
from appliance.errors import UserError


@click.command(epilog="Exit codes: 0 done, whatever was found; 1 it could not be told.")
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Whom to tell, and how often: a TOML file.",
)
@click.option(
    "--check", is_flag=True, help="Only say whether the settings can be used; tell nobody."
)
def alert(config: Path, check: bool) -> None:
    """Examine the system once, and tell what is new, lasting or over."""
    from appliance.watch.alerting import load, look, one_pass

    settings = load(config)
    if check:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainFormatter("%(message)s"))
    logging.basicConfig(level="WARNING", handlers=[handler])
    failures = one_pass(settings, look(settings))
    if failures:
        raise UserError(failures[0])
