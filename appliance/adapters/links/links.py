"""Links between hosts: frames over mutually authenticated TLS 1.3, in both directions.

    LinkServer   accepts, behind a door that ends what is half-open; tells hosts apart by their
                 certificates and connections by a number
    Link         dials one host, again and again; checks its name, and that it is not silent

Generic over the messages: both are given a maker of frame readers, and encode whatever struct they
are to send. What can go wrong in here is a peer that costs without end, so everything about one has
a bound: its connections, the time of its handshake, its frames, what it leaves unread (it is then
closed), and how long it may be silent while something was asked of it. A link gives no promise
about delivery: whatever was sent may be lost, and the protocol above it repeats.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import Callable, Container
from typing import Any, Final, Generic, Protocol, TypeVar

from appliance.adapters.doors.door import Door, DoorTimes, bind
from appliance.adapters.doors.doorkeeper import Bounds, Doorkeeper, Guest
from appliance.adapters.links.connection import Connection
from appliance.adapters.pki.authority import Identity
from appliance.adapters.quiet import Quiet
from appliance.codec.frames import FRAME_BYTES_MAX, FrameReader
from appliance.details import detail, of_number
from appliance.ledger.effects import Origin

ARRIVALS_MAX: Final = 256
CONNECTIONS_MAX: Final = 64
CONNECTIONS_PER_HOST_MAX: Final = 8
UNREAD_BYTES_MAX: Final = 2 * FRAME_BYTES_MAX
FIRST_BYTE_S: Final = 3.0
HANDSHAKE_TIMEOUT_S: Final = 5.0
CONNECT_TIMEOUT_S: Final = 2.0
BACKOFF_MIN_S: Final = 0.02
BACKOFF_MAX_S: Final = 0.5
GARBLED_BACKOFF_MAX_S: Final = 30.0
"""Whoever says what is no message says it again: such a link is dialled anew ever more seldom."""
REFUSED: Final = detail("link-refused")
"""What a host that ends the handshake looks like from the other end: in TLS 1.3 a client's
certificate is judged after the client's part is over, and asyncio hangs up without the alert."""

log = logging.getLogger(__name__)

M = TypeVar("M")


def _everybody(identity: Identity) -> str:
    return ""


class Chance(Protocol):
    """What jitter needs of a random.Random."""

    def random(self) -> float:
        """A number from 0 to 1."""


class _Accepted(Connection[M]):
    def __init__(self, server: LinkServer[M], reader: FrameReader[M], guest: Guest) -> None:
        super().__init__(reader, server.unread_bytes_max, server.quiet)
        self._server = server
        self._guest = guest
        self.origin = Origin("")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Its certificate is verified: from here on the server counts it by its host.
        self._server.keeper.leave(self._guest)
        super().connection_made(transport)

    def judge(self, identity: Identity) -> str:
        return self._server.judge(identity)

    def up(self) -> None:
        self._server.add(self)

    def deliver(self, message: M) -> None:
        if not self.given_up(self._server.unwelcome(self.identity)):
            self._server.on_message(self.origin, message)

    def connection_lost(self, exc: Exception | None) -> None:
        self._undelivered.clear()
        self._server.remove(self, self.why or (str(exc) if exc else "closed by the other side"))


class LinkServer(Generic[M]):
    """Accepts links on one address.

    `on_message(origin, message)` and `on_lost(origin)` are called on the event loop. Peers need a
    verified certificate of one of `allowed_roles` and, if given, a name in `allowed_names`;
    `unwelcome` says of each message's peer why its certificate was taken back, "" if it was not.
    """

    def __init__(
        self,
        address: tuple[str, int],
        context: ssl.SSLContext,
        make_reader: Callable[[], FrameReader[M]],
        allowed_roles: Container[str],
        on_message: Callable[[Origin, M], None],
        on_lost: Callable[[Origin], None] = lambda origin: None,
        *,
        allowed_names: Container[str] | None = None,
        unwelcome: Callable[[Identity], str] = _everybody,
        unread_bytes_max: int = UNREAD_BYTES_MAX,
    ) -> None:
        self._address = address
        self._context = context
        self._make_reader = make_reader
        self._allowed_roles = allowed_roles
        self._allowed_names = allowed_names
        self.unwelcome = unwelcome
        self.on_message = on_message
        self._on_lost = on_lost
        self.unread_bytes_max = unread_bytes_max
        self._connections: dict[Origin, _Accepted[M]] = {}
        self.quiet = Quiet(log)
        self.keeper = Doorkeeper(
            Bounds(
                arrivals_max=ARRIVALS_MAX,
                arrivals_per_address_max=ARRIVALS_MAX // 4,
                shaking_max=CONNECTIONS_MAX,
            )
        )
        self._door: Door | None = None
        self._numbers = 0
        self._paused = False

    async def start(self) -> tuple[str, int]:
        """Listen; gives the address, useful if the port was 0. Raises OSError."""
        sockets = bind([self._address])
        times = DoorTimes(first_byte_s=FIRST_BYTE_S, handshake_s=HANDSHAKE_TIMEOUT_S)
        self._door = Door(
            self.keeper,
            lambda guest: _Accepted(self, self._make_reader(), guest),
            self._context,
            times,
        )
        self._door.open(sockets)
        name = sockets[0].getsockname()
        return name[0], name[1]

    async def close(self) -> None:
        """Stop listening and close every link."""
        if self._door is not None:
            await self._door.close()
        for connection in list(self._connections.values()):
            connection.abort("this host stops")
        # One turn of the loop in which the aborted connections say good-bye.
        await asyncio.sleep(0)

    @property
    def peers(self) -> tuple[Origin, ...]:
        """The links that stand, oldest first."""
        return tuple(self._connections)

    def send(self, to: Origin, message: Any) -> bool:
        """Hand a message to a link; False if it is gone (the message is then lost)."""
        connection = self._connections.get(to)
        return connection is not None and connection.send(message)

    def pause(self) -> None:
        """Take no further messages from any link until `resume`."""
        if not self._paused:
            self._paused = True
            for connection in self._connections.values():
                connection.pause()

    def resume(self) -> None:
        """Take messages again. A message may lead to another `pause`; the rest then waits."""
        if self._paused:
            self._paused = False
            for connection in list(self._connections.values()):
                if self._paused:
                    return
                connection.resume()

    # --- for the connections ---

    def judge(self, identity: Identity) -> str:
        """Why this peer is not welcome, "" if it is."""
        if identity.role not in self._allowed_roles:
            return f"role {identity.role!r} may not use this link"
        if self._allowed_names is not None and identity.name not in self._allowed_names:
            return f"{identity.name!r} is not among the hosts in this host's settings"
        return self.unwelcome(identity)

    def add(self, connection: _Accepted[M]) -> None:
        """A welcome peer's connection: number it and make room for it."""
        host = connection.identity.name
        same = [origin for origin in self._connections if origin.host == host]
        if len(same) >= CONNECTIONS_PER_HOST_MAX:
            # A host that came back from a power cut has left dead connections behind.
            oldest = self._connections[same[0]]
            oldest.abort("its host has too many connections")
            self.remove(oldest, oldest.why)  # Its end is told later, and more may come before.
        elif len(self._connections) >= CONNECTIONS_MAX:
            connection.abort("too many connections")
            connection.tell(logging.WARNING, "refused a connection:", "too many connections")
            return
        self._numbers += 1
        connection.origin = Origin(host, self._numbers)
        self._connections[connection.origin] = connection
        if self._paused:
            connection.pause()
        log.debug("link up: peer=%s link=%d", connection.describe(), self._numbers)

    def remove(self, connection: _Accepted[M], why: str) -> None:
        """A connection ended."""
        if self._connections.pop(connection.origin, None) is not None:
            log.debug("link down: peer=%s link=%d why=%s", *connection.origin, why)
            self._on_lost(connection.origin)


class _Dialled(Connection[M]):
    def __init__(self, link: Link[M], reader: FrameReader[M], roles: Container[str]) -> None:
        super().__init__(reader, UNREAD_BYTES_MAX, link.quiet)
        self._link = link
        self._roles = roles
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.unanswered_since_s: float | None = None
        self.heard = False

    def judge(self, identity: Identity) -> str:
        if identity.name != self._link.name or identity.role not in self._roles:
            values = {"role": identity.role, "name": identity.name}
            return detail("link-another-host", wanted=self._link.name, **values)
        return self._link.unwelcome(identity)

    def up(self) -> None:
        # Nothing is delivered before the owner was told that the link is up.
        self.pause()

    def deliver(self, message: M) -> None:
        if not self.given_up(self._link.unwelcome(self.identity)):
            self._link.on_message(self._link.name, message)

    def data_received(self, data: bytes) -> None:
        self.unanswered_since_s = None
        self.heard = True
        self._link.last_failure = ""
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._undelivered.clear()
        if not self.why:
            ended = detail("link-ended", said=exc) if exc else detail("link-closed")
            self.why = ended if self.heard else REFUSED
        if not self.lost.done():
            self.lost.set_result(None)


class Link(Generic[M]):
    """One link to one host, kept up. All callbacks come on the event loop.

    `on_up(name)`, then messages, then `on_down(name, why)`, and so on. With `silent_s`, a
    connection on which nothing came for so long after something was sent is given up and dialled
    anew. `chance` spreads the retries of many hosts; `unwelcome` is as for a LinkServer.
    """

    def __init__(
        self,
        name: str,
        address: tuple[str, int],
        context: ssl.SSLContext,
        make_reader: Callable[[], FrameReader[M]],
        on_up: Callable[[str], None],
        on_message: Callable[[str, M], None],
        on_down: Callable[[str, str], None],
        chance: Chance,
        *,
        silent_s: float,
        roles: Container[str] = ("upstream",),
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        unwelcome: Callable[[Identity], str] = _everybody,
    ) -> None:
        self.name = name
        self.address = address
        self._context = context
        self._make_reader = make_reader
        self._on_up = on_up
        self.on_message = on_message
        self._on_down = on_down
        self._chance = chance
        self._silent_s = silent_s
        self._roles = roles
        self._connect_timeout_s = connect_timeout_s
        self.unwelcome = unwelcome
        self._connection: _Dialled[M] | None = None
        self._task: asyncio.Task[None] | None = None
        self.quiet = Quiet(log)
        self.last_failure = ""
        """Why nothing came from there lately, "" once something did."""

    @property
    def up(self) -> bool:
        """Whether messages can be sent now."""
        return self._connection is not None

    def start(self) -> None:
        """Dial, until `close`."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"link {self.name}")
        self._task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Hang up for good; `on_down` is called if the link was up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
            self._task = None

    def send(self, message: Any) -> bool:
        """Hand a message to the link; False if it is down (the message is then lost)."""
        connection = self._connection
        if connection is None or not connection.send(message):
            return False
        if connection.unanswered_since_s is None:
            connection.unanswered_since_s = asyncio.get_running_loop().time()
        return True

    # --- inside ---

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            # A callback's mistake must not end a link in silence.
            log.critical("a link ended by mistake: peer=%s", self.name, exc_info=task.exception())

    async def _run(self) -> None:
        backoff_s = BACKOFF_MIN_S
        backoff_max_s = BACKOFF_MAX_S
        while True:
            connection, why = await self._dial()
            if connection is not None:
                why = await self._hold(connection)
                if connection.garbled:
                    backoff_s = max(backoff_s, BACKOFF_MAX_S)
                    backoff_max_s = GARBLED_BACKOFF_MAX_S
                elif connection.heard:
                    backoff_s, backoff_max_s = BACKOFF_MIN_S, BACKOFF_MAX_S
            self.last_failure = why
            now_s = asyncio.get_running_loop().time()
            self.quiet.tell(
                now_s, "down", logging.WARNING, "link down: peer=%s why=%s", self.name, why
            )
            await asyncio.sleep(backoff_s * (0.5 + self._chance.random() / 2))
            backoff_s = min(backoff_s * 2, backoff_max_s)

    async def _dial(self) -> tuple[_Dialled[M] | None, str]:
        host, port = self.address
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                _, connection = await loop.create_connection(
                    lambda: _Dialled(self, self._make_reader(), self._roles),
                    host,
                    port,
                    ssl=self._context,
                    server_hostname=self.name,
                    ssl_handshake_timeout=self._connect_timeout_s,
                )
        except TimeoutError:
            return None, detail("link-timeout", within_s=f"{self._connect_timeout_s:g}")
        except ssl.SSLCertVerificationError as error:
            return None, detail("link-certificate", said=error.verify_message)
        except ssl.SSLError as error:
            return None, detail("link-tls", said=error)
        except OSError as error:
            number = error.errno or 0
            said = os.strerror(number) if number > 0 else str(error)
            return None, of_number(number) or said
        return connection, ""

    async def _hold(self, connection: _Dialled[M]) -> str:
        """Keep an established connection; gives the reason for its end."""
        transport = connection.transport
        if connection.why or transport is None or transport.is_closing():
            await connection.lost
            return connection.why
        loop = asyncio.get_running_loop()
        self._connection = connection
        log.debug("link up: peer=%s", self.name)
        try:
            self._on_up(self.name)
            connection.resume()
            while not connection.lost.done():
                await asyncio.wait((connection.lost,), timeout=self._silent_s / 4)
                since_s = connection.unanswered_since_s
                if since_s is not None and loop.time() - since_s >= self._silent_s:
                    connection.abort(detail("link-silent", for_s=f"{self._silent_s:g}"))
                    await connection.lost
            return connection.why
        finally:
            connection.abort("this host hangs up")
            self._connection = None
            self._on_down(self.name, connection.why)
