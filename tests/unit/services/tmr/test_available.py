"""What the list says of a licence is what a check-out of it is told."""

from __future__ import annotations

from appliance.codec import api
from tests.unit.services.tmr.world import BEGIN_MS, VIEWER, World, run


async def shown(world: World) -> tuple[bool, str]:
    """`available` and `refusal` of the only licence."""
    reply = await world.call("GET", "/v1/licences?all=1", who=VIEWER)
    (licence,) = reply.of(api.LicencesDocument).licences
    return licence.available, licence.refusal


async def told(world: World, lease_id: str) -> str:
    """The reason that a check-out gets, "" if it is granted."""
    reply = await world.check_out(lease_id)
    return "" if reply.status == 201 else reply.reason


def test_a_licence_that_has_ended_is_not_available() -> None:
    async def test(world: World) -> None:
        assert await told(world, "one") == "licence-expired"
        assert await shown(world) == (False, "licence-expired")

    run(test, expires_at_s=BEGIN_MS // 1000 - 5)


def test_a_licence_whose_seats_are_taken_is_available_and_says_so() -> None:
    async def test(world: World) -> None:
        assert await shown(world) == (True, "")
        assert await told(world, "one") == ""
        assert await shown(world) == (True, "no-seat-free")
        assert await told(world, "two") == "no-seat-free"

    run(test, quantity=1)


def test_twins_that_are_out_of_reach_and_a_twin_that_was_locked() -> None:
    async def test(world: World) -> None:
        world.kill("up2")
        world.kill("up3")
        world.advance(0.1)
        found = world.hosts["tmr1"].overview.licences().licences[0]
        assert (found.available, found.refusal) == (False, "quorum-lost")
        assert await told(world, "one") == "quorum-lost"

    run(test)


def test_calls_that_are_all_refused_are_counted_for_the_status() -> None:
    async def test(world: World) -> None:
        for number in range(12):
            await world.check_out(f"l{number}")
        status = (await world.call("GET", "/v1/status", who=VIEWER)).of(api.StatusDocument)
        calls = status.calls
        assert calls is not None
        assert (calls.granted, calls.refused, calls.reason) == (1, 11, "no-seat-free")
        world.advance(61)
        for number in range(12):
            await world.check_out(f"m{number}")
        status = (await world.call("GET", "/v1/status", who=VIEWER)).of(api.StatusDocument)
        assert status.calls is not None and (status.calls.granted, status.calls.refused) == (0, 12)

    run(test, quantity=1, lease_ttl_s=1000)
