"""`tmr pki`: the TLS certificates of one deployment. Exit codes: 0 done, 1 refused, 2 usage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from appliance.adapters.files import write_whole
from appliance.adapters.pki.authority import (
    HOST_ROLES,
    OPERATOR_ROLES,
    ROLES,
    Authority,
    IdentityFiles,
    PkiError,
    create_ca,
    issue_client,
    issue_host,
    issue_operator,
)
from appliance.adapters.pki.hosts import (
    accept_host,
    host_due,
    person_due,
    request_host,
    sign_host,
    sign_operator,
)
from appliance.adapters.pki.rotation import Trusted
from appliance.adapters.pki.rotation import begin as rotation_begin
from appliance.adapters.pki.rotation import finish as rotation_finish
from appliance.adapters.pki.rotation import switch as rotation_switch
from appliance.cli.output import json_option, print_json, say
from appliance.errors import UserError

_directory = click.Path(file_okay=False, path_type=Path)
_file = click.Path(dir_okay=False, path_type=Path)
_out_option = click.option(
    "--out", type=_directory, required=True, help="Directory for cert.pem, key.pem and ca.pem."
)


def _address_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where a host is reached: `addresses` and `dns_names`."""
    dns = click.option("--dns", "dns_names", multiple=True, help="A further name (repeatable).")
    ip = click.option(
        "--ip", "addresses", multiple=True, help="Its address (repeatable; virtual IP too)."
    )
    return ip(dns(command))


@contextmanager
def _refusals() -> Iterator[None]:
    """Turns refusals into one sentence and exit code 1."""
    try:
        yield
    except PkiError as refused:
        raise UserError(str(refused)) from None
    except OSError as error:
        raise UserError(f"{error.filename} cannot be used: {error.strerror}.") from None


def _print(files: IdentityFiles, as_json: bool) -> None:
    if as_json:
        print_json({name: str(path) for name, path in files._asdict().items()})
    else:
        say(f"Issued {files.cert}; its private key is {files.key}: keep that one secret.")


def _host_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What a host's certificate says: role, addresses and dns_names."""
    role = click.option(
        "--role", type=click.Choice(HOST_ROLES), required=True, help="What the host is."
    )
    return role(_address_options(command))


@click.group()
@click.option(
    "--dir",
    "directory",
    type=_directory,
    default=Path("pki"),
    envvar="TMR_PKI",
    show_default=True,
    help="Where the authority is kept.",
)
@click.pass_context
def pki(context: click.Context, directory: Path) -> None:
    """Certificates for hosts, clients and operators of one deployment."""
    context.obj = directory


@pki.command()
@click.option("--name", default="TMR deployment", show_default=True, help="The authority's name.")
@json_option
@click.pass_obj
def init(directory: Path, name: str, as_json: bool) -> None:
    """Make the authority."""
    with _refusals():
        files = create_ca(directory, datetime.now(UTC), name)
    if as_json:
        print_json({"ca": str(files.cert), "key": str(files.key)})
    else:
        say(f"Authority made; everyone trusts {files.cert}, nobody but you has {files.key}.")


@pki.command()
@click.argument("name")
@_host_options
@_out_option
@json_option
@click.pass_obj
def host(
    directory: Path,
    name: str,
    role: str,
    addresses: tuple[str, ...],
    dns_names: tuple[str, ...],
    out: Path,
    as_json: bool,
) -> None:
    """Issue the certificate of a host."""
    with _refusals():
        now = datetime.now(UTC)
        files = issue_host(directory, out, name, role, now, addresses, dns_names)
    _print(files, as_json)


@pki.command()
@click.argument("name")
@_out_option
@json_option
def request(name: str, out: Path, as_json: bool) -> None:
    """On a host: make a new key and the request for its certificate."""
    with _refusals():
        path = request_host(out, name)
    if as_json:
        print_json({"request": str(path)})
    else:
        say(f"Request written to {path}: have it signed by `tmr pki sign`.")


@pki.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice((*HOST_ROLES, *OPERATOR_ROLES)),
    required=True,
    help="What NAME is or may do.",
)
@_address_options
@click.option("--out", type=_file, required=True, help="Where to put the certificate.")
@click.argument("request_file", type=_file)
@json_option
@click.pass_obj
def sign(
    directory: Path,
    name: str,
    role: str,
    addresses: tuple[str, ...],
    dns_names: tuple[str, ...],
    out: Path,
    request_file: Path,
    as_json: bool,
) -> None:
    """At the authority: sign the request that NAME made, a host or an operator's machine."""
    with _refusals():
        now = datetime.now(UTC)
        asked = request_file.read_bytes()
        if role in HOST_ROLES:
            signed = sign_host(directory, asked, name, role, now, addresses, dns_names)
        else:
            signed = sign_operator(directory, asked, name, role, now)
        write_whole(out, signed)
    if as_json:
        print_json({"cert": str(out)})
    else:
        say(f"Issued {out}: bring it to {name}, for `tmr pki accept`.")


@pki.command()
@click.argument("certificate", type=_file)
@_out_option
@json_option
def accept(certificate: Path, out: Path, as_json: bool) -> None:
    """On a host: put the signed CERTIFICATE and its key in place."""
    with _refusals():
        files = accept_host(out, certificate.read_bytes())
    _print(files, as_json)


@pki.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What NAME is or may do.")
@_address_options
@click.option("--days", type=int, default=60, show_default=True, help="How long before its end.")
@click.argument("certificate", type=_file)
@json_option
@click.pass_obj
def due(
    directory: Path,
    name: str,
    role: str,
    addresses: tuple[str, ...],
    dns_names: tuple[str, ...],
    days: int,
    certificate: Path,
    as_json: bool,
) -> None:
    """Say whether NAME needs a new CERTIFICATE, and why; a missing one is due."""
    with _refusals():
        authority = Authority.of(directory).cert.read_bytes()
        why = "there is none"
        if certificate.exists():
            held, now = certificate.read_bytes(), datetime.now(UTC)
            if role in HOST_ROLES:
                why = host_due(authority, held, name, role, now, days, addresses, dns_names)
            else:
                why = person_due(authority, held, name, role, now, days)
    if as_json:
        print_json({"due": bool(why), "why": why})
    else:
        say(f"due: {why}" if why else "not due")


@pki.command()
@click.argument("name")
@_out_option
@json_option
@click.pass_obj
def client(directory: Path, name: str, out: Path, as_json: bool) -> None:
    """Issue the certificate of a client, known to the servers as cert:NAME."""
    with _refusals():
        files = issue_client(directory, out, name, datetime.now(UTC))
    _print(files, as_json)


@pki.command()
@click.argument("name")
@click.option(
    "--role", type=click.Choice(OPERATOR_ROLES), required=True, help="What the operator may do."
)
@_out_option
@json_option
@click.pass_obj
def operator(directory: Path, name: str, role: str, out: Path, as_json: bool) -> None:
    """Issue the certificate of an operator."""
    with _refusals():
        files = issue_operator(directory, out, name, role, datetime.now(UTC))
    _print(files, as_json)


@pki.group()
def rotate() -> None:
    """Another authority while everything goes on: begin, switch, finish.

    Between the steps everyone is told: after `begin` hand out ca.pem, after `switch` issue all
    certificates anew. Each step may be repeated.
    """


def _print_trusted(trusted: Trusted, as_json: bool) -> None:
    if as_json:
        print_json(trusted._asdict())
        return
    say(f"{trusted.issuer} issues; trusted beside it: {', '.join(trusted.beside) or 'none'}.")


@rotate.command()
@json_option
@click.pass_obj
def begin(directory: Path, as_json: bool) -> None:
    """Make another authority, trusted beside the one that issues."""
    with _refusals():
        trusted = rotation_begin(directory, datetime.now(UTC))
    _print_trusted(trusted, as_json)


@rotate.command()
@json_option
@click.pass_obj
def switch(directory: Path, as_json: bool) -> None:
    """Let the new authority issue; certificates of the old one stay good."""
    with _refusals():
        trusted = rotation_switch(directory)
    _print_trusted(trusted, as_json)


@rotate.command()
@json_option
@click.pass_obj
def finish(directory: Path, as_json: bool) -> None:
    """End the trust in the old authority, and in everything that it issued."""
    with _refusals():
        trusted = rotation_finish(directory)
    _print_trusted(trusted, as_json)
