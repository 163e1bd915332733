"""A lease that the servers ended becomes a new one: after a sleep, a network cut, a restore."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from appliance.client import AsyncClient, LeaseLost, LeaseState, LeaseStatus
from appliance.client.states import ANEW, RELEASED
from appliance.details import Detail
from tests.unit.client.fake import (
    SILENCE,
    TIMING,
    Certificates,
    FakeServer,
    Reply,
    Request,
    problem,
    until,
)
from tests.unit.client.test_lease import QUICK, HandClock, play
from tests.unit.client.test_sync import playing
from tests.unit.verifier.plant import Endorser

AGAIN = replace(QUICK, lost_retry_s=0.02)


def ids(server: FakeServer) -> list[str]:
    """The lease ids that were asked for, in order, each once."""
    return list(dict.fromkeys(path.rpartition("/")[2] for path in server.paths("PUT")))


def ended(server: FakeServer, *gone: str, reason: str = "lease-ended", **fields: Any):
    """What a server answers to which these leases are over."""

    def script(request: Request) -> Reply:
        if any(lease_id in request.path for lease_id in gone):
            return problem(reason, 410, **fields)
        return server.honest(request)

    return script


def states(seen: list[LeaseStatus]) -> list[str]:
    return [status.state.value for status in seen]


def test_a_sleep_costs_no_seat_that_is_free(certificates: Certificates) -> None:
    clock = HandClock()

    async def act(client: AsyncClient, server: FakeServer) -> None:
        seen: list[LeaseStatus] = []
        async with client.lease(100001, 10, on_change=seen.append, regain=True) as lease:
            before, secret = lease.lease_id, lease.secret
            server.script = ended(server, before, detail="it lapsed")
            clock.ahead_s = server.lease_ttl_s + 1.0
            await until(lambda: seen[-1].reason == ANEW)
            assert lease.usable
            assert (lease.lease_id, lease.secret) != (before, secret)
            assert ids(server) == [before, lease.lease_id]
            assert LeaseState.LOST not in [status.state for status in seen]
            assert lease.lease_id in seen[-1].detail
            assert (await lease.consume(2)).units_left == 498, "its requests are numbered anew"
            assert server.requests[-1].document["number"] == 1
        assert lease.lease_id in server.paths("DELETE")[0]
        assert states(seen)[-2:] == ["held", "returned"]

    play(certificates, act, now=clock)


@pytest.mark.parametrize("reason", ["lease-ended", "lease-unknown", "old-generation"])
def test_what_the_servers_ended_or_forgot_is_taken_anew(
    certificates: Certificates, reason: str
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10, regain=True) as lease:
            before = lease.lease_id
            server.script = ended(server, before, reason=reason)
            await until(lambda: lease.lease_id != before and lease.state is LeaseState.HELD)
            assert len(ids(server)) == 2

    play(certificates, act, lease_timing=AGAIN)


def test_while_no_seat_is_free_it_is_lost_and_asked_for(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        seen: list[LeaseStatus] = []
        async with client.lease(100001, 10, on_change=seen.append, regain=True) as lease:
            before = lease.lease_id

            def taken(request: Request) -> Reply:
                if before in request.path:
                    return problem("lease-ended", 410, detail="it lapsed")
                return problem("no-seat-free", 409, detail="all 10 seats are taken")

            server.script = taken
            await until(lambda: lease.state is LeaseState.LOST)
            assert lease.status.reason == "no-seat-free"
            assert "it lapsed; and no new seat" in lease.status.detail
            assert not lease.usable and not lease.status.final
            with pytest.raises(LeaseLost):
                await lease.consume(1)
            server.script = None
            await until(lambda: lease.state is LeaseState.HELD)
            assert len(ids(server)) == 2, "one new id, however often it is asked for"
        assert states(seen) == ["held", "at-risk", "lost", "held", "returned"]

    play(certificates, act, lease_timing=AGAIN)


class TurnedClock:
    """A boot clock that goes on by itself, and that a test turns on by hand."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead_s


def test_a_network_cut_ends_in_a_new_seat(certificates: Certificates) -> None:
    clock = TurnedClock()

    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10, regain=True) as lease:
            before = lease.lease_id
            server.script = lambda _: SILENCE
            await until(lambda: lease.state is LeaseState.AT_RISK)
            clock.ahead_s = server.lease_ttl_s + 1.0
            await until(lambda: lease.state is LeaseState.LOST)
            assert not lease.status.final
            server.script = ended(server, before)
            await until(lambda: lease.state is LeaseState.HELD)
            assert lease.lease_id != before

    timing = replace(TIMING, deadline_s=0.5)
    play(certificates, act, now=clock, lease_timing=replace(AGAIN, answer_s=0.2), timing=timing)


def test_what_an_operator_released_stays_released(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10, regain=True) as lease:
            server.script = ended(
                server, lease.lease_id, said=Detail(RELEASED, {"lease": "x", "remedy": "so"})
            )
            await until(lambda: lease.status.final)
            assert lease.state is LeaseState.LOST
            assert len(ids(server)) == 1

    play(certificates, act, lease_timing=AGAIN)


def test_a_new_seat_without_a_good_receipt_is_given_back(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10, regain=True) as lease:
            before, lying = lease.lease_id, [Endorser(server.plant.twins[0])]
            server.script, server.endorsers = ended(server, before), lying
            await until(lambda: len(server.paths("DELETE")) > 0)
            assert before not in server.paths("DELETE")[0]
            await until(lambda: lease.status.reason == "one-endorsement")
            server.endorsers = None
            await until(lambda: lease.state is LeaseState.HELD)

    play(certificates, act, lease_timing=AGAIN)


def test_servers_that_end_every_lease_are_not_asked_without_a_pause(
    certificates: Certificates,
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10, regain=True) as lease:
            server.script = lambda _: problem("lease-ended", 410, detail="it lapsed")
            await until(lambda: lease.state is LeaseState.LOST)
            assert not lease.status.final
            server.script = None
            await until(lambda: lease.state is LeaseState.HELD)

    play(certificates, act, lease_timing=AGAIN)


def test_a_client_that_closes_asks_no_more(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        lease = client.lease(100001, 10, regain=True)
        await lease.check_out()
        server.script = lambda request: problem(
            "lease-ended" if lease.lease_id == ids(server)[0] else "no-seat-free", 409
        )
        await until(lambda: lease.state is LeaseState.LOST)
        await client.close()
        assert lease._keeper is None

    play(certificates, act, lease_timing=AGAIN)


def test_the_blocking_client_has_the_same_choice(certificates: Certificates) -> None:
    with (
        playing(certificates, lease_timing=AGAIN) as (client, server),
        client.lease(100001, 10, regain=True) as lease,
    ):
        before = lease.lease_id
        server.script = ended(server, before)
        asyncio.run(until(lambda: lease.lease_id != before and lease.usable))
