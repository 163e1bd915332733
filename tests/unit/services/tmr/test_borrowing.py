"""Borrowing over the API, signed by real keys: granted with a receipt, listed, returned once."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.client.borrower import extension_signature, return_signature
from appliance.client.settling import public_key
from appliance.codec import api
from appliance.codec.api_borrowing import (
    BorrowingDocument,
    BorrowingRequest,
    BorrowRequest,
    ReturnRequest,
    WriteOffRequest,
)
from appliance.licences.grants import KIND_BORROWED
from tests.unit.services.tmr.parts import FIRM
from tests.unit.services.tmr.world import (
    ADMIN,
    ALICE,
    BOB,
    HOLDER,
    OPERATOR,
    PRODUCT,
    VIEWER,
    World,
    run,
)

SEED = b"s" * 32
OTHER = b"o" * 32
DAY_S = 86_400
LENT: dict[str, Any] = {"units": None, "borrow_max_s": 7 * DAY_S}


def path(verb: str, seed: bytes = SEED) -> str:
    return f"/v1/leases/{public_key(seed).hex()}/{verb}"


def asking(world: World, **fields: Any) -> BorrowRequest:
    own: dict[str, Any] = {
        "firm_code": FIRM,
        "product_code": PRODUCT,
        "seconds": DAY_S,
        "nonce": world.nonce(),
        "holder": HOLDER,
    }
    return BorrowRequest(**own | fields)


async def uncertified(world: World) -> None:
    """This plant has no time server."""
    body = BorrowingRequest(action="uncertified-on", why="no time server")
    assert (await world.call("POST", "/v1/borrowing", body, who=OPERATOR)).status == 200


async def borrowed(world: World, **fields: Any) -> api.GrantDocument:
    body = asking(world, **fields)
    reply = await world.call("POST", path("borrow"), body)
    return world.believe(
        reply,
        body.nonce,
        kind=KIND_BORROWED,
        borrower_key=public_key(SEED),
        seats=body.seats,
    )


def returned(grant: api.GrantDocument, seed: bytes = SEED) -> ReturnRequest:
    assert grant.receipt is not None
    return ReturnRequest(signature=return_signature(seed, grant.receipt.ledger_id))


async def rows(world: World, who: Any = VIEWER) -> list[api.LeaseDocument]:
    reply = await world.call("GET", "/v1/leases", who=who)
    return list(reply.of(api.LeasesDocument).leases)


def test_a_seat_leaves_and_comes_back_whoever_brings_it() -> None:
    async def test(world: World) -> None:
        await uncertified(world)
        grant = await borrowed(world)
        assert grant.receipt is not None
        assert grant.ends_at_ms == grant.receipt.log_time_ms + DAY_S * 1000
        (row,) = await rows(world)
        assert (row.borrowed_until_ms, row.client) == (grant.ends_at_ms, "cert:alice")
        assert (row.lease_id, row.holder.user) == (public_key(SEED).hex(), HOLDER.user)
        assert await rows(world, BOB) == []
        (mine,) = await rows(world, ALICE)
        assert mine.borrowed_until_ms
        for _ in range(2):
            reply = await world.call("POST", path("return"), returned(grant), who=BOB)
            assert reply.status == 200
        assert await rows(world) == []
        again = await world.call("POST", path("borrow"), asking(world))
        assert (again.status, again.reason) == (410, "borrow-ended")

    run(test, **LENT)


def test_nobody_else_returns_or_extends() -> None:
    async def test(world: World) -> None:
        await uncertified(world)
        grant = await borrowed(world)
        assert grant.receipt is not None
        forged = await world.call("POST", path("return"), returned(grant, OTHER))
        assert (forged.status, forged.reason) == (403, "borrow-not-proven")
        ledger_id, end_ms = grant.receipt.ledger_id, grant.ends_at_ms
        for seed, status in ((OTHER, 403), (SEED, 200)):
            said = extension_signature(seed, ledger_id, end_ms, 2 * DAY_S)
            body = asking(world, seconds=2 * DAY_S, extends_ms=end_ms, signature=said)
            reply = await world.call("POST", path("borrow"), body, who=BOB)
            assert reply.status == status
        assert reply.of(api.GrantDocument).ends_at_ms > end_ms
        release = api.ReleaseRequest(why="mine")
        target = f"/v1/leases/cert%3Aalice/{public_key(SEED).hex()}/release"
        assert (await world.call("POST", target, release, who=OPERATOR)).reason == "lease-unknown"

    run(test, **LENT)


def test_an_operator_writes_off_and_says_that_nothing_else_is_out() -> None:
    async def test(world: World) -> None:
        await uncertified(world)
        await borrowed(world)
        body = WriteOffRequest(why="left in a train")
        for who in (ALICE, VIEWER):
            assert (await world.call("POST", path("write-off"), body, who=who)).status == 403
        assert (await world.call("POST", path("write-off"), body, who=OPERATOR)).status == 200
        (row,) = await rows(world)
        assert row.lost_at_ms
        refused = await world.call("POST", path("borrow", OTHER), asking(world))
        assert (refused.status, refused.reason) == (403, "borrow-not-permitted")
        told = await world.call("GET", "/v1/borrowing")
        assert told.of(BorrowingDocument) == BorrowingDocument(uncertified=True)
        known = BorrowingRequest(action="all-known", why="I asked everybody")
        assert (await world.call("POST", "/v1/borrowing", known)).status == 403
        assert (await world.call("POST", "/v1/borrowing", known, who=ADMIN)).status == 200
        wrong = replace(known, action="dance")
        assert (await world.call("POST", "/v1/borrowing", wrong, who=ADMIN)).status == 400

    run(test, **LENT)


@pytest.mark.parametrize(
    ("options", "fields", "reason"),
    [
        ({"units": None}, {}, "borrow-not-permitted"),
        (LENT, {"seconds": 8 * DAY_S}, "borrow-too-long"),
        (LENT | {"borrow_seats_max": 2}, {"seats": 3}, "borrow-limit"),
        (LENT, {"product_code": 99}, "unknown-product"),
        (LENT, {"seconds": 0}, "bad-request"),
        (LENT, {"seats": 0}, "bad-request"),
        (LENT, {"nonce": b"n"}, "bad-request"),
        (LENT, {"extends_ms": -1}, "bad-request"),
        (LENT, {"station": b"short"}, "bad-request"),
        (LENT, {"holder": api.HolderDocument(user="u" * 257)}, "bad-request"),
        (LENT, {"extends_ms": 1, "signature": bytes(64)}, "borrow-unknown"),
    ],
    ids=str,
)
def test_what_is_not_lent_is_refused_by_name(
    options: dict[str, Any], fields: dict[str, Any], reason: str
) -> None:
    async def test(world: World) -> None:
        await uncertified(world)
        reply = await world.call("POST", path("borrow"), asking(world, **fields))
        assert reply.reason == reason
        assert await rows(world) == []

    run(test, **options)


def test_without_certified_time_nothing_is_lent() -> None:
    async def test(world: World) -> None:
        reply = await world.call("POST", path("borrow"), asking(world))
        assert (reply.status, reply.reason) == (409, "borrow-time-uncertain")
        for id_ in ("one", public_key(SEED).hex().upper(), public_key(SEED).hex()[:62]):
            reply = await world.call("POST", f"/v1/leases/{id_}/borrow", asking(world))
            assert (reply.status, reply.reason) == (400, "bad-request")

    run(test, **LENT)


def test_no_lease_clock_holds_what_is_borrowed() -> None:
    """Neither silence nor a new term ends it, however long it lasts."""

    async def test(world: World) -> None:
        await uncertified(world)
        await borrowed(world)
        host = world.hosts["tmr1"]
        clock = host.coordinator._serving.leases
        clock.restart(world.now_s, [])
        host.coordinator._serving.begin(world.now_s)
        assert clock._lives == {}

    run(test, **LENT)
