"""A usage record that real replicas and containers made, for the tests of this room."""

from __future__ import annotations

from functools import cache

from appliance.codec import api
from appliance.ledger.log.results import decode_result
from appliance.ledger.messages import decode_body
from appliance.usage.rows import rows_of
from appliance.verifier.certificates import ContainerIdentity, verify_container_certificate
from tests.unit.codec import world as vendors
from tests.unit.services.tmr.parts import secret
from tests.unit.services.tmr.world import ALICE, BOB, World, run

MINE = [secret()]
CONTAINERS: tuple[ContainerIdentity, ...] = tuple(
    verify_container_certificate(certificate, vendors.ROOT)
    for certificate in vendors.CONTAINER_CERTIFICATES.values()
)


async def _granted(world: World, lease_id: str, **options: object) -> api.GrantDocument:
    reply = await world.check_out(lease_id, **options)
    assert reply.status in (200, 201), reply.body
    return reply.of(api.GrantDocument)


async def _live(world: World) -> None:
    """Two seats: one is checked in, one expires, one is renewed by the other host and lasts."""
    one = await _granted(world, "one", who=ALICE)
    two = await _granted(world, "two", who=BOB)
    assert (await world.check_out("three", who=BOB)).reason == "no-seat-free"
    world.advance(10)
    body = api.ConsumeRequest(generation=one.generation, number=1, units=30, nonce=world.nonce())
    for _ in range(2):
        reply = await world.call("POST", "/v1/leases/one/units", body, headers=MINE)
        assert reply.status == 200, reply.body
    target = f"/v1/leases/one?generation={one.generation}"
    for _ in range(2):
        assert (await world.call("DELETE", target, headers=MINE)).status == 200
    three = await _granted(world, "three", who=BOB)
    for _ in range(3):
        world.advance(40)
        beat = api.HeartbeatRequest(generation=three.generation)
        path = "/v1/leases/three/heartbeat"
        reply = await world.call("POST", path, beat, headers=MINE, who=BOB)
        assert reply.status == 200, reply.body
    assert two.generation < three.generation
    world.kill_host("tmr1")
    world.give_address("tmr2")
    await _granted(world, "three", who=BOB, host="tmr2")
    world.advance(61)


@cache
def lived() -> World:
    """A world of two seats that lived; it is not to be changed."""
    kept: list[World] = []

    async def whole(world: World) -> None:
        await _live(world)
        kept.append(world)

    run(whole, quantity=2)
    return kept[0]


def begun_ms() -> int:
    """Log time at which the first seat was taken."""
    for kept in lived().upstreams["up1"].recorded():
        body, result = decode_body(kept.entry.body), decode_result(kept.result)
        for row in rows_of(kept.entry.index, body, result):
            return row.at_ms
    raise AssertionError("nothing was used")
