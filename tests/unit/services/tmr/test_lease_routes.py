"""Check-out, heartbeat, units and check-in: what clients get, and that a repeat gets it again."""

from __future__ import annotations

import asyncio

import pytest

from appliance.client.errors import ReceiptRefused
from appliance.codec import api
from appliance.licences.commands import LeaseRef
from appliance.licences.wishes import WISHES, Wishes
from appliance.services.tmr import documents
from tests.unit.codec import world as vendors
from tests.unit.licences.wish_samples import ASKED, IMPOSSIBLE
from tests.unit.services.tmr.parts import (
    FIRM,
    secret,
    update_of,
)
from tests.unit.services.tmr.world import (
    ADMIN,
    ALICE,
    BEGIN_MS,
    BOB,
    OPERATOR,
    PRODUCT,
    VIEWER,
    World,
    run,
)

ONE = "/v1/leases/one"
MINE = [secret()]


async def granted(world: World, lease_id: str = "one", **options) -> api.GrantDocument:
    """A check-out that is believed."""
    nonce = world.nonce()
    reply = await world.check_out(lease_id, nonce=nonce, **options)
    assert reply.status in (200, 201), reply.body
    return world.believe(reply, nonce)


def test_a_check_out_is_granted_with_a_receipt_that_verifies():
    async def test(world: World) -> None:
        nonce = world.nonce()
        reply = await world.check_out(nonce=nonce)
        assert reply.status == 201
        assert reply.headers["content-type"] == "application/json"
        grant = world.believe(reply, nonce)
        assert (grant.lease_id, grant.firm_code, grant.product_code) == ("one", FIRM, PRODUCT)
        assert (grant.tmr_id, grant.lease_ttl_s, grant.valid_for_s) == (1, 60, 600)
        assert grant.units_left == 500
        with pytest.raises(ReceiptRefused, match="another request"):
            world.believe(reply, world.nonce())

    run(test)


def test_a_repeat_gets_the_first_answer_with_a_fresh_receipt():
    async def test(world: World) -> None:
        first = await granted(world)
        nonce = world.nonce()
        reply = await world.check_out(nonce=nonce)
        assert reply.status == 200
        again = world.believe(reply, nonce)
        assert (again.generation, again.tmr_id) == (first.generation, first.tmr_id)
        assert again.receipt is not None and first.receipt is not None
        assert again.receipt.index > first.receipt.index
        assert len(world.hosts["tmr1"].state.leases) == 1

    run(test)


@pytest.mark.parametrize(
    "other",
    [
        {"secret": b"another"},
        {"product_code": 11},
        {"holder": api.HolderDocument(user="v")},
    ],
    ids=str,
)
def test_another_body_under_the_same_id_is_a_conflict(other):
    async def test(world: World) -> None:
        await granted(world)
        reply = await world.check_out(**other)
        assert (reply.status, reply.reason) == (409, "lease-conflict")

    run(test)


def test_twelve_ask_for_ten_seats():
    async def test(world: World) -> None:
        nonces = [world.nonce() for _ in range(12)]
        tasks = [
            world.begin("PUT", f"/v1/leases/l{number}", world.asking({"nonce": nonce}))
            for number, nonce in enumerate(nonces)
        ]
        replies = [await world.answer(task, "check-out") for task in tasks]
        kinds = sorted((reply.status, reply.reason) for reply in replies)
        assert kinds == [(201, "")] * 10 + [(409, "no-seat-free")] * 2
        for reply, nonce in zip(replies, nonces, strict=True):
            if reply.status == 201:
                world.believe(reply, nonce)
            else:
                assert "10" in reply.problem.detail or reply.problem.detail
        seen = await world.call("GET", "/v1/licences", who=VIEWER)
        (licence,) = seen.of(api.LicencesDocument).licences
        assert (licence.in_use, licence.quantity, licence.available) == (10, 10, True)
        assert [c.host for c in licence.constituents] == ["up1", "up2", "up3"]

    run(test)


def test_a_heartbeat_extends_the_lease_and_silence_ends_it():
    async def test(world: World) -> None:
        grant = await granted(world)
        body = api.HeartbeatRequest(generation=grant.generation)
        for _ in range(3):
            world.advance(40)
            reply = await world.call("POST", f"{ONE}/heartbeat", body, headers=MINE)
            assert reply.of(api.HeartbeatDocument) == api.HeartbeatDocument(
                lease_id="one", generation=grant.generation, lease_ttl_s=60
            )
        world.advance(62)
        reply = await world.call("POST", f"{ONE}/heartbeat", body, headers=MINE)
        assert (reply.status, reply.reason) == (410, "lease-ended")
        assert not world.hosts["tmr1"].state.leases

    run(test)


def test_a_heartbeat_that_races_the_expiry_is_never_acknowledged_in_vain():
    async def test(world: World) -> None:
        grant = await granted(world)
        world.advance(59.9)
        world.hold_writes("up1", "up2", "up3")
        flying = world.begin("PUT", "/v1/leases/two", world.asking({}))
        await world.drain()
        world.advance(0.3)  # The lease is overdue, and its expiry waits for that flight.
        body = api.HeartbeatRequest(generation=grant.generation)
        reply = await world.call("POST", f"{ONE}/heartbeat", body, headers=MINE)
        assert (reply.status, reply.reason) == (503, "unknown-repeat")
        world.release_writes()
        await world.answer(flying, "the other check-out")
        world.advance(1)
        reply = await world.call("POST", f"{ONE}/heartbeat", body, headers=MINE)
        assert (reply.status, reply.reason) == (410, "lease-ended")

    run(test)


def test_units_are_taken_once_per_number():
    async def test(world: World) -> None:
        grant = await granted(world)
        for number, units, left in ((1, 100, 400), (1, 100, 400), (2, 50, 350)):
            nonce = world.nonce()
            body = api.ConsumeRequest(
                generation=grant.generation, number=number, units=units, nonce=nonce
            )
            reply = await world.call("POST", f"{ONE}/units", body, headers=MINE)
            document = world.believe(reply, nonce, units)
            assert (document.units_taken, document.units_left) == (units, left)
        for number, units, reason in (
            (4, 1, "number-out-of-order"),
            (3, 351, "units-exhausted"),
            (2, 51, "lease-conflict"),
        ):
            body = api.ConsumeRequest(
                generation=grant.generation, number=number, units=units, nonce=world.nonce()
            )
            reply = await world.call("POST", f"{ONE}/units", body, headers=MINE)
            assert (reply.status, reply.reason) == (409, reason)

    run(test)


def test_a_licence_without_a_counter_gives_no_units():
    async def test(world: World) -> None:
        grant = await granted(world)
        assert grant.units_left is None
        body = api.ConsumeRequest(
            generation=grant.generation, number=1, units=1, nonce=world.nonce()
        )
        reply = await world.call("POST", f"{ONE}/units", body, headers=MINE)
        assert (reply.status, reply.reason) == (409, "no-unit-counter")

    run(test, units=None)


def test_check_in_frees_the_seat_and_a_repeat_says_the_same():
    async def test(world: World) -> None:
        grant = await granted(world)
        target = f"{ONE}?generation={grant.generation}"
        first = await world.call("DELETE", target, headers=MINE)
        again = await world.call("DELETE", target, headers=MINE)
        assert first.status == again.status == 200
        assert first.body == again.body
        body = api.HeartbeatRequest(generation=grant.generation)
        reply = await world.call("POST", f"{ONE}/heartbeat", body, headers=MINE)
        assert (reply.status, reply.reason) == (410, "lease-ended")
        reply = await world.check_out()
        assert (reply.status, reply.reason) == (410, "lease-ended")
        await granted(world, "two")

    run(test, quantity=1)


def routes(generation: int, nonce: bytes):
    """Each call on a lease that needs its secret."""
    return [
        ("POST", f"{ONE}/heartbeat", api.HeartbeatRequest(generation=generation)),
        (
            "POST",
            f"{ONE}/units",
            api.ConsumeRequest(generation=generation, number=1, units=1, nonce=nonce),
        ),
        ("DELETE", f"{ONE}?generation={generation}", None),
    ]


@pytest.mark.parametrize(
    "proof",
    [[], [secret(b"guess")], [(secret()[0], "")], [(secret()[0], "!!!")], [(secret()[0], b"\xff")]],
    ids=["none", "guess", "empty", "no-base64", "no-ascii"],
)
def test_whoever_has_not_the_secret_cannot_touch_the_lease(proof):
    async def test(world: World) -> None:
        grant = await granted(world)
        for method, target, body in routes(grant.generation, world.nonce()):
            reply = await world.call(method, target, body, headers=proof)
            assert (reply.status, reply.reason) == (403, "forbidden")
        (lease,) = world.hosts["tmr1"].state.leases.values()
        assert (lease.units_taken, lease.last_number) == (0, 0)

    run(test)


@pytest.mark.parametrize("who", [BOB, OPERATOR, ADMIN], ids=str)
def test_another_client_has_no_such_lease(who):
    async def test(world: World) -> None:
        grant = await granted(world)
        for method, target, body in routes(grant.generation, world.nonce()):
            reply = await world.call(method, target, body, headers=MINE, who=who)
            assert (reply.status, reply.reason) == (404, "lease-unknown")
        # The same id is somebody else's own lease.
        assert (await granted(world, who=who)).generation != grant.generation
        assert len(world.hosts["tmr1"].state.leases) == 2

    run(test)


def test_an_old_generation_is_refused():
    async def test(world: World) -> None:
        grant = await granted(world)
        for method, target, body in routes(grant.generation + 1, world.nonce()):
            reply = await world.call(method, target, body, headers=MINE)
            assert (reply.status, reply.reason) == (409, "old-generation")

    run(test)


def test_a_client_sees_its_own_leases_and_an_operator_all():
    async def test(world: World) -> None:
        await granted(world)
        await granted(world, "two", who=BOB)
        world.advance(1)
        for who, expected in ((ALICE, ["one"]), (BOB, ["two"]), (OPERATOR, ["one", "two"])):
            reply = await world.call("GET", "/v1/leases", who=who)
            leases = reply.of(api.LeasesDocument).leases
            assert [lease.lease_id for lease in leases] == expected
            assert all((lease.heartbeat_age_s or 0) >= 1 for lease in leases)
            assert b"secret" not in reply.body

    run(test)


def test_an_unknown_product_and_an_expired_licence_are_refused_by_name():
    async def test(world: World) -> None:
        reply = await world.check_out(product_code=99)
        assert (reply.status, reply.reason) == (404, "unknown-product")
        reply = await world.check_out(firm_code=1)
        assert (reply.status, reply.reason) == (404, "unknown-product")
        reply = await world.check_out()
        assert (reply.status, reply.reason) == (403, "licence-expired")

    run(test, expires_at_s=BEGIN_MS // 1000 - 5)


def test_a_constituent_that_differs_is_shown_and_the_licence_stays():
    async def test(world: World) -> None:
        item = vendors.item(product_code=PRODUCT, units=500, expires_at_s=BEGIN_MS // 1000 + 9999)
        world.upstreams["up3"].container.take(update_of(3, item, sequence=2))
        state = world.hosts["tmr1"].state

        def imported() -> bool:
            return any(licence.differing for licence in state.view.values())

        world.until(imported, "the update is in the ledger")
        reply = await world.call("GET", "/v1/licences", who=VIEWER)
        (licence,) = reply.of(api.LicencesDocument).licences
        assert [c.state for c in licence.constituents] == ["ok", "ok", "differs"]
        assert licence.constituents[2].differs_in == ("expires_at_s",)
        await granted(world)

    run(test)


def test_a_new_term_keeps_the_lease_and_gives_it_a_fresh_lifetime():
    async def test(world: World) -> None:
        first = await granted(world)
        world.kill_host("tmr1")
        world.give_address("tmr2")
        nonce = world.nonce()
        reply = await world.check_out(host="tmr2", nonce=nonce)
        again = world.believe(reply, nonce)
        assert (reply.status, again.generation) == (200, first.generation)
        body = api.HeartbeatRequest(generation=first.generation)
        reply = await world.call("POST", f"{ONE}/heartbeat", body, headers=MINE, host="tmr2")
        assert reply.status == 200
        assert world.hosts["tmr2"].overview.lease_age_s(LeaseRef("cert:alice", "one")) is not None

    run(test)


def test_requests_that_come_at_once_share_a_batch():
    async def test(world: World) -> None:
        nonces = [world.nonce() for _ in range(5)]
        tasks = [
            world.begin("PUT", f"/v1/leases/l{number}", world.asking({"nonce": nonce}))
            for number, nonce in enumerate(nonces)
        ]
        await asyncio.sleep(0)
        grants = [
            world.believe(await world.answer(task, "it"), nonce)
            for task, nonce in zip(tasks, nonces, strict=True)
        ]
        indexes = {grant.receipt.index for grant in grants if grant.receipt is not None}
        assert len(indexes) == 2, "the first flies alone, the rest together"
        assert len({grant.generation for grant in grants}) == 5

    run(test)


def test_leases_come_in_pages_and_none_is_passed_over_or_told_twice():
    async def test(world: World) -> None:
        for number in range(7):
            await granted(world, f"l{number}")
        pages: list[list[str]] = []
        after: int | None = 0
        while after is not None:
            reply = await world.call("GET", f"/v1/leases?after={after}&limit=3", who=OPERATOR)
            page = reply.of(api.LeasesDocument)
            pages.append([lease.lease_id for lease in page.leases])
            if len(pages) == 1:  # One that was told is given back, and another one comes.
                generation = page.leases[0].generation
                target = f"/v1/leases/l0?generation={generation}"
                assert (await world.call("DELETE", target, headers=MINE)).status == 200
                await granted(world, "late")
            after = page.next
        assert pages == [["l0", "l1", "l2"], ["l3", "l4", "l5"], ["l6", "late"]]
        everything = await world.call("GET", "/v1/leases", who=OPERATOR)
        assert everything.of(api.LeasesDocument).next is None

    run(test)


@pytest.mark.parametrize(
    "query", ["after=x", "after=-1", "limit=0", "limit=5001", "limit=9999999999999999999", "after="]
)
def test_a_page_that_cannot_be_asked_for(query):
    async def test(world: World) -> None:
        reply = await world.call("GET", f"/v1/leases?{query}", who=OPERATOR)
        assert (reply.status, reply.reason) == (400, "bad-request")

    run(test)


def test_a_page_keeps_within_its_bytes(monkeypatch):
    async def test(world: World) -> None:
        holder = {"user": "\\" * 256, "host": "\\" * 256, "application": "\\" * 256}
        for number in range(3):
            nonce = world.nonce()
            await world.call(
                "PUT",
                f"/v1/leases/l{number}",
                world.asking({"nonce": nonce, "holder": holder}),
                headers=MINE,
            )
        monkeypatch.setattr(documents, "PAGE_BYTES", 5_000)
        first = (await world.call("GET", "/v1/leases", who=OPERATOR)).of(api.LeasesDocument)
        assert [lease.lease_id for lease in first.leases] == ["l0", "l1"]
        target = f"/v1/leases?after={first.next}"
        rest = (await world.call("GET", target, who=OPERATOR)).of(api.LeasesDocument)
        assert ([lease.lease_id for lease in rest.leases], rest.next) == (["l2"], None)

    run(test)


def test_what_a_check_out_asks_for_reaches_the_ledger_and_a_repeat_asks_the_same():
    async def test(world: World) -> None:
        for wish in WISHES:
            asked = {wish.field: ASKED[wish.field]}
            reply = await world.check_out(wish.field, **asked)
            lease = world.hosts["tmr1"].state.lease(LeaseRef("cert:alice", wish.field))
            if reply.status == 201:
                assert lease is not None and lease.wishes == Wishes(**asked)
                other = await world.check_out(wish.field)
                assert (other.status, other.reason) == (409, "lease-conflict")
            bad = {wish.field: IMPOSSIBLE[wish.field]}
            reply = await world.check_out("bad", **bad)
            assert (reply.status, reply.reason) == (400, "bad-request")
            assert wish.field.encode() in reply.body

    run(test)


def test_several_products_are_asked_for_by_items_and_all_else_is_refused_by_name():
    async def test(world: World) -> None:
        def items(*wanted: tuple[int, int]) -> tuple[api.ItemRequest, ...]:
            return tuple(api.ItemRequest(product_code=code, seats=seats) for code, seats in wanted)

        reply = await world.check_out("two", product_code=None, items=items((PRODUCT, 2)))
        grant = reply.of(api.GrantDocument)
        assert (reply.status, grant.seats, grant.role) == (201, 2, "main")
        again = await world.check_out("two", seats=2)
        assert again.status == 200, "one product may be asked for in both ways"
        page = await world.call("GET", "/v1/leases", who=ALICE)
        assert [lease.seats for lease in page.of(api.LeasesDocument).leases] == [2]
        for said, fields in (
            ("0 products", {"product_code": None}),
            ("17 products", {"product_code": None, "items": items(*((at, 1) for at in range(17)))}),
            ("twice", {"product_code": None, "items": items((1, 1), (1, 1))}),
            ("have to be 1 to", {"seats": 0}),
            ("or several in items", {"items": items((1, 1))}),
            ("or several in items", {"product_code": None, "seats": 2, "items": items((1, 1))}),
        ):
            reply = await world.check_out("bad", **fields)
            assert (reply.status, reply.reason) == (400, "bad-request"), said
            assert said.encode() in reply.body

    run(test)
