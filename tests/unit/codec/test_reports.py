"""Reports between hosts: any honest one fits its bound, and versions may differ by a field."""

import msgspec

from appliance.codec.api import HostHealth, LogRecord, TimeServerStatus
from appliance.codec.frames import encode_frame
from appliance.codec.reports import (
    LOGGER_NAME_MAX,
    RECORD_TEXT_MAX,
    RECORDS_PER_REPORT_MAX,
    REPORT_BYTES_MAX,
    Report,
    ReportRequest,
    report_reader,
    upstream_reader,
)
from appliance.details import Detail, detail
from appliance.ledger.messages import PreVote

HEALTH = HostHealth(version="0.1", started_at_ms=5, disk_free_bytes=7)


def test_a_request_and_a_report_travel():
    stream = encode_frame(ReportRequest(77)) + encode_frame(PreVote(3))
    assert upstream_reader().feed(stream) == [ReportRequest(77), PreVote(3)]
    report = Report(HEALTH, None, "blocked", (TimeServerStatus(url="u", state="ok"),), (), 9)
    assert report_reader().feed(encode_frame(report)) == [report]


def test_the_longest_report_that_a_host_makes_fits():
    record = LogRecord(
        host="h" * 64,
        number=2**63,
        at_ms=2**63,
        level="critical",
        logger="\N{GRINNING FACE}" * LOGGER_NAME_MAX,
        text="\N{GRINNING FACE}" * RECORD_TEXT_MAX,
    )
    report = Report(HEALTH, records=(record,) * RECORDS_PER_REPORT_MAX)
    frame = encode_frame(report, REPORT_BYTES_MAX)
    assert report_reader().feed(frame) == [report]


def test_reports_of_an_earlier_and_of_a_later_version_are_read():
    health = msgspec.to_builtins(HEALTH)
    earlier: list[object] = ["report", health]
    later: list[object] = [
        "report",
        {**health, "temperature": 40},
        None,
        "",
        [],
        [],
        12,
        {"code": "entry-missing", "values": {"index": 7}},
        0,
        False,
        [],
        None,
        "a new field",
    ]
    for plain, newest, damage in ((earlier, 0, ""), (later, 12, detail("entry-missing", index=7))):
        read = Report(HEALTH, newest=newest, damage=Detail.of(damage))
        assert report_reader().feed(encode_frame(plain)) == [read]


def test_a_request_with_more_fields_is_read():
    frame = encode_frame(["report-request", 5, 0, "a new field"])
    assert upstream_reader().feed(frame) == [ReportRequest(5)]
