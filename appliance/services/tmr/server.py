"""The API's HTTPS server: uvicorn, told who the TLS peer of each connection is.

What can go wrong in here is a crowd: after a failover every client comes back at the same moment,
and hundreds of handshakes in one turn of the event loop would silence this host towards its
upstreams until they take it for dead. So connections are accepted by our own hand, a few handshakes
at a time, and who came first is served first.
"""

from __future__ import annotations

import asyncio
import logging
import select
import socket
import ssl
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from appliance.adapters.pki import IdentityRefused, peer_identity
from appliance.services.tmr.app import PEER, App
from appliance.services.tmr.problems import Refusal

log = logging.getLogger(__name__)

BACKLOG = 4096
KEEP_ALIVE_S = 120
HEAD_MAX = 32 << 10
GRACE_S = 2
HANDSHAKES_MAX = 16
# A peer that is slow to shake hands keeps others waiting no longer than this.
HANDSHAKE_TURN_S = 0.02
HANDSHAKE_S = 10.0
UNWELCOMED_MAX = 1024
ACCEPT_PAUSE_S = 0.1


class JoiningTransport(asyncio.Transport):
    """Sends what is written one after the other in one piece, where uvicorn writes a head and then
    a body: one TLS record and one system call for an answer, not two.

    A first write waits for a second one, but no longer than until the event loop's next turn.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._kept = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it, or send it with what was kept."""
        kept, self._kept = self._kept, b""
        if kept:
            self._transport.write(kept + data)
        else:
            self._kept = bytes(data)
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        kept, self._kept = self._kept, b""
        if kept:
            self._transport.write(kept)

    def close(self) -> None:
        """Close once everything is sent."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._kept = b""
        self._transport.abort()

    def is_closing(self) -> bool:
        """As the transport says."""
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As the transport says."""
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Read nothing for now."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._transport.resume_reading()


class PeerProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol; the connection's verified certificate goes into the ASGI state."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Read the certificate once for all requests of this connection."""
        # uvloop's transports do not derive from asyncio's.
        transport = cast("asyncio.Transport", transport)
        certificate = transport.get_extra_info("peercert")
        identity = None
        if certificate:
            try:
                identity = peer_identity(certificate)
            except IdentityRefused as refused:
                log.warning("peer certificate refused: %s", refused.detail)
        self.app_state: dict[str, Any] = {**self.app_state, PEER: identity}
        self._head_bytes = 0
        self._in_head = False
        super().connection_made(JoiningTransport(transport, self.loop))
        # uvicorn bounds the silence after an answer, not the one before the first request.
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def data_received(self, data: bytes) -> None:
        """Bound a request's head, which the parser collects without a bound of its own."""
        went_on = self._in_head
        super().data_received(data)
        if went_on and self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_MAX and not self.transport.is_closing():
                self._refuse_head()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A head ends."""
        self._in_head = False
        super().on_headers_complete()

    def _refuse_head(self) -> None:
        refusal = Refusal("head-too-large", f"a request's head has at most {HEAD_MAX} bytes")
        body = refusal.body()
        lines = [b"HTTP/1.1 431 Request Header Fields Too Large", b"connection: close"]
        lines += [name + b": " + value for name, value in refusal.headers()]
        lines.append(b"content-length: " + str(len(body)).encode())
        self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        self.transport.close()


class ApiServer(uvicorn.Server):
    """Serves the app on sockets of its own; signals are the service's business, not uvicorn's."""

    def __init__(self, app: App, context: ssl.SSLContext, connections_max: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=PeerProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=BACKLOG,
                limit_concurrency=connections_max,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
                ssl_context_factory=lambda config, default: context,
            )
        )

        self._turns = asyncio.Semaphore(HANDSHAKES_MAX)
        self._room = asyncio.Semaphore(UNWELCOMED_MAX)
        self._doors: list[asyncio.Task[None]] = []
        self._welcoming: set[asyncio.Task[None]] = set()

    async def run_on(self, sockets: list[socket.socket]) -> None:
        """Serve until `should_exit` is set."""
        loop = asyncio.get_running_loop()
        for sock in sockets:
            sock.setblocking(False)
            sock.listen(BACKLOG)
        try:
            # uvicorn listens on nothing; what is accepted here becomes a connection of its own.
            serving = loop.create_task(self._serve([]))
            self._doors = [loop.create_task(self._accept(sock)) for sock in sockets]
            await serving
        finally:
            await self._close_doors()
            for sock in sockets:
                sock.close()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Called by uvicorn when its end has come: let nobody in any more."""
        await self._close_doors()
        await super().shutdown(sockets)

    async def _close_doors(self) -> None:
        tasks = [*self._doors, *self._welcoming]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, listening: socket.socket) -> None:
        """Accept for ever, at most `UNWELCOMED_MAX` that have not shaken hands."""
        loop = asyncio.get_running_loop()
        while True:
            await self._room.acquire()
            try:
                sock, _ = await loop.sock_accept(listening)
            except OSError as error:
                self._room.release()
                log.warning("cannot accept a connection: %s", error)
                await asyncio.sleep(ACCEPT_PAUSE_S)
                continue
            task = loop.create_task(self._welcome(sock))
            self._welcoming.add(task)
            task.add_done_callback(self._welcoming.discard)

    async def _welcome(self, sock: socket.socket) -> None:
        """Shake hands once the peer has begun to speak; one that does not keep to TLS is hung up
        on, and one that went elsewhere while it waited gets no handshake."""
        loop = asyncio.get_running_loop()
        try:
            sock.setblocking(False)
            async with asyncio.timeout(HANDSHAKE_S):
                await _readable(sock)
                await self._turns.acquire()
            turn = _Turn(self._turns)
            timer = loop.call_later(HANDSHAKE_TURN_S, turn.end)
            try:
                if _hung_up(sock):
                    sock.close()
                    return
                await loop.connect_accepted_socket(
                    self._protocol,
                    sock,
                    ssl=self.config.ssl,
                    ssl_handshake_timeout=HANDSHAKE_S,
                )
            finally:
                timer.cancel()
                turn.end()
        except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
            log.debug("a handshake failed: %s", error)
            sock.close()
        finally:
            self._room.release()

    def _protocol(self) -> PeerProtocol:
        return PeerProtocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )


class _Turn:
    """One place among the handshakes that are under way, given back once."""

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self._turns = turns
        self._ended = False

    def end(self) -> None:
        """Let the next one in."""
        if not self._ended:
            self._ended = True
            self._turns.release()


async def _readable(sock: socket.socket) -> None:
    """Return once something came, be it the end."""
    loop = asyncio.get_running_loop()
    came: asyncio.Future[None] = loop.create_future()
    loop.add_reader(sock.fileno(), _note, came)
    try:
        await came
    finally:
        loop.remove_reader(sock.fileno())


def _note(came: asyncio.Future[None]) -> None:
    if not came.done():
        came.set_result(None)


def _hung_up(sock: socket.socket) -> bool:
    """Whether the peer has closed already, with its request perhaps unread; known on Linux only."""
    if not hasattr(select, "POLLRDHUP"):
        return False
    poll = select.poll()
    poll.register(sock, select.POLLRDHUP)
    return bool(poll.poll(0))


def bind(addresses: list[tuple[str, int]]) -> list[socket.socket]:
    """Listening sockets on these addresses. Raises OSError naming the address in use."""
    sockets: list[socket.socket] = []
    try:
        for host, port in addresses:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            sock = socket.socket(family, socket.SOCK_STREAM)
            sockets.append(sock)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, port))
            sock.set_inheritable(True)
    except OSError as error:
        for sock in sockets:
            sock.close()
        raise OSError(error.errno, f"cannot listen on {host}:{port}: {error.strerror}") from error
    return sockets
