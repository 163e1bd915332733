"""A crowd of connections that prove nothing."""

from __future__ import annotations

import asyncio
import contextlib
import ssl

from appliance.client import load_profile
from appliance.client.tools import tool_trust
from appliance.lab.build import client_name
from appliance.lab.hosts import CLIENT_API_PORT
from appliance.lab.story.stage import ROBOTS
from tests.lab.world import World

SILENT = 1_100
ANONYMOUS = 300
ANSWER_WITHIN_S = 20.0


class Strangers:
    """Connections from the clients' network that prove nothing, held until they are ended."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._writers: list[asyncio.StreamWriter] = []
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._tls.check_hostname = False
        self._tls.verify_mode = ssl.CERT_NONE

    async def attack(self) -> None:
        """Silent TCP, TLS that asks nothing, halves of a head; as fast as they come."""
        for count, tls, said in (
            (SILENT, None, b""),
            (ANONYMOUS, self._tls, b""),
            (ANONYMOUS // 3, self._tls, b"GET /v1/status HTTP/1.1\r\nx: "),
        ):
            for _ in range(count // 50):
                await asyncio.gather(*(self._hold(tls, said) for _ in range(50)))

    async def _hold(self, tls: ssl.SSLContext | None, said: bytes) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(ANSWER_WITHIN_S):
                _, writer = await asyncio.open_connection(*self._address, ssl=tls)
                self._writers.append(writer)
                writer.write(said)

    async def end(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0)


def a_crowd_stops_nobody(world: World) -> None:
    """More than the host may have: who holds a lease goes on, who has papers gets a seat, an
    operator gets in, and the upstreams' links stand."""
    world.wait_until_whole()
    strangers = Strangers((world.files.virtual_ip, CLIENT_API_PORT))
    profile = load_profile(world.files.profile(client_name(12)))

    async def newcomer() -> None:
        async with (
            profile.async_client(tool_trust(profile)) as client,
            client.lease(ROBOTS.code, ROBOTS.product) as lease,
        ):
            assert lease.grant.generation > 0

    async def look() -> None:
        async with world.operator() as operator:
            assert (await operator.status()).verdict != "down"

    clients = world.stage.clients
    with world.under_load() as load:
        try:
            clients.call(strangers.attack(), timeout_s=120)
            for _ in range(3):
                clients.call(newcomer())
                clients.call(look())
            clients.call(strangers.attack(), timeout_s=120)
        finally:
            clients.call(strangers.end())
    assert load.interruption.failed == 0
