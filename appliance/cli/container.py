"""`tmr container`: an upstream's own container.

`init` works on the files of this host; the others ask the running upstream. Exit codes: 0 done, 1
refused, 2 usage, 4 the upstream does not answer.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import ssl
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import click

from appliance.cli.output import fail, json_option, print_json, print_table
from appliance.errors import ExitCode

ADMIN_PORT = 7102
ANSWER_BYTES_MAX = 8 << 20
TIMEOUT_S = 10.0
_file = click.Path(dir_okay=False, path_type=Path)


class _Admin(NamedTuple):
    """Which upstream is asked, and who asks."""

    url: str
    cert: Path
    key: Path
    ca: Path


def _operator(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb the options of an operator; they arrive as cert, key, ca and admin."""
    for name, what in (
        ("ca", "The deployment's authority."),
        ("key", "Your certificate's key."),
        ("cert", "Your operator's certificate."),
    ):
        command = click.option(
            f"--{name}", type=_file, required=True, envvar=f"TMR_OPERATOR_{name.upper()}", help=what
        )(command)
    return click.option(
        "--admin",
        default=f"https://127.0.0.1:{ADMIN_PORT}",
        show_default=True,
        envvar="TMR_ADMIN",
        help="Where the upstream's administration API is.",
    )(command)


@click.group()
def container() -> None:
    """An upstream's own container."""


@container.command()
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The directory to make it in.",
)
@click.option("--host", default="", help="The host's name as vendors see it (default: its own).")
@json_option
def init(home: Path, host: str, as_json: bool) -> None:
    """Make a new container on this host: key and serial. Done once, before the first start."""
    from appliance.adapters.container_home import ContainerHome

    try:
        made = ContainerHome.create(home, SystemRandom(), host)
    except FileExistsError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename} cannot be used: {error.strerror}.")
    if as_json:
        print_json({"serial": made.serial, "home": str(home)})
    else:
        click.echo(f"Container {made.serial} made in {home}; its key never leaves that directory.")


@container.command()
@_operator
@click.option("--out", type=_file, help="Where to put the file; by default it is named by serial.")
@json_option
def request(admin: str, cert: Path, key: Path, ca: Path, out: Path | None, as_json: bool) -> None:
    """Write the file that asks a vendor for licences."""
    upstream = _Admin(admin, cert, key, ca)
    data = _ask(upstream, "POST", "/v1/container/request")
    if out is None:
        serial = json.loads(_ask(upstream, "GET", "/v1/container"))["serial"]
        out = Path(f"{serial}.tmr-request")
    try:
        out.write_bytes(data)
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}.")
    if as_json:
        print_json({"file": str(out), "bytes": len(data)})
    else:
        click.echo(f"Request written to {out}: send it to the vendor.")


@container.command("import")
@_operator
@click.argument("file", type=_file)
@json_option
def import_update(admin: str, cert: Path, key: Path, ca: Path, file: Path, as_json: bool) -> None:
    """Import a vendor's update FILE into this container."""
    try:
        data = file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.")
    answer = _ask(_Admin(admin, cert, key, ca), "PUT", "/v1/container/update", data)
    if as_json:
        click.echo(answer)
        return
    done = json.loads(answer)
    click.echo(
        f"Imported update {done['sequence']} of {done['firm_name']} ({done['firm_code']}) into"
        f" {done['serial']}: {done['licences']} licences."
    )


@container.command("block-list")
@_operator
@click.argument("file", type=_file)
@json_option
def block_list(admin: str, cert: Path, key: Path, ca: Path, file: Path, as_json: bool) -> None:
    """Take over the vendors' block list FILE, where no time server can be reached."""
    try:
        data = file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.")
    answer = _ask(_Admin(admin, cert, key, ca), "PUT", "/v1/container/block-list", data)
    if as_json:
        click.echo(answer)
        return
    done = json.loads(answer)
    locked = done.get("locked")
    said = f"it blocks {done['serial']}: {locked}" if locked else f"{done['serial']} is not on it"
    click.echo(f"Block list {done['number']} is known here; {said}.")


@container.command()
@_operator
@json_option
def show(admin: str, cert: Path, key: Path, ca: Path, as_json: bool) -> None:
    """Show what this container holds."""
    answer = _ask(_Admin(admin, cert, key, ca), "GET", "/v1/container")
    document = json.loads(answer)
    if as_json:
        print_json(document)
        return
    twin = (
        f"CmActID {document['cmact_id']}, twin {document['twin']}"
        if "twin" in document
        else ("no vendor has activated it yet")
    )
    if document.get("locked"):
        click.echo(f"BLOCKED by the vendor: {document['locked']}. It vouches for nothing.")
    print_table(
        ("licence", "firm", "text", "quantity", "expires at", "units"),
        [
            (
                f"{item['firm_code']}:{item['product_code']}#{item['tmr_id']}",
                item["firm_name"],
                item.get("text"),
                item["quantity"],
                item.get("expires_at_s"),
                item.get("units"),
            )
            for item in document.get("licences", ())
        ],
        title=f"Container {document['serial']}: {twin}",
    )


def _ask(admin: _Admin, method: str, path: str, body: bytes | None = None) -> bytes:
    """One request to the upstream; ends the verb with its refusal or with what failed."""
    from appliance.adapters.pki import IdentityFiles, PkiError, client_context

    where = urlsplit(admin.url)
    try:
        host, port = where.hostname or "", where.port or ADMIN_PORT
    except ValueError:
        host, port = "", 0
    if where.scheme != "https" or not host:
        fail(f"{admin.url} is no address such as https://127.0.0.1:{ADMIN_PORT}.", ExitCode.USAGE)
    try:
        context = client_context(IdentityFiles(admin.cert, admin.key, admin.ca))
    except PkiError as error:
        fail(str(error))
    # A host's certificate does not name its loopback addresses: there it is enough that whoever
    # answers is one of this deployment's upstreams.
    context.check_hostname = not _is_loopback(host)
    connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
    try:
        connection.connect()
        _check_upstream(connection, admin.url)
        connection.request(method, path, body)
        response = connection.getresponse()
        data = response.read(ANSWER_BYTES_MAX)
    except (OSError, http.client.HTTPException) as error:
        fail(f"The upstream at {admin.url} does not answer: {error}.", ExitCode.UNREACHABLE)
    finally:
        connection.close()
    if response.status >= http.HTTPStatus.BAD_REQUEST:
        fail(_detail(data) or f"The upstream answered {response.status} {response.reason}.")
    return data


def _check_upstream(connection: http.client.HTTPSConnection, url: str) -> None:
    from appliance.adapters.pki import IdentityRefused, peer_identity

    assert isinstance(connection.sock, ssl.SSLSocket)
    try:
        peer = peer_identity(connection.sock.getpeercert())
    except IdentityRefused as refused:
        fail(f"{url} is no upstream: {refused.detail}")
    if peer.role != "upstream":
        fail(f"{url} is {peer.name}, which is no upstream: name an upstream's address.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _detail(data: bytes) -> str:
    try:
        document = json.loads(data)
    except ValueError:
        return ""
    return str(document.get("detail", "")) if isinstance(document, dict) else ""
