"""A report or a twin's status may hold any number: this host goes on, and its documents too."""

from __future__ import annotations

from random import Random

import msgspec

from appliance.codec import api
from appliance.codec.frames import FrameRefused, encode_frame
from appliance.codec.reports import Report, report_reader, upstream_reader
from appliance.services.tmr.twin import TwinStatus, status_reader
from appliance.sim.byzantine.fields import lies_about
from tests.unit.services.tmr.world import World, run

REPORT = Report(
    api.HostHealth(version="1", started_at_ms=1, disk_free_bytes=5),
    api.ContainerTimes(box_ms=1, system_ms=2, certified_ms=3),
    records=(api.LogRecord(host="up1", number=1, at_ms=1, level="info", logger="x", text="t"),),
)
TWIN = TwinStatus(
    host="tmr2",
    version="1",
    serving=False,
    reached=3,
    has_address=False,
    maintenance=False,
    commit_index=1,
)


def test_every_field_of_a_report_may_be_a_lie() -> None:
    async def story(world: World) -> None:
        host, count = world.hosts["tmr1"], 0
        for path, lie in lies_about(REPORT, Random(1)):
            try:
                (report,) = report_reader().feed(encode_frame(lie))
            except FrameRefused:
                continue
            host.reports.take("up1", report)
            assert msgspec.json.encode(host.overview.status())
            assert msgspec.json.encode(host.reports.logs(("up1",), {})), path
            # What is asked next can be read there.
            assert upstream_reader().feed(encode_frame(host.reports.request("up1")))
            count += 1
        assert count > 200

    run(story)


def test_every_field_of_the_twins_status_may_be_a_lie() -> None:
    """It may say that it serves, or that it reaches all three: this host goes on serving."""

    async def story(world: World) -> None:
        host, count = world.hosts["tmr1"], 0
        serving = host.serving
        for _, lie in lies_about(TWIN, Random(1)):
            try:
                (status,) = status_reader().feed(encode_frame(lie))
            except FrameRefused:
                continue
            host.twin_said(status)
            assert msgspec.json.encode(host.overview.status())
            assert host.serving == serving
            count += 1
        assert serving
        assert count > 20

    run(story)
