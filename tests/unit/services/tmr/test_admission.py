"""Each request's certificate is looked at anew, each client's pace is bounded, and looking is all
that a viewer and a refused check-out do."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import msgspec
import pytest

from appliance.codec import api
from appliance.codec.api_certificates import CertificatesDocument, DismissRequest, LimitRequest
from appliance.ledger.log.book import Book
from appliance.licences.commands import Dismissed
from appliance.licences.machine import Machine
from appliance.services.certificates import NEAR_MS, Certificates, now_ms
from appliance.services.settings import AnswerLimits
from appliance.services.tmr import admission, dismissing
from appliance.services.tmr.admission import ClientPace
from appliance.services.tmr.problems import Refusal
from tests.unit.licences.builders import read_update
from tests.unit.services.tmr.parts import FIRM, secret
from tests.unit.services.tmr.world import (
    ADMIN,
    ALICE,
    BOB,
    OPERATOR,
    PRODUCT,
    VIEWER,
    World,
    run,
)

EVE = ALICE._replace(serial="E1", ends_at_s=4_000_000_000)
EVE_AGAIN = EVE._replace(serial="E2")
ADA = ADMIN._replace(serial="AD1")
BEA = ADMIN._replace(name="bea", serial="AD2")


async def dismiss(world: World, serial: str, who: Any = ADA, why: str = "stolen") -> Any:
    request = DismissRequest(why=why, name="alice", role="client", ends_at_s=5)
    return await world.call("POST", f"/v1/certificates/{serial}/dismiss", request, who=who)


def index_of(world: World) -> int:
    return world.hosts["tmr1"].coordinator.book.last_index


# --- refused without an entry ---


def test_refusals_are_no_entry_and_every_one_is_told():
    async def test(world: World) -> None:
        await world.check_out("one")
        host = world.hosts["tmr1"]
        listener = host.hub.listen("cert:olga", everything=True)
        assert listener is not None
        before, applied = index_of(world), host.state.commands_applied
        longest = api.HolderDocument(user="u" * 256, host="h" * 256, application="a" * 256)
        for number in range(200):
            reply = await world.check_out(f"l{number}", who=BOB, holder=longest)
            assert (reply.status, reply.reason) == (409, "no-seat-free")
        assert (await world.check_out("x", product_code=99)).reason == "unknown-product"
        assert (await world.check_out("one", secret=b"other")).reason == "lease-conflict"
        assert (index_of(world), host.state.commands_applied) == (before, applied)
        events = [frame async for frame in some(listener, 203)]
        assert sum(b"event: denial" in frame for frame in events) == 202
        data = msgspec.json.decode(events[1].partition(b"data: ")[2])
        assert (data["outcome"], data["client"]) == ("no-seat-free", "cert:bob")
        assert data["holder"]["user"] == "u" * 256
        host.hub.leave(listener)

    run(test, quantity=1)


async def some(listener: Any, count: int) -> Any:
    frames = listener.frames()
    for _ in range(count):
        yield await asyncio.wait_for(anext(frames), 5)
    await frames.aclose()


def test_a_host_that_hears_nobody_refuses_nobody():
    """It may have been left behind: the seat that it knows to be taken may be free elsewhere."""

    async def test(world: World) -> None:
        await world.check_out("one")
        asked = world.begin("PUT", "/v1/leases/two", world.asking({}), who=BOB)
        for _ in range(20):
            await asyncio.sleep(0)
        assert not asked.done(), "no upstream has confirmed the term since"
        assert (await world.answer(asked, "two")).reason == "no-seat-free"

    run(test, quantity=1)


def test_a_refusal_waits_for_what_it_rests_on():
    """The last seat is in flight to somebody: nobody else may be told that it is taken before it
    is, and a repeat of what flies gets the answer of the first."""

    async def test(world: World) -> None:
        world.hold_writes("up1", "up2", "up3")
        first = world.begin("PUT", "/v1/leases/one", world.asking({}))
        await world.drain()
        denied = world.begin("PUT", "/v1/leases/two", world.asking({}), who=BOB)
        again = world.begin("PUT", "/v1/leases/one", world.asking({}))
        for _ in range(5):
            await world.drain()
            world.advance(0.01)
        assert not any(task.done() for task in (first, denied, again))
        world.release_writes()
        assert (await world.answer(first, "first")).status == 201
        assert (await world.answer(denied, "denied")).reason == "no-seat-free"
        assert (await world.answer(again, "again")).status == 200

    run(test, quantity=1)


def test_a_freed_seat_that_is_in_flight_is_not_refused_and_a_lost_term_refuses_nobody():
    async def test(world: World) -> None:
        grant = (await world.check_out("one")).of(api.GrantDocument)
        path = f"/v1/leases/one?generation={grant.generation}"
        await world.call("DELETE", path, headers=[secret()])
        assert (await world.check_out("two", who=BOB)).status == 201
        world.kill("up1")
        world.kill("up2")
        asked = world.begin("PUT", "/v1/leases/three", world.asking({}))
        assert (await world.answer(asked, "three")).status == 503, "it knows nothing for certain"

    run(test, quantity=1)


# --- the pace ---


def test_a_client_has_a_burst_and_a_pace_and_others_have_their_own():
    now_s = [100.0]
    pace = ClientPace(lambda: now_s[0], 2.0, 3.0)
    for _ in range(3):
        pace.take("cert:a")
    with pytest.raises(Refusal) as caught:
        pace.take("cert:a")
    assert (caught.value.reason, caught.value.status) == ("too-many-requests", 429)
    assert (b"retry-after", b"1") in caught.value.headers()
    pace.take("cert:b")
    now_s[0] += 0.5
    pace.take("cert:a")
    with pytest.raises(Refusal):
        pace.take("cert:a")
    now_s[0] += 1000.0
    for _ in range(3):
        pace.take("cert:a")
    with pytest.raises(Refusal):
        pace.take("cert:a")


def test_the_buckets_are_bounded_and_the_one_in_use_is_kept(monkeypatch):
    monkeypatch.setattr(admission, "BUCKETS_MAX", 3)
    pace = ClientPace(lambda: 1.0, 0.001, 2.0)
    pace.take("greedy")
    pace.take("greedy")
    for number in range(20):
        pace.take(f"c{number}")
        with pytest.raises(Refusal):
            pace.take("greedy")
        assert len(pace._buckets) <= 3


def test_what_may_become_an_entry_costs_and_a_heartbeat_does_not():
    async def test(world: World) -> None:
        limits = AnswerLimits(orders_per_client_s=1, orders_per_client_burst=3)
        world.apps["tmr1"] = world.app("tmr1", boot_s=lambda: 0.0, limits=limits)
        grant = (await world.check_out("one")).of(api.GrantDocument)
        beat = api.HeartbeatRequest(generation=grant.generation)
        for _ in range(10):
            reply = await world.call("POST", "/v1/leases/one/heartbeat", beat, headers=[secret()])
            assert reply.status == 200
        units = api.ConsumeRequest(
            generation=grant.generation, number=1, units=1, nonce=world.nonce()
        )
        reply = await world.call("POST", "/v1/leases/one/units", units, headers=[secret()])
        assert reply.status == 200
        assert (await world.check_out("two")).status == 201
        for path in ("/v1/leases/one?generation=5", "/v1/leases/two?generation=5"):
            reply = await world.call("DELETE", path, headers=[secret()])
            assert (reply.status, reply.headers["retry-after"]) == (429, "1")
        assert (await world.check_out("three", who=BOB)).status == 201

    run(test)


# --- certificates ---


def test_a_dismissed_certificate_is_refused_on_the_same_connection_and_a_new_one_works():
    async def test(world: World) -> None:
        grant = (await world.check_out("one", who=EVE)).of(api.GrantDocument)
        assert (await dismiss(world, "E1")).status == 200
        beat = api.HeartbeatRequest(generation=grant.generation)
        path = "/v1/leases/one/heartbeat"
        refused = await world.call("POST", path, beat, headers=[secret()], who=EVE)
        assert (refused.status, refused.reason) == (401, "unauthenticated")
        assert "was dismissed" in refused.of(api.Problem).detail
        for target in ("/v1/status", "/v1/licences", "/v1/events", "/metrics"):
            assert (await world.call("GET", target, who=EVE)).status == 401
        reply = await world.call("POST", path, beat, headers=[secret()], who=EVE_AGAIN)
        assert reply.status == 200, "the same name goes on with its new certificate"
        world.advance(1.0)
        passive = await world.call("GET", "/v1/status", who=EVE, host="tmr2")
        assert passive.status == 401, "the other host knows it from the ledger"

    run(test)


def test_operators_are_dismissed_too_but_nobody_dismisses_himself():
    async def test(world: World) -> None:
        assert (await dismiss(world, "E1", who=OPERATOR)).reason == "forbidden"
        assert (await dismiss(world, "E1", why=" ")).reason == "bad-request"
        assert (await dismiss(world, "e1")).reason == "bad-request"
        assert (await dismiss(world, "AD1")).reason == "not-dismissed"
        assert (await dismiss(world, "AD1", who=BEA)).status == 200
        assert (await dismiss(world, "AD2", who=ADA)).status == 401
        world.apps["tmr1"] = world.app("tmr1", own_certificate="F00")
        assert "serves with this" in (await dismiss(world, "F00", who=BEA)).of(api.Problem).detail

    run(test)


def test_what_was_dismissed_and_what_was_seen_is_listed(monkeypatch):
    monkeypatch.setattr(dismissing, "SEEN_MAX", 3)

    async def test(world: World) -> None:
        for number in range(5):
            await world.call("GET", "/v1/status", who=BOB._replace(serial=f"B{number}"))
        await dismiss(world, "E1")
        assert (await world.call("GET", "/v1/certificates", who=BOB)).reason == "forbidden"
        limit = LimitRequest(firm_code=FIRM, product_code=PRODUCT, seats=1, why="shared")
        assert (await world.call("POST", "/v1/limit", limit, who=OPERATOR)).reason == "forbidden"
        assert (await world.call("POST", "/v1/limit", limit, who=ADA)).status == 200
        reply = await world.call("GET", "/v1/certificates", who=VIEWER)
        listed = reply.of(CertificatesDocument)
        (gone,) = listed.dismissed
        assert (gone.serial, gone.name, gone.who, gone.why) == (
            "E1",
            "alice",
            "cert:adam",
            "stolen",
        )
        assert [one.serial for one in listed.seen] == ["B3", "B4", "AD1"]
        assert [one.seats for one in listed.limits] == [1]
        assert (await world.check_out("one")).status == 201
        assert (await world.check_out("two")).reason == "over-quota"

    run(test)


def test_a_stream_ends_with_its_certificate_or_token_and_others_go_on():
    async def test(world: World) -> None:
        host = world.hosts["tmr1"]
        app = world.apps["tmr1"]
        streams = {}
        for who in (EVE, EVE_AGAIN):
            scope = {"state": {"peer": who}, "headers": []}
            welcome = partial(app._callers.is_welcome, scope)
            listener = host.hub.listen("cert:alice", welcome=welcome)
            assert listener is not None
            streams[who] = (listener, listener.frames())
            await anext(streams[who][1])
        waiting = {
            who: asyncio.ensure_future(anext(frames, None)) for who, (_, frames) in streams.items()
        }
        await world.drain()
        assert (await dismiss(world, "E1")).status == 200
        await world.drain()
        assert waiting[EVE].done()
        assert waiting[EVE].result() is None
        assert not waiting[EVE_AGAIN].done()
        waiting[EVE_AGAIN].cancel()
        await asyncio.gather(*waiting.values(), return_exceptions=True)
        for listener, frames in streams.values():
            await frames.aclose()
            host.hub.leave(listener)

    run(test)


def test_a_certificate_has_ended_by_the_clock_that_is_near_log_time():
    log_ms = 1_800_000_000_000
    assert now_ms(0, 5) == 5, "no ledger is known yet"
    assert now_ms(log_ms, log_ms + NEAR_MS) == log_ms + NEAR_MS
    assert now_ms(log_ms, log_ms + NEAR_MS + 1) == log_ms, "one clock that is 24 years ahead"
    assert now_ms(log_ms, 0) == log_ms
    book, wall_ms = Book(Machine(read_update)), [log_ms + 9_999]
    book.log_time_ms = log_ms
    certificates = Certificates(lambda: book, lambda: wall_ms[0])
    ends = EVE._replace(ends_at_s=log_ms // 1000 + 10)
    assert certificates.why_not(ends) == ""
    wall_ms[0] += 1
    assert "has ended" in certificates.why_not(ends)
    assert certificates.dismissed(ends) == "", "a link that stands outlives it"
    assert certificates.why_not(ends._replace(ends_at_s=0)) == ""


def test_a_dismissal_counts_once_its_entry_is_committed():
    book = Book(Machine(read_update))
    book.state.set_dismissed("E1", Dismissed("eve", "tmr", 0, "", "", 0, 7))
    certificates = Certificates(lambda: book)
    book.commit_index = 6
    assert certificates.dismissed(EVE) == ""
    book.commit_index = 7
    assert "was dismissed" in certificates.dismissed(EVE)
    assert "was dismissed" in certificates.why_not(EVE)


# --- who only looks, and what a client sees ---


def test_a_viewer_takes_no_seat_and_touches_no_lease():
    async def test(world: World) -> None:
        before = index_of(world)
        assert (await world.check_out("one", who=VIEWER)).reason == "forbidden"
        beat = api.HeartbeatRequest(generation=1)
        units = api.ConsumeRequest(generation=1, number=1, units=1, nonce=world.nonce())
        for method, path, body in (
            ("POST", "/v1/leases/one/heartbeat", beat),
            ("POST", "/v1/leases/one/units", units),
            ("DELETE", "/v1/leases/one?generation=1", None),
        ):
            reply = await world.call(method, path, body, headers=[secret()], who=VIEWER)
            assert (reply.status, reply.reason) == (403, "forbidden")
            assert "client's certificate or token" in reply.of(api.Problem).detail
        assert index_of(world) == before
        for path in ("/v1/status", "/v1/licences?all=1", "/v1/leases", "/v1/certificates"):
            assert (await world.call("GET", path, who=VIEWER)).status == 200

    run(test)


def test_a_client_sees_who_serves_and_its_own_and_no_more():
    async def test(world: World) -> None:
        await world.check_out("one", who=BOB)
        await world.check_out("two")
        world.kill("up3")
        world.advance(2.0)
        reply = await world.call("GET", "/v1/status", who=ALICE)
        short = reply.of(api.StatusDocument)
        assert (short.verdict, short.missing, short.leases) == ("degraded", ("up3",), 1)
        assert short.reason == "up3 does not answer"
        assert (short.tmr_hosts[0].name, short.tmr_hosts[0].role) == ("tmr1", "active")
        assert not short.upstreams
        for word in (b"store", b"130-", b"certificate_expires", b"version", b'phase":"follow'):
            assert word not in reply.body, word
        listed = await world.call("GET", "/v1/licences", who=ALICE)
        (licence,) = listed.of(api.LicencesDocument).licences
        assert (licence.available, licence.in_use, licence.constituents) == (True, 2, ())
        whole = (await world.call("GET", "/v1/status", who=VIEWER)).of(api.StatusDocument)
        assert (len(whole.upstreams), whole.leases) == (3, 2)

    run(test)


def test_a_clients_stream_tells_who_serves_and_its_own_leases_only():
    async def test(world: World) -> None:
        hub = world.hosts["tmr1"].hub
        mine, all_of_it = hub.listen("cert:alice"), hub.listen("cert:olga", everything=True)
        assert mine is not None
        assert all_of_it is not None
        await world.check_out("one")
        await world.check_out("two", who=BOB)
        for name in ("container", "blocks", "time", "address", "disputed", "phase", "upstreams"):
            hub.publish(name, {"x": 1})
        hub.publish("operator", {"x": 1}, "")

        def names(listener: Any) -> list[str]:
            heads = [frame.partition(b"\n")[0].decode() for frame in listener._queue]
            return [head.removeprefix("event: ") for head in heads]

        assert names(mine) == ["check-out", "phase", "upstreams"]
        assert len(names(all_of_it)) == 10
        hub.leave(mine)
        hub.leave(all_of_it)

    run(test)
