"""`tmr accept-loss`: an operator takes note that the ledger was put back."""

from __future__ import annotations

import click

from appliance.cli._connection import EXIT_CODES, Asked, connection_options, perform, why_option
from appliance.cli.output import json_option, print_json, say


@click.command("accept-loss", epilog=EXIT_CODES)
@connection_options
@why_option
@json_option
def accept_loss(asked: Asked, why: str, as_json: bool) -> None:
    """Take note that committed entries are lost, and why; needs role operate.

    The problem `ledger-rolled-back` ends. Unit counters go on resting until the vendor confirms
    them, and the act stays in the ledger, with the proof of what was lost.
    """
    done = perform(
        asked.connect(),
        lambda client: client.accept_loss(why),
        unknown="do it again, which is safe",
    )
    if as_json:
        print_json(done)
    else:
        say(f"The loss is known now, by entry {done.index}.")
