"""The API's HTTPS server: uvicorn, told who the TLS peer of each connection is.

What can go wrong in here is a crowd: after a failover every client comes back at the same moment,
and hundreds of handshakes in one turn of the event loop would silence this host towards its
upstreams until they take it for dead. So connections are accepted by our own hand, a few handshakes
at a time (`appliance.adapters.doors.door`), and nobody known ever pays for a crowd of strangers.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from typing import Final

import uvicorn

from appliance.adapters.clock import boot_s
from appliance.adapters.doors.door import DOOR_TIMES, Door, DoorTimes, bind
from appliance.adapters.doors.doorkeeper import Bounds, Doorkeeper
from appliance.adapters.pki.authority import IdentityRefused, peer_identity
from appliance.adapters.quiet import Quiet
from appliance.services.http_connection import (
    HEAD_BYTES_MAX,
    HTTP_TIMES,
    Application,
    HttpConnection,
    HttpServer,
    HttpTimes,
    Peer,
    uvicorn_config,
)
from appliance.services.problems import problem_app, raw_answer
from appliance.services.settings import AnswerLimits
from appliance.services.tmr.app import PEER, App
from appliance.services.tmr.identity import client_of, is_client, rank_of

__all__ = ["ApiServer", "bind", "bounds_of"]

log = logging.getLogger(__name__)

GRACE_S: Final = 2
KEPT_FRACTION: Final = 8
"""Of all places one in so many is kept for clients that hold leases; and operators have as many,
but no more than they can use."""
OPERATORS_KEPT_MAX: Final = 64


def bounds_of(limits: AnswerLimits) -> Bounds:
    """How many connections of each kind the client API has."""
    kept = limits.connections_max // KEPT_FRACTION
    return Bounds(
        known_max=limits.connections_max,
        known_per_client_max=limits.connections_per_client_max,
        operators_kept=min(OPERATORS_KEPT_MAX, kept),
        holders_kept=kept,
    )


class ApiServer(uvicorn.Server):
    """Serves the app on sockets of its own; signals are the service's business, not uvicorn's."""

    def __init__(
        self,
        app: App,
        context: ssl.SSLContext,
        bounds: Bounds,
        times: HttpTimes = HTTP_TIMES,
        door_times: DoorTimes = DOOR_TIMES,
    ) -> None:
        super().__init__(uvicorn_config(app, timeout_graceful_shutdown=GRACE_S))
        self.keeper = Doorkeeper(bounds, app.holds_leases)
        shared = HttpServer(
            self.config, self.server_state, self.keeper, times, _Looker(), _no_place, _long_head
        )
        self._door = Door(
            self.keeper, lambda guest: HttpConnection(shared, guest), context, door_times
        )

    async def run_on(self, sockets: list[socket.socket]) -> None:
        """Serve until `should_exit` is set."""
        self._door.open(sockets)
        try:
            # uvicorn listens on nothing; what is accepted here becomes a connection of its own.
            await self._serve([])
        finally:
            await self._door.close()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Called by uvicorn when its end has come: let nobody in any more."""
        await self._door.close()
        await super().shutdown(sockets)


class _Looker:
    """Says who a connection is by its certificate; somebody with a token proves it by a request."""

    def __init__(self) -> None:
        self._quiet = Quiet(log)

    def __call__(self, transport: asyncio.Transport) -> Peer:
        certificate = transport.get_extra_info("peercert")
        if not certificate:
            return Peer({PEER: None})
        try:
            identity = peer_identity(certificate)
        except IdentityRefused as refused:
            address = (transport.get_extra_info("peername") or ("unknown",))[0]
            self._quiet.tell(
                boot_s(),
                (address, refused.detail),
                logging.WARNING,
                "peer certificate refused: address=%s why=%s",
                address,
                refused.detail,
            )
            return Peer({PEER: None})
        if not is_client(identity):
            return Peer({PEER: identity})
        return Peer({PEER: identity}, client_of(identity), rank_of(identity.role))


def _no_place(why: str) -> Application:
    return problem_app(503, "overloaded", f"{why}, or come again later")


def _long_head() -> bytes:
    detail = f"a request's head has at most {HEAD_BYTES_MAX} bytes"
    return raw_answer(431, "head-too-large", detail)
