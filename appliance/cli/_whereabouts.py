"""`tmr central whereabouts`: what holds containers' keys, on the vendors' side."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._central import moment, refusals
from appliance.cli._pages import cut, page_options, show_page
from appliance.cli.output import json_option
from appliance.services.central import LicenseCentral


@click.command()
@page_options
@json_option
@click.pass_obj
def whereabouts(directory: Path, after: str, limit: int, as_json: bool) -> None:
    """List what holds containers' keys, as they said at their last contact.

    "elsewhere" is when one was last held by another host, token or TPM than before: it was moved,
    or somebody runs a copy of it. Each change of sides counts.
    """
    with refusals():
        book = LicenseCentral(directory).whereabouts
        page, following = cut(book.page(after, limit + 1), limit, lambda one: one.serial)
    rows = [
        (
            one.serial,
            one.evidence.binding.value,
            moment(one.since_s),
            moment(one.elsewhere_at_s),
            one.moves,
            one.elsewhere,
        )
        for one in page
    ]
    columns = ("container", "held", "since", "elsewhere", "moves", "changed")
    show_page(
        {"containers": [dict(zip(columns, row, strict=True)) for row in rows]},
        following,
        as_json=as_json,
        columns=columns,
        rows=rows,
    )
