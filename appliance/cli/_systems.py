"""`tmr central systems` and `subscribe`: installed TMR systems, on the vendors' side."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from appliance.cli._central import moment, print_done, refusals
from appliance.cli._options import begin_time, end_time
from appliance.cli._pages import cut, page_options, show_page
from appliance.cli.output import end_of, json_option
from appliance.services.central import LicenseCentral
from appliance.services.central.systems import ENDS, Installed


@click.command()
@page_options
@json_option
@click.pass_obj
def systems(directory: Path, after: str, limit: int, as_json: bool) -> None:
    """List the installed TMR systems: serial, containers, releases, firms, subscription.

    What they say of themselves is of their last request, over the network or by file. A system that
    names two virtual serials has a container that works elsewhere, too.
    """
    now_s = int(datetime.now(UTC).timestamp())
    with refusals():
        book = LicenseCentral(directory).systems
        page, following = cut(book.page(after, limit + 1), limit, lambda one: one.cmact_id)
    show_page(
        {"systems": [_document(one, now_s) for one in page]},
        following,
        as_json=as_json,
        columns=("group", "system", "hosts", "release", "firms", "heard", "subscription"),
        rows=[
            (
                one.cmact_id,
                " and ".join(one.virtual_serials),
                ", ".join(one.hosts),
                ", ".join(one.releases),
                ", ".join(map(str, one.firms)),
                moment(one.seen_at_s),
                _said(one, now_s),
            )
            for one in page
        ],
    )


def _document(one: Installed, now_s: int) -> dict[str, Any]:
    return {
        "cmact_id": one.cmact_id,
        "virtual_serials": list(one.virtual_serials),
        "containers": [
            {"serial": serial, "host": host}
            for serial, host in zip(one.serials, one.hosts, strict=True)
        ],
        "releases": list(one.releases),
        "firms": list(one.firms),
        "seen_at_s": one.seen_at_s,
        "subscription": {
            "state": one.subscription(now_s),
            "from_s": one.from_s,
            "until_s": one.until_s,
        },
    }


def _said(one: Installed, now_s: int) -> str:
    state = one.subscription(now_s)
    if one.until_s is None:
        return state
    days = one.days_left(now_s)
    return (
        f"in {days} days: {end_of(one.until_s)}"
        if state == ENDS
        else (f"{state}: {end_of(one.until_s)}")
    )


@click.command()
@click.argument("group", metavar="CMACTID")
@click.option("--from", "begins", required=True, metavar="DATE", help="Its first day.")
@click.option("--until", "ends", required=True, metavar="DATE", help="Its last day.")
@json_option
@click.pass_obj
def subscribe(directory: Path, group: str, begins: str, ends: str, as_json: bool) -> None:
    """Note from when until when a system is subscribed. It stops nothing in the plant."""
    from_s, until_s = begin_time(begins), end_time(ends)
    if not isinstance(from_s, int) or not isinstance(until_s, int):
        raise click.UsageError("A subscription has a first and a last day.")
    with refusals():
        LicenseCentral(directory).systems.subscribe(group, from_s, until_s)
    said = f"System {group} is subscribed until {end_of(until_s)}."
    print_done({"cmact_id": group, "from_s": from_s, "until_s": until_s}, as_json, said)
