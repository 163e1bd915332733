"""Reserve, settle and refund over the API, signed by real keys."""

from __future__ import annotations

import pytest

from appliance.client.settling import public_key, settlement
from appliance.codec import api
from appliance.codec.api_units import (
    RefundRequest,
    ReserveRequest,
    SettledDocument,
    SettleRequest,
    TakingsDocument,
)
from tests.unit.services.tmr.parts import secret
from tests.unit.services.tmr.test_lease_routes import MINE, ONE, granted
from tests.unit.services.tmr.world import ALICE, OPERATOR, VIEWER, World, run

SEED = b"s" * 32
OTHER = b"o" * 32


async def reserve(
    world: World, grant: api.GrantDocument, number: int, units: int
) -> api.GrantDocument:
    nonce = world.nonce()
    body = ReserveRequest(
        generation=grant.generation,
        number=number,
        units=units,
        nonce=nonce,
        settle_key=public_key(SEED),
    )
    reply = await world.call("POST", f"{ONE}/units/reserve", body, headers=MINE)
    return world.believe(reply, nonce, units)


def settle(grant: api.GrantDocument, number: int, used: int, seed: bytes = SEED) -> SettleRequest:
    assert grant.receipt is not None
    signature = settlement(seed, grant.receipt.ledger_id, grant.generation, number, used)
    return SettleRequest(generation=grant.generation, number=number, used=used, signature=signature)


async def reserved_of(world: World) -> tuple[int, int]:
    """The units that lists show as reserved: of the only licence, and of the only lease."""
    licences = (await world.call("GET", "/v1/licences", who=VIEWER)).of(api.LicencesDocument)
    leases = (await world.call("GET", "/v1/leases", who=VIEWER)).of(api.LeasesDocument)
    return licences.licences[0].units_reserved, leases.leases[0].units_reserved


def test_what_was_not_used_comes_back_once() -> None:
    async def test(world: World) -> None:
        grant = await granted(world)
        assert (await reserve(world, grant, 1, 50)).units_left == 450
        assert await reserved_of(world) == (50, 50)
        for _ in range(2):
            reply = await world.call(
                "POST", f"{ONE}/units/settle", settle(grant, 1, 37), headers=MINE
            )
            assert reply.of(SettledDocument) == SettledDocument(
                lease_id="one", generation=grant.generation, number=1, units_taken=37
            )
        assert await reserved_of(world) == (0, 0)
        assert (await reserve(world, grant, 2, 1)).units_left == 462

    run(test)


def test_who_sees_the_leases_secret_settles_nothing() -> None:
    async def test(world: World) -> None:
        grant = await granted(world)
        await reserve(world, grant, 1, 50)
        for said, status, reason in (
            (settle(grant, 1, 0, OTHER), 403, "settlement-not-proven"),
            (settle(grant, 1, 51), 422, "beyond-reserve"),
            (settle(grant, 2, 0), 409, "not-reserved"),
        ):
            reply = await world.call("POST", f"{ONE}/units/settle", said, headers=MINE)
            assert (reply.status, reply.reason) == (status, reason)
        for wrong in (secret(b"another"), ("x", "y")):
            reply = await world.call(
                "POST", f"{ONE}/units/settle", settle(grant, 1, 0), headers=[wrong]
            )
            assert (reply.status, reply.reason) == (403, "forbidden")
        assert world.hosts["tmr1"].state.leases
        (taking,) = world.hosts["tmr1"].state.takings.values()
        assert taking.unsettled and sum(units for _, units in taking.shares) == 50

    run(test)


@pytest.mark.parametrize("refundable", [0, 40])
def test_an_operator_refunds_what_the_vendor_allows(refundable: int) -> None:
    async def test(world: World) -> None:
        grant = await granted(world)
        await reserve(world, grant, 1, 50)
        settled = settle(grant, 1, 30)
        await world.call("POST", f"{ONE}/units/settle", settled, headers=MINE)
        listed = await world.call("GET", "/v1/units", who=VIEWER)
        (row,) = listed.of(TakingsDocument).takings
        assert (row.taking, row.lease_id, row.number, row.refunded) == (1, "one", 1, None)
        assert [one.units for one in row.taken] == [30]
        wanted = RefundRequest(taking=row.taking, units=12, why="the press jammed")
        for who in (ALICE, VIEWER):
            denied = await world.call("POST", "/v1/units/refund", wanted, who=who)
            assert (denied.status, denied.reason) == (403, "forbidden")
        silent = RefundRequest(taking=row.taking, units=12, why=" ")
        reply = await world.call("POST", "/v1/units/refund", silent, who=OPERATOR)
        assert (reply.status, "say why" in reply.problem.detail) == (400, True)
        for _ in range(2):
            reply = await world.call("POST", "/v1/units/refund", wanted, who=OPERATOR)
            assert reply.status == (200 if refundable else 409)
        used = sum(world.hosts["tmr1"].state.units_used.values())
        assert used == (18 if refundable else 30)
        listed = await world.call("GET", "/v1/units", who=VIEWER)
        assert listed.of(TakingsDocument).takings[0].refunded == (12 if refundable else None)
        after = await world.call("GET", "/v1/units?after=1", who=VIEWER)
        assert after.of(TakingsDocument).takings == ()

    run(test, refundable_units=refundable)
