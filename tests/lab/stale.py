"""Questions to a frozen host: they wait in its sockets, and it may answer them when it thaws."""

from __future__ import annotations

import asyncio
import ssl

import msgspec

from appliance.client import AsyncClient, AsyncLease, load_profile
from appliance.client.tools import tool_trust
from appliance.client.wire import RequestMaker, lease_path
from appliance.codec.api import HeartbeatRequest, LeasesDocument
from appliance.lab.build import client_name
from appliance.lab.hosts import CLIENT_API_PORT, host_named
from appliance.lab.story.stage import ROBOTS
from tests.lab.world import World

ANSWER_WITHIN_S = 30.0


class StaleQuestions:
    """Requests that wait in a frozen host's sockets, and what it says to them once it goes on."""

    def __init__(self, world: World, host: str) -> None:
        self._world = world
        self._host = host
        self._profile = load_profile(world.files.profile(client_name(11)))
        self._maker = RequestMaker()
        self._client: AsyncClient
        self._old: AsyncLease
        self._pipes: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    def __enter__(self) -> StaleQuestions:
        self._world.stage.clients.call(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._world.stage.clients.call(self._close())

    async def _open(self) -> None:
        """Take a lease, and connect while the host still shakes hands."""
        self._client = self._profile.async_client(tool_trust(self._profile))
        self._old = self._client.lease(ROBOTS.code, ROBOTS.product)
        await self._old.check_out()
        context: ssl.SSLContext = self._profile.tls.context()
        address = self._world.files.address(host_named(self._host).octet)
        self._pipes = [
            await asyncio.open_connection(address, CLIENT_API_PORT, ssl=context) for _ in range(2)
        ]

    def ask(self) -> None:
        """Ask the frozen host for the leases, and to keep one alive."""
        heartbeat = self._maker.make(
            "POST",
            f"{lease_path(self._old.lease_id)}/heartbeat",
            HeartbeatRequest(generation=self._old.grant.generation),
            secret=self._old.secret,
        )
        questions = (self._maker.make("GET", "/v1/leases"), heartbeat)
        for (_, writer), question in zip(self._pipes, questions, strict=True):
            self._world.stage.clients.loop.call_soon_threadsafe(writer.write, question)

    def change_the_world(self) -> str:
        """End the lease and take another, at whoever serves now; gives the other's id."""

        async def act() -> str:
            await self._old.check_in()
            newer = self._client.lease(ROBOTS.code, ROBOTS.product)
            await newer.check_out()
            return newer.lease_id

        return self._world.stage.clients.call(act())

    def check_answers(self, newer: str) -> None:
        """What it says must be true now, or be no answer: 503, "repeat with the same id"."""
        leases, heartbeat = self._world.stage.clients.call(self._answers())
        assert heartbeat[0] in (410, 503), heartbeat
        assert leases[0] in (200, 503), leases
        if leases[0] == 200:
            found = msgspec.json.decode(leases[1], type=LeasesDocument)
            assert [lease.lease_id for lease in found.leases] == [newer]

    async def _answers(self) -> list[tuple[int, bytes]]:
        return [await _read_answer(reader) for reader, _ in self._pipes]

    async def _close(self) -> None:
        for _, writer in self._pipes:
            writer.transport.abort()
        await self._client.close()


async def _read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """One HTTP answer with a content-length."""
    async with asyncio.timeout(ANSWER_WITHIN_S):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        return int(head.split()[1]), await reader.readexactly(length)
