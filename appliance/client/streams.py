"""The server's events: a reader of text/event-stream with a bound on what is kept unread."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from appliance.client.errors import BadAnswer, ClientError, ConnectionFailed, Refused
from appliance.client.transport import Answer, BaseConnection
from appliance.client.wire import problem_of, wants_repeat
from appliance.sentences import Sentence

UNREAD_BYTES_MAX = 1024 * 1024
EVENT_BYTES_MAX = 256 * 1024
# A chunk may end between the two characters of one line end, so a CR waits for what follows it.
_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its name ("message" by default), its data, and its id if it has one."""

    name: str
    data: str
    event_id: str = ""


class EventParser:
    """Bytes in, events out (WHATWG HTML, section 9.2.6)."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = ""
        self._id = ""
        self._data: list[str] = []
        self._data_bytes = 0

    def feed(self, data: bytes) -> Iterator[ServerEvent]:
        """The events that are whole now. Raises BadAnswer if one is larger than its bound."""
        *lines, self._rest = _LINE_END.split(self._rest + data)
        if len(self._rest) + self._data_bytes > EVENT_BYTES_MAX:
            raise BadAnswer(
                Sentence("an event is larger than {bound} bytes", bound=EVENT_BYTES_MAX)
            )
        for line in lines:
            event = self._line(line)
            if event is not None:
                yield event

    def _line(self, line: bytes) -> ServerEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._name = value
        elif field == "id":
            self._id = value
        elif field == "data":
            self._data_bytes += len(line)
            if self._data_bytes > EVENT_BYTES_MAX:
                raise BadAnswer(
                    Sentence("an event is larger than {bound} bytes", bound=EVENT_BYTES_MAX)
                )
            self._data.append(value)
        return None

    def _dispatch(self) -> ServerEvent | None:
        event = (
            ServerEvent(self._name or "message", "\n".join(self._data), self._id)
            if self._data
            else None
        )
        self._name, self._data, self._data_bytes = "", [], 0
        return event


class StreamConnection(BaseConnection):
    """A connection whose one answer never ends. Reading pauses while too much is unread."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: deque[bytes] = deque()
        self._unread_bytes = 0
        self._paused = False
        self._wake = asyncio.Event()
        self._ended = False
        self.status: int | None = None
        self.media_type = ""

    def start(self, request: bytes) -> None:
        """Send the request whose answer is the stream."""
        if self._transport is None:
            raise self.failure or BadAnswer("the connection is not open")
        self._transport.write(request)

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self.status, self.media_type = self._parser.get_status_code(), self._media_type
        self._wake.set()

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._pieces.append(body)
        self._unread_bytes += len(body)
        if self._unread_bytes > UNREAD_BYTES_MAX and not self._paused and self._transport:
            self._paused = True
            self._transport.pause_reading()
        self._wake.set()

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._ended = True
        self._wake.set()

    def fail(self, failure: ClientError) -> None:
        """Never use this connection again."""
        super().fail(failure)
        self._wake.set()

    async def opened(self) -> int:
        """The answer's status, once its head is here. Raises ConnectionFailed or TlsRefused."""
        while self.status is None:
            if self.failure is not None:
                raise self.failure
            self._wake.clear()
            await self._wake.wait()
        return self.status

    async def read(self) -> bytes:
        """What arrived since, at least one byte; empty at the end of the answer.

        Raises ConnectionFailed or TlsRefused.
        """
        while not self._pieces:
            if self._ended:
                return b""
            if self.failure is not None:
                raise self.failure
            self._wake.clear()
            await self._wake.wait()
        data = b"".join(self._pieces)
        self._pieces.clear()
        self._unread_bytes = 0
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return data


async def subscribe(connection: StreamConnection, request: bytes, within_s: float) -> bool:
    """Whether the events flow; False means try elsewhere. Raises Refused, ConnectionFailed."""
    connection.start(request)
    try:
        async with asyncio.timeout(within_s):
            status = await connection.opened()
            if status == HTTPStatus.OK:
                return True
            body = await connection.read()
    except TimeoutError as error:
        raise ConnectionFailed("the server does not start the event stream") from error
    answer = Answer(status, connection.media_type, body)
    problem = problem_of(answer)
    if problem is None or wants_repeat(problem):
        return False
    raise Refused(problem.reason, problem.sentence, problem.status)
