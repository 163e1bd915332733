"""A fence that held is worth nothing any more if the term ends before the answer is made."""

from __future__ import annotations

import asyncio

import pytest

from appliance.codec import api
from appliance.ledger.messages import Refused
from appliance.ledger.terms import Term
from tests.unit.services.tmr.parts import secret
from tests.unit.services.tmr.world import World, run


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
        host.message("up1", Refused(term, "higher-term", higher, "tmr2", ""))
        assert not host.serving
        reply = await world.answer(flying, target)
        assert (reply.status, reply.reason) == (503, "unknown-repeat")
        world.until(lambda: world.hosts["tmr1"].serving, "it serves again")
        reply = await world.call(method, target, body, headers=[secret()])
        assert reply.status == 200

    run(test)
