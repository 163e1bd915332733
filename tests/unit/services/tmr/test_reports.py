"""Reports and logs at a TMR host: what is kept, what is given, and hosts of an earlier version."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from random import Random
from typing import Any

import msgspec
import pytest

from appliance.adapters.links.links import Link, LinkServer
from appliance.adapters.log_ring import RECORDS_MAX
from appliance.adapters.pki import authority as pki
from appliance.client.transport import ANSWER_BYTES_MAX
from appliance.codec import api
from appliance.codec.frames import FrameReader, link_reader
from appliance.codec.reports import (
    LOGGER_NAME_MAX,
    RECORD_TEXT_MAX,
    RECORDS_PER_REPORT_MAX,
    Report,
    ReportRequest,
    upstream_reader,
)
from appliance.ledger.effects import Origin
from appliance.ledger.messages import AnyMessage, PreVote
from appliance.services.tmr import reports as module
from appliance.services.tmr.reports import LOGS_PER_HOST_MAX, ReportLinks, Reports
from tests.unit.services.tmr.world import ALICE, VIEWER, World, run

HEALTH = api.HostHealth(version="1", started_at_ms=1, disk_free_bytes=5)
HOST = "127.0.0.1"
DEADLINE_S = 60.0


def records(host: str, first: int, last: int, at_ms: int = 0) -> tuple[api.LogRecord, ...]:
    return tuple(
        api.LogRecord(
            host=host, number=n, at_ms=at_ms + n, level="info", logger="x", text=f"{host} {n}"
        )
        for n in range(first, last + 1)
    )


def desk(now: list[float] | None = None) -> Reports:
    clock = now or [0.0]
    return Reports("tmr1", ("up1", "up2", "tmr2"), lambda: clock[0])


def numbers(document: api.LogsDocument) -> list[int]:
    return [record.number for record in document.records]


def test_a_report_is_kept_with_its_age():
    now = [100.0]
    reports = desk(now)
    assert reports.of("up1") is None
    reports.take("up1", Report(HEALTH))
    now[0] = 103.5
    assert reports.of("up1") == (Report(HEALTH), 3.5)
    reports.own = lambda request: Report(HEALTH, newest=request.logs_after)
    assert reports.of("tmr1") == (Report(HEALTH, newest=0), 0.0)


def test_a_log_is_followed_to_its_end_and_nothing_is_kept_twice():
    reports = desk()
    whole = records("up1", 1, RECORDS_PER_REPORT_MAX + 50)
    assert reports.take("up1", Report(records=whole[:RECORDS_PER_REPORT_MAX], newest=250))
    assert reports.request("up1") == ReportRequest(RECORDS_PER_REPORT_MAX)
    assert not reports.take("up1", Report(records=whole[RECORDS_PER_REPORT_MAX:], newest=250))
    # The same again, as after an answer that was late: nothing new, and no reason to ask at once.
    assert not reports.take("up1", Report(records=whole[:RECORDS_PER_REPORT_MAX], newest=250))
    assert [record.number for record in reports._told["up1"].records] == list(range(1, 251))


def test_a_host_speaks_for_itself_only_and_no_longer_than_an_honest_one():
    reports = desk()
    lie = msgspec.structs.replace(records("tmr1", 1, 1)[0], text="x" * 9999, logger="y" * 999)
    reports.take("up1", Report(records=(lie,)))
    (kept,) = reports.logs(["up1"], {}).records
    assert kept.host == "up1"
    assert (len(kept.text), len(kept.logger)) == (RECORD_TEXT_MAX, LOGGER_NAME_MAX)
    assert reports.logs(["tmr1"], {}).records == ()
    for start in range(1, 40 * RECORDS_PER_REPORT_MAX, RECORDS_PER_REPORT_MAX):
        many = records("up2", start, start + RECORDS_PER_REPORT_MAX - 1)
        reports.take("up2", Report(records=many))
    assert len(reports._told["up2"].records) == RECORDS_MAX


def test_a_host_that_starts_anew_with_its_clock_set_back_is_followed_on():
    reports = desk()
    reports.take("up1", Report(records=records("up1", 1000, 1005), newest=1005))
    reports.take("up1", Report(records=(), newest=500))
    assert reports.request("up1") == ReportRequest(500)
    reports.take("up1", Report(records=records("up1", 501, 502), newest=502))
    document = reports.logs(["up1"], {"up1": 1005})
    assert numbers(document) == [501, 502]
    assert reports.logs(["up1"], document.newest).records == ()


def test_logs_of_all_hosts_are_merged_by_time():
    reports = desk()
    reports.take("up1", Report(records=records("up1", 1, 3, at_ms=10)))
    reports.take("up2", Report(records=records("up2", 1, 3, at_ms=11)))
    reports.own = lambda request: Report(records=records("tmr1", 12, 12))
    document = reports.logs(("tmr1", "up1", "up2"), {})
    assert [(r.host, r.number) for r in document.records] == [
        ("up1", 1),
        ("tmr1", 12),
        ("up1", 2),
        ("up2", 1),
        ("up1", 3),
        ("up2", 2),
        ("up2", 3),
    ]
    assert document.newest == {"tmr1": 12, "up1": 3, "up2": 3}


def test_the_longest_answer_is_one_that_a_client_reads():
    reports = Reports("tmr1", ("up1", "up2", "up3", "tmr2"), lambda: 0.0)
    for name in reports.hosts:
        long = tuple(
            msgspec.structs.replace(
                record, text="\x01" * RECORD_TEXT_MAX, logger="\x01" * LOGGER_NAME_MAX
            )
            for record in records(name, 2**62, 2**62 + RECORDS_PER_REPORT_MAX - 1)
        )
        reports.take(name, Report(records=long, newest=2**63))
    reports.own = lambda request: Report(newest=2**63)
    document = reports.logs(reports.hosts, {})
    assert len(document.records) == 5 * LOGS_PER_HOST_MAX
    assert len(msgspec.json.encode(document)) < ANSWER_BYTES_MAX


def test_a_follower_gets_each_record_once_however_far_it_is_behind():
    reports = desk()
    last = LOGS_PER_HOST_MAX * 2 + 7
    for start in range(1, last + 1, RECORDS_PER_REPORT_MAX):
        end = min(last, start + RECORDS_PER_REPORT_MAX - 1)
        reports.take("up1", Report(records=records("up1", start, end)))
    assert numbers(reports.logs(["up1"], {}))[0] == last - LOGS_PER_HOST_MAX + 1
    got: list[int] = []
    after = {"up1": 1}
    while (document := reports.logs(["up1"], after)).records:
        got += numbers(document)
        after = document.newest
    assert got == list(range(2, last + 1))
    assert after == {"up1": last}


def test_a_number_of_an_earlier_life_counts_as_none():
    reports = desk()
    reports.take("up1", Report(records=records("up1", 1, 3)))
    assert numbers(reports.logs(["up1"], {"up1": 99})) == [1, 2, 3]


# --- the API ---


def test_operators_see_the_logs_and_clients_do_not():
    async def test(world: World) -> None:
        host = world.hosts["tmr1"]
        host.reports.take("up1", Report(HEALTH, records=records("up1", 1, 3)))
        host.reports.take("tmr2", Report(HEALTH, records=records("tmr2", 5, 5)))
        whole = (await world.call("GET", "/v1/logs", who=VIEWER)).of(api.LogsDocument)
        assert {record.host for record in whole.records} == {"up1", "tmr2"}
        target = "/v1/logs?host=up1,up2&after=up1:2,tmr2:1"
        some = (await world.call("GET", target, who=VIEWER)).of(api.LogsDocument)
        assert numbers(some) == [3]
        assert some.newest == {"up1": 3, "up2": 0}
        refused = await world.call("GET", "/v1/logs", who=ALICE)
        assert (refused.status, refused.reason) == (403, "forbidden")

    run(test)


@pytest.mark.parametrize(
    "query",
    ["host=up9", "after=up9:1", "after=up1", "after=up1:x", "after=:", "after=up1:" + "9" * 30],
)
def test_a_wrong_question_is_refused_with_what_would_be_right(query):
    async def test(world: World) -> None:
        reply = await world.call("GET", f"/v1/logs?{query}", who=VIEWER)
        assert (reply.status, reply.reason) == (400, "bad-request")
        assert "up1" in reply.problem.detail or "host:number" in reply.problem.detail

    run(test)


def test_the_status_shows_what_hosts_say_of_themselves():
    async def test(world: World) -> None:
        host = world.hosts["tmr1"]
        times = api.ContainerTimes(box_ms=1, system_ms=2)
        server = api.TimeServerStatus(url="https://time", state="good")
        host.reports.take("up1", Report(HEALTH, times, "lost", (server,)))
        host.reports.take("tmr2", Report(HEALTH))
        host.reports.own = lambda request: Report(HEALTH)
        world.advance(4)
        status = (await world.call("GET", "/v1/status", who=VIEWER)).of(api.StatusDocument)
        up1, up2, _ = status.upstreams
        assert (up1.health, up1.locked) == (HEALTH, "lost")
        assert up1.times is not None and up1.times.box_ms == 1
        assert up1.times.system_ms == pytest.approx(4_002, abs=500), "it counts on"
        assert up1.time_servers == (server,)
        assert up1.report_age_s == pytest.approx(4, abs=0.5)
        assert (up2.health, up2.report_age_s) == (None, None)
        assert [one.health for one in status.tmr_hosts] == [HEALTH, HEALTH]
        assert status.tmr_hosts[0].report_age_s == 0

    run(test)


# --- the links ---


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    path = tmp_path_factory.mktemp("pki")
    now = datetime.now(UTC)
    pki.create_ca(path / "ca", now)
    return {
        name: pki.issue_host(path / "ca", path / name, name, role, now)
        for name, role in {"up1": "upstream", "tmr1": "tmr"}.items()
    }


class Host:
    """An upstream's end of the links: `knows` says whether its version answers requests."""

    def __init__(self, files: Any, knows: bool) -> None:
        self.asked: list[int] = []
        self.probed = 0
        self.lost: list[Origin] = []
        strict: Any = lambda: FrameReader(msgspec.msgpack.Decoder(AnyMessage))  # noqa: E731
        self.server: LinkServer[Any] = LinkServer(
            (HOST, 0),
            pki.server_context(files["up1"]),
            upstream_reader if knows else strict,
            ("tmr",),
            self._received,
            self.lost.append,
        )

    def _received(self, origin: Origin, message: Any) -> None:
        if isinstance(message, ReportRequest):
            self.asked.append(message.logs_after)
            whole = records("up1", 1, RECORDS_PER_REPORT_MAX + 3)
            left = [record for record in whole if record.number > message.logs_after]
            self.server.send(
                origin, Report(HEALTH, records=tuple(left[:RECORDS_PER_REPORT_MAX]), newest=203)
            )
        else:
            self.probed += 1


async def until(condition: Any) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():
            await asyncio.sleep(0.01)


def link_of(files: Any, address: tuple[str, int]) -> Link[AnyMessage]:
    return Link(
        "up1",
        address,
        pki.client_context(files["tmr1"]),
        link_reader,
        lambda name: None,
        lambda name, message: None,
        lambda name, why: None,
        Random(1),
        silent_s=DEADLINE_S,
    )


def test_reports_are_asked_for_until_the_whole_log_is_here(files):
    async def story() -> None:
        host, reports = Host(files, knows=True), desk()
        address = await host.server.start()
        context = pki.client_context(files["tmr1"])
        links = ReportLinks({"up1": (address, "upstream")}, context, Random(1))
        task = asyncio.create_task(links.run(reports))
        await until(lambda: len(host.asked) >= 2)
        assert host.asked[:2] == [0, RECORDS_PER_REPORT_MAX]
        await until(lambda: reports.request("up1").logs_after == RECORDS_PER_REPORT_MAX + 3)
        found = reports.of("up1")
        assert found is not None
        assert found[0].health == HEALTH
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await host.server.close()

    asyncio.run(story())


def test_an_upstream_of_an_earlier_version_keeps_its_ledger_link_and_is_asked_rarely(
    files, monkeypatch
):
    """The reader of the version before this one refuses whatever it does not know."""
    monkeypatch.setattr(module, "REPORT_EVERY_S", 0.04)

    async def story() -> None:
        host, reports = Host(files, knows=False), desk()
        address = await host.server.start()
        ledger = link_of(files, address)
        ledger.start()
        await until(lambda: ledger.up)
        context = pki.client_context(files["tmr1"])
        links = ReportLinks({"up1": (address, "upstream")}, context, Random(1))
        (asker,) = links._askers.values()
        task = asyncio.create_task(links.run(reports))
        await until(lambda: asker._hung_up >= module.STRANGER_AFTER)
        await until(lambda: asker.link.up)
        await until(lambda: asker._due_at_s > asyncio.get_running_loop().time() + 10)
        assert reports.of("up1") is None
        # Through all of that the ledger's own link stood, and works.
        assert ledger.up
        ledger.send(PreVote(1))
        await until(lambda: host.probed == 1)
        assert Origin("tmr1", 1) not in host.lost
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await ledger.close()
        await host.server.close()

    asyncio.run(story())
