"""What a client who is let in may do, and one who is let in no more: played on a lab."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.adapters.pki import authority as pki
from appliance.client import AsyncClient, Refused, load_profile
from appliance.client.tls import ClientTls
from appliance.codec.api import CheckOutRequest, GrantDocument, HolderDocument
from appliance.lab.build import client_name
from appliance.lab.hosts import CLIENT_API_PORT, UPSTREAM_ADMIN_PORT
from appliance.lab.story.stage import PRESSES
from appliance.services.upstream.documents import UpstreamStatusDocument
from tests.lab.world import World

REFUSALS = 300
OTHER_ENTRIES_MAX = 20


def refusals_fill_no_disk(world: World) -> None:
    """All ten seats are taken: others may ask as often as they like, with the longest texts."""
    profile = load_profile(world.files.profile(client_name(11)))
    longest = HolderDocument(user="u" * 256, host="h" * 256, application="a" * 256)

    async def ask() -> None:
        async with profile.async_client() as client:
            for number in range(REFUSALS):
                request = CheckOutRequest(
                    firm_code=PRESSES.code,
                    product_code=PRESSES.product,
                    nonce=bytes(32),
                    secret_hash=bytes(32),
                    holder=longest,
                )
                with pytest.raises(Refused) as refused:
                    await client.call("PUT", f"/v1/leases/g{number}", GrantDocument, request)
                assert refused.value.reason == "no-seat-free"

    before = _entries(world)
    world.stage.clients.call(ask())
    assert _entries(world) - before < OTHER_ENTRIES_MAX


def _entries(world: World) -> int:
    return max(status.commit_index for status in world.stage.statuses().values())


def a_certificate_is_taken_back(world: World, directory: Path) -> None:
    """An operator's certificate is stolen: the client API and the upstreams refuse it at once, on
    the connection that stands, too; the next one of that name works."""
    stolen, renewed = (_operator(world, directory / name) for name in ("stolen", "renewed"))
    which = pki.which_certificate(stolen.cert.read_bytes())
    api = (world.files.virtual_ip, CLIENT_API_PORT)
    admin = load_profile(world.files.profile("administer"))

    async def look(files: pki.IdentityFiles) -> str:
        async with AsyncClient([api], ClientTls(files.ca, files.cert, files.key), None) as client:
            return (await client.status()).verdict

    async def take_back() -> None:
        tls = ClientTls(stolen.ca, stolen.cert, stolen.key)
        async with AsyncClient([api], tls, None) as thief, admin.async_client() as administrator:
            assert (await thief.status()).verdict != "down"
            await administrator.dismiss_certificate(
                which.serial, "stolen", name=which.name, role=which.role
            )
            with pytest.raises(Refused) as refused:
                await thief.status()
            assert refused.value.reason == "unauthenticated"
            with pytest.raises(Refused) as refused:
                await administrator.dismiss_certificate(
                    pki.own_serial(world.files.person("administer") / "cert.pem"), "me"
                )
            assert refused.value.reason == "not-dismissed"

    assert _console(world, stolen) == 200
    world.stage.clients.call(take_back())
    with pytest.raises(Refused):
        world.stage.clients.call(look(stolen))
    assert world.stage.clients.call(look(renewed)) in ("serving", "degraded")
    world.wait_for("up1 refuses it as well", lambda: _console(world, stolen) == 401)
    assert _console(world, renewed) == 200


def _operator(world: World, directory: Path) -> pki.IdentityFiles:
    return pki.issue_operator(world.files.ca, directory, "mallory", "operate", datetime.now(UTC))


def _console(world: World, files: pki.IdentityFiles) -> int:
    """What up1's administration answers to this certificate."""

    async def ask() -> int:
        tls = ClientTls(files.ca, files.cert, files.key)
        async with AsyncClient([("127.0.0.1", UPSTREAM_ADMIN_PORT)], tls, None) as client:
            try:
                await client.call("GET", "/v1/status", UpstreamStatusDocument)
            except Refused as refused:
                return refused.status
            return 200

    with world.inside("up1") as console:
        return console.call(ask())
