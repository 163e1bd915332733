"""Leases: check-out, heartbeats, renewals, consumption, loss, and going on after a failover."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from appliance.client import (
    AsyncClient,
    LeaseLost,
    LeaseState,
    LeaseStatus,
    LeaseTiming,
    OutcomeUnknown,
    QuorumLost,
    ReceiptRefused,
    Refused,
    UnfinishedConsumption,
)
from appliance.codec.api import HolderDocument
from appliance.licences.reasons import NUMBER_USED_UP
from tests.unit.client.fake import (
    LEASE_TIMING,
    SILENCE,
    WAIT_S,
    Certificates,
    FakeServer,
    Reply,
    Request,
    client_of,
    problem,
    secret_of,
    until,
)
from tests.unit.verifier.plant import Endorser

# Heartbeats every few milliseconds, though a lease lives for a minute.
QUICK = replace(LEASE_TIMING, heartbeat_share=0.0005, renewal_share=1.0)


class HandClock:
    """A boot clock that moves only when a test says so, however slow the machine is."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return 1000.0 + self.ahead_s


Act = Callable[..., Awaitable[None]]


def play(certificates: Certificates, act: Act, *, servers: int = 1, **fields: Any) -> None:
    """Run `act(client, *servers)` against honest servers."""

    async def main():
        async with asyncio.timeout(WAIT_S):
            fakes = [FakeServer(certificates) for _ in range(servers)]
            for fake in fakes:
                await fake.__aenter__()
            try:
                async with client_of(*fakes, **fields) as client:
                    await act(client, *fakes)
            finally:
                for fake in fakes:
                    await fake.stop()

    asyncio.run(main())


def beats(server: FakeServer) -> int:
    return sum(path.endswith("/heartbeat") for path in server.paths("POST"))


def test_a_lease_from_check_out_to_check_in(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        seen: list[LeaseStatus] = []
        async with client.lease(100001, 10, on_change=seen.append) as lease:
            assert lease.state is LeaseState.HELD
            assert lease.usable
            assert lease.grant.tmr_id == 4
        put, delete = server.requests
        assert put.path == f"/v1/leases/{lease.lease_id}"
        assert delete.path == f"{put.path}?generation=17"
        secret = secret_of(delete)
        assert len(secret) == 32
        assert base64.b64decode(put.document["secret_hash"]) == hashlib.sha256(secret).digest()
        assert "tmr-lease-secret" not in put.headers, "only the hash travels in a check-out"
        assert [status.state for status in seen] == [LeaseState.HELD, LeaseState.RETURNED]
        assert not lease.usable
        await lease.check_in()
        assert len(server.requests) == 2

    play(certificates, act)


def test_the_library_says_who_holds_unless_told_otherwise(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "mara")
    monkeypatch.setattr("socket.gethostname", lambda: "desk7")
    monkeypatch.setattr("sys.argv", ["/opt/cad/draw.py"])
    me = HolderDocument(user="mara", host="desk7", pid=os.getpid(), application="draw.py")

    async def act(client: AsyncClient, server: FakeServer) -> None:
        for fields in ({}, {"lease_id": "ab" * 16}, {"holder": HolderDocument()}):
            async with client.lease(100001, 10, **fields):
                pass
        puts = (r.document.get("holder", {}) for r in server.requests if r.method == "PUT")
        ours, resumed, nobody = (msgspec.convert(holder, HolderDocument) for holder in puts)
        assert ours == me
        # Another process may go on with the lease: its number is not ours.
        assert resumed == msgspec.structs.replace(me, pid=0)
        assert nobody == HolderDocument()

    play(certificates, act)


def test_a_repeated_check_out_differs_in_the_nonce_alone(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        def script(request: Request) -> Reply:
            if len(server.requests) <= 3:
                return problem("unknown-repeat", 503)
            return server.honest(request)

        server.script = script
        lease = client.lease(100001, 10)
        await lease.check_out()
        first, *others = server.requests
        assert len(others) == 3
        for other in others:
            assert other.path == first.path
            one, two = first.document, other.document
            assert one.pop("nonce") != two.pop("nonce")
            assert one == two

    play(certificates, act)


def test_heartbeats_prove_the_secret(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10, secret=b"s" * 32) as lease:
            await until(lambda: beats(server) >= 3)
        beat = next(r for r in server.requests if r.path.endswith("/heartbeat"))
        assert secret_of(beat) == b"s" * 32
        assert beat.document == {"generation": 17}
        assert lease.status.state is LeaseState.RETURNED

    play(certificates, act, lease_timing=QUICK)


def test_heartbeats_go_on_at_the_second_address(certificates: Certificates) -> None:
    async def act(client, first, second):
        async with client.lease(100001, 10) as lease:
            await until(lambda: beats(first) >= 2)
            await first.stop()
            await until(lambda: beats(second) >= 2)
            assert lease.usable
            assert not second.paths("PUT"), "the same lease goes on, without a new check-out"
        assert second.paths("DELETE") == [f"/v1/leases/{lease.lease_id}?generation=17"]

    play(certificates, act, servers=2, lease_timing=QUICK)


def test_a_receipt_is_renewed_with_a_fresh_nonce(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        timing_puts = server.paths
        async with client.lease(100001, 10):
            await until(lambda: len(timing_puts("PUT")) >= 3)
        puts = [request for request in server.requests if request.method == "PUT"]
        assert len({put.document["nonce"] for put in puts}) == len(puts)
        assert len({put.path for put in puts}) == 1

    play(certificates, act, lease_timing=replace(LEASE_TIMING, renewal_share=0.0001))


def test_without_answer_the_lease_is_at_risk_and_then_held_again(
    certificates: Certificates,
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease:
            server.script = lambda _: SILENCE
            status = await lease.wait_for(LeaseState.AT_RISK)
            assert status.reason == "no-answer"
            assert lease.usable, "by our own count it still is"
            server.script = None
            await lease.wait_for(LeaseState.HELD)

    play(certificates, act, lease_timing=replace(QUICK, answer_s=0.2))


def test_a_lost_quorum_puts_the_lease_at_risk_and_says_why(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease:
            server.script = lambda _: problem("quorum-lost", 503, missing=("up1", "up2"))
            status = await lease.wait_for(LeaseState.AT_RISK)
            assert status.reason == "quorum-lost"
            assert "up1, up2" in status.detail
            server.script = None
            await lease.wait_for(LeaseState.HELD)

    play(certificates, act, lease_timing=QUICK)


@pytest.mark.parametrize("reason", ["lease-unknown", "lease-ended", "old-generation"])
def test_a_lease_that_the_server_ended_is_lost_for_good(
    certificates: Certificates, reason: str
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease:
            server.script = lambda _: problem(reason, 410, detail="an operator released it")
            status = await lease.wait_for(LeaseState.LOST)
            assert (status.reason, status.final) == (reason, True)
            assert status.detail == "an operator released it"
            assert not lease.usable
            with pytest.raises(LeaseLost):
                await lease.consume(1)
        assert not server.paths("DELETE"), "there is nothing to give back"

    play(certificates, act, lease_timing=QUICK)


@pytest.mark.parametrize(("ttl_s", "valid_s", "word"), [(60, 600, "expired"), (600, 60, "receipt")])
def test_our_own_count_ends_the_lease_and_a_repeated_check_out_regains_it(
    certificates: Certificates, ttl_s: int, valid_s: int, word: str
) -> None:
    clock = HandClock()

    async def act(client: AsyncClient, server: FakeServer) -> None:
        server.lease_ttl_s, server.valid_for_s = ttl_s, valid_s
        seen: list[LeaseStatus] = []
        async with client.lease(100001, 10, on_change=seen.append) as lease:
            server.script = lambda _: SILENCE
            clock.ahead_s = 59.9
            assert lease.usable
            clock.ahead_s = 60.1
            assert not lease.usable
            status = await lease.wait_for(LeaseState.LOST)
            assert status.reason.startswith(word)
            assert not status.final
            server.script = None
            await lease.wait_for(LeaseState.HELD)
            assert lease.usable
        assert len({path.partition("?")[0] for path in server.paths("PUT")}) == 1

    play(certificates, act, lease_timing=replace(LEASE_TIMING, answer_s=0.2), now=clock)


def test_units_are_numbered(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease:
            assert (await lease.consume(5)).units_left == 495
            assert (lease.grant.units_left, lease.grant.units_taken) == (495, 5)
            await lease.consume(7)
            assert await lease.settle() is None
        numbers = [(r.document["number"], r.document["units"]) for r in units(server)]
        assert numbers == [(1, 5), (2, 7)]

    play(certificates, act)


def units(server: FakeServer) -> list[Request]:
    return [request for request in server.requests if request.path.endswith("/units")]


def test_an_unknown_consumption_is_settled_with_its_own_number(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease:
            server.script = lambda _: SILENCE
            lease._deadline_s = 0.3  # Only this call is cut short: all others may take their time.
            with pytest.raises(OutcomeUnknown):
                await lease.consume(5)
            lease._deadline_s = None
            server.script = None
            with pytest.raises(UnfinishedConsumption):
                await lease.consume(5)
            assert lease.unfinished == (1, 5)
            grant = await lease.settle()
            assert grant is not None
            assert grant.units_taken == 5
            await lease.consume(1)
        assert {(r.document["number"], r.document["units"]) for r in units(server)} == {
            (1, 5),
            (2, 1),
        }

    play(certificates, act)


@pytest.mark.parametrize("reason", ["units-exhausted", "bad-request"])
def test_a_refused_consumption_uses_its_number_up_if_the_ledger_answered(
    certificates: Certificates, reason: str
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease:
            server.script = lambda _: problem(reason, 409, detail="3 left")
            with pytest.raises(Refused, match="3 left"):
                await lease.consume(5)
            assert lease.unfinished is None
            server.script = None
            await lease.consume(3)
        used_up = reason in NUMBER_USED_UP
        assert [r.document["number"] for r in units(server)] == [1, 2 if used_up else 1]

    play(certificates, act)


def test_a_lie_about_units_is_found(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease:
            honest = server.honest

            def less(request: Request) -> Reply:
                return honest(
                    replace(request, body=request.body.replace(b'"units":5', b'"units":1'))
                )

            server.script = less
            with pytest.raises(ReceiptRefused) as refused:
                await lease.consume(5)
            assert refused.value.reason == "wrong-units"
            assert lease.unfinished == (1, 5)
            server.script = None

    play(certificates, act)


def test_a_receipt_of_one_container_is_refused_and_the_seat_given_back(
    certificates: Certificates,
) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        server.endorsers = [Endorser(server.plant.twins[0])]
        with pytest.raises(ReceiptRefused) as refused:
            async with client.lease(100001, 10):
                raise AssertionError("a bad receipt was believed")
        assert refused.value.reason == "one-endorsement"
        assert server.paths("DELETE")

    play(certificates, act)


def test_a_bad_receipt_at_renewal_puts_the_lease_at_risk(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease:
            server.endorsers = [Endorser(server.plant.twins[0])]
            status = await lease.wait_for(LeaseState.AT_RISK)
            assert status.reason == "one-endorsement"
            assert lease.usable, "the receipt before it still holds"

    play(certificates, act, lease_timing=replace(LEASE_TIMING, renewal_share=0.0001))


@pytest.mark.parametrize("reason", ["unknown-product", "forbidden"])
def test_what_is_said_of_the_licence_may_pass(certificates: Certificates, reason: str) -> None:
    clock = HandClock()

    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10) as lease:
            server.script = lambda _: problem(reason, 404)
            clock.ahead_s = 50.0
            status = await lease.wait_for(LeaseState.AT_RISK)
            assert (status.reason, status.final) == (reason, False)
            clock.ahead_s = 700.0
            assert not (await lease.wait_for(LeaseState.LOST)).final
            server.script = None
            await lease.wait_for(LeaseState.HELD)

    timing = replace(LEASE_TIMING, lost_retry_s=0.02)
    play(certificates, act, lease_timing=timing, now=clock)


def test_a_refusal_leaves_nothing_behind(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        server.script = lambda _: problem("no-seat-free", 409, detail="all 10 seats are taken")
        with pytest.raises(Refused) as refused:
            async with client.lease(100001, 10):
                raise AssertionError("a refusal was taken for a grant")
        assert refused.value.reason == "no-seat-free"
        assert server.paths("DELETE") == []
        assert not client._leases

    play(certificates, act)


def test_a_check_out_waits_for_the_quorum_only_if_asked(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        lost = problem("quorum-lost", 503, missing=("up1", "up2"))

        def once(request: Request) -> Reply:
            return lost if len(server.requests) % 3 else server.honest(request)

        server.script = once
        with pytest.raises(QuorumLost):
            await client.lease(100001, 10).check_out()
        lease = client.lease(100001, 10, quorum_wait_s=WAIT_S)
        await lease.check_out()
        assert lease.usable

    play(certificates, act)


def test_an_error_in_the_body_still_gives_the_seat_back(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        with pytest.raises(RuntimeError):
            async with client.lease(100001, 10):
                raise RuntimeError("the application failed")
        assert server.paths("DELETE")

    play(certificates, act)


def test_a_client_that_closes_stops_its_heartbeats(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        lease = client.lease(100001, 10)
        await lease.check_out()
        await until(lambda: beats(server) >= 1)
        await client.close()
        left = [task.get_name() for task in asyncio.all_tasks()]
        assert not [name for name in left if name.startswith("lease ")]
        assert not server.paths("DELETE")

    play(certificates, act, lease_timing=QUICK)


def test_a_lease_id_that_the_api_would_not_take_is_refused_here(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        with pytest.raises(ValueError, match="lease id"):
            client.lease(100001, 10, lease_id="../status")

    play(certificates, act)


def test_heartbeats_of_many_clients_spread() -> None:
    timing = LeaseTiming()
    chance = random.Random(3)
    times = {60 * timing.heartbeat_share * chance.uniform(0.8, 1.0) for _ in range(100)}
    assert len(times) == 100
    assert min(times) >= 16
    assert max(times) <= 20
