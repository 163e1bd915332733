"""`tmr container`: an upstream's own container.

`init` works on the files of this host; the others ask the running upstream. Exit codes: 0 done, 1
refused, 2 usage, 4 the upstream does not answer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.cli import _container_binding, _container_transfer
from appliance.cli._admin import Admin, ask, file_path, operator, read_answer
from appliance.cli._option_columns import options_column
from appliance.cli.output import (
    counted,
    end_of,
    fail,
    json_option,
    print_json,
    print_table,
    say,
)

if TYPE_CHECKING:
    from appliance.services.upstream.documents import ContainerDocument


@click.group()
def container() -> None:
    """An upstream's own container."""


for _verb in (
    _container_binding.init,
    _container_binding.explain,
    _container_transfer.update,
    _container_transfer.give_back,
):
    container.add_command(_verb)


@container.command()
@operator
@click.option("--firm", "firm_code", type=int, help="The vendor's firm code.")
@click.option(
    "--order",
    metavar="NAME",
    help="The order it is for, by a name that you and the vendor use.",
)
@click.option(
    "--update",
    is_flag=True,
    help="It asks the firm for whatever it issued to this container since.",
)
@click.option(
    "--out", type=file_path, help="Where to put the file; by default it is named by serial."
)
@json_option
def request(
    admin: str,
    cert: Path,
    key: Path,
    ca: Path,
    firm_code: int | None,
    order: str | None,
    update: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Write the file that asks a vendor by hand.

    With --firm and --order it is good for that firm and that order only, and for 90 days; name the
    order alike on all three upstreams. With --firm and --update the firm makes one file of it that
    brings this container to its newest licences. Without them it is open: give it to nobody but
    your vendor, since whoever has a copy may ask for licences in this container's name.
    """
    named: dict[str, Any] = {}
    if update:
        if firm_code is None or order is not None:
            raise click.UsageError("Name the vendor's firm code with --update, and no order.")
        named = {"firm_code": firm_code, "update": True}
    elif (firm_code is None) != (order is None):
        raise click.UsageError("Name both the vendor's firm code and the order, or neither.")
    elif order is not None:
        named = {"firm_code": firm_code, "order": order}
    upstream = Admin(admin, cert, key, ca)
    body = json.dumps(named).encode()
    data = ask(upstream, "POST", "/v1/container/request", body)
    if out is None:
        shown = _container_in(upstream, ask(upstream, "GET", "/v1/container"))
        out = Path(f"{shown.serial}.tmr-request")
    try:
        out.write_bytes(data)
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}.")
    if as_json:
        print_json({"file": str(out), "bytes": len(data)})
    else:
        to = "the vendor" if named else "nobody but the vendor: it names no order"
        say(f"Request written to {out}: send it to {to}.")


@container.command("import")
@operator
@click.argument("file", type=file_path)
@json_option
def import_update(admin: str, cert: Path, key: Path, ca: Path, file: Path, as_json: bool) -> None:
    """Import a vendor's update FILE into this container."""
    from appliance.services.upstream.documents import ImportedDocument

    upstream = Admin(admin, cert, key, ca)
    answer = _put_file(upstream, "/v1/container/update", file)
    done = read_answer(upstream, answer, ImportedDocument)
    if as_json:
        print_json(read_answer(upstream, answer, dict[str, Any]))
        return
    say(
        f"Imported update {done.sequence} of {done.firm_name} ({done.firm_code}) into"
        f" {done.serial}: {counted(done.licences, 'licence')}."
    )


@container.command("block-list")
@operator
@click.argument("file", type=file_path)
@json_option
def block_list(admin: str, cert: Path, key: Path, ca: Path, file: Path, as_json: bool) -> None:
    """Take over the vendors' block list FILE, where no time server can be reached."""
    from appliance.services.upstream.documents import BlockListDocument

    upstream = Admin(admin, cert, key, ca)
    answer = _put_file(upstream, "/v1/container/block-list", file)
    done = read_answer(upstream, answer, BlockListDocument)
    if as_json:
        print_json(read_answer(upstream, answer, dict[str, Any]))
        return
    blocks = f"it blocks {done.serial}: {done.locked}"
    said = blocks if done.locked else f"{done.serial} is not on it"
    say(f"Block list {done.number} is known here; {said}.")


@container.command()
@operator
@json_option
def show(admin: str, cert: Path, key: Path, ca: Path, as_json: bool) -> None:
    """Show what this container holds."""
    upstream = Admin(admin, cert, key, ca)
    answer = ask(upstream, "GET", "/v1/container")
    if as_json:
        print_json(read_answer(upstream, answer, dict[str, Any]))
        return
    shown = _container_in(upstream, answer)
    twin = (
        "no vendor has activated it yet"
        if shown.twin is None
        else f"CmActID {shown.cmact_id}, twin {shown.twin}"
    )
    if shown.locked:
        say(f"BLOCKED by the vendor: {shown.locked}. It vouches for nothing.")
    head, cells = options_column(shown.licences)
    print_table(
        ("licence", "firm", "text", "quantity", "expires", "units", *head),
        [
            (
                f"{item.firm_code}:{item.product_code}#{item.tmr_id}",
                item.firm_name,
                item.text or None,
                item.quantity,
                end_of(item.expires_at_s),
                item.units,
                *cell,
            )
            for item, cell in zip(shown.licences, cells, strict=True)
        ],
        title=f"Container {shown.serial}: {twin}",
    )


def _container_in(upstream: Admin, answer: bytes) -> ContainerDocument:
    from appliance.services.upstream.documents import ContainerDocument

    return read_answer(upstream, answer, ContainerDocument)


def _put_file(admin: Admin, path: str, file: Path) -> bytes:
    """Give the upstream a file; ends the verb if it cannot be read, or is refused."""
    try:
        data = file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.")
    return ask(admin, "PUT", path, data)
