"""Long answers to operators, one at a time: of a host that serves, and within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.problems import Refusal
from appliance.services.tmr.standing import ANSWER_WITHIN_S

WAITING_MAX: Final = 4
"""Requests of one kind that are answered or wait for their turn."""


class Turns:
    """The turns of one kind of request. `busy` is told to those for whom there is no room, `slow`
    to those whose turn ends too late (details)."""

    def __init__(self, host: TmrHost, busy: str, slow: str) -> None:
        self._host = host
        self._busy, self._slow = busy, slow
        self._turn = asyncio.Lock()
        self._waiting = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """The turn of one request, which sees all that is committed by now. Raises Refusal."""
        if self._waiting >= WAITING_MAX:
            raise Refusal("overloaded", self._busy)
        self._waiting += 1
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S), self._turn:
                await self._host.orders.fence()
                yield
        except TimeoutError:
            raise Refusal("deadline-passed", self._slow) from None
        finally:
            self._waiting -= 1
