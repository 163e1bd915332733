"""Steps 1 to 3 of the story: five hosts, two vendors, twelve clients."""

from __future__ import annotations

import asyncio
from pathlib import Path

from appliance.client import ClientError
from appliance.codec.api import LicenceDocument
from appliance.codec.licence_files import build_update, read_update
from appliance.lab.build import CLIENTS, client_name
from appliance.lab.hosts import UPSTREAM_ADMIN_PORT, UPSTREAM_LINK_PORT, UPSTREAMS
from appliance.lab.story.crowd import Member
from appliance.lab.story.stage import PRESSES, ROBOTS, SEATS, UNITS, Firm, Stage, Told, require
from appliance.services.central import LicenseCentral
from appliance.services.central.storage import read_key

CONSUMED = 40
LEASE_TTL_S = 15
OTHER_EXPIRY = "2031-01-01T00:00:00Z"
CLOSED_WITHIN_S = 0.5
_ORDER = ("--order", "first order")


def five_hosts(stage: Stage) -> Told:
    """Five hosts run, one serves, and clients reach nothing but the virtual IP."""
    active = stage.wait_until_whole()
    if not stage.networked:
        return f"{active} serves; both TMR addresses are known to clients", {"active": active}
    holders = stage.wait_for("the virtual IP on one host", stage.holders_of_address)
    require(holders == [active], f"{active} serves, but the address is on {holders}")
    ports = [(host, port) for host in UPSTREAMS for port in (UPSTREAM_LINK_PORT,)]
    ports += [(host, UPSTREAM_ADMIN_PORT) for host in UPSTREAMS]
    targets = [(stage.files.address(host.octet), port) for host, port in ports]
    opened = stage.clients.call(_open_ports(targets))
    require(not opened, f"clients can open {opened}")
    return (
        f"{active} holds {stage.files.virtual_ip} and serves; "
        f"{len(targets)} upstream ports are closed to clients",
        {"active": active, "virtual_ip": stage.files.virtual_ip, "ports_closed": len(targets)},
    )


async def _open_ports(targets: list[tuple[str, int]]) -> list[str]:
    async def is_open(host: str, port: int) -> bool:
        try:
            async with asyncio.timeout(CLOSED_WITHIN_S):
                _, writer = await asyncio.open_connection(host, port)
        except (OSError, TimeoutError):
            return False
        writer.close()
        return True

    found = await asyncio.gather(*(is_open(host, port) for host, port in targets))
    return [f"{h}:{p}" for (h, p), is_opened in zip(targets, found, strict=True) if is_opened]


def two_vendors(stage: Stage) -> Told:
    """Two firms issue licences to the three containers; a virtual container appears."""
    requests = Path(stage.files.directory / "requests")
    requests.mkdir(exist_ok=True)
    found = stage.on_upstreams(lambda host: _asked(stage, host, requests))
    serials = dict(zip([host.name for host in UPSTREAMS], found, strict=True))
    out = stage.files.directory / "updates"
    for firm, options in (
        (PRESSES, ["--quantity", str(SEATS), "--units", str(UNITS)]),
        (ROBOTS, ["--quantity", "4"]),
    ):
        stage.central("firm", "add", "--code", str(firm.code), "--name", firm.name)
        ttl = ["--text", firm.text, "--lease-ttl-s", str(LEASE_TTL_S)]
        stage.central("product", "add", *_code(firm), "--code", str(firm.product), *options, *ttl)
        issue = ["issue", *_code(firm), *_ORDER, "--product", str(firm.product), "--out", str(out)]
        stage.central(*issue, *_files(requests, firm))
    # A second licence of the first firm, which one twin alone is then given with another expiry.
    second = ["--code", "2", "--text", "Press diagnosis", "--quantity", "2"]
    stage.central("product", "add", *_code(PRESSES), *second)
    issue = ["issue", *_code(PRESSES), *_ORDER, "--product", "2", "--out", str(out)]
    stage.central(*issue, *_files(requests, PRESSES))
    change = ["change", *_code(PRESSES), "--tmr-id", "2", "--serial", serials["up3"]]
    stage.central(*change, "--expires", OTHER_EXPIRY, "--out", str(out))
    stage.on_upstreams(lambda host: _import_all(stage, host, serials[host], out))
    foreign = _foreign_signature(stage, out, serials["up1"])
    licences = stage.wait_for("three licences in the virtual container", lambda: _merged(stage))
    differing = [_state_of(item, "up3") for item in licences if item.tmr_id == 2]
    require(differing == ["differs"], f"up3's other expiry is shown as {differing}")
    serial = stage.statuses()[stage.active()].virtual_serial
    return (
        f"virtual container {serial} holds {len(licences)} licences of 2 firms; up3's twin with "
        f"another expiry is shown as differing; firm {PRESSES.code} cannot sign for "
        f"{ROBOTS.code}",
        {"virtual_serial": serial, "licences": len(licences), "foreign_signature": foreign},
    )


def _code(firm: Firm) -> list[str]:
    return ["--firm", str(firm.code)]


def _files(directory: Path, firm: Firm) -> list[str]:
    return [str(directory / f"{host.name}-{firm.code}.request") for host in UPSTREAMS]


def _asked(stage: Stage, host: str, directory: Path) -> str:
    """The serial of a container that made a request to each firm."""
    for firm in (PRESSES, ROBOTS):
        path = str(directory / f"{host}-{firm.code}.request")
        stage.tmr(host, *stage.container(host, "request", *_code(firm), *_ORDER, "--out", path))
    serial: str = stage.tmr(host, *stage.container(host, "show"))["serial"]
    return serial


def _import_all(stage: Stage, host: str, serial: str, out: Path) -> None:
    """Import a container's updates in the order of their names, which is that of their numbers."""
    for path in sorted(out.glob(f"{serial}.*")):
        stage.tmr(host, *stage.container(host, "import", str(path)))


def _foreign_signature(stage: Stage, out: Path, serial: str) -> str:
    """Sign an update for one firm's code with the other firm's key; up1 must refuse it."""
    central = LicenseCentral(stage.files.central)
    newest = central.updates(ROBOTS.code, serial)[-1].data
    update = read_update(newest, central.root.certificate)
    thief = stage.files.central / "firms" / str(PRESSES.code) / "firm.key.pem"
    forged = build_update(read_key(thief), central.firm(PRESSES.code).certificate, update)
    path = out.parent / "foreign.tmr-update"
    path.write_bytes(forged)
    return stage.refused("up1", *stage.container("up1", "import", str(path)))


def _merged(stage: Stage) -> list[LicenceDocument]:
    try:
        document = stage.licences()
    except ClientError:
        return []
    whole = [item for item in document if item.available]
    differs = any(_state_of(item, "up3") == "differs" for item in document)
    return document if len(whole) == 3 and differs else []


def _state_of(item: LicenceDocument, host: str) -> str:
    return next((twin.state for twin in item.constituents if twin.host == host), "")


def twelve_clients(stage: Stage) -> Told:
    """Ten of twelve get a seat and a receipt that proves it; one consumes units."""
    crowd = stage.crowd
    for number in range(1, CLIENTS + 1):
        name = client_name(number)
        stage.clients.call(crowd.join(name, stage.files.profile(name)))
    stage.clients.call(crowd.check_out_all(PRESSES.code, PRESSES.product))
    holders = crowd.holders()
    refusals = [member.refusal for member in crowd.members if member.refusal]
    require(len(holders) == SEATS, f"{len(holders)} of {CLIENTS} got a seat, not {SEATS}")
    require(refusals == ["no-seat-free"] * (CLIENTS - SEATS), f"the others were told {refusals}")
    twins = [_endorsements(member) for member in holders]
    require(twins == [2] * SEATS, f"receipts carry {twins} endorsements")
    lease = holders[0].lease
    assert lease is not None
    grant = stage.clients.call(lease.consume(CONSUMED))
    left = UNITS - CONSUMED
    require(grant.units_left == left, f"{grant.units_left} units are left, not {left}")
    return (
        f"{SEATS} seats, each with a receipt of two twins that verifies; {len(refusals)} told "
        f"no-seat-free; {CONSUMED} units taken, {left} left",
        {"granted": len(holders), "refused": refusals, "units_left": grant.units_left},
    )


def _endorsements(member: Member) -> int:
    receipt = member.lease.grant.receipt if member.lease else None
    return len(receipt.endorsements) if receipt else 0
