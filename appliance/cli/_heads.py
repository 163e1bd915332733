"""`tmr central heads`, and the same of a time server: ledgers that went back, or were restored."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from appliance.cli._copies import contact_row, records_in
from appliance.cli.output import end_of, json_option, say
from appliance.cli.output import show as show_rows
from appliance.services.contacts import CONTACTS, ContactBook
from appliance.services.ledger_heads import (
    ANOTHER,
    LOSS_NOTED,
    RESTORED,
    TWO_LEDGERS,
    WENT_BACK,
    Turned,
)

_WHAT: Final = {
    WENT_BACK: "went back: committed entries are gone",
    LOSS_NOTED: "went back, as the ledger itself proves",
    RESTORED: "restored by an operator",
    ANOTHER: "another ledger, founded from nothing",
    TWO_LEDGERS: "two ledgers, and both live on",
}


@click.command()
@json_option
@click.pass_obj
def heads(directory: Path, as_json: bool) -> None:
    """List containers whose ledger went back, or is another one than before.

    Each contact of a container says how far its ledger is proven to be committed. Shown are the two
    contacts that contradict each other, both signed by the container, and for a restore the
    operator's reason. Nothing is refused by it: ask the owner, and confirm unit counters or block
    the container accordingly.
    """
    print_heads(directory / CONTACTS, as_json)


def print_heads(path: Path, as_json: bool) -> None:
    """What is found in this file of contacts. Raises UserError."""
    found = records_in(path, ContactBook.heads)
    rows = [_row(serial, one) for serial, record in found.items() for one in record.heads.found]
    show_rows(
        {"heads": rows},
        as_json=as_json,
        columns=("container", "what", "found", "before", "then", "reason"),
        rows=[
            (
                row["serial"],
                _WHAT[row["what"]],
                end_of(row["found_at_s"]),
                _said(row["one"]),
                _said(row["other"]),
                row["other"]["why"],
            )
            for row in rows
        ],
    )
    if not rows and not as_json:
        say("No container's ledger went back, or is another one than before.")


def _row(serial: str, one: Turned) -> dict[str, Any]:
    return {
        "serial": serial,
        "what": one.what,
        "times": one.times,
        "found_at_s": one.at_s,
        "one": contact_row(one.one),
        "other": contact_row(one.other),
    }


def _said(contact: dict[str, Any]) -> str:
    origin = f", from {contact['origin'][:8]} at {contact['origin_index']}"
    ledger = f"{contact['ledger_id'][:8]} at {contact['index']}, term {contact['term']}"
    return ledger + (origin if contact["origin"] else "")
