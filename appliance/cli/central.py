"""`tmr central`: the vendors' side on the command line. Exit codes: 0 done, 1 refused, 2 usage."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.cli import _blocks
from appliance.cli._central import print_done, refusals
from appliance.cli._central_time import timeserver_certificate
from appliance.cli.output import json_option, print_json, print_table
from appliance.cli.output import show as show_rows
from appliance.services.central import LicenseCentral, Options, Product

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


_NOT_ANY = "none"


def _instant(text: str) -> int | str:
    """Unix seconds of a date or time (UTC unless it says otherwise); "never" is _NOT_ANY."""
    if text == "never":
        return _NOT_ANY
    if text.isascii() and text.isdecimal():
        return int(text)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no time: write a date such as 2030-12-31, Unix seconds or never."
        ) from None
    return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp())


def _units(text: str) -> int | str:
    """A number of units, or _NOT_ANY."""
    try:
        return _NOT_ANY if text == _NOT_ANY else int(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no number: write a number or none.") from None


def _licence_options(command: Any) -> Any:
    """The product item options; those that are not given are None."""
    options = (
        click.option("--text", help="What people read."),
        click.option("--quantity", type=int, help="Licence quantity (seats)."),
        click.option(
            "--expires", "expires_at_s", type=_instant, metavar="TIME", help="A date, or never."
        ),
        click.option("--units", type=_units, metavar="UNITS", help="Unit counter, or none."),
        click.option("--feature-map", type=int, help="Feature map."),
        click.option("--lease-ttl-s", type=int, help="How long a lease outlives silence."),
        click.option("--receipt-valid-s", type=int, help="How long a receipt holds."),
        click.option(
            "--certified-age-max-s",
            type=_units,
            metavar="SECONDS",
            help="How old the certified time may get before the licence rests, or none.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _chosen(options: dict[str, Any]) -> Options:
    """The options that were given."""
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    for name in ("expires_at_s", "units", "certified_age_max_s"):
        if given.get(name) == _NOT_ANY:
            given[name] = None
    return Options(**given)


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


for _verb in (_blocks.register, _blocks.block, _blocks.unblock, _blocks.crl, _blocks.blocks):
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
@_licence_options
@json_option
@click.pass_obj
def product_add(
    directory: Path, /, firm_code: int, code: int, as_json: bool, **options: Any
) -> None:
    """Add a product to a firm."""
    with refusals():
        chosen = _chosen(options).chosen()
        LicenseCentral(directory).add_product(
            firm_code,
            Product(product_code=code, **chosen),  # type: ignore[arg-type]
        )
    print_done(
        {"firm_code": firm_code, "product_code": code}, as_json, f"Product {firm_code}:{code} made."
    )


@central.command()
@_firm_option
@click.option("--product", "product_code", type=int, required=True, help="Product code.")
@_licence_options
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
        issued = LicenseCentral(directory).issue(firm_code, product_code, files, _chosen(options))
        paths = _hand_out(issued.updates, out)
    key = f"{firm_code}:{product_code}#{issued.tmr_id}"
    _print_updates(key, issued.tmr_id, issued.updates, paths, as_json)


@central.command()
@_firm_option
@click.option("--tmr-id", type=int, required=True, help="Which licence of the firm.")
@click.option("--serial", "serials", multiple=True, help="Only this container (repeatable).")
@_licence_options
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
        issued = LicenseCentral(directory).change(firm_code, tmr_id, _chosen(options), serials)
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
    from appliance.codec.licence_files import FILE_BYTES_MAX

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
