"""Takes note of the contacts in requests, before whatever answers them (an ASGI wrapper).

A contact decides nothing about the answer: an older container has none, and the vendor is the one
to judge. What can go wrong in here is work for strangers: so the rate is looked at first, and a
disk that fails costs a note and not the service.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from appliance.adapters.doors.doorkeeper import site_of
from appliance.adapters.doors.rates import RateLimit
from appliance.adapters.quiet import Quiet
from appliance.codec.contacts import CONTACT_HEADER, STATION_HEADER, ContactRefused
from appliance.services.contacts import ELSEWHERE, NEXT, REPEATED, ContactBook
from appliance.services.http_connection import Receive, Scope, Send
from appliance.services.ledger_heads import RESTORED

PER_MINUTE: Final = 60
"""Contacts of one address; what comes beyond it is answered, and no note is taken."""
_HEADER: Final = CONTACT_HEADER.encode()
_STATION: Final = STATION_HEADER.encode()

log = logging.getLogger(__name__)


class Noting:
    """`app` behind it answers as ever. `wall_ms` and `boot_s` are clocks."""

    def __init__(
        self,
        app: Any,
        book: ContactBook,
        wall_ms: Callable[[], int],
        boot_s: Callable[[], float],
    ) -> None:
        self._app = app
        self._book = book
        self._wall_ms = wall_ms
        self._boot_s = boot_s
        self._limit = RateLimit(PER_MINUTE)
        self._quiet = Quiet(log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["method"] == "POST":
            text = dict(scope["headers"]).get(_HEADER)
            if text is not None:
                await self._note(scope, text.decode("latin-1"))
            await self._app(scope, receive, partial(self._named, send))
        else:
            await self._app(scope, receive, send)

    async def _named(self, send: Send, message: Any) -> None:
        """What is sent, with this station's id."""
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ()), (_STATION, self._book.station.encode())]
            message = {**message, "headers": headers}
        await send(message)

    async def _note(self, scope: Scope, text: str) -> None:
        address = site_of((scope.get("client") or ("",))[0])
        if self._limit.wait_s(address, self._boot_s()):
            return
        try:
            what = await asyncio.to_thread(self._book.note, text, self._wall_ms() // 1000)
        except ContactRefused as refused:
            key = ("refused", address)
            self._quiet.tell(self._boot_s(), key, logging.WARNING, "contact: %s", refused.detail)
            return
        except OSError as error:
            self._quiet.tell(self._boot_s(), ("disk",), logging.ERROR, "contact lost: %s", error)
            return
        if what not in (NEXT, REPEATED, ELSEWHERE):
            level = logging.WARNING if what == RESTORED else logging.ERROR
            log.log(level, "contact: peer=%s what=%s", address, what)
