"""Certified updates that TMR hosts order from an upstream, on the links of the reports.

An order is a number, repeated with each question until it is done, and told with each answer after
that. So it survives lost links on both sides, and is carried out once. What can go wrong in here is
a crowd of orders: each asker has one under way, and of what it orders meanwhile the newest follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from appliance.codec.reports import Report
from appliance.services.upstream.timekeeping import Updated


class TimeOrders:
    """The orders of this upstream, by the host that gave them."""

    def __init__(self, update: Callable[[], Awaitable[Updated]]) -> None:
        self._update = update
        self._taken: dict[str, int] = {}
        self._done: dict[str, tuple[int, Updated]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def take(self, host: str, number: int) -> None:
        """Carry out this order unless that was begun already; 0 is none."""
        if not number or self._taken.get(host) == number:
            return
        self._taken[host] = number
        if host in self._tasks:
            return
        task = asyncio.get_running_loop().create_task(self._carry_out(host))
        self._tasks[host] = task
        task.add_done_callback(lambda _: self._tasks.pop(host, None))

    async def _carry_out(self, host: str) -> None:
        number = 0
        while number != self._taken[host]:
            number = self._taken[host]
            self._done[host] = (number, await self._update())

    def told(self, host: str, report: Report) -> Report:
        """The report, with what came of this host's last order that is done."""
        if host not in self._done:
            return report
        number, updated = self._done[host]
        return msgspec.structs.replace(
            report,
            time_update=number,
            time_done=updated.certified_ms is not None,
            time_said=updated.details,
        )

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
