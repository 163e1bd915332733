"""Lets connections in: accepts, waits for the first byte, shakes hands in turns, ends what is late.

All servers stand behind one of these. Who has to go is the doorkeeper's to say
(`appliance.adapters.doors.doorkeeper`); here are the sockets. What can go wrong in here is waiting:
accepting never waits for anybody, since a queue in the kernel knows no strangers.
"""

from __future__ import annotations

import asyncio
import logging
import os
import select
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from appliance.adapters.doors.doorkeeper import OVERDUE, Doorkeeper, Guest

BACKLOG: Final = 4096
ACCEPT_PAUSE_S: Final = 0.1

log = logging.getLogger(__name__)

Make = Callable[[Guest], asyncio.BaseProtocol]


@dataclass(frozen=True, slots=True)
class DoorTimes:
    """How long a newcomer may take, in seconds.

    `first_byte_s` from TCP to its first byte; `queue_s` it waits for its turn; `handshake_s` is for
    TLS, of which `turn_s` keep others waiting; `shutdown_s` for the end of TLS. What is late is
    looked for every `sweep_s`.
    """

    first_byte_s: float = 3.0
    queue_s: float = 10.0
    handshake_s: float = 5.0
    turn_s: float = 0.02
    shutdown_s: float = 2.0
    sweep_s: float = 0.5


DOOR_TIMES: Final = DoorTimes()


class Door:
    """Listens on sockets, and makes a protocol of each connection that gets in.

    `make(guest)` gives the protocol. In `connection_made` it has to call `keeper.connect(guest)`
    (and hang up if that is False), or `keeper.leave(guest)` if it counts its peers itself, and in
    `connection_lost` `keeper.leave(guest)`; it sets `guest.hang_up`. TLS if given a context.
    """

    def __init__(
        self,
        keeper: Doorkeeper,
        make: Make,
        context: ssl.SSLContext | None,
        times: DoorTimes = DOOR_TIMES,
    ) -> None:
        self.keeper = keeper
        self._make = make
        self._context = context
        self._times = times
        self._sockets: list[socket.socket] = []
        self._doors: list[asyncio.Task[None]] = []
        self._welcoming: set[asyncio.Task[None]] = set()
        self._turns: dict[Guest, asyncio.Future[None]] = {}

    def open(self, sockets: list[socket.socket]) -> None:
        """Accept on these from now on. They are closed by `close`. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._sockets = sockets
        for sock in sockets:
            sock.setblocking(False)
            sock.listen(BACKLOG)
        self._doors = [loop.create_task(self._accept(sock)) for sock in sockets]
        self._doors.append(loop.create_task(self._sweep()))

    async def close(self) -> None:
        """Let nobody in any more; who is in stays."""
        tasks = [*self._doors, *self._welcoming]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for sock in self._sockets:
            sock.close()

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._times.sweep_s)
            for guest in self.keeper.overdue(loop.time()):
                guest.hang_up(OVERDUE)
            self._give_turns()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, address = await loop.sock_accept(listening)
            except OSError as error:
                # Most likely no file descriptor is left: a stranger's is given up for it.
                if not self.keeper.make_room():
                    log.warning("cannot accept a connection: %s", error)
                await asyncio.sleep(ACCEPT_PAUSE_S)
                continue
            sock.setblocking(False)
            guest = Guest(address[0] if address else "", _Closing(sock))
            if not self.keeper.arrive(guest, loop.time()):
                continue
            task = loop.create_task(self._welcome(guest, sock))
            guest.hang_up = _Cancelling(task)
            self._welcoming.add(task)
            task.add_done_callback(self._welcoming.discard)

    async def _welcome(self, guest: Guest, sock: socket.socket) -> None:
        """Shake hands once the peer has begun to speak; one that does not keep to TLS is hung up
        on, and one that went elsewhere while it waited gets no handshake."""
        stands = False
        try:
            async with asyncio.timeout(self._times.first_byte_s):
                await _readable(sock)
            if self._context is None:
                await self._connect(guest, sock)
            else:
                await self._shake_hands(guest, sock, self._context)
            stands = True
        except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
            log.debug("let nobody in: address=%s why=%s", guest.address, error)
        finally:
            if not stands:
                self.keeper.leave(guest)
                sock.close()

    async def _shake_hands(
        self, guest: Guest, sock: socket.socket, context: ssl.SSLContext
    ) -> None:
        loop = asyncio.get_running_loop()
        turn = _Turn(self)
        began = self._turns[guest] = loop.create_future()
        self.keeper.ask_turn(guest)
        try:
            self._give_turns()
            async with asyncio.timeout(self._times.queue_s):
                await began
            timer = loop.call_later(self._times.turn_s, turn.end)
            try:
                if _hung_up(sock):
                    raise ConnectionAbortedError("it went away while it waited")
                await self._connect(guest, sock, context)
            finally:
                timer.cancel()
        finally:
            self._turns.pop(guest, None)
            if began.done() and not began.cancelled():
                turn.end()

    async def _connect(
        self, guest: Guest, sock: socket.socket, context: ssl.SSLContext | None = None
    ) -> None:
        await asyncio.get_running_loop().connect_accepted_socket(
            lambda: self._make(guest),
            sock,
            ssl=context,
            ssl_handshake_timeout=None if context is None else self._times.handshake_s,
            ssl_shutdown_timeout=None if context is None else self._times.shutdown_s,
        )

    def _give_turns(self) -> None:
        now_s = asyncio.get_running_loop().time()
        while (guest := self.keeper.next_turn(now_s)) is not None:
            began = self._turns.get(guest)
            if began is None or began.done():
                self.keeper.end_turn()
            else:
                began.set_result(None)

    def end_turn(self) -> None:
        """A handshake keeps nobody waiting any more."""
        self.keeper.end_turn()
        self._give_turns()


class _Closing:
    """Hangs up on somebody for whom nothing was done yet."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def __call__(self, why: str) -> None:
        self._sock.close()


class _Cancelling:
    """Hangs up on somebody who is not in yet."""

    def __init__(self, task: asyncio.Task[None]) -> None:
        self._task = task

    def __call__(self, why: str) -> None:
        self._task.cancel()


class _Turn:
    """One place among the handshakes that are under way, given back once."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._ended = False

    def end(self) -> None:
        """Let the next one in."""
        if not self._ended:
            self._ended = True
            self._door.end_turn()


async def _readable(sock: socket.socket) -> None:
    """Return once something came, be it the end."""
    loop = asyncio.get_running_loop()
    came: asyncio.Future[None] = loop.create_future()
    try:
        loop.add_reader(sock.fileno(), _note, came)
    except NotImplementedError:  # Windows: there the handshake's own time is all there is
        return
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
            if os.name == "posix":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, port))
    except OSError as error:
        for sock in sockets:
            sock.close()
        raise OSError(error.errno, f"cannot listen on {host}:{port}: {error.strerror}") from error
    return sockets
