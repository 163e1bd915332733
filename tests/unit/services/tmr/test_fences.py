"""A fence that held is worth nothing any more if the term ends before the answer is made."""

from __future__ import annotations

import asyncio

import pytest

from appliance.codec import api
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import TermRefused
from tests.unit.services.tmr.parts import secret
from tests.unit.services.tmr.world import OPERATOR, World, run


@pytest.mark.parametrize("target", ["/v1/leases/one/heartbeat", "/v1/leases"])
def test_a_term_that_ends_between_fence_and_answer_ends_no_lease(target: str) -> None:
    """Seen in the lab: a heartbeat was answered "lease-ended", which a client believes for good."""

    async def test(world: World) -> None:
        grant = (await world.check_out()).of(api.GrantDocument)
        beat = api.HeartbeatRequest(generation=grant.generation)
        method, body = ("POST", beat) if target.endswith("heartbeat") else ("GET", None)
        flying = world.begin(method, target, body, headers=[secret()])
        await asyncio.sleep(0)  # It asks for a fence, and
        world.pump()  # two upstreams confirm the term, but before it goes on
        host = world.hosts["tmr1"]
        term = host.coordinator.term
        assert term is not None and not flying.done()
        higher = Term(term.counter + 1, "tmr2", 1)
        host.message("up1", TermRefused(term, "higher-term", higher, "tmr2"))
        assert not host.serving
        reply = await world.answer(flying, target)
        assert (reply.status, reply.reason) == (503, "unknown-repeat")
        world.until(lambda: world.hosts["tmr1"].serving, "it serves again")
        reply = await world.call(method, target, body, headers=[secret()])
        assert reply.status == 200

    run(test)


@pytest.mark.parametrize("ending", ["expiry", "release", "check-in"])
def test_a_heartbeat_is_not_told_of_an_end_that_may_be_undone(ending: str) -> None:
    """While a lease's end is in flight the state shows it already; if the term ends, it never was.
    A client that was told "lease-ended" gives its seat up for good."""

    async def test(world: World) -> None:
        grant = (await world.check_out()).of(api.GrantDocument)
        host = world.hosts["tmr1"]
        world.hold_writes(*world.upstreams)
        ends = []
        if ending == "expiry":
            world.advance(2.1)
        elif ending == "release":
            body = api.ReleaseRequest(why="tidies up", generation=grant.generation)
            target = "/v1/leases/cert:alice/one/release"
            ends.append(world.begin("POST", target, body, who=OPERATOR))
        else:
            target = f"/v1/leases/one?generation={grant.generation}"
            ends.append(world.begin("DELETE", target, headers=[secret()]))
        await world.drain()
        assert not host.state.leases, "its end is in flight"
        beat = api.HeartbeatRequest(generation=grant.generation)
        target = "/v1/leases/one/heartbeat"
        flying = world.begin("POST", target, beat, headers=[secret()])
        await world.drain()
        assert not flying.done(), "nobody knows yet whether the lease has ended"
        for name in world.upstreams:  # The batch is lost with what the disks had not written,
            world.kill(name)
        world.advance(1.0)  # and so is the term: nobody brings it once more.
        assert not host.serving
        for name in world.upstreams:
            world.start(name)
        reply = await world.answer(flying, "the heartbeat")
        assert (reply.status, reply.reason) == (503, "quorum-lost")
        for task in ends:  # That one was sent.
            reply = await world.answer(task, ending)
            assert (reply.status, reply.reason) == (503, "unknown-repeat")
        world.until(lambda: host.serving, "it serves again")
        reply = await world.call("POST", target, beat, headers=[secret()])
        assert reply.status == 200

    run(test, lease_ttl_s=2)
