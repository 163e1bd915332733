"""`tmr central register|block|unblock|crl|blocks`: lost containers, on the vendors' side."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from appliance.cli._central import moment, print_done, refusals
from appliance.cli._pages import cut, page_options, row_number, show_page
from appliance.cli.output import counted, json_option
from appliance.services.central import LicenseCentral
from appliance.services.central.blocking import LIST_DAYS, BlockBook

_owner = click.option("--owner", default="", help="Whose container it is, as it is registered.")
_reason = click.option("--reason", required=True, help="Why: it is recorded, and shown.")


@click.command()
@click.argument("serial")
@_owner
@json_option
@click.pass_obj
def register(directory: Path, serial: str, owner: str, as_json: bool) -> None:
    """Note whose container this is, so that it can be blocked when it is lost."""
    with refusals():
        LicenseCentral(directory).register(serial, owner)
    said = f"Container {serial} is registered{f' for {owner}' if owner else ''}."
    print_done({"serial": serial, "owner": owner}, as_json, said)


@click.command()
@click.argument("serial")
@_owner
@_reason
@json_option
@click.pass_obj
def block(directory: Path, serial: str, owner: str, reason: str, as_json: bool) -> None:
    """Block a lost container: it goes onto the next list (`tmr central crl`)."""
    with refusals():
        LicenseCentral(directory).block(serial, owner, reason)
    said = f"Container {serial} is blocked; make the new list with `tmr central crl`."
    print_done({"serial": serial, "reason": reason}, as_json, said)


@click.command()
@click.argument("serial")
@_reason
@json_option
@click.pass_obj
def unblock(directory: Path, serial: str, reason: str, as_json: bool) -> None:
    """Take a container off the next list."""
    with refusals():
        LicenseCentral(directory).unblock(serial, reason)
    said = f"Container {serial} is blocked no more; make the new list with `tmr central crl`."
    print_done({"serial": serial, "reason": reason}, as_json, said)


@click.command()
@click.option("--days", default=LIST_DAYS, show_default=True, help="How long it is current.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it here too, for a time server on another machine.",
)
@click.option(
    "--if-due",
    is_flag=True,
    help="Keep the newest list while it names whoever is blocked and half its time is left.",
)
@json_option
@click.pass_obj
def crl(directory: Path, days: int, out: Path | None, if_due: bool, as_json: bool) -> None:
    """Make a new signed block list (X.509 CRL, DER) for the time servers to hand out."""
    from appliance.adapters.files import write_whole
    from appliance.codec.block_list import read_block_list

    with refusals():
        central = LicenseCentral(directory)
        path = out or central.blocks.list_path
        before = path.read_bytes() if path.is_file() else b""
        data = central.make_block_list(days, if_due=if_due)
        newest = read_block_list(data, central.root.certificate)
        if out is not None and data != before:
            write_whole(out, data)
    document = {
        "number": newest.number,
        "blocked": len(newest.blocked),
        "file": str(path),
        "current_until_s": newest.next_update_s,
        "written": data != before,
    }
    said = (
        f"Block list {newest.number} names {counted(len(newest.blocked), 'container')} and is"
        f" current until {moment(newest.next_update_s)}: {path}"
    )
    print_done(document, as_json, said)


@click.command()
@click.option("--log", is_flag=True, help="All that was done, instead of how things stand.")
@page_options
@json_option
@click.pass_obj
def blocks(directory: Path, log: bool, after: str, limit: int, as_json: bool) -> None:
    """List registered and blocked containers, or what was done to them (newest first)."""
    with refusals():
        book = LicenseCentral(directory).blocks
        if log:
            _show_log(book, row_number(after), limit, as_json)
            return
        page, following = cut(book.page(after, limit + 1), limit, lambda one: one.serial)
        heard = book.heard
    rows = [
        (
            one.serial,
            one.owner,
            moment(one.registered_at_s),
            one.blocked_for,
            moment(one.blocked_at_s),
            moment(heard.get(one.serial)),
        )
        for one in page
    ]
    columns = ("container", "owner", "registered", "blocked_for", "blocked", "heard")
    show_page(
        {"containers": [dict(zip(columns, row, strict=True)) for row in rows]},
        following,
        as_json=as_json,
        columns=("container", "owner", "registered", "blocked for", "since", "heard of"),
        rows=rows,
    )


def _show_log(book: BlockBook, before: int | None, limit: int, as_json: bool) -> None:
    page, following = cut(book.acts(before, limit + 1), limit, lambda one: str(one.number))
    rows = [
        (moment(one.at_ms // 1000), one.act, one.subject, msgspec.json.decode(one.detail)["why"])
        for one in page
    ]
    columns = ("when", "act", "container", "why")
    show_page(
        {"acts": [dict(zip(columns, row, strict=True)) for row in rows]},
        following,
        as_json=as_json,
        columns=columns,
        rows=rows,
    )
