"""Those who wait for what the coordinator decides.

What can go wrong in here: a future that nobody settles. Each ticket is settled by exactly one of
Decided, Denied, Failed and Fenced, and a waiter that gives up forgets its ticket; how many tickets
wait is bounded by the coordinator's queues.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from appliance.details import detail
from appliance.ledger import effects as fx
from appliance.services.tmr.problems import Refusal


class Tickets:
    """Futures by the number that a coordinator was given with the question."""

    def __init__(self) -> None:
        self._last = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    async def wait(self, ask: Callable[[int], None], within_s: float) -> Any:
        """Ask with a new ticket, and give its result. Raises Refusal, also if it takes too long."""
        self._last += 1
        ticket = self._last
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[ticket] = future
        try:
            ask(ticket)
            if future.done():
                return future.result()
            timer = future.get_loop().call_later(within_s, _overdue, future)
            try:
                return await future
            finally:
                timer.cancel()
        finally:
            del self._waiting[ticket]

    def settle(self, ticket: int, result: fx.Decided | fx.Denied | fx.Fenced | Refusal) -> None:
        """What came of a ticket; one that nobody holds any more is none."""
        future = self._waiting.get(ticket)
        if future is None or future.done():
            return
        if isinstance(result, Refusal):
            future.set_exception(result)
        else:
            future.set_result(result)


def _overdue(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_exception(Refusal("deadline-passed", detail("nothing-known")))
