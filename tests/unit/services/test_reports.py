"""What a host answers when it is asked how it is."""

import asyncio
import logging
import threading

import pytest

from appliance.adapters.log_ring import LogRing
from appliance.codec.api import ContainerTimes, HostHealth, TimeServerStatus
from appliance.codec.reports import RECORDS_PER_REPORT_MAX, Report, ReportRequest
from appliance.details import Detail
from appliance.services import reports
from appliance.services.reports import Reporter

HEALTH = HostHealth(version="1", started_at_ms=1)
TIMES = ContainerTimes(box_ms=1, system_ms=2)
SERVER = TimeServerStatus(url="https://time", state="ok")


def test_an_answer_says_what_is_known_now():
    ring = LogRing("up1", 1)
    locked = [""]
    reporter = Reporter(
        lambda: HEALTH,
        ring,
        times=lambda: TIMES,
        locked=lambda: locked[0],
        time_servers=lambda: (SERVER,),
        damage=lambda: "entry 7 is missing",
    )
    assert reporter.answer(ReportRequest()) == Report(
        None, TIMES, "", (SERVER,), (), newest=ring.newest, damage=Detail.of("entry 7 is missing")
    )
    locked[0] = "lost"
    assert reporter.answer(ReportRequest()).locked == "lost"


def test_a_long_log_comes_in_pieces():
    ring = LogRing("up1", 1)
    logger = logging.Logger("x")
    logger.addHandler(ring)
    reporter = Reporter(lambda: HEALTH, ring)
    for number in range(RECORDS_PER_REPORT_MAX + 5):
        logger.info("%d", number)
    first = reporter.answer(ReportRequest())
    assert len(first.records) == RECORDS_PER_REPORT_MAX
    rest = reporter.answer(ReportRequest(first.records[-1].number))
    assert [record.text for record in rest.records] == [
        str(RECORDS_PER_REPORT_MAX + more) for more in range(5)
    ]
    assert rest.newest == rest.records[-1].number == ring.newest


def test_health_is_gathered_aside_and_a_failure_is_survived(monkeypatch, caplog):
    monkeypatch.setattr(reports, "HEALTH_EVERY_S", 0.0)
    threads: list[int] = []

    def probe() -> HostHealth:
        threads.append(threading.get_ident())
        if len(threads) == 1:
            raise OSError("the disk is gone")
        return HEALTH

    async def story() -> None:
        reporter = Reporter(probe, LogRing("up1", 1))
        task = asyncio.create_task(reporter.run())
        async with asyncio.timeout(30):
            while reporter.health is None:
                await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert reporter.answer(ReportRequest()).health == HEALTH

    asyncio.run(story())
    assert "not known" in caplog.text
    assert threading.get_ident() not in threads
