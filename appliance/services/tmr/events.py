"""The event stream: what happens, to whoever listens, in bounded queues.

A listener that does not keep up loses the oldest events and is told so by a `gap` event; the
service never waits for one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from typing import Any

import msgspec

from appliance.services.settings import LIMITS

QUEUE_MAX = 1_000
QUEUE_BYTES_MAX = 256 << 10
LISTENERS_MAX = LIMITS.event_streams_max
LISTENERS_PER_CLIENT_MAX = LIMITS.event_streams_per_client_max
KEPT_FRACTION = 4  # of all listeners' places, one in so many is kept for operators
KEEPALIVE_S = 15.0
FOR_CLIENTS = frozenset({"phase", "upstreams"})
"""What every client is told: who serves, and which hosts do not answer, as any refusal for want of
a quorum says. The rest it hears is about its own leases."""

_encoder = msgspec.json.Encoder()


class Listener:
    """One subscriber. `client` restricts events to that client's; None lets all pass. The stream
    ends once `welcome` says no."""

    def __init__(self, client: str | None, welcome: Callable[[], bool] = lambda: True) -> None:
        self.client = client
        self._welcome = welcome
        self._queue: deque[bytes] = deque()
        self._bytes = 0
        self._lost = 0
        self._wake = asyncio.Event()

    def put(self, frame: bytes) -> None:
        """Queue an event, at the cost of the oldest if the queue is full."""
        self._bytes += len(frame)
        while self._queue and (len(self._queue) >= QUEUE_MAX or self._bytes > QUEUE_BYTES_MAX):
            self._take()
            self._lost += 1
        self._queue.append(frame)
        self._wake.set()

    def _take(self) -> bytes:
        frame = self._queue.popleft()
        self._bytes -= len(frame)
        return frame

    def wake(self) -> None:
        """Look whether the subscriber is still welcome."""
        self._wake.set()

    async def frames(self) -> AsyncGenerator[bytes, None]:
        """Server-sent events, with a comment now and then so that a dead peer is noticed."""
        yield b": tmr events\n\n"
        while self._welcome():
            while self._queue and self._welcome():
                if self._lost:
                    lost, self._lost = self._lost, 0
                    yield frame("gap", {"lost": lost})
                yield self._take()
            self._wake.clear()
            try:
                async with asyncio.timeout(KEEPALIVE_S):
                    await self._wake.wait()
            except TimeoutError:
                yield b": still here\n\n"


def frame(name: str, data: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return b"event: " + name.encode() + b"\ndata: " + _encoder.encode(data) + b"\n\n"


class Hub:
    """All listeners."""

    def __init__(
        self, most: int = LISTENERS_MAX, most_per_client: int = LISTENERS_PER_CLIENT_MAX
    ) -> None:
        """How many listeners there may be, and how many of one client."""
        self._listeners: dict[Listener, str] = {}
        self._most, self._most_per_client = most, most_per_client

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def of(self, who: str) -> int:
        """How many listeners this client has."""
        return sum(owner == who for owner in self._listeners.values())

    def listen(
        self,
        who: str,
        *,
        everything: bool = False,
        welcome: Callable[[], bool] = lambda: True,
    ) -> Listener | None:
        """A new listener of this client's events, or (an operator's) of everybody's. None if there
        are too many: of its own, or altogether. Some places are kept for operators."""
        most, own_most = self._most, self._most_per_client
        if everything:
            own_most = max(own_most, most // 2)  # one certificate may serve a whole control room
        else:
            most -= most // KEPT_FRACTION
        if len(self._listeners) >= most or self.of(who) >= own_most:
            return None
        listener = Listener(None if everything else who, welcome)
        self._listeners[listener] = who
        return listener

    def leave(self, listener: Listener) -> None:
        """A listener has gone."""
        self._listeners.pop(listener, None)

    def weed(self) -> None:
        """Tokens or certificates were dismissed: end the streams of who is no longer welcome."""
        for listener in self._listeners:
            listener.wake()

    def publish(self, name: str, data: dict[str, Any], client: str | None = None) -> None:
        """Tell the operators' listeners, those of this `client`, and (without one) all others if it
        is one of FOR_CLIENTS: how hosts and containers are is no client's business."""
        if not self._listeners:
            return
        data_frame = frame(name, data)
        for listener in self._listeners:
            mine = client == listener.client if client is not None else name in FOR_CLIENTS
            if mine or listener.client is None:
                listener.put(data_frame)
