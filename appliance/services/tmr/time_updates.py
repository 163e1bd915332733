"""`POST /v1/time`: has containers get certified time now (issue 4).

The TMR host orders it from the upstreams beside its questions for reports, and waits a bounded
while for what they tell. Who asked and why is in the log; what the containers got is shown to the
ledger by themselves. Doing it again is safe.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Final

from appliance.codec import api
from appliance.details import Detail, detail
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.operations import need_reason
from appliance.services.tmr.problems import Refusal

WITHIN_S: Final = 25.0
LOOK_EVERY_S: Final = 0.1
ORDER_BITS: Final = 53
ORDERS_MAX: Final = 16
"""Orders under way: each goes on for up to WITHIN_S, also if its client has gone away."""

log = logging.getLogger(__name__)


class TimeUpdates:
    """The route of one TMR host. `within_s` bounds how long an answer is waited for."""

    def __init__(self, host: TmrHost, within_s: float = WITHIN_S) -> None:
        self._host = host
        self._within_s = within_s
        self._running: dict[tuple[str, str, str], asyncio.Future[api.TimeUpdateDocument]] = {}

    async def update(
        self, caller: Caller, request: api.TimeUpdateRequest
    ) -> api.TimeUpdateDocument:
        """Order it from one container or all, and say what came of it. Raises Refusal."""
        need_reason(request.why)
        # A client that waits long repeats its request on another connection: one order is enough.
        key = (caller.client, request.container, request.why)
        running = self._running.get(key)
        if running is None:
            if len(self._running) >= ORDERS_MAX:
                raise Refusal("overloaded", detail("time-updates-full", count=ORDERS_MAX))
            running = asyncio.ensure_future(self._order(caller, request))
            self._running[key] = running
            running.add_done_callback(lambda _: self._running.pop(key, None))
        return await asyncio.shield(running)

    async def _order(
        self, caller: Caller, request: api.TimeUpdateRequest
    ) -> api.TimeUpdateDocument:
        asked = self._asked(request.container)
        log.info("time update: who=%s why=%r of=%s", caller.client, request.why, list(asked))
        number = secrets.randbits(ORDER_BITS) + 1
        for name in asked:
            self._host.reports.order_time(name, number)
        await self._wait(tuple(asked), number)
        results, failed = {}, []
        within = f"{self._within_s:g}"
        for name, serial in asked.items():
            outcome = self._host.reports.time_order(name, number)
            done, said = outcome or (False, ())
            results[serial] = said or (Detail("update-unsaid", {"host": name, "within_s": within}),)
            if not done:
                failed.append(serial)
        return api.TimeUpdateDocument(results=results, failed=tuple(failed))

    def _asked(self, container: str) -> dict[str, str]:
        """Which upstreams are asked, with how each is called in the answer."""
        serials = self._host.overview.serials
        known = {
            peer.name: serials.get(peer.name, peer.name) for peer in self._host.coordinator.peers
        }
        if not container:
            return known
        one = {name: serial for name, serial in known.items() if container in (name, serial)}
        if not one:
            there = ", ".join(f"{serial} ({name})" for name, serial in known.items())
            raise Refusal(
                "not-found", detail("container-unknown", name=repr(container[:64]), there=there)
            )
        return one

    async def _wait(self, names: tuple[str, ...], number: int) -> None:
        reports = self._host.reports
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self._within_s
        while loop.time() < until_s and any(
            reports.time_order(name, number) is None for name in names
        ):
            await asyncio.sleep(LOOK_EVERY_S)
