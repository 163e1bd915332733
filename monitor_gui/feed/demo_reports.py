"""What the demo's hosts report of themselves: health, times, locks, time servers, logs.

How reports are kept and become a status is the appliance's own code. Disks, certificates and time
servers are not there in the demo, so what a host would find of them is made up here.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec.structs import replace

from appliance import __version__
from appliance.codec.api import (
    ContainerTimes,
    HostHealth,
    LogRecord,
    StatusDocument,
    TimeServerStatus,
)
from appliance.codec.reports import RECORDS_PER_REPORT_MAX, Report, ReportRequest
from appliance.details import Detail
from monitor_gui.feed.demo_plant import TMRS, UPSTREAMS, Plant
from monitor_gui.model.clocks import middle

LINES_MAX: Final = 1_000
BOX_EVERY_S: Final = 60.0
DISK_BYTES: Final = 64 << 30
TIME_SERVERS: Final = ("https://time-a.vendor.example", "https://time-b.vendor.example")
_DAY_S = 86_400
_CERTIFICATE_DAYS: Final = {"tmr1": 301, "tmr2": 301, "up1": 288, "up2": 12, "up3": 288}


@dataclass(slots=True)
class Word:
    """What one host would say."""

    started_at_ms: int
    number: int
    certified_at_ms: int = 0
    box_ms: int = 0
    locked: str = ""
    full: bool = False
    deaf: str = ""
    """The time server that this container cannot reach."""
    lines: deque[LogRecord] = field(default_factory=lambda: deque(maxlen=LINES_MAX))


class DemoReports:
    """All hosts' words, and how they come to the TMR hosts."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        now_ms = int(time.time() * 1000)
        started_ms = now_ms - 40 * _DAY_S * 1000
        self.words = {
            name: Word(started_ms, (started_ms // 1000) << 20) for name in TMRS + UPSTREAMS
        }
        for number, name in enumerate(UPSTREAMS):
            word = self.words[name]
            word.certified_at_ms = now_ms - (3 * 3_600 + number * 840) * 1000
            word.box_ms = now_ms - 20_000
            self.log(name, "info", "appliance.services.upstream", "store opened, integrity ok")
        for name in TMRS:
            self.log(
                name, "info", "appliance.services.tmr", f"version {__version__} serves on :7200"
            )

    def exchange(self) -> None:
        """Each TMR host hears of all hosts that have power; called once in a while."""
        for box in self._plant.tmrs.values():
            host = box.host
            if host is None:
                continue
            host.reports.own = lambda request, name=box.name: self.answer(name, request)  # type: ignore[misc]
            for name in host.reports.hosts:
                if name != box.name and self._plant.powered(name):
                    while host.reports.take(name, self.answer(name, host.reports.request(name))):
                        pass

    def answer(self, name: str, request: ReportRequest) -> Report:
        """A host's answer to a TMR host's question."""
        word = self.words[name]
        new = [line for line in word.lines if line.number > request.logs_after]
        upstream = name in UPSTREAMS
        return Report(
            health=self._health(name),
            times=self._times(name) if upstream else None,
            locked=word.locked,
            time_servers=self._servers(name) if upstream else (),
            records=tuple(new[:RECORDS_PER_REPORT_MAX]),
            newest=word.number,
        )

    # --- logs ---

    def log(self, host: str, level: str, logger: str, text: str) -> None:
        """A host writes a line, if it has power."""
        if not self._plant.powered(host):
            return
        word = self.words[host]
        word.number += 1
        at_ms = int(time.time() * 1000) + self._plant.offset_ms(host)
        line = LogRecord(
            host=host, number=word.number, at_ms=at_ms, level=level, logger=logger, text=text
        )
        word.lines.append(line)

    def note(self, host: str, name: str, data: Mapping[str, Any]) -> None:
        """An event of a TMR host, as that host would log it."""
        fields = " ".join(f"{key}={value}" for key, value in data.items() if key != "host")
        if name in ("phase", "address", "upstreams"):
            bad = name == "upstreams" and bool(data.get("missing"))
            level = "warning" if bad or data.get("phase") == "quorum-lost" else "info"
            self.log(host, level, "appliance.services.tmr.host", f"{name} {fields}")
        elif name in ("operator", "release", "container", "blocks", "time", "disputed"):
            self.log(host, "info", "appliance.services.tmr.operations", f"{name} {fields}")

    # --- what a host finds ---

    def _servers(self, name: str) -> tuple[TimeServerStatus, ...]:
        word = self.words[name]
        good = [
            TimeServerStatus(url=url, state="good", answered_at_ms=word.certified_at_ms)
            for url in TIME_SERVERS
        ]
        return tuple(
            replace(one, state="failed", detail=_deaf(one.url)) if one.url == word.deaf else one
            for one in good
        )

    def _times(self, name: str) -> ContainerTimes:
        word, now_ms = self.words[name], int(time.time() * 1000)
        if now_ms - word.box_ms > BOX_EVERY_S * 1000:
            word.box_ms = now_ms
        return ContainerTimes(
            box_ms=word.box_ms,
            system_ms=self._plant.upstreams[name].system_ms(),
            certified_ms=word.certified_at_ms,
            box_age_s=round((now_ms - word.box_ms) / 1000, 1),
            certified_age_s=round((now_ms - word.certified_at_ms) / 1000, 1),
        )

    def _health(self, name: str) -> HostHealth:
        word = self.words[name]
        return HostHealth(
            version=__version__,
            started_at_ms=word.started_at_ms,
            disk_free_bytes=DISK_BYTES // (33 if word.full else 2),
            disk_total_bytes=DISK_BYTES,
            store_bytes=48 << 20 if name in UPSTREAMS else None,
            certificate_expires_at_s=int(time.time()) + _CERTIFICATE_DAYS[name] * _DAY_S,
            clock_synchronised=self._plant.offset_ms(name) == 0,
        )


def with_virtual_times(document: StatusDocument) -> StatusDocument:
    """A status with the virtual container's times, for a host that tells none: of each the middle
    of what the containers report."""
    known = [row.times for row in document.upstreams if row.times is not None and row.reachable]
    if document.virtual_times is not None or len(known) < 2:
        return document
    times = ContainerTimes(
        box_ms=middle([one.box_ms for one in known]),
        system_ms=middle([one.system_ms for one in known]),
        certified_ms=middle([one.certified_ms or 0 for one in known]),
        box_age_s=middle([one.box_age_s or 0.0 for one in known]),
        certified_age_s=middle([one.certified_age_s or 0.0 for one in known]),
    )
    return replace(document, virtual_times=times)


def _deaf(url: str) -> Detail:
    return Detail("server-too-slow", {"url": url, "within_s": 5, "through": ""})
