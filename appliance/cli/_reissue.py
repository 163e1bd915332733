"""`tmr central reissue|confirm`: lost containers and ledgers, on the vendors' side.

After the loss of all three (docs/backup.md), and of one (docs/replacing.md).
"""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._central import (
    firm_option,
    order_option,
    out_option,
    print_updates,
    read_bounded,
    read_requests,
    refusals,
    requests_argument,
)
from appliance.cli.output import json_option
from appliance.services.central import LicenseCentral
from appliance.services.central.handout import Handout

_ledger = click.option(
    "--ledger",
    "ledger_id",
    required=True,
    metavar="ID",
    help="The restored ledger, in which the unit counters are right.",
)


@click.command()
@firm_option
@click.option("--for", "lost", metavar="SERIAL", help="Which one container is lost.")
@click.option("--group", "cmact_id", metavar="CMACT", help="Which group is lost, all of it.")
@click.option(
    "--ledger",
    "ledger_id",
    metavar="ID",
    help="With --group: the restored ledger, in which the unit counters are right. Without it they"
    " have a new ledger, which was never restored.",
)
@click.option(
    "--though-heard",
    is_flag=True,
    help="With --group: though a lost container asked for something while the firm waited.",
)
@order_option
@out_option
@json_option
@requests_argument()
@click.pass_obj
def reissue(
    directory: Path,
    firm_code: int,
    lost: str | None,
    cmact_id: str | None,
    ledger_id: str | None,
    though_heard: bool,
    order: str,
    out: Path,
    as_json: bool,
    requests: tuple[Path, ...],
) -> None:
    """Issue all that lost containers held to the new ones that made these REQUESTS.

    Under the same TMR-IDs, so that unit counters go on from where they were; the lost containers
    have to be blocked. With --for one new container becomes the twin that the lost one was, for
    good, in the ledger that lives. With --group three new ones take the place of all three, in a
    restored ledger (--ledger) or a new one, once the firm waited for as long as `tmr central firm
    wait` says; to change a counter first, use `tmr central change`.
    """
    if lost is not None:
        if cmact_id is not None or ledger_id is not None or though_heard or len(requests) != 1:
            raise click.UsageError("--for goes with the request of one container, and no --group.")
        with refusals(), Handout(out) as handout:
            central = LicenseCentral(directory, keep=handout.stage)
            updates = central.reissue_for(firm_code, lost, read_bounded(requests[0]), order=order)
            paths = handout.publish()
    elif cmact_id is None:
        raise click.UsageError("Say which container is lost (--for), or which --group.")
    else:
        with refusals(), Handout(out) as handout:
            central = LicenseCentral(directory, keep=handout.stage)
            files = read_requests(requests)
            updates = central.reissue(
                firm_code,
                cmact_id,
                files,
                ledger_id or "",
                order=order,
                though_heard=though_heard,
            )
            paths = handout.publish()
    print_updates(f"firm {firm_code}", 0, updates, paths, as_json)


@click.command()
@firm_option
@click.option("--group", "cmact_id", required=True, metavar="CMACT", help="Which group it is.")
@_ledger
@out_option
@json_option
@click.pass_obj
def confirm(
    directory: Path, firm_code: int, cmact_id: str, ledger_id: str, out: Path, as_json: bool
) -> None:
    """Confirm the unit counters of a group whose ledger was restored, while its containers live."""
    with refusals(), Handout(out) as handout:
        central = LicenseCentral(directory, keep=handout.stage)
        updates = central.confirm_units(firm_code, cmact_id, ledger_id)
        paths = handout.publish()
    print_updates(f"firm {firm_code}", 0, updates, paths, as_json)
