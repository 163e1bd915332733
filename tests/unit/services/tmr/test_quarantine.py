"""An upstream whose memory went wrong is outvoted: clients are served, people are told of it."""

from __future__ import annotations

from appliance.codec import api
from tests.unit.services.tmr.world import VIEWER, World, run

OUT = ("degraded", "serving on two of three: the store of up2 takes no part")


def flip(world: World, name: str) -> None:
    """A bit of the licence state in this upstream's memory flips; no other has it so."""
    world.upstreams[name].replica.book.state.commands_applied ^= 1 << 20


async def verdict(world: World) -> tuple[str, str]:
    """How the status sums it up."""
    status = (await world.call("GET", "/v1/status", who=VIEWER)).of(api.StatusDocument)
    return status.verdict, status.reason


def test_a_flipped_bit_puts_the_upstream_out_and_nobody_waits():
    async def test(world: World) -> None:
        told: list[tuple[str, object]] = []
        host = world.hosts["tmr1"]
        host.hub.publish = lambda name, data, *rest: told.append((name, data))  # type: ignore[method-assign]
        assert await verdict(world) == ("serving", "all three upstreams answer")
        flip(world, "up2")
        assert (await world.check_out("one")).status == 201
        world.until(lambda: bool(world.upstreams["up2"].replica.damage), "up2 is out")
        world.until(lambda: bool(host.coordinator.peers["up2"].damaged), "it says so itself")
        assert await verdict(world) == OUT
        assert [data["upstream"] for name, data in told if name == "disputed"] == ["up2"]  # type: ignore[index]
        # It would be right again after a restart, but nobody knows what else went wrong.
        world.kill("up2")
        world.start("up2")
        world.advance(2)
        assert await verdict(world) == OUT
        assert (await world.check_out("two")).status == 201

    run(test)
