"""What the other hosts say of themselves, as this TMR host last heard it, and everybody's log.

The questions go out every couple of seconds on links of their own (appliance.codec.reports), the
answers are kept with the time of their arrival, and whoever asks this host is answered from memory.
So a host that died can still be asked what it said last.

What can go wrong in here is a host of an earlier version: it closes a connection on which it is
asked something that it does not know. After a few such answers it is asked once a minute.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from appliance.adapters.links.links import Chance, Link
from appliance.adapters.log_ring import RECORDS_MAX
from appliance.clocks.watching import ClockWatch
from appliance.codec.api import LogRecord, LogsDocument
from appliance.codec.reports import (
    LOGGER_NAME_MAX,
    RECORD_TEXT_MAX,
    RECORDS_PER_REPORT_MAX,
    Report,
    ReportRequest,
    report_reader,
)
from appliance.details import Detail

REPORT_EVERY_S: Final = 2.0
STRANGER_EVERY_S: Final = 60.0
SILENT_S: Final = 10.0
STRANGER_AFTER: Final = 3
# Five hosts' records of the longest text, escaped for JSON, stay below what a client reads (4 MiB).
LOGS_PER_HOST_MAX: Final = 200


class Told:
    """What one host told: its newest report with the boot time of its arrival, and its log."""

    def __init__(self) -> None:
        self.report: Report | None = None
        self.at_s = 0.0
        self.clock = ClockWatch()
        self.ordered = 0
        self.records: deque[LogRecord] = deque(maxlen=RECORDS_MAX)
        self.newest = 0

    def take(self, name: str, report: Report, at_s: float) -> bool:
        """Keep a report of the host of this name; whether it is likely to hold more of its log.

        Who it is says its certificate, not its record; what is older than what is known is not
        taken, and nothing is longer than an honest host makes it.
        """
        self.report, self.at_s = report, at_s
        if report.times is not None:
            self.clock.saw(at_s, report.times.system_ms)
        before = self.newest
        for record in report.records[:RECORDS_PER_REPORT_MAX]:
            if record.number > self.newest:
                self.newest = record.number
                self.records.append(
                    msgspec.structs.replace(
                        record,
                        host=name,
                        logger=record.logger[:LOGGER_NAME_MAX],
                        text=record.text[:RECORD_TEXT_MAX],
                    )
                )
        if report.newest < self.newest == before:
            # It started anew with its clock set back: numbers must only go up in what is kept.
            self.records.clear()
            self.newest = report.newest
        return self.newest > before and len(report.records) >= RECORDS_PER_REPORT_MAX


class Reports:
    """All hosts' reports and logs; `own` answers for this host, which is asked when it is read.
    `failure` says why a host is not heard, "" if it is, or if nobody asks it."""

    def __init__(
        self,
        name: str,
        others: Iterable[str],
        boot_s: Callable[[], float],
        own: Callable[[ReportRequest], Report] = lambda request: Report(),
        failure: Callable[[str], str] = lambda name: "",
    ) -> None:
        self.name = name
        self.own = own
        self.failure = failure
        self._boot_s = boot_s
        self._told = {other: Told() for other in (name, *others)}

    @property
    def hosts(self) -> tuple[str, ...]:
        """Of whom there may be reports: this host first."""
        return tuple(self._told)

    def request(self, name: str) -> ReportRequest:
        """What to ask this host next."""
        told = self._told[name]
        return ReportRequest(told.newest, told.ordered)

    def order_time(self, name: str, number: int) -> None:
        """Have this host's container get certified time: the order goes with the next question."""
        self._told[name].ordered = number

    def time_order(self, name: str, number: int) -> tuple[bool, tuple[Detail, ...]] | None:
        """Whether this order brought certified time, and how; None while nothing is known."""
        report = self._told[name].report
        if report is None or report.time_update != number:
            return None
        return report.time_done, report.time_said

    def take(self, name: str, report: Report) -> bool:
        """A host's answer came; whether it should be asked for more of its log at once."""
        return self._told[name].take(name, report, self._boot_s())

    def of(self, name: str) -> tuple[Report, float] | None:
        """A host's newest report and its age in seconds; None if there is none."""
        if name == self.name:
            self._ask_own()
        told = self._told[name]
        if told.report is None:
            return None
        return told.report, round(self._boot_s() - told.at_s, 3)

    def clock(self, name: str) -> ClockWatch:
        """This host's container's clock, as its reports showed it."""
        return self._told[name].clock

    def logs(self, hosts: Iterable[str], after: Mapping[str, int]) -> LogsDocument:
        """These hosts' records after those numbers, oldest first; see LOGS_PER_HOST_MAX.

        Of a host without a number the newest records are given, else the oldest that follow. A
        number higher than the host's own is one of an earlier life and counts as none.
        """
        records: list[LogRecord] = []
        newest: dict[str, int] = {}
        for name in hosts:
            if name == self.name:
                self._ask_own()
            told, number = self._told[name], after.get(name, 0)
            if 0 < number <= told.newest:
                found = [r for r in told.records if r.number > number][:LOGS_PER_HOST_MAX]
                newest[name] = found[-1].number if found else number
            else:
                found = list(told.records)[-LOGS_PER_HOST_MAX:]
                newest[name] = told.newest
            records += found
        records.sort(key=lambda record: record.at_ms)
        return LogsDocument(records=tuple(records), newest=newest)

    def _ask_own(self) -> None:
        while self.take(self.name, self.own(self.request(self.name))):
            pass


class ReportLinks:
    """Asks the other hosts, each over a link of its own; `addresses` maps a name to where it
    listens and to the role that its certificate has to have."""

    def __init__(
        self,
        addresses: Mapping[str, tuple[tuple[str, int], str]],
        context: ssl.SSLContext,
        chance: Chance,
    ) -> None:
        self._askers = {
            name: _Asker(name, address, role, context, chance)
            for name, (address, role) in addresses.items()
        }

    def failure(self, name: str) -> str:
        """Why a host of this name is not heard, "" if it is, or if it is not asked."""
        asker = self._askers.get(name)
        return asker.link.last_failure if asker is not None else ""

    async def run(self, reports: Reports) -> None:
        """Ask for `reports` until cancelled, then hang up."""
        askers = self._askers.values()
        for asker in askers:
            asker.link.start()
        try:
            while True:
                for asker in askers:
                    asker.ask_if_due(reports)
                await asyncio.sleep(REPORT_EVERY_S / 4)
        finally:
            for asker in askers:
                await asker.link.close()


class _Asker:
    def __init__(
        self,
        name: str,
        address: tuple[str, int],
        role: str,
        context: ssl.SSLContext,
        chance: Chance,
    ) -> None:
        self._asked_for: Reports | None = None
        self._due_at_s = 0.0
        self._waits = False
        self._hung_up = 0
        self.link: Link[Report] = Link(
            name,
            address,
            context,
            report_reader,
            on_up=lambda name: None,
            on_message=self._answered,
            on_down=self._down,
            chance=chance,
            silent_s=SILENT_S,
            roles=(role,),
        )

    def ask_if_due(self, reports: Reports) -> None:
        """Ask for these, unless it is too early or the host is not there."""
        now_s = asyncio.get_running_loop().time()
        if now_s < self._due_at_s or not self.link.up:
            return
        stranger = self._hung_up >= STRANGER_AFTER
        self._due_at_s = now_s + (STRANGER_EVERY_S if stranger else REPORT_EVERY_S)
        self._asked_for = reports
        self._waits = self.link.send(reports.request(self.link.name))

    def _answered(self, name: str, report: Report) -> None:
        self._waits, self._hung_up = False, 0
        if self._asked_for is not None and self._asked_for.take(name, report):
            self._due_at_s = 0.0

    def _down(self, name: str, why: str) -> None:
        if self._waits:
            self._hung_up += 1
            self._waits = False
