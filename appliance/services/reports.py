"""What this host answers when it is asked how it is: the same for upstreams and TMR hosts.

Questions are answered from memory. What takes a disk is gathered beforehand on a thread, every
HEALTH_EVERY_S, so that a dying disk delays a report's freshness and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from appliance.adapters.log_ring import LogRing
from appliance.codec.api import ContainerTimes, HostHealth, TimeServerStatus
from appliance.codec.reports import RECORDS_PER_REPORT_MAX, Report, ReportRequest
from appliance.details import Detail

HEALTH_EVERY_S: Final = 10.0

log = logging.getLogger(__name__)


class Reporter:
    """Answers ReportRequest. `probe` blocks and is called on a thread; the others are called for
    each answer, on the event loop, and give what is known now: a container's three times, the
    reason for which it is locked ("" if it is not), why its key cannot be used ("" if it can), how
    its time servers were last found, and what is wrong with its store ("" if nothing is)."""

    def __init__(
        self,
        probe: Callable[[], HostHealth],
        ring: LogRing,
        *,
        times: Callable[[], ContainerTimes | None] = lambda: None,
        locked: Callable[[], str] = lambda: "",
        shut: Callable[[], str] = lambda: "",
        time_servers: Callable[[], tuple[TimeServerStatus, ...]] = lambda: (),
        damage: Callable[[], str] = lambda: "",
    ) -> None:
        self._probe = probe
        self._ring = ring
        self._times = times
        self._locked = locked
        self._shut = shut
        self._time_servers = time_servers
        self._damage = damage
        self.health: HostHealth | None = None

    async def run(self) -> None:
        """Keep the health fresh until cancelled."""
        while True:
            try:
                self.health = await asyncio.to_thread(self._probe)
            except Exception:
                log.exception("this host's health is not known")
                self.health = None
            await asyncio.sleep(HEALTH_EVERY_S)

    def answer(self, request: ReportRequest) -> Report:
        """How this host is, and what it logged after the number asked for."""
        return Report(
            health=self.health,
            times=self._times(),
            locked=self._locked(),
            shut=Detail.of(self._shut()),
            time_servers=self._time_servers(),
            records=self._ring.after(request.logs_after, RECORDS_PER_REPORT_MAX),
            newest=self._ring.newest,
            damage=Detail.of(self._damage()),
        )
