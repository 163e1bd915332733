"""Each of our servers on a loopback port, on the running loop, with bounds and deadlines to choose.

A `Case` says how to make one, and what an anonymous visitor may ask of it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from appliance.adapters.doors.door import DoorTimes, bind
from appliance.adapters.doors.doorkeeper import Bounds, Doorkeeper
from appliance.adapters.pki import authority as pki
from appliance.services.central import LicenseCentral
from appliance.services.central.app import make_app as central_app
from appliance.services.central.transfers import Transfers
from appliance.services.http_connection import HttpTimes
from appliance.services.timeserver.app import Clockwork
from appliance.services.timeserver.app import make_app as time_app
from appliance.services.tmr.app import App
from appliance.services.tmr.server import ApiServer
from appliance.services.upstream.admin import AdminServer
from appliance.services.web import WebServer

LOCALHOST = "127.0.0.1"
FOR_LONG = 300.0
PATIENT = HttpTimes(FOR_LONG, FOR_LONG, FOR_LONG, FOR_LONG, FOR_LONG)
PATIENT_DOOR = DoorTimes(FOR_LONG, FOR_LONG, FOR_LONG, sweep_s=0.01)
SMALL = Bounds(
    arrivals_max=32,
    arrivals_per_address_max=16,
    shaking_max=8,
    shaking_share_s=0.0,
    strangers_max=8,
    strangers_per_address_max=4,
    known_max=16,
    known_per_client_max=4,
    operators_kept=2,
    holders_kept=2,
)
CLOSED = (OSError, ssl.SSLError, asyncio.IncompleteReadError)


@dataclass(frozen=True)
class Limits:
    """What a test chooses."""

    bounds: Bounds = SMALL
    times: HttpTimes = PATIENT
    door: DoorTimes = PATIENT_DOOR


class Papers:
    """One deployment's certificates, and a vendor's directory."""

    def __init__(self, directory: Path) -> None:
        now = datetime.now(UTC)
        self.ca = directory / "ca"
        pki.create_ca(self.ca, now)
        self.host = pki.issue_host(self.ca, directory / "h", "tmr1", "tmr", now, [LOCALHOST])
        self.client = pki.issue_client(self.ca, directory / "c", "alice", now)
        self.other = pki.issue_client(self.ca, directory / "b", "bob", now)
        self.operator = pki.issue_operator(self.ca, directory / "o", "olga", "operate", now)
        self.directory = directory
        self.block_list = directory / "block-list.crl"
        self.block_list.write_bytes(bytes(2 << 20))
        self.central = LicenseCentral.create(directory / "central", rng=Random(1))

    def context(self, identity: pki.IdentityFiles | None = None) -> ssl.SSLContext:
        """How somebody with this certificate connects."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.host.ca)
        if identity is not None:
            context.load_cert_chain(identity.cert, identity.key)
        return context


@dataclass
class Site:
    """A server that listens: where, how to speak to it, and who is inside."""

    port: int
    keeper: Doorkeeper
    papers: Papers
    tls: bool = True
    streams: list[asyncio.StreamWriter] = field(default_factory=list)

    async def tcp(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection on which nothing was said."""
        streams = await asyncio.open_connection(LOCALHOST, self.port)
        self.streams.append(streams[1])
        return streams

    async def connect(
        self, identity: pki.IdentityFiles | None = None, receive_bytes: int = 0
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection after its handshake, if there is one."""
        sock = socket.socket()
        if receive_bytes:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (LOCALHOST, self.port))
        context = self.papers.context(identity) if self.tls else None
        streams = await asyncio.open_connection(
            sock=sock, ssl=context, server_hostname=LOCALHOST if self.tls else None, limit=1 << 16
        )
        self.streams.append(streams[1])
        return streams

    async def ask(
        self,
        path: str = "/healthz",
        identity: pki.IdentityFiles | None = None,
        more: str = "",
    ) -> tuple[int, bytes]:
        """Connect, ask once, and give status and body; the connection stays."""
        reader, writer = await self.connect(identity)
        return await ask(reader, writer, path, more)

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for a condition."""
        while not condition():
            await asyncio.sleep(0.002)


async def ask(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    path: str = "/healthz",
    more: str = "",
) -> tuple[int, bytes]:
    """One request on a connection."""
    writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\n{more}\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0] or "0")
    return int(head.split()[1]), await reader.readexactly(length)


async def ended(reader: asyncio.StreamReader) -> bool:
    """Wait until the other side hangs up, whatever it said before."""
    try:
        while await reader.read(1 << 16):
            pass
    except CLOSED:
        pass
    return True


class _Upstream:
    """An upstream of which only /healthz is asked."""

    damage = ""


@asynccontextmanager
async def api(papers: Papers, limits: Limits, app: App) -> AsyncIterator[Site]:
    """The client API."""
    context = pki.api_context(papers.host)
    server = ApiServer(app, context, limits.bounds, limits.times, limits.door)
    sockets = bind([(LOCALHOST, 0)])
    serving = asyncio.get_running_loop().create_task(server.run_on(sockets))
    while not server.started:
        await asyncio.sleep(0.001)
    try:
        yield Site(sockets[0].getsockname()[1], server.keeper, papers)
    finally:
        server.should_exit = True
        server.force_exit = True
        await serving


@asynccontextmanager
async def web(papers: Papers, limits: Limits, kind: str) -> AsyncIterator[Site]:
    """The servers for few: "admin", "central", "time" (HTTP) and "time-https"."""
    options: dict[str, Any] = {
        "bounds": limits.bounds,
        "times": limits.times,
        "door_times": limits.door,
    }
    address = (LOCALHOST, 0)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers.host.cert, papers.host.key)
    server: WebServer
    if kind == "admin":
        upstream: Any = _Upstream()
        server = AdminServer(address, pki.api_context(papers.host), upstream, **options)
    elif kind == "central":
        transfers = Transfers(papers.directory / "central", papers.central)
        server = WebServer(address, central_app(transfers), context, **options)
    else:
        signer: Any = None  # nobody asks for a time stamp here
        works = Clockwork(lambda: 0, lambda: 0.0, lambda: 1)
        app = time_app(signer, papers.block_list, 60, works)
        server = WebServer(address, app, None if kind == "time" else context, **options)
    _, port = await server.start()
    try:
        yield Site(port, server.keeper, papers, tls=kind != "time")
    finally:
        await server.close()
