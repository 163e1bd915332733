"""`tmr central reissue|confirm`: after a total loss, on the vendors' side (docs/backup.md)."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._central import hand_out, print_updates, read_bounded, refusals
from appliance.cli.output import json_option
from appliance.services.central import LicenseCentral

_firm = click.option("--firm", "firm_code", type=int, required=True, help="Firm code.")
_ledger = click.option(
    "--ledger",
    "ledger_id",
    required=True,
    metavar="ID",
    help="The restored ledger, in which the unit counters are right.",
)
_out = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Directory for the update files.",
)


@click.command()
@_firm
@click.option("--group", "cmact_id", required=True, metavar="CMACT", help="Which group is lost.")
@_ledger
@_out
@json_option
@click.argument(
    "requests",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.pass_obj
def reissue(
    directory: Path,
    firm_code: int,
    cmact_id: str,
    ledger_id: str,
    out: Path,
    as_json: bool,
    requests: tuple[Path, ...],
) -> None:
    """Issue all that a lost group held to the three containers that made these REQUESTS.

    Under the same TMR-IDs, so that unit counters go on from where they were; the lost containers
    have to be blocked. To change a counter first, use `tmr central change`.
    """
    with refusals():
        files = [read_bounded(path) for path in requests]
        updates = LicenseCentral(directory).reissue(firm_code, cmact_id, files, ledger_id)
        paths = hand_out(updates, out)
    print_updates(f"firm {firm_code}", 0, updates, paths, as_json)


@click.command()
@_firm
@click.option("--group", "cmact_id", required=True, metavar="CMACT", help="Which group it is.")
@_ledger
@_out
@json_option
@click.pass_obj
def confirm(
    directory: Path, firm_code: int, cmact_id: str, ledger_id: str, out: Path, as_json: bool
) -> None:
    """Confirm the unit counters of a group whose ledger was restored, while its containers live."""
    with refusals():
        updates = LicenseCentral(directory).confirm_units(firm_code, cmact_id, ledger_id)
        paths = hand_out(updates, out)
    print_updates(f"firm {firm_code}", 0, updates, paths, as_json)
