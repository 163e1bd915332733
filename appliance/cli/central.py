"""`tmr central`: the vendors' side on the command line. Exit codes: 0 done, 1 refused, 2 usage."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from msgspec.structs import asdict

from appliance.cli import _answers, _blocks, _records, _reissue, _systems, _transfers, _whereabouts
from appliance.cli._central import (
    check_plausible,
    firm_option,
    order_option,
    out_option,
    print_done,
    print_updates,
    read_requests,
    refusals,
    requests_argument,
    said_end,
    yes_option,
)
from appliance.cli._central_time import timeserver_certificate
from appliance.cli._copies import copies
from appliance.cli._heads import heads
from appliance.cli._option_columns import options_column
from appliance.cli._options import chosen, licence_options
from appliance.cli._pages import cut, page_options, show_page
from appliance.cli.output import counted, end_of, fail, json_option
from appliance.cli.output import show as show_rows
from appliance.errors import ExitCode
from appliance.services.central import LicenseCentral, Product
from appliance.services.central.adding import More
from appliance.services.central.handout import Handout
from appliance.services.central.issued import Issue, IssuedItem
from appliance.services.central.records.licences import After

_NAMED: Final = re.compile(r"([0-9]{1,10}):([0-9]{1,10})#([0-9]{1,10})@([0-9-]{1,40})")


@click.group()
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("central"),
    envvar="TMR_CENTRAL",
    show_default=True,
    help="Where keys, certificates and records are kept.",
)
@click.pass_context
def central(context: click.Context, directory: Path) -> None:
    """License Central: make a root, firms and products, issue TMR licences."""
    context.obj = directory


for _verb in (
    _whereabouts.whereabouts,
    *(_blocks.register, _blocks.block, _blocks.unblock, _blocks.crl, _blocks.blocks),
    *(_reissue.reissue, _reissue.confirm),
    *(_transfers.serve, _transfers.ticket, _transfers.returns),
    *(_answers.answer, _answers.receipt),
    *(_systems.systems, _systems.subscribe),
    *(_records.audit, _records.backup, _records.restore, _records.migrate),
):
    central.add_command(_verb)


@central.command()
@click.option("--name", default="TMR licence root", show_default=True, help="The root's name.")
@_records.database_option
@json_option
@click.pass_obj
def init(directory: Path, name: str, database: str, as_json: bool) -> None:
    """Make the root authority, and the records of all that it and firms will do."""
    with refusals():
        made = LicenseCentral.create(directory, name, database=database)
        path = made.root.certificate_path
    print_done({"root_certificate": str(path)}, as_json, f"Root made; hosts and clients pin {path}")


@central.group()
def firm() -> None:
    """Firms: firm code, name and signing key."""


@firm.command("add")
@click.option("--code", type=int, required=True, help="Firm code.")
@click.option("--name", required=True, help="Firm name, as certified.")
@json_option
@click.pass_obj
def firm_add(directory: Path, code: int, name: str, as_json: bool) -> None:
    """Make a firm with a key of its own, certified by the root."""
    with refusals():
        LicenseCentral(directory).add_firm(code, name)
    print_done({"firm_code": code, "firm_name": name}, as_json, f"Firm {code} ({name}) made.")


@firm.command("wait")
@firm_option
@click.option("--days", type=int, required=True, help="How many; 0 to issue anew at once.")
@json_option
@click.pass_obj
def firm_wait(directory: Path, firm_code: int, days: int, as_json: bool) -> None:
    """Set how long a lost group waits before its licences are issued anew (`reissue --group`)."""
    with refusals():
        LicenseCentral(directory).firm(firm_code).set_wait_days(days)
    said = f"Lost groups of firm {firm_code} wait {counted(days, 'day')}."
    print_done({"firm_code": firm_code, "wait_days": days}, as_json, said)


@central.group()
def product() -> None:
    """Products of a firm, with the options their licences have by default."""


@product.command("add")
@firm_option
@click.option("--code", type=int, required=True, help="Product code.")
@licence_options
@json_option
@click.pass_obj
def product_add(
    directory: Path, /, firm_code: int, code: int, as_json: bool, **options: Any
) -> None:
    """Add a product to a firm."""
    with refusals():
        bare = Product(product_code=code)
        made = msgspec.structs.replace(bare, **chosen(options).values)
        LicenseCentral(directory).add_product(firm_code, made)
    seats = (
        counted(made.quantity, "seat") if made.quantity else "no seat, which nobody can check out"
    )
    said = f"Product {firm_code}:{code} made: {seats}. {said_end(made.expires_at_s)}"
    print_done({"firm_code": firm_code, "product_code": code}, as_json, said)


@product.command("list")
@json_option
@click.pass_obj
def product_list(directory: Path, as_json: bool) -> None:
    """List firms and products, with the options that their licences have by default."""
    with refusals():
        firms = LicenseCentral(directory).firms()
    products = [(one, made) for one in firms for made in one.products]
    head, cells = options_column(made for _, made in products)
    show_rows(
        {
            "firms": [
                {
                    "firm_code": one.firm_code,
                    "firm_name": one.firm_name,
                    "wait_days": one.wait_days,
                }
                for one in firms
            ],
            "products": [
                {"firm_code": one.firm_code, "firm_name": one.firm_name, **asdict(made)}
                for one, made in products
            ],
        },
        as_json=as_json,
        columns=("product", "firm", "text", "quantity", "units", "expires", *head),
        rows=[
            (
                f"{one.firm_code}:{made.product_code}",
                one.firm_name,
                made.text,
                made.quantity,
                made.units,
                end_of(made.expires_at_s),
                *cell,
            )
            for (one, made), cell in zip(products, cells, strict=True)
        ]
        or [(f"{one.firm_code}:", one.firm_name, "no product yet", "", "", "") for one in firms],
    )


@central.command()
@firm_option
@click.option("--product", "product_code", type=int, required=True, help="Product code.")
@order_option
@licence_options
@out_option
@yes_option
@json_option
@requests_argument()
@click.pass_obj
def issue(
    directory: Path,
    /,
    firm_code: int,
    product_code: int,
    order: str,
    requests: tuple[Path, ...],
    out: Path,
    yes: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Issue a TMR licence to the three containers that made these REQUESTS."""
    with refusals(), Handout(out) as handout:
        files = read_requests(requests)
        central = LicenseCentral(directory, keep=handout.stage)
        wanted = chosen(options)
        check_plausible(central.would_issue(firm_code, product_code, wanted), yes)
        issued = central.issue(firm_code, product_code, files, wanted, order=order)
        paths = handout.publish()
    _print_issue(issued, paths, as_json)


@central.command()
@firm_option
@click.option("--tmr-id", type=int, required=True, help="Which licence of the firm.")
@click.option("--serial", "serials", multiple=True, help="Only this container (repeatable).")
@licence_options
@out_option
@yes_option
@json_option
@click.pass_obj
def change(
    directory: Path,
    /,
    firm_code: int,
    tmr_id: int,
    serials: tuple[str, ...],
    out: Path,
    yes: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Issue a licence again with other options."""
    with refusals(), Handout(out) as handout:
        central = LicenseCentral(directory, keep=handout.stage)
        wanted = chosen(options)
        check_plausible(central.would_change(firm_code, tmr_id, wanted, serials), yes)
        issued = central.change(firm_code, tmr_id, wanted, serials)
        paths = handout.publish()
    _print_issue(issued, paths, as_json)


@central.command()
@firm_option
@click.option("--tmr-id", type=int, required=True, help="Which licence of the firm.")
@click.option(
    "--order",
    required=True,
    metavar="NAME",
    help="Which order it is: each adds once to a licence, so the command may be repeated.",
)
@click.option("--seats", type=int, default=0, help="So many seats more.")
@click.option("--units", type=int, default=0, help="So many units more.")
@click.option(
    "--days", type=int, default=0, help="So many days more, from its end, or from now if it ended."
)
@out_option
@json_option
@click.pass_obj
def add(
    directory: Path,
    firm_code: int,
    tmr_id: int,
    order: str,
    seats: int,
    units: int,
    days: int,
    out: Path,
    as_json: bool,
) -> None:
    """Add seats, units or days to a licence that was sold (`change` says what it is to be)."""
    with refusals(), Handout(out) as handout:
        central = LicenseCentral(directory, keep=handout.stage)
        issued = central.add(firm_code, tmr_id, More(seats, units, days), order)
        paths = handout.publish()
    _print_issue(issued, paths, as_json)


def _print_issue(issued: Issue, paths: list[Path], as_json: bool) -> None:
    key = f"{issued.firm_code}:{issued.product_code}#{issued.tmr_id}"
    said = said_end(issued.expires_at_s)
    print_updates(key, issued.tmr_id, issued.updates, paths, as_json, said)


@central.command("updates")
@firm_option
@click.option("--serial", help="Once more every update that this container was ever issued.")
@out_option
@json_option
@requests_argument(required=False)
@click.pass_obj
def updates_again(
    directory: Path,
    firm_code: int,
    serial: str | None,
    out: Path,
    as_json: bool,
    requests: tuple[Path, ...],
) -> None:
    """Hand out what containers lack, or once more all that one was issued.

    Each REQUEST (`tmr container request --firm … --update`) says which update its container
    holds: one file brings it from there to the newest, however many were issued since.
    """
    if (serial is None) != bool(requests):
        raise click.UsageError("Name either the containers' requests or the --serial of one.")
    with refusals(), Handout(out) as handout:
        central = LicenseCentral(directory)
        if serial is None:
            files = read_requests(requests)
            updates = central.updates_since(firm_code, files)
        else:
            updates = central.updates(firm_code, serial)
        handout.stage(updates)
        paths = handout.publish()
    said = "" if updates else "These containers have all that was issued to them."
    print_updates(f"firm {firm_code}", 0, updates, paths, as_json, said)


@central.command()
@page_options
@json_option
@click.pass_obj
def show(directory: Path, after: str, limit: int, as_json: bool) -> None:
    """List the licences that were issued, page by page. For what can be issued see `product list`.

    They come by firms and TMR-IDs, one line for each container that holds one.
    """
    with refusals():
        central = LicenseCentral(directory)
        issued, following = cut(central.licences(_after(after), limit + 1), limit, _name_of)
        names = {one.firm_code: one.firm_name for one in central.firms()}
    head, cells = options_column(one.item for one in issued)
    show_page(
        {
            "licences": [
                {
                    "firm_code": one.firm_code,
                    "firm_name": names[one.firm_code],
                    "serial": one.container.serial,
                    "cmact_id": one.container.cmact_id,
                    "twin": one.container.twin,
                    **asdict(one.item),
                }
                for one in issued
            ]
        },
        following,
        as_json=as_json,
        columns=("licence", "container", "twin", "quantity", "units", "expires", *head),
        rows=[
            (
                f"{one.firm_code}:{one.item.product_code}#{one.item.tmr_id}",
                one.container.serial,
                one.container.twin,
                one.item.quantity,
                one.item.units,
                end_of(one.item.expires_at_s),
                *cell,
            )
            for one, cell in zip(issued, cells, strict=True)
        ],
    )


def _name_of(one: IssuedItem) -> str:
    return f"{one.firm_code}:{one.item.product_code}#{one.item.tmr_id}@{one.container.serial}"


def _after(named: str) -> After | None:
    if not named:
        return None
    found = _NAMED.fullmatch(named)
    if found is None:
        fail("--after is what the page before named: FIRM:PRODUCT#TMR-ID@SERIAL.", ExitCode.USAGE)
    firm_code, product_code, tmr_id = (int(one) for one in found.groups()[:3])
    return After(firm_code, tmr_id, product_code, found[4])


central.add_command(copies)
central.add_command(heads)
central.add_command(timeserver_certificate)
