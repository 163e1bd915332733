"""GET /v1/events: the event stream, to whoever may listen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from appliance.details import detail
from appliance.services.http_connection import Receive, Scope, Send
from appliance.services.tmr.events import Hub, Listener
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.problems import Refusal


class Streams:
    """The route. `is_welcome` says whether who began a request might still do so."""

    def __init__(self, hub: Hub, is_welcome: Callable[[Scope], bool]) -> None:
        self._hub = hub
        self._is_welcome = is_welcome

    async def listen(self, request: Request, caller: Caller) -> Response:
        """GET /v1/events. Raises Refusal if there are too many."""
        welcome = partial(self._is_welcome, request.scope)
        hub = self._hub
        listener = hub.listen(caller.client, everything=caller.is_operator, welcome=welcome)
        if listener is None:
            raise Refusal(
                "too-many-subscribers",
                detail("streams-full", client=caller.client, count=hub.of(caller.client)),
            )
        return _EventStream(hub, listener)


class _EventStream(StreamingResponse):
    """A listener's events. It leaves however the response ends, even if that never began."""

    def __init__(self, hub: Hub, listener: Listener) -> None:
        super().__init__(
            listener.frames(),
            media_type="text/event-stream",
            headers={"cache-control": "no-store"},
        )
        self._hub = hub
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.leave(self._listener)
