"""`tmr central`: the vendors' side on the command line. Exit codes: 0 done, 1 refused, 2 usage."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.cli import _blocks, _transfers
from appliance.cli._central import chosen, licence_options, print_done, refusals
from appliance.cli._central_time import timeserver_certificate
from appliance.cli.output import json_option, print_json, print_table
from appliance.cli.output import show as show_rows
from appliance.services.central import LicenseCentral, Product

if TYPE_CHECKING:
    from appliance.services.central.firms import IssuedUpdate

_firm_option = click.option("--firm", "firm_code", type=int, required=True, help="Firm code.")
_out_option = click.option(
    "--out",
    "out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Directory for the update files.",
)


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
    *(_blocks.register, _blocks.block, _blocks.unblock, _blocks.crl, _blocks.blocks),
    *(_transfers.serve, _transfers.ticket, _transfers.returns),
):
    central.add_command(_verb)


@central.command()
@click.option("--name", default="TMR licence root", show_default=True, help="The root's name.")
@json_option
@click.pass_obj
def init(directory: Path, name: str, as_json: bool) -> None:
    """Make the root authority."""
    with refusals():
        path = LicenseCentral.create(directory, name).root.certificate_path
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


@central.group()
def product() -> None:
    """Products of a firm, with the options their licences have by default."""


@product.command("add")
@_firm_option
@click.option("--code", type=int, required=True, help="Product code.")
@licence_options
@json_option
@click.pass_obj
def product_add(
    directory: Path, /, firm_code: int, code: int, as_json: bool, **options: Any
) -> None:
    """Add a product to a firm."""
    with refusals():
        options_chosen = chosen(options).chosen()
        LicenseCentral(directory).add_product(
            firm_code,
            Product(product_code=code, **options_chosen),  # type: ignore[arg-type]
        )
    print_done(
        {"firm_code": firm_code, "product_code": code}, as_json, f"Product {firm_code}:{code} made."
    )


@central.command()
@_firm_option
@click.option("--product", "product_code", type=int, required=True, help="Product code.")
@licence_options
@_out_option
@json_option
@click.argument(
    "requests",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.pass_obj
def issue(
    directory: Path,
    /,
    firm_code: int,
    product_code: int,
    requests: tuple[Path, ...],
    out: Path,
    as_json: bool,
    **options: Any,
) -> None:
    """Issue a TMR licence to the three containers that made these REQUESTS."""
    with refusals():
        files = [_read_bounded(path) for path in requests]
        issued = LicenseCentral(directory).issue(firm_code, product_code, files, chosen(options))
        paths = _hand_out(issued.updates, out)
    key = f"{firm_code}:{product_code}#{issued.tmr_id}"
    _print_updates(key, issued.tmr_id, issued.updates, paths, as_json)


@central.command()
@_firm_option
@click.option("--tmr-id", type=int, required=True, help="Which licence of the firm.")
@click.option("--serial", "serials", multiple=True, help="Only this container (repeatable).")
@licence_options
@_out_option
@json_option
@click.pass_obj
def change(
    directory: Path,
    /,
    firm_code: int,
    tmr_id: int,
    serials: tuple[str, ...],
    out: Path,
    as_json: bool,
    **options: Any,
) -> None:
    """Issue a licence again with other options."""
    with refusals():
        issued = LicenseCentral(directory).change(firm_code, tmr_id, chosen(options), serials)
        paths = _hand_out(issued.updates, out)
    key = f"{firm_code}:{issued.product_code}#{tmr_id}"
    _print_updates(key, tmr_id, issued.updates, paths, as_json)


@central.command("updates")
@_firm_option
@click.option("--serial", required=True, help="The container.")
@_out_option
@json_option
@click.pass_obj
def updates_again(directory: Path, firm_code: int, serial: str, out: Path, as_json: bool) -> None:
    """Hand out once more all updates that a container was ever issued."""
    with refusals():
        updates = LicenseCentral(directory).updates(firm_code, serial)
        paths = _hand_out(updates, out)
    _print_updates(f"firm {firm_code}", 0, updates, paths, as_json)


@central.command()
@json_option
@click.pass_obj
def show(directory: Path, as_json: bool) -> None:
    """List firms and the licences they issued."""
    with refusals():
        licences = [
            {
                "firm_code": one.firm_code,
                "firm_name": one.firm_name,
                "product_code": item.product_code,
                "tmr_id": item.tmr_id,
                "serial": held.container.serial,
                "cmact_id": held.container.cmact_id,
                "twin": held.container.twin,
                "quantity": item.quantity,
                "units": item.units,
                "expires_at_s": item.expires_at_s,
            }
            for one in LicenseCentral(directory).firms()
            for held in one.containers
            for item in held.items
        ]
    show_rows(
        {"licences": licences},
        as_json=as_json,
        columns=("licence", "container", "twin", "quantity", "units", "expires"),
        rows=[
            (
                f"{row['firm_code']}:{row['product_code']}#{row['tmr_id']}",
                row["serial"],
                row["twin"],
                row["quantity"],
                row["units"],
                _day(row["expires_at_s"]),
            )
            for row in licences
        ],
    )


def _day(expires_at_s: Any) -> str:
    if expires_at_s is None:
        return "never"
    return datetime.fromtimestamp(expires_at_s, UTC).isoformat(sep=" ", timespec="minutes")


def _read_bounded(path: Path) -> bytes:
    """The request file, or just enough of it to be refused as too long."""
    from appliance.codec.signed_files import FILE_BYTES_MAX

    with path.open("rb") as file:
        return file.read(FILE_BYTES_MAX + 1)


def _hand_out(updates: tuple[IssuedUpdate, ...], out: Path) -> list[Path]:
    from appliance.adapters.files import write_whole

    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for update in updates:
        paths.append(out / update.file_name)
        write_whole(paths[-1], update.data)
    return paths


def _print_updates(
    what: str, tmr_id: int, updates: tuple[IssuedUpdate, ...], paths: list[Path], as_json: bool
) -> None:
    rows = [
        (update.serial, update.sequence, str(path))
        for update, path in zip(updates, paths, strict=True)
    ]
    if as_json:
        files = [{"serial": row[0], "sequence": row[1], "file": row[2]} for row in rows]
        print_json({"tmr_id": tmr_id, "updates": files})
        return
    title = f"{what}: each file goes to the container it is named after"
    print_table(("container", "update", "file"), rows, title=title)


central.add_command(timeserver_certificate)
