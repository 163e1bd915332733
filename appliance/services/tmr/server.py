"""The API's HTTPS server: uvicorn, told who the TLS peer of each connection is."""

from __future__ import annotations

import asyncio
import logging
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
        super().connection_made(transport)
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

    async def run_on(self, sockets: list[socket.socket]) -> None:
        """Serve until `should_exit` is set."""
        await self._serve(sockets)


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
