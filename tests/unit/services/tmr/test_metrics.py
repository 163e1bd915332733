"""Metrics of a TMR host: counted where it happens, read from what is shown, and documented."""

from __future__ import annotations

import re

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as open_metrics,
)
from prometheus_client.parser import text_string_to_metric_families

from appliance.codec import api
from appliance.codec.reports import Report
from appliance.ledger.effects import Disputed
from appliance.services.metrics import rendered
from appliance.services.tmr.app import App
from appliance.services.tmr.problems import REASONS
from appliance.watch.verdict import WORDS
from tests.unit.services.tmr.parts import FIRM, secret
from tests.unit.services.tmr.world import ALICE, PRODUCT, VIEWER, World, run

HEALTH = api.HostHealth(
    version="7.1",
    started_at_ms=1_500,
    disk_free_bytes=10,
    disk_total_bytes=20,
    certificate_expires_at_s=99,
    clock_synchronised=True,
)
LICENCE = {"firm_code": str(FIRM), "product_code": str(PRODUCT)}


class Scraped:
    """What a scrape gave."""

    def __init__(self, text: str) -> None:
        self.samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def __call__(self, name: str, **labels: str) -> float | None:
        return self.samples.get((name, frozenset(labels.items())))

    def of(self, name: str, **labels: str) -> float | None:
        """The one sample that has these labels among others."""
        found = [
            value
            for (other, mine), value in self.samples.items()
            if other == name and frozenset(labels.items()) <= mine
        ]
        assert len(found) <= 1
        return found[0] if found else None


async def scrape(world: World, host: str = "tmr1") -> Scraped:
    reply = await world.call("GET", "/metrics", who=VIEWER, host=host)
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    return Scraped(reply.body.decode())


def test_check_outs_are_counted_by_result_and_denials_by_reason():
    async def test(world: World) -> None:
        for number in range(3):
            await world.check_out(f"lease-{number}")
        assert (await world.check_out("unknown", product_code=99)).status == 404
        beat = api.HeartbeatRequest(generation=1)
        await world.call("POST", "/v1/leases/nobody/heartbeat", beat, headers=[secret()])
        await world.call("GET", "/v1/logs", who=ALICE)
        seen = await scrape(world)
        assert seen("tmr_checkouts_total", result="granted") == 2
        assert seen("tmr_checkouts_total", result="no-seat-free") == 1
        assert seen("tmr_checkouts_total", result="unknown-product") == 1
        assert seen("tmr_denials_total", call="check-out", reason="no-seat-free") == 1
        assert seen("tmr_denials_total", call="heartbeat", reason="lease-unknown") == 1
        assert seen("tmr_denials_total", call="logs", reason="forbidden") == 1
        assert seen("tmr_heartbeats_total") == 0
        assert seen.of("tmr_licence_seats", **LICENCE) == 2
        assert seen.of("tmr_licence_seats_in_use", **LICENCE) == 2
        assert seen("tmr_seats", product=f"{FIRM}:{PRODUCT}", state="leased") == 2
        assert seen("tmr_seats", product=f"{FIRM}:{PRODUCT}", state="free") == 0
        assert seen("tmr_leases") == 2

    run(test, quantity=2)


def test_heartbeats_and_what_a_licence_has():
    async def test(world: World) -> None:
        grant = (await world.check_out("one")).of(api.GrantDocument)
        beat = api.HeartbeatRequest(generation=grant.generation)
        reply = await world.call("POST", "/v1/leases/one/heartbeat", beat, headers=[secret()])
        assert reply.status == 200
        before = await scrape(world)
        world.kill("up3")
        world.advance(2)
        seen = await scrape(world)
        assert [seen("tmr_verdict", verdict=x) for x in WORDS] == [0, 1, 0], "degraded"
        warnings = [one("tmr_problems", level="warning") for one in (before, seen)]
        assert None not in warnings
        assert warnings[1] == (warnings[0] or 0) + 1
        assert seen("tmr_problems", level="critical") == 0
        down = {"problem": "upstream-down", "level": "warning", "subject": "up3"}
        assert (before("tmr_finding", **down), seen("tmr_finding", **down)) == (None, 1)
        assert seen("tmr_heartbeats_total") == 1
        assert seen.of("tmr_units_left", **LICENCE) == 500
        assert seen.of("tmr_units_reserved", **LICENCE) == 0
        assert seen.of("tmr_licence_info", role="main", modes="user-limit", **LICENCE) == 1
        assert seen.of("tmr_licence_available", **LICENCE) == 1
        assert seen.of("tmr_licence_constituents_ok", **LICENCE) == 2
        assert seen.of("tmr_licence_expires_timestamp_seconds", **LICENCE) is None
        assert seen("tmr_upstream_up", upstream="up3") == 0
        assert seen("tmr_upstream_up", upstream="up1") == 1
        heard = seen("tmr_upstream_heard_age_seconds", upstream="up3")
        assert heard is not None
        assert heard > 1

    run(test)


def test_batches_are_measured_by_the_host_that_had_them_committed():
    async def test(world: World) -> None:
        before = await scrape(world)
        world.hold_writes("up1", "up2", "up3")
        task = world.begin("PUT", "/v1/leases/slow", world.asking({}))
        await world.drain()
        world.advance(0.3)
        world.release_writes()
        await world.answer(task, "the slow check-out")
        world.advance(1)
        active, passive = await scrape(world), await scrape(world, "tmr2")

        def more(name: str, **labels: str) -> float:
            return (active(name, **labels) or 0) - (before(name, **labels) or 0)

        assert more("tmr_batch_commands_count") == more("tmr_batch_commit_seconds_count") >= 1
        assert more("tmr_batch_commands_sum") >= 1
        assert more("tmr_batch_commit_seconds_sum") >= 0.29
        assert more("tmr_batch_commit_seconds_bucket", le="0.2") < more(
            "tmr_batch_commit_seconds_count"
        )
        assert passive("tmr_batch_commands_count") == 0
        assert passive("tmr_log_commit_index") == active("tmr_log_commit_index")

    run(test)


def test_roles_and_takeovers_tell_of_a_failover():
    async def test(world: World) -> None:
        first = await scrape(world)
        assert (first("tmr_role", role="active"), first("tmr_takeovers_total")) == (1, 1)
        assert first("tmr_address_held") == 1
        world.kill_host("tmr1")
        world.give_address("tmr2")
        world.until(lambda: world.hosts["tmr2"].serving, "tmr2 serves")
        second = await scrape(world, "tmr2")
        assert (second("tmr_role", role="active"), second("tmr_takeovers_total")) == (1, 1)
        assert second("tmr_role", role="passive") == 0
        before, after = first("tmr_term_counter"), second("tmr_term_counter")
        assert before is not None
        assert after is not None
        assert after > before

    run(test)


def test_what_the_host_says_of_itself_and_what_it_hears_of_clocks():
    async def test(world: World) -> None:
        host = world.hosts["tmr1"]
        host.reports.own = lambda request: Report(HEALTH)
        for name, system_ms in (("up1", 900_000), ("up2", 300_000), ("up3", 900_000)):
            told = api.ContainerTimes(box_ms=1, system_ms=system_ms)
            host.reports.take(name, Report(HEALTH, told))
        host._perform([Disputed("up2", 5)])
        seen = await scrape(world)
        assert seen("tmr_build_info", version="7.1") == 1
        assert seen("tmr_start_time_seconds") == 1.5
        assert (seen("tmr_disk_free_bytes"), seen("tmr_disk_size_bytes")) == (10, 20)
        assert seen("tmr_certificate_expires_timestamp_seconds") == 99
        assert seen("tmr_clock_synchronised") == 1
        offset_s = seen("tmr_upstream_clock_offset_seconds", upstream="up2")
        assert offset_s == pytest.approx(-600, abs=1)
        assert seen("tmr_upstream_clock_outvoted", upstream="up2") == 1
        assert seen("tmr_upstream_clock_outvoted", upstream="up3") == 0
        assert seen("tmr_endorsement_disputes_total", upstream="up2") == 1

    run(test)


def test_what_is_not_known_is_absent_and_not_nought():
    async def test(world: World) -> None:
        world.hosts["tmr1"].reports.own = lambda request: Report(
            msgspec.structs.replace(HEALTH, clock_synchronised=None, disk_free_bytes=None)
        )
        seen = await scrape(world)
        assert seen("tmr_clock_synchronised") is None
        assert seen("tmr_disk_free_bytes") is None

    run(test)


def test_clients_may_not_scrape():
    async def test(world: World) -> None:
        reply = await world.call("GET", "/metrics", who=ALICE)
        assert (reply.status, reply.reason) == (403, "forbidden")

    run(test)


def test_open_metrics_is_spoken_to_who_asks_for_it_and_nonsense_is_survived():
    async def test(world: World) -> None:
        wanted = "application/openmetrics-text;version=1.0.0"
        reply = await world.call("GET", "/metrics", who=VIEWER, headers=[("accept", wanted)])
        assert reply.headers["content-type"].startswith("application/openmetrics-text")
        names = {family.name for family in open_metrics(reply.body.decode())}
        assert {"tmr_checkouts", "tmr_batch_commit_seconds", "tmr_role"} <= names
        for nonsense in ("application/openmetrics-text;version=x.y", "text/plain;version=", ",;="):
            reply = await world.call("GET", "/metrics", who=VIEWER, headers=[("accept", nonsense)])
            assert reply.status == 200

    run(test)


@pytest.mark.parametrize(
    ("method", "rest", "name"),
    [
        ("PUT", "one", "check-out"),
        ("DELETE", "one", "check-in"),
        ("POST", "one/heartbeat", "heartbeat"),
        ("POST", "one/units", "units"),
        ("POST", "cert:x/one/release", "release"),
        ("GET", "one", "other"),
        ("POST", "one/evil", "other"),
        ("PUT", "one/heartbeat", "other"),
    ],
)
def test_calls_have_names_from_a_closed_list(method, rest, name):
    async def test(world: World) -> None:
        await world.call(method, f"/v1/leases/{rest}", b"{", who=ALICE)
        body, _ = rendered(world.apps["tmr1"].registry, "")
        calls = [
            sample.labels["call"]
            for family in text_string_to_metric_families(body.decode())
            if family.name == "tmr_denials"
            for sample in family.samples
        ]
        assert calls == [name]

    run(test)


def test_names_follow_prometheus_conventions():
    async def test(world: World) -> None:
        body, _ = rendered(App(world.hosts["tmr1"]).registry, "")
        families = list(text_string_to_metric_families(body.decode()))
        assert len(families) > 20
        for family in families:
            assert re.fullmatch(r"tmr_[a-z0-9_]+", family.name)
            assert not re.search(r"_(ms|milliseconds|minutes|kb|mb)(_|$)", family.name)
            assert family.documentation

    run(test)


def test_each_host_has_a_registry_of_its_own():
    async def test(world: World) -> None:
        await world.check_out()
        assert (await scrape(world))("tmr_checkouts_total", result="granted") == 1
        assert (await scrape(world, "tmr2"))("tmr_checkouts_total", result="granted") == 0
        assert isinstance(world.apps["tmr1"].registry, CollectorRegistry)

    run(test)


def test_reasons_are_a_closed_list():
    assert all(re.fullmatch(r"[a-z-]+", reason) for reason in REASONS)
