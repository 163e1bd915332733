"""A small bounded HTTP server for an ASGI application: administration, time stamps.

What can go wrong in here is a crowd of connections, or one that says nothing for ever: beyond
`connections_max` a new one is cut, and an idle one after `idle_s`. The hot client API has a server
of its own (`appliance.services.tmr.server`).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

HANDSHAKE_S: Final = 10


class WebServer:
    """Serves an application on one address, on the running event loop; TLS if given a context."""

    def __init__(
        self,
        address: tuple[str, int],
        app: Starlette,
        context: ssl.SSLContext | None = None,
        *,
        connections_max: int,
        idle_s: int = 10,
        state: Callable[[asyncio.Transport], dict[str, Any]] | None = None,
    ) -> None:
        """`state` says what the `state` of a connection's requests holds."""
        self._address = address
        self._context = context
        self.connections_max = connections_max
        self.request_state = state
        self.state = ServerState()
        self._server: asyncio.Server | None = None
        self.config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=idle_s,
        )
        self.config.load()

    async def start(self) -> tuple[str, int]:
        """Listen; gives the address, useful if the port was 0. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Protocol(self),
            *self._address,
            ssl=self._context,
            ssl_handshake_timeout=None if self._context is None else HANDSHAKE_S,
            backlog=self.connections_max,
        )
        name = self._server.sockets[0].getsockname()
        return name[0], name[1]

    async def close(self) -> None:
        """Stop listening and close every connection."""
        if self._server is not None:
            self._server.close()
        for connection in list(self.state.connections):
            connection.transport.abort()
        for task in list(self.state.tasks):
            task.cancel()
        await asyncio.gather(*self.state.tasks, return_exceptions=True)


class _Protocol(H11Protocol):
    """uvicorn's HTTP/1.1, with a bound on idle connections and on all of them."""

    def __init__(self, server: WebServer) -> None:
        super().__init__(server.config, server.state, {})
        self._server = server

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._server.request_state is not None:
            self.app_state = self._server.request_state(transport)
        if len(self.connections) > self._server.connections_max:
            transport.abort()
            return
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )
