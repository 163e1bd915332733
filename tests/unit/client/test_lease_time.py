"""How long a client relies on its lease, and what it numbers anew: on a clock that a test turns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.client import AsyncClient, LeaseState, OutcomeUnknown
from tests.unit.client.fake import (
    LEASE_TIMING,
    SILENCE,
    Certificates,
    FakeServer,
    Reply,
    Request,
    problem,
    until,
)
from tests.unit.client.test_lease import HandClock, play, units


@pytest.mark.parametrize(("ttl_s", "valid_s"), [(60, 600), (600, 60), (60, 60)])
def test_validity_counts_from_sending_not_from_the_answer(
    certificates: Certificates, ttl_s: int, valid_s: int
) -> None:
    """Lifetime and receipt alike: else a receipt is relied on longer by the answer's delay, and an
    oversubscription lasts longer than one receipt period (design D3)."""
    clock = HandClock()

    async def act(client: AsyncClient, server: FakeServer) -> None:
        server.lease_ttl_s, server.valid_for_s = ttl_s, valid_s

        def slow(request: Request) -> Reply:
            clock.ahead_s += 20.0
            return server.honest(request)

        server.script = slow
        async with client.lease(100001, 10) as lease:
            server.script = lambda _: SILENCE
            assert clock.ahead_s == 20.0
            clock.ahead_s = 59.9
            assert lease.usable
            clock.ahead_s = 60.1
            assert not lease.usable

    # No heartbeat and no renewal before the end: only the check-out's own delay is looked at.
    lease_timing = replace(LEASE_TIMING, check_in_s=0.05, heartbeat_share=2.0, renewal_share=2.0)
    play(certificates, act, now=clock, lease_timing=lease_timing)


def test_a_renewal_too_counts_from_its_sending(certificates: Certificates) -> None:
    clock = HandClock()

    async def act(client: AsyncClient, server: FakeServer) -> None:
        server.lease_ttl_s, server.valid_for_s = 600, 100
        async with client.lease(100001, 10) as lease:

            def slow(request: Request) -> Reply:
                clock.ahead_s = 75.0
                return server.honest(request)

            server.script = slow
            clock.ahead_s = 51.0
            await until(lambda: len(server.paths("PUT")) == 2)
            await until(lambda: lease._valid_until_s > 1100.0)
            server.script = lambda _: SILENCE
            clock.ahead_s = 150.9
            assert lease.usable
            clock.ahead_s = 151.1
            assert not lease.usable

    timing = replace(LEASE_TIMING, check_in_s=0.05, heartbeat_share=2.0, renewal_share=0.5)
    play(certificates, act, now=clock, lease_timing=timing)


@pytest.mark.parametrize("unfinished", [False, True])
def test_a_lease_that_was_granted_anew_numbers_its_consumptions_anew(
    certificates: Certificates, unfinished: bool
) -> None:
    """The server knows nothing of the old grant, not even its tombstone: another number than 1 is
    out of order for ever, and the units cannot be taken."""
    clock = HandClock()

    async def act(client: AsyncClient, server: FakeServer) -> None:
        server.valid_for_s = 50
        async with client.lease(100001, 10) as lease:
            await lease.consume(5)
            await lease.consume(6)
            if unfinished:
                server.script = lambda _: problem("unknown-repeat", 503)
                lease._deadline_s = 0.05
                with pytest.raises(OutcomeUnknown):
                    await lease.consume(7)
                lease._deadline_s = None
            server.generation, server.script = 18, None
            clock.ahead_s = 51.0  # The receipt is over: it asks for the lease again.
            await until(lambda: lease.grant.generation == 18)
            await lease.wait_for(LeaseState.HELD)
            server.valid_for_s = 600
            assert lease.unfinished is None
            await lease.consume(8)
            await lease.consume(9)
        asked = {(r.document["generation"], r.document["number"]) for r in units(server)}
        assert asked == {(17, 1), (17, 2), (18, 1), (18, 2)} | ({(17, 3)} if unfinished else set())

    play(certificates, act, now=clock)


def test_a_consumption_after_a_renewal_goes_on_counting(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease:
            await lease.consume(5)
            renewed = len(server.paths("PUT"))
            await until(lambda: len(server.paths("PUT")) > renewed + 1)
            await lease.consume(6)
        assert [r.document["number"] for r in units(server)] == [1, 2]

    play(certificates, act, lease_timing=replace(LEASE_TIMING, renewal_share=0.0001))
