"""What the demo's hosts say of themselves: health, times, locks, time servers, logs.

The ledger's parts in the demo are real; disks, certificates, time servers and the vendor's list of
lost containers are not there, so what a host would report of them is made up here.
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
    LicenceDocument,
    LicencesDocument,
    LogRecord,
    LogsDocument,
    StatusDocument,
    TimeServerStatus,
    UpstreamStatus,
)
from monitor_gui.feed.demo_plant import TMRS, UPSTREAMS, Plant
from monitor_gui.model.clocks import OUTVOTED_MS

LINES_MAX: Final = 2_000
BOX_EVERY_S: Final = 60.0
DISK_BYTES: Final = 64 << 30
TIME_SERVERS: Final = ("https://time-a.vendor.example", "https://time-b.vendor.example")
LOST: Final = "reported lost by its owner on 2026-11-20"
_DAY_S = 86_400
_CERTIFICATE_DAYS: Final = {"tmr1": 301, "tmr2": 301, "up1": 288, "up2": 12, "up3": 288}


@dataclass(slots=True)
class Word:
    """What one host would say."""

    started_at_ms: int
    certified_at_ms: int = 0
    box_ms: int = 0
    locked: str = ""
    full: bool = False
    deaf: str = ""
    """The time server that this container cannot reach."""
    number: int = 0
    lines: deque[LogRecord] = field(default_factory=lambda: deque(maxlen=LINES_MAX))


class Reports:
    """All hosts' words, and the documents completed with them."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        now_ms = int(time.time() * 1000)
        self.words = {name: Word(now_ms - 40 * _DAY_S * 1000) for name in TMRS + UPSTREAMS}
        for number, name in enumerate(UPSTREAMS):
            word = self.words[name]
            word.certified_at_ms = now_ms - (3 * 3_600 + number * 840) * 1000
            word.box_ms = now_ms - 20_000
            self.log(name, "info", "tmr.upstream", "store opened, integrity ok")
        for name in TMRS:
            self.log(name, "info", "tmr.serve", f"version {__version__} serves on :7200")

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
        elif name in ("operator", "release", "container", "disputed"):
            self.log(host, "info", "appliance.services.tmr.operations", f"{name} {fields}")

    def logs(self, after: Mapping[str, int]) -> LogsDocument:
        """As GET /v1/logs answers."""
        found = [
            line
            for name, word in self.words.items()
            for line in word.lines
            if line.number > after.get(name, 0)
        ]
        found.sort(key=lambda line: line.at_ms)
        newest = {name: word.number for name, word in self.words.items()}
        return LogsDocument(records=tuple(found), newest=newest)

    # --- status ---

    def completed(self, document: StatusDocument) -> StatusDocument:
        """A status with what the hosts say of themselves."""
        now_ms = int(time.time() * 1000)
        times = {name: self._times(name, now_ms) for name in UPSTREAMS}
        voting = sorted(times[row.name].system_ms for row in document.upstreams if row.reachable)
        vote_ms = voting[(len(voting) - 1) // 2] if len(voting) >= 2 else None
        return replace(
            document,
            upstreams=tuple(
                self._upstream(row, times[row.name], vote_ms, len(voting))
                for row in document.upstreams
            ),
            tmr_hosts=tuple(
                replace(row, health=None if row.role == "unreachable" else self._health(row.name))
                for row in document.tmr_hosts
            ),
            virtual_times=_virtual(list(times.values()), vote_ms),
        )

    def _upstream(
        self, row: UpstreamStatus, times: ContainerTimes, vote_ms: int | None, voters: int
    ) -> UpstreamStatus:
        word = self.words[row.name]
        if vote_ms is not None and row.reachable:
            offset_ms = times.system_ms - vote_ms
            outvoted = voters > 2 and abs(offset_ms) > OUTVOTED_MS
            times = replace(times, offset_ms=offset_ms, outvoted=outvoted)
        return replace(
            row,
            locked=word.locked,
            times=times,
            health=self._health(row.name),
            time_servers=tuple(
                TimeServerStatus(
                    url=url,
                    state="failed",
                    detail="no answer within 5 s",
                    answered_at_ms=word.certified_at_ms,
                )
                if url == word.deaf
                else TimeServerStatus(url=url, state="good", answered_at_ms=word.certified_at_ms)
                for url in TIME_SERVERS
            ),
        )

    def _times(self, name: str, now_ms: int) -> ContainerTimes:
        word, box = self.words[name], self._plant.upstreams[name]
        system_ms = box.system_ms()
        if now_ms - word.box_ms > BOX_EVERY_S * 1000 and self._plant.powered(name):
            word.box_ms = max(word.box_ms, now_ms)
        return ContainerTimes(
            box_ms=word.box_ms,
            system_ms=system_ms,
            certified_ms=word.certified_at_ms,
            box_age_s=round((now_ms - word.box_ms) / 1000, 1),
            certified_age_s=round((now_ms - word.certified_at_ms) / 1000, 1),
        )

    def _health(self, name: str) -> HostHealth:
        word = self.words[name]
        now_s = int(time.time())
        free = DISK_BYTES // (33 if word.full else 2)
        return HostHealth(
            version=__version__,
            started_at_ms=word.started_at_ms,
            disk_free_bytes=free,
            disk_total_bytes=DISK_BYTES,
            store_bytes=48 << 20 if name in UPSTREAMS else None,
            certificate_expires_at_s=now_s + _CERTIFICATE_DAYS[name] * _DAY_S,
            clock_synchronised=self._plant.offset_ms(name) == 0,
        )

    def locked(self, document: LicencesDocument) -> LicencesDocument:
        """The licences, with those of locked containers counted out."""
        serials = {
            self._plant.upstreams[name].container.serial
            for name in UPSTREAMS
            if self.words[name].locked
        }
        if not serials:
            return document
        return replace(
            document, licences=tuple(_without(licence, serials) for licence in document.licences)
        )

    # --- faults ---

    def update_time(self, container: str) -> dict[str, str]:
        """Certified time for a container or all: what each got, by serial."""
        results = {}
        for name in UPSTREAMS:
            serial = self._plant.upstreams[name].container.serial
            if container not in ("", serial):
                continue
            word = self.words[name]
            if not self._plant.powered(name):
                results[serial] = f"{name} does not answer"
            elif word.locked:
                results[serial] = f"refused: {word.locked}"
            else:
                now_ms = int(time.time() * 1000)
                word.certified_at_ms = word.box_ms = now_ms
                self._plant.set_clock(name, 0)
                self.log(name, "info", "tmr.upstream.time", f"certified by {TIME_SERVERS[0]}")
                results[serial] = "certified"
        return results


def _virtual(times: list[ContainerTimes], vote_ms: int | None) -> ContainerTimes | None:
    """The virtual container has the median of what its twins have."""
    if vote_ms is None:
        return None
    boxes = sorted(t.box_ms for t in times)
    certified = sorted(t.certified_ms or 0 for t in times)
    ages = sorted(t.certified_age_s or 0.0 for t in times)
    return ContainerTimes(
        box_ms=boxes[1],
        system_ms=vote_ms,
        certified_ms=certified[1],
        box_age_s=sorted(t.box_age_s or 0.0 for t in times)[1],
        certified_age_s=ages[1],
        offset_ms=0,
    )


def _without(licence: LicenceDocument, serials: set[str]) -> LicenceDocument:
    twins = tuple(
        replace(twin, state="locked") if twin.serial in serials and twin.state == "ok" else twin
        for twin in licence.constituents
    )
    return replace(
        licence,
        constituents=twins,
        available=licence.available and sum(twin.state == "ok" for twin in twins) >= 2,
    )
