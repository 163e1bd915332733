"""The queue over the API: places, offers and their events, through a failover, for operators."""

from __future__ import annotations

import pytest

from appliance.codec import api
from appliance.codec.api_queue import PlaceDocument, QueueDocument, SetQueueRequest, WaitRequest
from appliance.licences.commands import LeaseRef
from appliance.services.tmr.queueing import ask_again_s
from tests.unit.codec import world as vendors
from tests.unit.services.tmr.parts import secret, update_of
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

WAIT = WaitRequest(s=600)
TTL_S = 30


async def full(world: World) -> None:
    """One seat there is, and bob has it."""
    item = vendors.item(product_code=PRODUCT, quantity=1, lease_ttl_s=TTL_S)
    for twin in (1, 2, 3):
        world.upstreams[f"up{twin}"].container.take(update_of(twin, item, sequence=2))
    state = world.hosts["tmr1"].state
    world.until(
        lambda: [one.item for one in state.view.values() if one.available] == [item],
        "all three updates are in the ledger",
    )
    assert (await world.check_out("bobs", who=BOB)).status == 201


async def give_back(world: World, host: str = "tmr1") -> None:
    lease = world.hosts[host].state.leases[LeaseRef("cert:bob", "bobs")]
    target = f"/v1/leases/bobs?generation={lease.generation}"
    freed = await world.call("DELETE", target, who=BOB, headers=[secret()], host=host)
    assert freed.status == 200, freed.body


def test_who_waits_is_told_its_place_and_has_the_seat_once_it_is_free() -> None:
    async def test(world: World) -> None:
        await full(world)
        reply = await world.check_out("a", wait=WAIT)
        assert reply.status == 202
        first = reply.of(PlaceDocument)
        assert (first.lease_id, first.position, first.of, first.ttl_s) == ("a", 1, 1, TTL_S)
        second = (await world.check_out("b", wait=WAIT)).of(PlaceDocument)
        assert (second.position, second.of) == (2, 2)
        assert second.place > first.place
        assert second.ask_again_s > first.ask_again_s
        await give_back(world)
        nonce = world.nonce()
        grant = await world.check_out("a", nonce=nonce, wait=WAIT)
        assert grant.status == 201
        assert world.believe(grant, nonce).lease_id == "a"
        assert (await world.check_out("b", wait=WAIT)).of(PlaceDocument).position == 1

    run(test)


def test_a_repeat_of_who_waits_is_no_entry_and_a_sign_of_life() -> None:
    async def test(world: World) -> None:
        await full(world)
        await world.check_out("a", wait=WAIT)
        coordinator = world.hosts["tmr1"].coordinator
        for _ in range(3):
            index = coordinator.book.last_index
            assert (await world.check_out("a", wait=WAIT)).status == 202
            assert coordinator.book.last_index == index
            assert (await world.check_out("bobs", who=BOB)).status == 200
            world.advance(TTL_S * 0.7)
        ref = LeaseRef("cert:alice", "a")
        assert world.hosts["tmr1"].state.place(ref) is not None
        world.until(lambda: world.hosts["tmr1"].state.place(ref) is None, "its silence ends it")

    run(test)


def test_a_failover_keeps_the_order_and_gives_each_place_one_fresh_lifetime() -> None:
    async def test(world: World) -> None:
        await full(world)
        for lease_id in "abc":
            await world.check_out(lease_id, wait=WAIT)
        world.advance(TTL_S * 0.7)
        world.kill_host("tmr1")
        world.give_address("tmr2")
        world.until(lambda: world.hosts["tmr2"].serving, "tmr2 serves")
        world.advance(TTL_S * 0.7)
        for position, lease_id in enumerate("abc", 1):
            reply = await world.check_out(lease_id, wait=WAIT, host="tmr2")
            assert reply.of(PlaceDocument).position == position
        await give_back(world, "tmr2")
        assert (await world.check_out("b", wait=WAIT, host="tmr2")).status == 202
        assert (await world.check_out("a", wait=WAIT, host="tmr2")).status == 201

    run(test)


def test_an_offer_that_is_not_taken_is_passed_on_though_nobody_orders_anything() -> None:
    async def test(world: World) -> None:
        await full(world)
        for lease_id in "ab":
            await world.check_out(lease_id, wait=WAIT)
        await give_back(world)
        state = world.hosts["tmr1"].state
        world.advance(TTL_S * 0.9)
        assert (await world.check_out("b", wait=WAIT)).status == 202
        gone = LeaseRef("cert:alice", "a")
        world.until(lambda: state.place(gone) is None, "its hold is over")
        assert (await world.check_out("b", wait=WAIT)).status == 201

    run(test)


def test_an_offer_is_an_event_once_for_whom_it_is() -> None:
    async def test(world: World) -> None:
        await full(world)
        hub = world.hosts["tmr1"].hub
        mine, others = hub.listen("cert:alice"), hub.listen("cert:eve")
        assert mine is not None and others is not None
        await world.check_out("a", wait=WAIT)
        await give_back(world)
        world.advance(1.0)
        told = [frame for frame in mine._queue if b"event: offer\n" in frame]
        assert len(told) == 1
        assert b'"lease_id":"a"' in told[0]
        assert not any(b"event: offer\n" in frame for frame in others._queue)
        hub.leave(mine)
        hub.leave(others)

    run(test)


def test_a_place_is_left_by_who_has_its_secret_alone() -> None:
    async def test(world: World) -> None:
        await full(world)
        place = (await world.check_out("a", wait=WAIT)).of(PlaceDocument).place
        target = f"/v1/leases/a?generation={place}"
        wrong = await world.call("DELETE", target, headers=[secret(b"wrong")])
        assert (wrong.status, wrong.reason) == (403, "forbidden")
        assert (await world.call("DELETE", target, headers=[secret()])).status == 200
        assert not world.hosts["tmr1"].state.places

    run(test)


def test_operators_see_all_who_wait_and_clients_their_own() -> None:
    async def test(world: World) -> None:
        await full(world)
        await world.check_out("a", wait=WAIT)
        await world.check_out("b", who=BOB, wait=WAIT)
        seen = (await world.call("GET", "/v1/queue", who=OPERATOR)).of(QueueDocument)
        assert [(one.lease_id, one.position, one.of) for one in seen.places] == [
            ("a", 1, 2),
            ("b", 2, 2),
        ]
        assert seen.places[0].holder.user == "u"
        own = (await world.call("GET", "/v1/queue", who=ALICE)).of(QueueDocument)
        assert [one.lease_id for one in own.places] == ["a"]
        none = await world.call("GET", "/v1/queue?firm_code=1", who=OPERATOR)
        assert none.of(QueueDocument).places == ()
        why = api.ReleaseRequest(why="asked")
        ended = await world.call("POST", "/v1/leases/cert:alice/a/release", why, who=OPERATOR)
        assert ended.status == 200, ended.body
        after = (await world.call("GET", "/v1/queue", who=OPERATOR)).of(QueueDocument)
        assert [one.lease_id for one in after.places] == ["b"]

    run(test)


def test_an_administrator_says_how_often_and_how_long() -> None:
    async def test(world: World) -> None:
        asked = SetQueueRequest(overtakes_max=2, hold_s=20, why="small jobs first")
        assert (await world.call("POST", "/v1/queue", asked, who=VIEWER)).status == 403
        assert (await world.call("POST", "/v1/queue", asked, who=ADMIN)).status == 200
        seen = (await world.call("GET", "/v1/queue", who=OPERATOR)).of(QueueDocument)
        assert (seen.overtakes_max, seen.hold_s) == (2, 20)
        wrong = SetQueueRequest(overtakes_max=-1, hold_s=20, why="asked")
        assert (await world.call("POST", "/v1/queue", wrong, who=ADMIN)).status == 400

    run(test)


def test_what_can_never_be_met_is_refused_at_once() -> None:
    async def test(world: World) -> None:
        await full(world)
        refused = await world.check_out("a", seats=2, wait=WAIT)
        assert (refused.status, refused.reason) == (422, "never-satisfiable")
        for wrong in (-1, 2**62):
            bad = await world.check_out("a", wait=WaitRequest(s=wrong))
            assert (bad.status, bad.reason) == (400, "bad-request")

    run(test)


@pytest.mark.parametrize(
    ("position", "products", "ttl_s", "seconds"),
    [
        (1, 1, 60, 0.2),
        (5, 1, 60, 1.0),
        (1000, 1, 60, 20.0),
        (1000, 1, 30, 10.0),
        (1, 1000, 60, 2.0),
    ],
)
def test_who_is_next_asks_often_and_the_last_in_time(
    position: int, products: int, ttl_s: int, seconds: float
) -> None:
    assert ask_again_s(position, products, ttl_s) == seconds
