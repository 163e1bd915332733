"""What a host tells the TMR hosts of itself: its health, its clock's state, its own log (issue 5).

Reports are asked for and never pushed, on connections of their own beside the ledger's: a long
answer delays no append, and a host of a version that does not know the question closes the
connection that asked, and no other. Nothing that the ledger decides rests on a report.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from appliance.codec.api import ContainerTimes, HostHealth, LogRecord, TimeServerStatus
from appliance.codec.container_orders import ContainerOrder
from appliance.codec.frames import FrameReader, kinds_of
from appliance.details import Detail
from appliance.ledger.messages import AnyMessage, Message

RECORDS_PER_REPORT_MAX: Final = 200
TIME_SAID_MAX: Final = 10
"""What is said of an update: as a whole, and of each of its time servers."""
RECORD_TEXT_MAX: Final = 500
LOGGER_NAME_MAX: Final = 100
# A record of the longest text, four bytes a character, with its other fields stays below 3,000.
REPORT_BYTES_MAX: Final = RECORDS_PER_REPORT_MAX * 3_000 + (64 << 10)


class ReportRequest(Message, frozen=True, tag="report-request"):
    """To any host: how are you, and what did you log after this number? Answered by Report.

    An `update_time` other than the last one of the same asker has an upstream get certified time;
    it is repeated until the report says what came of it.
    """

    logs_after: int = 0
    update_time: int = 0


NO_LOGS: Final = ReportRequest(logs_after=2**63 - 1)
"""Asks how a host is, and for none of its log."""


class Report(Message, frozen=True, tag="report"):
    """How a host is. Fields are only ever added, at the end and with a default.

    `records` are at most RECORDS_PER_REPORT_MAX and the oldest of those asked for, so that a caller
    that asks again with the last one's number gets all that the host still holds; `newest` is the
    number of the newest record; `damage` is what is wrong with its store, if anything is; `shut` is
    why its container's key cannot be used, if it cannot.
    `time_update` is the asker's last such order that is done, `time_said` what came of it, and
    `time_done` whether there is a new certified time.
    """

    health: HostHealth | None = None
    times: ContainerTimes | None = None
    locked: str = ""
    time_servers: tuple[TimeServerStatus, ...] = ()
    records: tuple[LogRecord, ...] = ()
    newest: int = 0
    damage: Detail | None = None
    time_update: int = 0
    time_done: bool = False
    time_said: Annotated[tuple[Detail, ...], msgspec.Meta(max_length=TIME_SAID_MAX)] = ()
    shut: Detail | None = None


Asked = AnyMessage | ReportRequest | ContainerOrder
"""All that an upstream is sent: the ledger's messages, requests for reports, and orders for its
container."""
_request_decoder: Final[msgspec.msgpack.Decoder[Asked]] = msgspec.msgpack.Decoder(Asked)
_report_decoder: Final[msgspec.msgpack.Decoder[Report]] = msgspec.msgpack.Decoder(Report)
_upstream_kinds: Final = kinds_of(Asked)
_report_kinds: Final = kinds_of(Report)


def upstream_reader() -> FrameReader[Asked]:
    """A reader of all that an upstream is sent."""
    return FrameReader(_request_decoder, kinds=_upstream_kinds)


def report_reader() -> FrameReader[Report]:
    """A reader of reports, on a connection that carries nothing else."""
    return FrameReader(_report_decoder, REPORT_BYTES_MAX, kinds=_report_kinds)
