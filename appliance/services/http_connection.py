"""One HTTP connection of any of our servers: uvicorn's protocol, with a deadline for everything.

    nothing asked yet, or between requests   known: `idle_s`, strangers: `stranger_idle_s`
    a request's head                         `head_s` from its first byte
    a whole request                          `request_s` from its first byte
    what the peer leaves unread              `write_s` until it has read most of it
    an answer that is being made             the application's own bound

A byte now and then lifts none of them: each counts from where it began. They are one number that is
looked at now and then (`Door`), so the hot path sets no timers. What can go wrong in here is to cut
somebody off who waits for an answer, such as a listener on an event stream: that has no deadline.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from appliance.adapters.doors.doorkeeper import FOR_EVER, OVERDUE, Doorkeeper, Guest, Rank

HEAD_BYTES_MAX: Final = 32 << 10
PIPELINED_MAX: Final = 8
"""Requests that wait on one connection behind the one that is being answered."""
UNREAD_BYTES_MAX: Final = 64 << 10
"""Beyond it an answer's next part waits until the peer has read."""
SMALL_BODY_BYTES: Final = 16 << 10
BODY: Final = "tmr.body"
"""Key in a request's scope: its whole body, where it came at once with its head and is small.
Nobody needs to wait for that one, nor to set a timer for the waiting."""
ANSWER: Final = "tmr.answer"
"""Key in a request's scope: call it with status, head lines and body, and all of the answer is
written in one piece. It gives False if that cannot be now: then `send` is the way."""
PROVE: Final = "prove"
"""Key in a request's state, for connections of nobody known: call it with who it is and the
rank, and it gives "" or why there is no place."""
_NEVER_S: Final = 1 << 20

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class HttpTimes:
    """Deadlines in seconds."""

    idle_s: float = 120.0
    stranger_idle_s: float = 10.0
    head_s: float = 10.0
    request_s: float = 10.0
    write_s: float = 20.0


HTTP_TIMES: Final = HttpTimes()


@dataclass(frozen=True, slots=True)
class Peer:
    """What is known of a connection when it stands: its requests' `state`, and who it is by its
    certificate, "" if it showed none that counts."""

    state: dict[str, Any] = field(default_factory=dict)
    who: str = ""
    rank: Rank = Rank.CLIENT


@dataclass(frozen=True, slots=True)
class HttpServer:
    """What the connections of one server share.

    `look_at` says who a new connection is, `no_place(why)` is the application of one for which
    there is none, and `head_too_large()` the whole answer to a head without end.
    """

    config: uvicorn.Config
    state: ServerState
    keeper: Doorkeeper
    times: HttpTimes
    look_at: Callable[[asyncio.Transport], Peer]
    no_place: Callable[[str], Application]
    head_too_large: Callable[[], bytes]


def uvicorn_config(app: Any, **options: Any) -> uvicorn.Config:
    """uvicorn as all our servers use it: without limits and timers of its own."""
    config = uvicorn.Config(
        app,
        http=HttpConnection,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_NEVER_S,
        **options,
    )
    config.load()
    return config


async def in_parts(data: bytes) -> AsyncIterator[bytes]:
    """A long answer part by part: the next one is written once the peer has read most of the last,
    so a connection whose peer does not read costs one part and no more."""
    view = memoryview(data)
    for at in range(0, len(data), UNREAD_BYTES_MAX):
        yield bytes(view[at : at + UNREAD_BYTES_MAX])


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

    def send_whole(self, data: bytes) -> None:
        """Send it at once: nothing belongs to it that would come after."""
        self._transport.write(self._kept + data if self._kept else data)
        self._kept = b""

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

    def get_write_buffer_size(self) -> int:
        """As the transport says, and what is kept."""
        return self._transport.get_write_buffer_size() + len(self._kept)

    def pause_reading(self) -> None:
        """Read nothing for now."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._transport.resume_reading()


class HttpConnection(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 for one guest of a door."""

    def __init__(self, server: HttpServer, guest: Guest) -> None:
        super().__init__(server.config, server.state, {})
        self._server = server
        self._guest = guest
        self._idle_s = server.times.stranger_idle_s
        self._begun_s = 0.0
        self._receiving = False
        self._in_head = False
        self._head_bytes = 0
        self._at_once = False
        self._out: JoiningTransport

    # --- the connection ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See once for all requests of this connection who it is."""
        # uvloop's transports do not derive from asyncio's.
        transport = cast("asyncio.Transport", transport)
        server, guest = self._server, self._guest
        self._out = JoiningTransport(transport, self.loop)
        super().connection_made(self._out)
        if not server.keeper.connect(guest):
            transport.abort()
            return
        transport.set_write_buffer_limits(high=UNREAD_BYTES_MAX)
        guest.hang_up = self.hang_up
        peer = server.look_at(transport)
        self.app_state = dict(peer.state)
        if peer.who:
            refusal = self.prove(peer.who, peer.rank)
            if refusal:
                self.app = cast("Any", server.no_place(refusal))
        else:
            self.app_state[PROVE] = self.prove
        guest.due_s = self.loop.time() + self._idle_s

    def prove(self, who: str, rank: Rank) -> str:
        """The peer proved who it is. Gives why it stays a stranger all the same, "" if not."""
        refusal = self._server.keeper.prove(self._guest, who, rank)
        if not refusal:
            self._idle_s = self._server.times.idle_s
            self.app_state.pop(PROVE, None)
        return refusal

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection ended."""
        self._server.keeper.leave(self._guest)
        super().connection_lost(exc)

    def hang_up(self, why: str) -> None:
        """End it: politely if it only rested too long, else at once."""
        transport = self.transport
        resting = not (self._receiving or self._answering() or transport.get_write_buffer_size())
        if why == OVERDUE and resting and not transport.is_closing():
            self._guest.due_s = self.loop.time() + self._server.times.stranger_idle_s
            transport.close()
        else:
            transport.abort()

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    # --- a request's way in ---

    def data_received(self, data: bytes) -> None:
        """Bound a request's head, which the parser collects without a bound of its own."""
        went_on = self._in_head
        super().data_received(data)
        self._at_once = False
        if len(self.pipeline) > PIPELINED_MAX:
            self.transport.abort()
        if went_on and self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
                self.transport.write(self._server.head_too_large())
                self.transport.close()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._receiving = self._in_head = True
        self._head_bytes = 0
        self._begun_s = self.loop.time()
        self._guest.due_s = self._begun_s + self._server.times.head_s
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A head ends."""
        self._in_head = False
        self._guest.due_s = self._begun_s + self._server.times.request_s
        super().on_headers_complete()
        self._at_once = True
        scope: Scope = cast("Scope", self.scope)
        scope[ANSWER] = partial(self._answer, self.cycle)

    def on_message_complete(self) -> None:
        """A request is there."""
        self._receiving = False
        if not self._guest.who:
            self._server.keeper.heard(self._guest)
        super().on_message_complete()
        if self._at_once and len(self.cycle.body) <= SMALL_BODY_BYTES:
            scope: Scope = cast("Scope", self.scope)
            scope[BODY] = bytes(self.cycle.body)
        if self.cycle.response_complete or self.flow.write_paused:
            self._rest()
        else:
            self._guest.due_s = FOR_EVER

    # --- an answer's way out ---

    def _answer(self, cycle: RequestResponseCycle, status: int, lines: bytes, body: bytes) -> bool:
        """As `ANSWER` says. `lines` are header lines, each with its line end, without a length."""
        if cycle.response_started or cycle.disconnected or self.flow.write_paused:
            return False
        cycle.response_started = cycle.response_complete = True
        head = [STATUS_LINE[status]]
        for name, value in cycle.default_headers:
            head += (name, b": ", value, b"\r\n")
        if not cycle.keep_alive:
            head.append(b"connection: close\r\n")
        head += (lines, b"content-length: %d\r\n\r\n" % len(body), body)
        self._out.send_whole(b"".join(head))
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def on_response_complete(self) -> None:
        """An answer was handed over: begin with the next request that waits. uvicorn's own would
        set a timer here for each answer."""
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())
        if not self._receiving:
            self._rest()

    def _rest(self) -> None:
        """Set the deadline of a connection on which no request is on its way in."""
        if self.flow.write_paused:
            self._guest.due_s = self.loop.time() + self._server.times.write_s
        elif self.cycle is not None and not self.cycle.response_complete:
            self._guest.due_s = FOR_EVER
        else:
            self._guest.due_s = self.loop.time() + self._idle_s

    def pause_writing(self) -> None:
        """The peer leaves much unread."""
        super().pause_writing()
        due_s = self.loop.time() + self._server.times.write_s
        self._guest.due_s = min(self._guest.due_s, due_s)

    def resume_writing(self) -> None:
        """It has read most of it."""
        super().resume_writing()
        if not self._receiving:
            self._rest()
