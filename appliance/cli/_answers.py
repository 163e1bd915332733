"""`tmr central answer` and `receipt`: what groups send and get by hand, the vendors' side."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._central import print_done, read_group_file, refusals
from appliance.cli.output import counted, json_option
from appliance.codec.group_files import read_group_answer
from appliance.services.central import CentralRefused, LicenseCentral
from appliance.services.central.groups import answer_by_hand, confirm_by_hand

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("request", type=_file)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Where to put the group answer file.",
)
@json_option
@click.pass_obj
def answer(directory: Path, request: Path, out: Path, as_json: bool) -> None:
    """Answer the group REQUEST that a customer made by `tmr request`.

    It shows a ticket, or asks for what was issued since. The same file once more gets the same
    answer, and issues nothing twice.
    """
    with refusals():
        made = answer_by_hand(LicenseCentral(directory), read_group_file(request))
        try:
            out.write_bytes(made)
        except OSError as error:
            raise CentralRefused(
                f"{out} cannot be written ({error.strerror}): repeat the command, which gives the"
                " same answer."
            ) from None
    found = read_group_answer(made)
    said = (
        f"Answer with {counted(len(found.updates), 'update')} written to {out}: the customer gives"
        " it to `tmr import`."
        if found.updates
        else f"Answer written to {out}: these containers have all that was issued to them."
    )
    more = " It is not all: the customer makes a new request after it." if found.more else ""
    document = {"file": str(out), "updates": len(found.updates), "more": found.more}
    print_done(document, as_json, said + more)


@click.command()
@click.argument("file", type=_file)
@json_option
@click.pass_obj
def receipt(directory: Path, file: Path, as_json: bool) -> None:
    """Take in the group receipt FILE that a customer made by `tmr import --receipt`."""
    with refusals():
        serials = confirm_by_hand(LicenseCentral(directory), read_group_file(file))
    said = f"Confirmed by {', '.join(serials)}."
    print_done({"confirmed": list(serials)}, as_json, said)
