"""Certified updates that TMR hosts order from an upstream, on the links of the reports.

An order is a number, repeated with each question until it is done, and told with each answer after
that. So it survives lost links on both sides, and is carried out once. What can go wrong in here is
a crowd of orders; each asker has one at a time, and a new number replaces the old one.
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
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, host: str, number: int) -> None:
        """Carry out this order unless that was begun already; 0 is none."""
        if not number or self._taken.get(host) == number:
            return
        self._taken[host] = number
        task = asyncio.get_running_loop().create_task(self._carry_out(host, number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, host: str, number: int) -> None:
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
            time_detail=updated.detail,
        )

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
