"""`tmr central copies`, and the same of a time server: containers that were copied, or put back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from appliance.cli.output import end_of, json_option, say
from appliance.cli.output import show as show_rows
from appliance.codec.contacts import read_contact
from appliance.errors import UserError
from appliance.services.contacts import CONTACTS, COPIED, ContactBook, Record


@click.command()
@json_option
@click.pass_obj
def copies(directory: Path, as_json: bool) -> None:
    """List containers of which two branches made contact: copies, and such as were put back.

    A container that was put back once, by a restore, is there with one contact that follows on an
    old one. Of a copy both branches come again. Both contacts are signed by the container; ask its
    owner, and block it (`tmr central block`) if the answer does not do.
    """
    print_copies(directory / CONTACTS, as_json)


def print_copies(path: Path, as_json: bool) -> None:
    """What is found in this file of contacts. Raises UserError."""
    found = records_in(path, ContactBook.found)
    rows = [_row(serial, record) for serial, record in found.items()]
    show_rows(
        {"copies": rows},
        as_json=as_json,
        columns=("container", "what", "found", "one says", "the other says"),
        rows=[
            (
                row["serial"],
                "copied: both go on" if row["what"] == COPIED else "put back, or copied",
                end_of(row["found_at_s"]),
                _said(row["one"]),
                _said(row["other"]),
            )
            for row in rows
        ],
    )
    if not rows and not as_json:
        say("No container made contact in two branches.")


def records_in(path: Path, found: Callable[[ContactBook], dict[str, Record]]) -> dict[str, Record]:
    """What is found in this file of contacts, nothing if there is none. Raises UserError."""
    try:
        return found(ContactBook(path)) if path.exists() else {}
    except OSError as error:
        raise UserError(f"{error}.") from None


def _row(serial: str, record: Record) -> dict[str, Any]:
    finding = record.finding
    assert finding is not None
    return {
        "serial": serial,
        "what": finding.what,
        "found_at_s": finding.at_s,
        "one": contact_row(finding.ours),
        "other": contact_row(finding.other),
    }


def contact_row(text: str) -> dict[str, Any]:
    """What this signed contact says, and the contact itself."""
    contact = read_contact(text)
    ledger = msgspec.structs.asdict(contact.ledger)
    return {
        "number": contact.number,
        **ledger,
        "root": contact.ledger.root.hex(),
        "created_at_s": contact.created_at_s,
        "signed": text,
    }


def _said(contact: dict[str, Any]) -> str:
    ledger = contact["ledger_id"][:8] or "no ledger"
    lost = ", entries lost" if contact["loss"] else ""
    return f"contact {contact['number']}, ledger {ledger} at {contact['index']}{lost}"
