"""The API over real TLS: who is let in by certificate, and what the HTTP server itself refuses."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from appliance.adapters.doors.door import DoorTimes
from appliance.adapters.doors.doorkeeper import Bounds
from appliance.adapters.pki import authority as pki
from appliance.codec import api
from appliance.licences.commands import Dismissed
from appliance.services.http_connection import HEAD_BYTES_MAX, HttpTimes
from appliance.services.tmr.server import ApiServer, bind
from tests.unit.services.tmr.parts import (
    Reply,
    secret,
)
from tests.unit.services.tmr.world import (
    World,
    run,
)

LOCALHOST = "127.0.0.1"
PATIENCE_S = 30.0
BOUNDS = Bounds(known_max=50)
PATIENT = HttpTimes(stranger_idle_s=60.0, head_s=60.0, request_s=60.0, write_s=60.0)
DOOR_TIMES = DoorTimes(first_byte_s=60.0, handshake_s=60.0, sweep_s=0.01)
CLOSED = (ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)


class Plant:
    """A deployment's certificates in a directory, and another deployment's."""

    def __init__(self, directory: Path) -> None:
        now = datetime.now(UTC)
        self.ours, self.theirs = directory / "ca", directory / "other"
        for place in (self.ours, self.theirs):
            pki.create_ca(place, now)
        self.host = pki.issue_host(self.ours, directory / "h", "tmr1", "tmr", now, [LOCALHOST])
        self.client = pki.issue_client(self.ours, directory / "c", "alice", now)
        self.operator = pki.issue_operator(self.ours, directory / "o", "olga", "operate", now)
        self.stolen = pki.issue_host(self.ours, directory / "s", "tmr2", "tmr", now)
        self.foreign = pki.issue_client(self.theirs, directory / "f", "alice", now)

    def context(self, identity: pki.IdentityFiles | None) -> ssl.SSLContext:
        """How a client with this certificate connects."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.host.ca)
        if identity is not None:
            context.load_cert_chain(identity.cert, identity.key)
        return context


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    return Plant(tmp_path_factory.mktemp("pki"))


class Connection:
    """One TLS connection that speaks HTTP/1.1."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def call(
        self, method: str, path: str, document: object = None, headers: tuple[str, ...] = ()
    ) -> Reply:
        """One request and its answer."""
        body = msgspec.json.encode(document) if document is not None else b""
        lines = [f"{method} {path} HTTP/1.1", "host: tmr", f"content-length: {len(body)}", *headers]
        return await self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    async def raw(self, data: bytes) -> Reply:
        """Send these bytes and read an answer."""
        self.writer.write(data)
        await self.writer.drain()
        return await self.read()

    async def read(self) -> Reply:
        """An answer with a content-length."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = [line.split(": ", 1) for line in head[1:] if line]
        headers = {name.lower(): value for name, value in pairs}
        body = await self.reader.readexactly(int(headers["content-length"]))
        return Reply(int(head[0].split()[1]), headers, body)


class Site:
    """A serving world behind a TLS port."""

    def __init__(self, world: World, plant: Plant, port: int, server: ApiServer) -> None:
        self.world, self.plant, self._port = world, plant, port
        self.keeper = server.keeper
        self._writers: list[asyncio.StreamWriter] = []

    def resume(self, context: ssl.SSLContext, session: ssl.SSLSession) -> tuple[bool, int]:
        """Whether a connection resumed this session, and its answer's status."""
        with (
            socket.create_connection((LOCALHOST, self._port), 30) as plain,
            context.wrap_socket(plain, server_hostname=LOCALHOST, session=session) as secured,
        ):
            secured.sendall(b"GET /v1/status HTTP/1.1\r\nhost: tmr\r\n\r\n")
            status = int(secured.recv(65536).split()[1])
            return bool(secured.session_reused), status

    async def connect(
        self, identity: pki.IdentityFiles | None, context: ssl.SSLContext | None = None
    ) -> Connection:
        """A new connection."""
        context = context or self.plant.context(identity)
        streams = await asyncio.open_connection(LOCALHOST, self._port, ssl=context)
        self._writers.append(streams[1])
        return Connection(*streams)

    async def close(self) -> None:
        """Hang up everywhere."""
        for writer in self._writers:
            writer.close()
            with suppress(*CLOSED):
                await writer.wait_closed()


def serve(
    plant: Plant,
    test: Callable[[Site], Awaitable[None]],
    bounds: Bounds = BOUNDS,
    times: HttpTimes = PATIENT,
    door_times: DoorTimes = DOOR_TIMES,
) -> None:
    """Run `test` against a real server in front of tmr1, while the world's time goes on."""

    async def whole(world: World) -> None:
        loop = asyncio.get_running_loop()
        context = pki.api_context(plant.host)
        server = ApiServer(world.apps["tmr1"], context, bounds, times, door_times)
        sockets = bind([(LOCALHOST, 0)])
        serving = loop.create_task(server.run_on(sockets))

        async def live() -> None:
            while True:
                world.advance()
                await asyncio.sleep(0.001)

        living = loop.create_task(live())
        site = Site(world, plant, sockets[0].getsockname()[1], server)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not server.started:
                    await asyncio.sleep(0.001)
                await test(site)
        finally:
            await site.close()
            server.should_exit = True
            await serving
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)

    run(whole)


def test_a_client_lives_a_whole_life_on_one_connection(plant):
    async def test(site: Site) -> None:
        world, client = site.world, await site.connect(plant.client)
        nonce = world.nonce()
        reply = await client.call("PUT", "/v1/leases/one", world.asking({"nonce": nonce}))
        assert reply.status == 201
        grant = world.believe(reply, nonce)
        (lease,) = world.hosts["tmr1"].state.leases.values()
        assert lease.ref.client == "cert:alice"
        proof = (": ".join(secret()),)
        beat = api.HeartbeatRequest(generation=grant.generation)
        assert (await client.call("POST", "/v1/leases/one/heartbeat", beat, proof)).status == 200
        target = f"/v1/leases/one?generation={grant.generation}"
        assert (await client.call("DELETE", target, headers=proof)).status == 200
        assert (await client.call("GET", "/v1/status")).of(api.StatusDocument).leases == 0
        assert "server" not in reply.headers

    serve(plant, test)


def test_a_body_counts_alike_with_its_head_after_it_and_in_a_row(plant):
    async def test(site: Site) -> None:
        client = await site.connect(plant.client)

        def asking(lease_id: str, *lines: str) -> tuple[bytes, bytes]:
            body = msgspec.json.encode(site.world.asking({}))
            head = [f"PUT /v1/leases/{lease_id} HTTP/1.1", f"content-length: {len(body)}", *lines]
            return "\r\n".join(head).encode() + b"\r\n\r\n", body

        head, body = asking("with")
        reply = await client.raw(head + body)
        assert (reply.status, reply.headers["content-type"]) == (201, "application/json")
        assert "date" in reply.headers and "connection" not in reply.headers
        head, body = asking("after", "expect: 100-continue")
        client.writer.write(head)
        assert b"100 Continue" in await client.reader.readuntil(b"\r\n\r\n")
        for part in (body[:7], body[7:]):
            client.writer.write(part)
            await client.writer.drain()
        assert (await client.read()).headers.keys() == reply.headers.keys()
        rows = [b"".join(asking(f"row{number}")) for number in range(4)]
        client.writer.write(b"".join(rows))
        grants = [(await client.read()).of(api.GrantDocument) for _ in rows]
        assert [grant.lease_id for grant in grants] == ["row0", "row1", "row2", "row3"]
        reply = await client.raw(b"".join(asking("last", "connection: close")))
        assert (reply.status, reply.headers["connection"]) == (201, "close")
        assert await client.reader.read() == b""
        held = {lease.ref.lease_id for lease in site.world.hosts["tmr1"].state.leases.values()}
        assert held == {"with", "after", "row0", "row1", "row2", "row3", "last"}

    serve(plant, test)


def test_a_dismissed_certificate_is_refused_on_open_and_on_resumed_connections(plant):
    async def test(site: Site) -> None:
        context = site.plant.context(plant.client)
        client = await site.connect(plant.client, context)
        assert (await client.call("GET", "/v1/status")).status == 200
        session = client.writer.get_extra_info("ssl_object").session
        state = site.world.hosts["tmr1"].state
        serial = pki.own_serial(plant.client.cert)
        state.set_dismissed(serial, Dismissed("alice", "client", 0, "", "", 0, 0))
        reply = await client.call("GET", "/v1/status")
        assert (reply.status, reply.reason) == (401, "unauthenticated")
        resumed, status = await asyncio.to_thread(site.resume, context, session)
        assert (resumed, status) == (True, 401)
        state.set_dismissed(serial, None)
        assert (await client.call("GET", "/v1/status")).status == 200

    serve(plant, test)


def test_a_stolen_host_certificate_is_no_clients(plant):
    async def test(site: Site) -> None:
        thief = await site.connect(plant.stolen)
        reply = await thief.call("PUT", "/v1/leases/one", site.world.asking({}))
        assert (reply.status, reply.reason) == (403, "forbidden")
        assert "tmr" in reply.problem.detail
        assert not site.world.hosts["tmr1"].state.leases

    serve(plant, test)


def test_a_certificate_of_another_deployment_does_not_connect(plant):
    async def test(site: Site) -> None:
        with pytest.raises(CLOSED):
            stranger = await site.connect(plant.foreign)
            await stranger.call("GET", "/healthz")
        # The service stays up.
        reply = await (await site.connect(plant.client)).call("GET", "/healthz")
        assert reply.status == 200

    serve(plant, test)


def test_without_a_certificate_only_a_token_lets_in(plant):
    async def test(site: Site) -> None:
        visitor = await site.connect(None)
        assert (await visitor.call("GET", "/healthz")).status == 200
        assert (await visitor.call("GET", "/v1/status")).reason == "unauthenticated"
        bad = ("authorization: Bearer guess",)
        assert (await visitor.call("GET", "/v1/status", headers=bad)).reason == "unauthenticated"

    serve(plant, test)


def test_roles_come_from_the_certificate(plant):
    async def test(site: Site) -> None:
        body = api.OperateRequest(why="test", host="tmr2")
        client = await site.connect(plant.client)
        reply = await client.call("POST", "/v1/maintenance", body)
        assert (reply.status, reply.reason) == (403, "forbidden")
        operator = await site.connect(plant.operator)
        assert (await operator.call("POST", "/v1/maintenance", body)).status == 200
        act = site.world.hosts["tmr1"].state.acts()[-1]
        assert (act.who, act.why) == ("cert:olga", "test")

    serve(plant, test)


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\r\n\r\n",
        b"PUT /v1/leases/x HTTP/1.1\r\ncontent-length: x\r\n\r\n",
        b"PUT /v1/leases/x HTTP/1.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
        b"PUT /v1/leases/x HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        b"CONNECT tmr:1 HTTP/1.1\r\nhost: tmr\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_the_service_stays_up(plant, data):
    async def test(site: Site) -> None:
        client = await site.connect(plant.client)
        with suppress(*CLOSED):
            reply = await client.raw(data)
            assert 400 <= reply.status < 500
            assert b"Traceback" not in reply.body
        other = await site.connect(plant.client)
        assert (await other.call("GET", "/healthz")).status == 200

    serve(plant, test)


def test_an_endless_head_is_cut_off(plant):
    async def test(site: Site) -> None:
        client = await site.connect(plant.client)
        client.writer.write(b"GET /healthz HTTP/1.1\r\nx: ")
        with suppress(*CLOSED):
            for _ in range(64):
                client.writer.write(b"y" * HEAD_BYTES_MAX)
                await client.writer.drain()
        with suppress(*CLOSED):
            reply = await client.read()
            assert (reply.status, reply.reason) == (431, "head-too-large")
        other = await site.connect(plant.client)
        big = ("x: " + "y" * (HEAD_BYTES_MAX // 2),)
        assert (await other.call("GET", "/healthz", headers=big)).status == 200
        assert (await other.call("GET", "/healthz", headers=big)).status == 200

    serve(plant, test)


def test_an_oversized_body_is_refused_and_the_connection_goes_on(plant):
    async def test(site: Site) -> None:
        client = await site.connect(plant.client)
        reply = await client.call("PUT", "/v1/leases/one", "x" * 100_000)
        assert (reply.status, reply.reason) == (413, "body-too-large")
        assert (await client.call("GET", "/healthz")).status == 200
        chunked = b"PUT /v1/leases/one HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"
        chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
        reply = await client.raw(chunked + chunk * 5 + b"0\r\n\r\n")
        assert (reply.status, reply.reason) == (413, "body-too-large")

    serve(plant, test)


def test_events_come_over_the_wire_and_end_with_the_connection(plant):
    async def test(site: Site) -> None:
        stream = await site.connect(plant.client)
        stream.writer.write(b"GET /v1/events HTTP/1.1\r\nhost: tmr\r\n\r\n")
        head = await stream.reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head and b"text/event-stream" in head
        client = await site.connect(plant.client)
        await client.call("PUT", "/v1/leases/one", site.world.asking({}))
        assert b'"lease_id":"one"' in await stream.reader.readuntil(b'"lease_id":"one"')
        stream.writer.close()
        while site.world.hosts["tmr1"].hub:
            await asyncio.sleep(0.001)

    serve(plant, test)


def test_an_address_in_use_is_named():
    (sock,) = bind([(LOCALHOST, 0)])
    sock.listen()
    port = sock.getsockname()[1]
    try:
        with pytest.raises(OSError, match=f"cannot listen on {LOCALHOST}:{port}"):
            bind([(LOCALHOST, port)])
    finally:
        sock.close()
