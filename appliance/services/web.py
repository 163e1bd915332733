"""A small bounded HTTP server for an ASGI application: administration, time stamps, activation.

What can go wrong in here is a crowd of connections, or one that says nothing for ever: both are the
door's to end (`appliance.adapters.doors.door`). The client API's server stands behind the same door
(`appliance.services.tmr.server`).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Final

from starlette.applications import Starlette
from uvicorn.server import ServerState

from appliance.adapters.doors.door import DOOR_TIMES, Door, DoorTimes, bind
from appliance.adapters.doors.doorkeeper import Bounds, Doorkeeper
from appliance.services.contact_face import Noting
from appliance.services.http_connection import (
    HEAD_BYTES_MAX,
    Application,
    HttpConnection,
    HttpServer,
    HttpTimes,
    Peer,
    uvicorn_config,
)
from appliance.services.problems import problem_app, raw_answer

WEB_TIMES: Final = HttpTimes(idle_s=10.0, request_s=30.0)


class WebServer:
    """Serves an application on one address, on the running event loop; TLS if given a context."""

    def __init__(
        self,
        address: tuple[str, int],
        app: Starlette | Noting,
        context: ssl.SSLContext | None = None,
        *,
        bounds: Bounds,
        times: HttpTimes = WEB_TIMES,
        door_times: DoorTimes = DOOR_TIMES,
        look_at: Callable[[asyncio.Transport], Peer] = lambda transport: Peer(),
    ) -> None:
        """`look_at` says who a connection is, and what the `state` of its requests holds."""
        self._address = address
        self.keeper = Doorkeeper(bounds)
        self._state = ServerState()
        shared = HttpServer(
            uvicorn_config(app), self._state, self.keeper, times, look_at, _no_place, _long_head
        )
        self._door = Door(
            self.keeper, lambda guest: HttpConnection(shared, guest), context, door_times
        )

    async def start(self) -> tuple[str, int]:
        """Listen; gives the address, useful if the port was 0. Raises OSError."""
        sockets = bind([self._address])
        self._door.open(sockets)
        name = sockets[0].getsockname()
        return name[0], name[1]

    async def close(self) -> None:
        """Stop listening and close every connection."""
        await self._door.close()
        for connection in list(self._state.connections):
            connection.transport.abort()
        for task in list(self._state.tasks):
            task.cancel()
        await asyncio.gather(*self._state.tasks, return_exceptions=True)


def _no_place(why: str) -> Application:
    return problem_app(503, "overloaded", f"{why}.")


def _long_head() -> bytes:
    detail = f"A request's head has at most {HEAD_BYTES_MAX} bytes."
    return raw_answer(431, "head-too-large", detail)
