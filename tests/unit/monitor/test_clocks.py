"""Certified, box and system times, the vote, time servers and locks, from what hosts report."""

from __future__ import annotations

from msgspec.structs import replace

from appliance.codec import api
from monitor_gui.model.clocks import clocks, virtual_clock
from monitor_gui.model.timeservers import container_kind, container_rows, failing, server_rows, tone
from tests.unit.monitor.documents import NOW_MS, reported, status, upstream, with_reports


def test_each_container_tells_its_three_times() -> None:
    document = with_reports(status(times_ms={"up3": 42_000}))
    one, _, three = clocks(document)
    assert (one.certified_ms, one.box_ms) == (NOW_MS - 7_200_000, NOW_MS - 40_000)
    assert (one.certified_age_s, one.box_age_s, one.offset_ms) == (7_200.0, 40.0, 0)
    assert (three.offset_ms, three.outvoted, three.system_time_ms) == (
        42_000,
        True,
        NOW_MS + 42_000,
    )


def test_without_a_vote_here_the_containers_own_report_counts() -> None:
    rows = tuple(reported(upstream(name, time_ms=None)) for name in ("up1", "up2", "up3"))
    off = api.ContainerTimes(box_ms=1, system_ms=2, offset_ms=9_000, outvoted=True)
    rows = (*rows[:2], replace(rows[2], times=off))
    document = replace(status(), upstreams=rows)
    found = clocks(document)
    assert [clock.outvoted for clock in found] == [False, False, True]
    assert (found[2].offset_ms, found[2].system_time_ms) == (9_000, 2)


def test_an_unreachable_container_has_no_offset_and_no_vote() -> None:
    document = with_reports(status(lost=("up1",), times_ms={"up1": 99_000}))
    assert clocks(document)[0].offset_ms is None
    assert not clocks(document)[0].outvoted


def test_the_virtual_container_falls_back_to_log_time() -> None:
    assert virtual_clock(status()).system_time_ms == NOW_MS
    assert virtual_clock(status()).certified_ms is None
    found = virtual_clock(with_reports(status()))
    assert (found.serial, found.certified_ms) == ("131-9", NOW_MS - 7_200_000)


def test_time_servers_are_told_by_server_and_a_failing_one_once() -> None:
    states: dict[str, object] = {"server_states": ("good", "failed")}
    document = with_reports(
        status(lost=("up3",)), up1=states, up2=states, up3={"server_states": ("failed", "failed")}
    )
    rows = server_rows(document)
    assert [row.upstream for row in rows] == ["up1", "up2", "up3"] * 2
    assert failing(document) == {"https://time-2.example": ["up1", "up2"]}, "up3 is gone anyway"
    never = with_reports(status(), up1={"server_states": ("never", "liar")})
    assert failing(never) == {"https://time-2.example": ["up1"]}
    assert [tone(word) for word in ("good", "never", "failed", "liar", "odd")] == [
        "ok",
        "unknown",
        "degraded",
        "down",
        "degraded",
    ]


def test_containers_say_whether_they_are_locked_and_a_silent_one_says_nothing() -> None:
    rows = container_rows(with_reports(status(), up2={"locked": "lost"}))
    assert [(row.locked, row.known) for row in rows] == [("", True), ("lost", True), ("", True)]
    assert [row.known for row in container_rows(status())] == [False] * 3
    assert {row.kind for row in rows} == {"software with universal firm code"}
    assert [container_kind(text) for text in ("3-7", "140-7", "9-9", "x", "", "²-1")] == [
        "dongle",
        "cloud",
        *[""] * 4,
    ]
