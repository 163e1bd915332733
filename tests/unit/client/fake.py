"""A TMR server that does what a test tells it, over real TLS, and keeps what it was sent."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ipaddress
import random
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from appliance.client import (
    AsyncClient,
    CallTiming,
    ClientTls,
    LeaseTiming,
    ReceiptRefused,
    ReceiptVerifier,
    Trust,
)
from appliance.codec.api import (
    CheckOutRequest,
    ConsumeRequest,
    EndedDocument,
    HeartbeatDocument,
    Problem,
)
from appliance.codec.api_units import ReserveRequest, SettledDocument, SettleRequest
from appliance.licences.commands import Item
from appliance.licences.grants import item_hash
from appliance.licences.model import ProductItem
from appliance.licences.modes import MODES, share_of
from appliance.licences.wishes import wishes_hash, wishes_in
from appliance.verifier.certificates import CertificateRefused
from tests.unit.verifier.plant import FIRM_CODE, Endorser, Plant, a_grant, a_line, an_item

WAIT_S = 30.0
HOST = "127.0.0.1"
# A server that answers is waited for: what a test counts does not change on a busy machine.
TIMING = CallTiming(
    deadline_s=20.0,
    silence_s=500.0,
    patience_s=500.0,
    patience_max_s=500.0,
    connect_s=5.0,
    handshake_s=10.0,
    settle_s=0.2,
)
# For tests of silence alone: they count no requests that an honest server might answer late.
IMPATIENT = replace(TIMING, silence_s=0.1, patience_s=0.2, patience_max_s=5.0)
LEASE_TIMING = LeaseTiming(answer_s=20.0, retry_s=0.02, check_in_s=10.0, nap_max_s=0.02)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, with a generous deadline."""
    give_up_at = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < give_up_at, "the condition did not come true"
        await asyncio.sleep(0.005)


@dataclass
class Request:
    """One request as it arrived. `connection` counts the server's connections from 1."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def document(self) -> dict[str, Any]:
        decoded: dict[str, Any] = msgspec.json.decode(self.body)
        return decoded


@dataclass
class Reply:
    """What to do with a request: answer, be `silent`, `reset`, or send `raw` bytes and end."""

    status: int = 200
    document: object = None
    media_type: str = "application/json"
    silent: bool = False
    reset: bool = False
    raw: bytes | None = None
    hold_open: bool = False
    header: str = ""


ROUNDS_OF_AN_ACCEPT = 5
"""Of the event loop: then whoever was accepted just before has a transport."""
SILENCE = Reply(silent=True)
RESET = Reply(reset=True)
Script = Callable[[Request], Reply | Awaitable[Reply]]


def problem(reason: str, status: int, **fields: Any) -> Reply:
    document = Problem(type=f"urn:tmr:problem:{reason}", title=reason, status=status, **fields)
    return Reply(status, document, "application/problem+json")


@dataclass
class Certificates:
    """PEM files of a CA made for this test run."""

    ca: Path
    server: Path
    server_key: Path
    client: Path
    client_key: Path

    def tls(self, **fields: Any) -> ClientTls:
        return replace(ClientTls(self.ca, self.client, self.client_key), **fields)


def make_certificates(directory: Path, host: str = HOST) -> Certificates:
    """A new CA, a server certificate with the host's IP, a client certificate."""
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA of a test")])
    paths = [
        directory / name for name in ("ca.pem", "server.pem", "server.key", "cl.pem", "cl.key")
    ]

    def issue(name: x509.Name, key: ec.EllipticCurvePrivateKey, is_ca: bool) -> bytes:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(ca_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), False
            )
        )
        return builder.sign(ca_key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def private(key: ec.EllipticCurvePrivateKey) -> bytes:
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    paths[0].write_bytes(issue(ca_name, ca_key, True))
    for common_name, certificate, key_path in (
        ("s", paths[1], paths[2]),
        ("c", paths[3], paths[4]),
    ):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        certificate.write_bytes(issue(name, key, False))
        key_path.write_bytes(private(key))
    return Certificates(*paths)


@dataclass
class FakeServer:
    """Serves `script` on a port of its own; by default an honest TMR server over `plant`."""

    certificates: Certificates
    plant: Plant = field(default_factory=Plant)
    script: Script | None = None
    lease_ttl_s: int = 60
    valid_for_s: int = 600
    generation: int = 17
    endorsers: list[Endorser] | None = None
    sequence: int = 1
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    open_max: int = 0
    resumed: int = 0
    names: list[str] = field(default_factory=list)
    port: int = 0
    ended: set[str] = field(default_factory=set)
    station: bytes = b""
    """What it says to be everybody's."""
    leaves_out: dict[str, Any] = field(default_factory=dict)
    """Wishes that it sends on as if they were these."""
    asked: dict[str, bytes] = field(default_factory=dict)
    items: dict[str, tuple[Item, ...]] = field(default_factory=dict)
    gives: tuple[Item, ...] = ()
    """The hash of the wishes of each lease."""

    async def __aenter__(self) -> FakeServer:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.certificates.ca)
        context.load_cert_chain(self.certificates.server, self.certificates.server_key)
        context.verify_mode = ssl.CERT_REQUIRED
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._server = await asyncio.start_server(self._serve, HOST, self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Die: every connection is reset and the port is closed.

        Whoever was accepted just before gets a transport first: after the server's end asyncio
        (3.11) makes one that nobody can close.
        """
        for listening in self._server.sockets:
            asyncio.get_running_loop().remove_reader(listening.fileno())
        for _ in range(ROUNDS_OF_AN_ACCEPT):
            await asyncio.sleep(0)
        self._server.close()
        self.cut()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=WAIT_S)
        await self.cut_handshakes()

    async def cut_handshakes(self) -> None:
        """Reset whoever is being let in, and wait until the sockets are closed."""
        for _ in range(ROUNDS_OF_AN_ACCEPT):
            self._cut_handshakes()
            await asyncio.sleep(0)

    def _cut_handshakes(self) -> None:
        """Reset who is in the middle of a handshake, too: nobody was told of it yet."""
        there: dict[int, asyncio.Transport] = getattr(asyncio.get_running_loop(), "_transports", {})
        for transport in list(there.values()):
            if transport.get_extra_info("sockname") == (HOST, self.port):
                transport.abort()

    def cut(self) -> None:
        """Reset every connection."""
        for writer in list(self._writers):
            writer.transport.abort()

    def paths(self, method: str) -> list[str]:
        return [request.path for request in self.requests if request.method == method]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        self.connections += 1
        self.open += 1
        self.open_max = max(self.open, self.open_max)
        self.resumed += bool(writer.get_extra_info("ssl_object").session_reused)
        self.names.append(writer.get_extra_info("peercert")["subject"][0][0][1])
        try:
            await self._converse(reader, writer, self.connections)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            self._writers.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort()

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            method, path, _ = first.split(" ")
            headers = {
                name.lower(): value.strip()
                for name, value in (line.split(":", 1) for line in lines)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            request = Request(method, path, headers, body, number)
            self.requests.append(request)
            reply = (self.script or self.honest)(request)
            if not isinstance(reply, Reply):
                reply = await reply
            if reply.silent:
                await reader.read()  # until the client gives up
                return
            if reply.reset:
                writer.transport.abort()
                return
            if reply.raw is not None:
                writer.write(reply.raw)
                await writer.drain()
                if not reply.hold_open:
                    writer.close()
                    return
                await reader.read()
                return
            answer = msgspec.json.encode(reply.document)
            writer.write(
                f"HTTP/1.1 {reply.status} X\r\ncontent-type: {reply.media_type}; charset=utf-8\r\n"
                f"content-length: {len(answer)}\r\n{reply.header}\r\n".encode()
                + answer
            )

    def honest(self, request: Request) -> Reply:
        """What a TMR server that is well would answer."""
        where, _, query = request.path.partition("?")
        if where == "/v1/firm-words":
            asked = {name: int(value) for name, value in parse_qsl(query)}
            code, item = asked.pop("firm_code"), permitting(**asked)
            firm = self.plant.firm_of(code)
            return Reply(
                200, self.plant.words(item, firm=firm, firm_code=code, sequence=self.sequence)
            )
        name, _, verb = request.path.removeprefix("/v1/leases/").partition("/")
        if request.method == "PUT":
            check_out = msgspec.json.decode(request.body, type=CheckOutRequest)
            self.items[name] = self.gives or check_out.wanted
            return Reply(
                201,
                self._grant(
                    name,
                    check_out.nonce,
                    wishes_hash=self._asked(name, check_out),
                    firm_code=check_out.firm_code,
                    mode=check_out.mode,
                    share=share_of(check_out.mode, self.station or check_out.station),
                ),
            )
        if verb == "heartbeat":
            if name in self.ended:
                return problem("lease-ended", 410, detail="it lapsed")
            return Reply(
                200,
                HeartbeatDocument(
                    lease_id=name, generation=self.generation, lease_ttl_s=self.lease_ttl_s
                ),
            )
        if verb == "units/settle":
            settle = msgspec.json.decode(request.body, type=SettleRequest)
            settled = SettledDocument(
                lease_id=name,
                generation=settle.generation,
                number=settle.number,
                units_taken=settle.used,
            )
            return Reply(200, settled)
        if verb in ("units", "units/reserve"):
            kind = ConsumeRequest if verb == "units" else ReserveRequest
            consume = msgspec.json.decode(request.body, type=kind)
            fields: dict[str, Any] = {
                "units_taken": consume.units,
                "units_left": 500 - consume.units,
                "wishes_hash": self.asked[name],
                "units": (consume.product_code, consume.units),
            }
            return Reply(200, self._grant(name, consume.nonce, **fields))
        if request.method == "DELETE":
            return Reply(
                200, EndedDocument(lease_id=name.partition("?")[0], generation=self.generation)
            )
        return problem("not-found", 404)

    def _asked(self, name: str, check_out: CheckOutRequest) -> bytes:
        """The hash of the wishes that come to the upstreams, and stay with the lease."""
        wishes = msgspec.structs.replace(wishes_in(check_out), **self.leaves_out)
        return self.asked.setdefault(name, wishes_hash(wishes))

    def _grant(
        self,
        lease_id: str,
        nonce: bytes,
        firm_code: int = FIRM_CODE,
        units: tuple[int, int] = (0, 0),
        **fields: Any,
    ) -> object:
        items = self.items.get(lease_id, (Item(10),))
        units_of, taken = units[0] or items[0].product_code, units[1]
        grant = a_grant(
            lease_id,
            firm_code=firm_code,
            seats=sum(item.seats for item in items),
            lines=tuple(
                a_line(
                    item.product_code,
                    seats=item.seats,
                    units=taken if item.product_code == units_of else 0,
                    item_hash=item_hash(firm_code, permitting(item.product_code)),
                )
                for item in items
            ),
            lease_ttl_s=self.lease_ttl_s,
            valid_for_s=self.valid_for_s,
            generation=self.generation,
            ends_at_ms=0,
            **fields,
        )
        return self.plant.receipt_for(grant, nonce, endorsers=self.endorsers)


def permitting(product_code: int = 10, tmr_id: int = 4) -> ProductItem:
    """A product item of which the firm permits each access mode."""
    return an_item(product_code, tmr_id, modes=MODES)


def client_of(*servers: FakeServer, **fields: Any) -> AsyncClient:
    """A client of these servers that pins their plant's root, unless another trust is given, and
    knows what the firm signed."""
    first = servers[0]
    tls = fields.pop("tls", None) or first.certificates.tls()
    trust = fields.pop("trust", Trust(first.plant.root))
    settings: dict[str, Any] = {
        "timing": TIMING,
        "lease_timing": LEASE_TIMING,
        "chance": random.Random(1),
    } | fields
    if trust is not None and "verifier" not in settings:
        with contextlib.suppress(CertificateRefused, ReceiptRefused):  # the client's to refuse
            verifier = ReceiptVerifier(trust, settings.get("wall_s", time.time))
            settings["verifier"] = first.plant.taught(verifier)
            verifier.learn(first.plant.words(permitting(10)))
    return AsyncClient([(HOST, server.port) for server in servers], tls, trust, **settings)


def secret_of(request: Request) -> bytes:
    return base64.b64decode(request.headers["tmr-lease-secret"])
