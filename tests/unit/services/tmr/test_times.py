"""What a TMR host shows of the containers' times, and certified updates that it orders."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from appliance.adapters.pki.authority import Identity
from appliance.codec import api
from appliance.codec.reports import Report, ReportRequest
from appliance.details import Detail, detail
from appliance.licences.state import State
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import caller
from appliance.services.tmr.problems import Refusal
from appliance.services.tmr.reports import Reports
from appliance.services.tmr.time_updates import TimeUpdates
from appliance.services.tmr.times import FRESH_S, container_times, virtual_times
from appliance.services.upstream.time_orders import TimeOrders
from appliance.services.upstream.timekeeping import Updated
from tests.unit.services.tmr.world import OPERATOR

CERTIFIED = detail("certified", url="a")

T = 1_800_000_000_000
YEAR_MS = 365 * 86_400_000
UPSTREAMS = ("up1", "up2", "up3")


class Desk:
    """Reports of three upstreams, on a boot clock that the test holds."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.reports = Reports("tmr1", (*UPSTREAMS, "tmr2"), lambda: self.now_s)

    def tell(self, name: str, system_ms: int, box_ms: int | None = None, **more: Any) -> None:
        times = api.ContainerTimes(
            box_ms=system_ms - 5_000 if box_ms is None else box_ms,
            system_ms=system_ms,
            box_age_s=5.0,
            **more,
        )
        self.reports.take(name, Report(times=times))

    def times(self) -> dict[str, api.ContainerTimes]:
        return container_times(self.reports, UPSTREAMS)


def test_ages_count_on_and_offsets_are_to_the_vote():
    desk = Desk()
    desk.tell("up1", T, certified_ms=T - 60_000, certified_age_s=60.0)
    desk.tell("up2", T + YEAR_MS)
    desk.tell("up3", T + 400)
    desk.now_s += 3.0
    times = desk.times()
    assert (times["up1"].system_ms, times["up1"].box_age_s) == (T + 3_000, 8.0)
    assert times["up1"].certified_age_s == 63.0
    assert [times[name].offset_ms for name in UPSTREAMS] == [-400, YEAR_MS - 400, 0]
    assert [times[name].outvoted for name in UPSTREAMS] == [False, True, False]


def test_a_silent_upstream_is_shown_and_does_not_vote():
    desk = Desk()
    desk.tell("up1", T - 17 * YEAR_MS)
    desk.now_s += FRESH_S + 1
    desk.tell("up2", T)
    desk.tell("up3", T + 300)
    times = desk.times()
    assert times["up1"].offset_ms is None and not times["up1"].outvoted
    assert times["up1"].box_age_s == 5.0 + FRESH_S + 1
    assert (times["up2"].offset_ms, times["up3"].offset_ms) == (0, 300)


def test_clocks_that_all_stand_still_are_seen_by_the_time_that_passes_here():
    """They agree with each other, and what they say of themselves does not count."""
    desk = Desk()
    for _ in range(31):
        for name in UPSTREAMS:
            desk.tell(name, T, slow_s=None)
        desk.now_s += 2.0
    assert [desk.times()[name].slow_s for name in UPSTREAMS] == [60.0] * 3
    assert [desk.times()[name].outvoted for name in UPSTREAMS] == [False] * 3
    for name in UPSTREAMS:
        desk.tell(name, T + 2_000, slow_s=77.0)
    assert [desk.times()[name].slow_s for name in UPSTREAMS] == [None] * 3


def test_nobody_told_anything():
    assert Desk().times() == {}
    assert virtual_times({}, State()) is None


def test_the_virtual_containers_times_are_the_second_highest():
    desk = Desk()
    desk.tell("up1", T, box_ms=T - 1_000)
    desk.tell("up2", T + YEAR_MS, box_ms=T + YEAR_MS)
    desk.tell("up3", T + 400, box_ms=T - 3_000)
    state = State()
    state.begin(T + 100)
    virtual = virtual_times(desk.times(), state)
    assert virtual is not None
    assert (virtual.box_ms, virtual.system_ms) == (T - 1_000, T + 400)
    assert (virtual.offset_ms, virtual.outvoted, virtual.certified_ms) == (0, False, None)


def test_log_time_that_is_ahead_is_the_systems_time_and_says_so():
    desk = Desk()
    for name in UPSTREAMS:
        desk.tell(name, T)
    state = State()
    state.begin(T + YEAR_MS)
    virtual = virtual_times(desk.times(), state)
    assert virtual is not None
    assert virtual.system_ms == T + YEAR_MS
    assert (virtual.offset_ms, virtual.outvoted) == (YEAR_MS, True)


# --- orders ---


def host_of(reports: Reports) -> TmrHost:
    """As much of a TMR host as orders need."""
    peers = [SimpleNamespace(name=name) for name in UPSTREAMS]
    host = SimpleNamespace(
        reports=reports,
        overview=SimpleNamespace(serials={"up1": "130-1", "up2": "130-2"}),
        coordinator=SimpleNamespace(peers=peers),
    )
    return cast(TmrHost, host)


def who(identity: Identity):
    return caller(identity, b"", cast(Any, None))


ALL = api.TimeUpdateRequest(why="the clocks were wrong")


class Upstreams:
    """Answer the questions for reports, as upstreams do."""

    def __init__(self, reports: Reports, silent: str = "") -> None:
        self.reports, self.silent = reports, silent
        self.updates: list[str] = []
        self.orders = {name: TimeOrders(self._update_of(name)) for name in UPSTREAMS}

    def _update_of(self, name: str):
        async def update() -> Updated:
            self.updates.append(name)
            return Updated(T, (CERTIFIED,)) if name != "up3" else Updated(None, ("odd",))

        return update

    async def run(self) -> None:
        while True:
            for name in UPSTREAMS:
                if name != self.silent:
                    # Each question is lost once, and asked again.
                    for request in (self.reports.request(name), self.reports.request(name)):
                        self.orders[name].take("tmr1", request.update_time)
                    self.reports.take(name, self.orders[name].told("tmr1", Report()))
            await asyncio.sleep(0.005)


async def ordered(request: api.TimeUpdateRequest, silent: str = "", times: int = 1):
    reports = Desk().reports
    upstreams = Upstreams(reports, silent)
    running = asyncio.ensure_future(upstreams.run())
    updates = TimeUpdates(host_of(reports), within_s=0.5 if silent else 60.0)
    try:
        documents = await asyncio.gather(
            *(updates.update(who(OPERATOR), request) for _ in range(times))
        )
    finally:
        running.cancel()
        for orders in upstreams.orders.values():
            await orders.close()
    return documents, upstreams.updates


def test_all_are_asked_and_each_says_what_it_got():
    (document,), updates = asyncio.run(ordered(ALL))
    assert document.results == {
        "130-1": (Detail.of(CERTIFIED),),
        "130-2": (Detail.of(CERTIFIED),),
        "up3": (Detail.of("odd"),),
    }
    assert document.failed == ("up3",)
    assert sorted(updates) == ["up1", "up2", "up3"], "once each"


def test_a_repeated_request_is_one_order():
    documents, updates = asyncio.run(ordered(ALL, times=3))
    assert len(documents) == 3 and documents[0] == documents[1] == documents[2]
    assert len(updates) == 3


@pytest.mark.parametrize("name", ["130-2", "up2"])
def test_one_is_named_by_serial_or_host(name):
    request = msgspec.structs.replace(ALL, container=name)
    (document,), updates = asyncio.run(ordered(request))
    assert (document.results, updates) == ({"130-2": (Detail.of(CERTIFIED),)}, ["up2"])


def test_one_that_says_nothing_is_told_as_failed():
    (document,), _ = asyncio.run(ordered(ALL, silent="up1"))
    assert "up1 did not say" in str(document.results["130-1"][0])
    assert document.failed == ("130-1", "up3")


@pytest.mark.parametrize(
    ("identity", "request_", "reason"),
    [
        (OPERATOR, api.TimeUpdateRequest(why=" "), "bad-request"),
        (OPERATOR, api.TimeUpdateRequest(why="x", container="130-9"), "not-found"),
    ],
)
def test_what_cannot_be_ordered(identity, request_, reason):
    reports = Desk().reports
    with pytest.raises(Refusal) as caught:
        asyncio.run(TimeUpdates(host_of(reports)).update(who(identity), request_))
    assert caught.value.reason == reason
    assert reports.request("up1") == ReportRequest(0)
