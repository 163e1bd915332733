"""Servers that are silent, broken, passive or lying, and a client that must get its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from appliance.client import (
    ClientError,
    OutcomeUnknown,
    QuorumLost,
    Refused,
    TooManyCalls,
)
from appliance.codec.api import LicencesDocument
from tests.unit.client.fake import (
    IMPATIENT,
    RESET,
    SILENCE,
    TIMING,
    WAIT_S,
    Certificates,
    FakeServer,
    Reply,
    Request,
    client_of,
    problem,
    until,
)

OK = Reply(200, LicencesDocument(virtual_serial="131-1", licences=()))


def first_then(first: Reply, then: Reply = OK, times: int = 1) -> Callable[[Request], Reply]:
    """A script that gives one reply so many times, then the other."""
    left = [times]

    def script(_: Request) -> Reply:
        left[0] -= 1
        return first if left[0] >= 0 else then

    return script


def play(certificates: Certificates, *scripts, act, **fields):
    """Run `act(client, *servers)` against servers with these scripts."""

    async def main():
        async with asyncio.timeout(WAIT_S):
            servers = [FakeServer(certificates, script=script) for script in scripts]
            for server in servers:
                await server.__aenter__()
            try:
                async with client_of(*servers, **fields) as client:
                    return await act(client, *servers)
            finally:
                for server in servers:
                    await server.stop()

    return asyncio.run(main())


def test_one_connection_serves_many_calls(certificates: Certificates) -> None:
    async def act(client, server):
        for _ in range(5):
            await client.licences()
        assert server.connections == 1
        assert server.requests[0].headers["tmr-deadline-ms"].isdigit()

    play(certificates, lambda _: OK, act=act)


def test_a_silent_connection_gets_exactly_one_second(certificates: Certificates) -> None:
    # With such patience for the two, a third would only come after 500 s.
    timing = replace(IMPATIENT, patience_s=500.0, patience_max_s=500.0)

    async def act(client, server):
        await client.licences()
        answer = await client.licences()
        assert answer.virtual_serial == "131-1"
        assert (server.connections, server.open_max) == (2, 2)
        assert server.requests[1].body == server.requests[2].body
        assert server.requests[1].headers == server.requests[2].headers
        await until(lambda: server.open == 1)
        await client.licences()
        assert server.connections == 2
        assert server.requests[-1].connection == 2

    count = iter(range(100))
    play(certificates, lambda _: SILENCE if next(count) == 1 else OK, act=act, timing=timing)


def test_the_first_connection_wins_if_it_answers_first(certificates: Certificates) -> None:
    release = asyncio.Event()

    async def slow(request: Request) -> Reply:
        if len(requests) == 0:
            requests.append(request)
            return OK
        requests.append(request)
        if request.connection == 1:
            await release.wait()
            return OK
        release.set()
        return SILENCE

    requests: list[Request] = []

    async def act(client, server):
        await client.licences()
        await client.licences()
        assert server.connections == 2
        await until(lambda: server.open == 1)
        await client.licences()
        assert server.requests[-1].connection == 1

    play(certificates, slow, act=act, timing=replace(IMPATIENT, patience_s=500.0))


def test_a_lasting_silence_gets_new_connections_but_never_a_third(
    certificates: Certificates,
) -> None:
    async def act(client, server):
        standing: list[int] = []
        connect_one = client.engine.open

        async def counted(attempt, patience):
            standing.append(1)
            try:
                return await connect_one(attempt, patience)
            finally:
                standing.pop()

        def counts(_: Request) -> Reply:
            most[0] = max(most[0], len(standing))
            return SILENCE if len(server.requests) < 5 else OK

        most = [0]
        client.engine.open = counted
        server.script = counts
        await client.licences()
        assert server.connections == 5
        assert most[0] == 2

    play(certificates, None, act=act, timing=replace(IMPATIENT, shake_s=0.1, busy_s=0.2))


def test_the_second_connection_goes_to_the_next_address(certificates: Certificates) -> None:
    async def act(client, silent, well):
        await client.licences()
        silent.script = lambda _: SILENCE
        await client.licences()
        assert (silent.connections, well.connections) == (1, 1)
        await client.licences()
        assert len(well.requests) == 2, "the address that answered is asked first"

    play(certificates, lambda _: OK, lambda _: OK, act=act, timing=IMPATIENT)


def test_a_reset_is_retried(certificates: Certificates) -> None:
    async def act(client, server):
        await client.licences()
        assert server.connections == 4

    play(certificates, first_then(RESET, times=3), act=act)


@pytest.mark.parametrize("reason", ["not-active", "unknown-repeat", "overloaded", "any-other"])
def test_a_passing_503_is_repeated_on_the_same_connection(
    certificates: Certificates, reason: str
) -> None:
    async def act(client, server):
        await client.licences()
        assert (len(server.requests), server.connections) == (4, 1)

    play(certificates, first_then(problem(reason, 503, active="tmr2"), times=3), act=act)


def test_not_active_goes_to_the_other_address(certificates: Certificates) -> None:
    async def act(client, passive, active):
        await client.licences()
        await client.licences()
        assert (len(passive.requests), len(active.requests)) == (1, 2)

    play(certificates, lambda _: problem("not-active", 503), lambda _: OK, act=act)


def test_quorum_lost_names_the_missing(certificates: Certificates) -> None:
    async def act(client, server):
        with pytest.raises(QuorumLost) as lost:
            await client.licences()
        assert lost.value.missing == ("up1", "up3")
        assert "up1, up3" in str(lost.value)
        assert len(server.requests) == 1

    reply = problem("quorum-lost", 503, missing=("up1", "up3"))
    play(certificates, lambda _: reply, act=act)


def test_quorum_lost_may_be_waited_for(certificates: Certificates) -> None:
    async def act(client, server):
        kind = LicencesDocument
        await client.call("GET", "/v1/licences", kind, quorum_wait_s=WAIT_S)
        assert len(server.requests) == 4

    reply = problem("quorum-lost", 503, missing=("up1", "up3"))
    play(certificates, first_then(reply, times=3), act=act)


def test_another_address_may_contradict_quorum_lost(certificates: Certificates) -> None:
    async def act(client, cut_off, active):
        await client.licences()
        assert len(active.requests) == 1

    reply = problem("quorum-lost", 503, missing=("up1", "up3"))
    timing = replace(TIMING, settle_s=WAIT_S)
    play(certificates, lambda _: reply, lambda _: OK, act=act, timing=timing)


def test_both_addresses_without_quorum_is_said(certificates: Certificates) -> None:
    async def act(client, *_):
        with pytest.raises(QuorumLost):
            await client.licences()

    reply = problem("quorum-lost", 503, missing=("up1", "up3"))
    play(certificates, lambda _: reply, lambda _: reply, act=act)


def test_a_refusal_is_final(certificates: Certificates) -> None:
    async def act(client, server):
        with pytest.raises(Refused) as refused:
            await client.licences()
        assert (refused.value.reason, refused.value.status) == ("forbidden", 403)
        assert str(refused.value) == "forbidden: ask an operator"
        assert len(server.requests) == 1

    play(certificates, lambda _: problem("forbidden", 403, detail="ask an operator"), act=act)


def test_silence_until_the_deadline_is_unknown(certificates: Certificates) -> None:
    async def act(client, server):
        with pytest.raises(OutcomeUnknown, match="repeat with the same id"):
            await client.call("GET", "/v1/licences", LicencesDocument, deadline_s=0.3)

    play(certificates, lambda _: SILENCE, act=act)


def test_at_the_deadline_the_last_reason_is_told_not_that_time_is_over(
    certificates: Certificates,
) -> None:
    """A request that the deadline cuts short is answered "deadline-passed", often just before the
    client's own clock says so: that must not hide why none before it succeeded."""

    async def act(client, server):
        with pytest.raises(OutcomeUnknown) as unknown:
            await client.call("GET", "/v1/licences", LicencesDocument, deadline_s=0.3)
        assert len(server.requests) > 2
        assert unknown.value.last == "unknown-repeat: too few vouch"

    passed = problem("deadline-passed", 504, detail="nothing is known of it")
    told = problem("unknown-repeat", 503, detail="too few vouch")
    play(certificates, first_then(told, passed), act=act)


def test_a_deadline_passed_is_told_if_nothing_else_was(certificates: Certificates) -> None:
    async def act(client, server):
        with pytest.raises(OutcomeUnknown) as unknown:
            await client.call("GET", "/v1/licences", LicencesDocument, deadline_s=0.3)
        assert unknown.value.last == "deadline-passed: nothing is known of it"

    passed = problem("deadline-passed", 504, detail="nothing is known of it")
    play(certificates, lambda _: passed, act=act)


def test_nobody_there_is_unknown(certificates: Certificates) -> None:
    async def act(client, server):
        await server.stop()
        with pytest.raises(OutcomeUnknown) as unknown:
            await client.call("GET", "/v1/licences", LicencesDocument, deadline_s=0.3)
        assert "connect" in unknown.value.last

    play(certificates, lambda _: OK, act=act)


def test_waiting_calls_are_bounded(certificates: Certificates) -> None:
    async def act(client, server):
        first = asyncio.ensure_future(client.licences())
        await until(lambda: len(server.requests) > 0)
        second = asyncio.ensure_future(client.licences())
        await asyncio.sleep(0)
        with pytest.raises(TooManyCalls):
            await client.licences()
        release.set()
        await asyncio.gather(first, second)

    release = asyncio.Event()

    async def wait(_: Request) -> Reply:
        await release.wait()
        return OK

    play(certificates, wait, act=act, timing=replace(TIMING, calls_waiting_max=1))


def test_a_call_that_waits_for_others_has_its_deadline_too(certificates: Certificates) -> None:
    async def act(client, server):
        first = asyncio.ensure_future(client.licences())
        await until(lambda: len(server.requests) > 0)
        with pytest.raises(OutcomeUnknown, match="have no answer yet"):
            await client.call("GET", "/v1/licences", LicencesDocument, deadline_s=0.05)
        first.cancel()
        await asyncio.wait((first,))

    play(certificates, lambda _: SILENCE, act=act)


def test_a_cancelled_call_leaves_no_half_answered_connection(certificates: Certificates) -> None:
    async def act(client, server):
        call = asyncio.ensure_future(client.licences())
        await until(lambda: len(server.requests) > 0)
        call.cancel()
        await asyncio.wait((call,))
        server.script = lambda _: OK
        await client.licences()
        assert server.requests[-1].connection > 1

    play(certificates, lambda _: SILENCE, act=act)


def test_a_closed_client_says_so(certificates: Certificates) -> None:
    async def act(client, server):
        await client.close()
        with pytest.raises(ClientError, match="closed"):
            await client.licences()

    play(certificates, lambda _: OK, act=act)


def test_operators_calls_are_escaped_and_complete(certificates: Certificates) -> None:
    async def act(client, server):
        await client.release("cert:Ann Li/x", "lease-1", "she left")
        assert server.requests[0].path == "/v1/leases/cert%3AAnn%20Li%2Fx/lease-1/release"
        assert server.requests[0].document == {"why": "she left"}

    def script(request: Request) -> Reply:
        return Reply(200, {"lease_id": "lease-1", "generation": 3})

    play(certificates, script, act=act)


def test_a_dead_first_address_costs_one_connection(certificates: Certificates) -> None:
    async def act(client, dead, well):
        await dead.stop()
        await client.licences()
        assert client.engine.connections_made == 2

    play(certificates, lambda _: OK, lambda _: OK, act=act)


def test_a_failed_server_is_asked_again_but_too_many_leases_is_a_refusal(
    certificates: Certificates,
) -> None:
    async def act(client, server):
        with pytest.raises(Refused) as refused:
            await client.licences()
        assert refused.value.reason == "too-many-leases"
        assert len(server.requests) == 2

    script = first_then(Reply(500, "oops", "text/plain"), problem("too-many-leases", 507))
    play(certificates, script, act=act)


def test_a_call_ends_when_its_client_is_closed(certificates: Certificates) -> None:
    async def act(client, server):
        call = asyncio.ensure_future(client.licences())
        await until(lambda: len(server.requests) > 0)
        await client.close()
        with pytest.raises(ClientError, match="closed"):
            await call
        await until(lambda: server.open == 0)

    play(certificates, lambda _: SILENCE, act=act, timing=IMPATIENT)


def test_it_works_on_uvloop_too(certificates: Certificates) -> None:
    uvloop = pytest.importorskip("uvloop", reason="uvloop does not exist for this system")

    async def main():
        async with FakeServer(certificates) as server, client_of(server) as client:
            server.script = first_then(RESET)
            await client.licences()
            server.script = None
            async with client.lease(100001, 10) as lease:
                assert lease.usable
            assert server.connections == 2

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
