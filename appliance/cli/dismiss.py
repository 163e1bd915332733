"""`tmr dismiss`: take a certificate back, without a new authority for everybody.

A certificate is meant by its serial number. Of a name there may be several, the old one and the one
that replaces it; so a name alone is enough only if the active host has seen just one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.cli._connection import EXIT_CODES, Asked, connection_options, perform
from appliance.cli.output import fail, json_option, print_json, print_table, say
from appliance.errors import ExitCode

if TYPE_CHECKING:
    from appliance.adapters.pki.authority import Identity
    from appliance.client import AsyncClient
    from appliance.codec.api_certificates import CertificatesDocument

_NOBODY = "do it again, which is safe"


@click.command(epilog=EXIT_CODES)
@connection_options
@click.argument("name", required=False, default="")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="The certificate's file (PEM).",
)
@click.option("--serial", default="", help="Its serial number, as `openssl x509 -serial` shows it.")
@click.option("--all", "everything", is_flag=True, help="All that were seen of NAME.")
@click.option("--end-leases", is_flag=True, help="End the leases of its client at once, too.")
@click.option("--list", "listing", is_flag=True, help="Show what was dismissed, and what was seen.")
@click.option("--why", default="", help="The reason, which is recorded.")
@json_option
def dismiss(
    asked: Asked,
    name: str,
    file: Path | None,
    serial: str,
    everything: bool,
    end_leases: bool,
    listing: bool,
    why: str,
    as_json: bool,
) -> None:
    """Take a certificate back: of NAME, or by --file or --serial; needs role administer.

    It is refused from the next request on, at the TMR hosts and the upstreams, on connections that
    stand as well. This cannot be undone: who is to go on gets a new certificate (`tmr pki`).
    """
    connection = asked.connect()
    if listing:
        _show(perform(connection, lambda client: client.certificates()), as_json)
        return
    if not why.strip():
        fail("Say --why: the reason is recorded.", ExitCode.USAGE)
    if sum(map(bool, (name and not serial, file, serial))) != 1:
        fail("Say which: NAME, --file CERTIFICATE or --serial NUMBER.", ExitCode.USAGE)
    if file is not None:
        found = [_from_file(file)]
    elif serial:
        found = [_by_number(serial, name)]
    else:
        found = _by_name(
            perform(connection, lambda client: client.certificates()), name, everything
        )

    async def take_back(client: AsyncClient) -> int:
        for one in found:
            await client.dismiss_certificate(
                one.serial, why, name=one.name, role=one.role, ends_at_s=one.ends_at_s
            )
        return await _end_leases(client, found, why) if end_leases else 0

    ended = perform(connection, take_back, unknown=_NOBODY)
    if as_json:
        print_json({"dismissed": [one._asdict() for one in found], "leases_ended": ended})
        return
    for one in found:
        whose = f" of {one.name} ({one.role})" if one.name else ""
        say(f"The certificate {one.serial}{whose} is good no more.")
    if end_leases:
        say(f"{ended} leases were ended.")
    else:
        say("Its client's leases lapse unless a new certificate of that name renews them.")


def _from_file(file: Path) -> Identity:
    from appliance.adapters.pki.authority import IdentityRefused, which_certificate

    try:
        return which_certificate(file.read_bytes())
    except (IdentityRefused, OSError) as refused:
        fail(f"{file} cannot be used: {getattr(refused, 'detail', refused)}")


def _by_number(serial: str, name: str) -> Identity:
    from appliance.adapters.pki.authority import Identity

    digits = serial.replace(":", "").upper().removeprefix("SERIAL=").lstrip("0")
    if not digits or len(digits) > 40 or set(digits) - set("0123456789ABCDEF"):
        fail(f"{serial!r} is no serial number: 1 to 40 hexadecimal digits.", ExitCode.USAGE)
    return Identity(name, "", digits)


def _by_name(known: CertificatesDocument, name: str, everything: bool) -> list[Identity]:
    from appliance.adapters.pki.authority import Identity

    found = [
        Identity(one.name, one.role, one.serial, one.ends_at_s)
        for one in known.seen
        if one.name == name
    ]
    if not found:
        fail(
            f"The active host has seen no certificate of {name} since it started: name its file"
            " with --file, or its number with --serial."
        )
    if len(found) > 1 and not everything:
        which = ", ".join(f"{one.serial} (until {_day(one.ends_at_s)})" for one in found)
        fail(f"{name} has {len(found)}: {which}. Say which with --serial, or --all.")
    return found


async def _end_leases(client: AsyncClient, found: list[Identity], why: str) -> int:
    """End what the clients of these certificates hold; gives how many leases that were."""
    from appliance.client import Refused

    clients = {f"cert:{one.name}" for one in found if one.name}
    ended = 0
    for lease in (await client.leases()).leases:
        if lease.client in clients:
            try:
                await client.release(lease.client, lease.lease_id, why, lease.generation)
                ended += 1
            except Refused as refused:
                if refused.reason not in ("lease-unknown", "lease-ended", "old-generation"):
                    raise
    return ended


def _show(known: CertificatesDocument, as_json: bool) -> None:
    if as_json:
        print_json(known)
        return
    rows: list[tuple[Any, ...]] = [
        (one.serial, one.name, one.role, _day(one.ends_at_s), "dismissed", f"{one.who}: {one.why}")
        for one in known.dismissed
    ]
    rows += [
        (one.serial, one.name, one.role, _day(one.ends_at_s), "in use", None) for one in known.seen
    ]
    print_table(("serial number", "name", "role", "ends", "state", "by whom and why"), rows)


def _day(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d") if at_s else "not known"
