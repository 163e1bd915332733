"""A check-out that waits: the same request is repeated until it has its turn, or in vain."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.client import AsyncClient, PlaceDocument, Refused, WaitedInVain
from appliance.client.waiting import Waiting
from appliance.errors import ExitCode
from tests.unit.client.fake import Certificates, FakeServer, Reply, Request, problem
from tests.unit.client.test_lease import HandClock, play


def place(position: int = 1, **fields: Any) -> Reply:
    values: dict[str, Any] = {
        "lease_id": "l",
        "place": 47,
        "position": position,
        "of": 9,
        "waited_s": 1.0,
        "ask_again_s": 0.0,
        "ttl_s": 60,
    }
    return Reply(202, PlaceDocument(**values | fields))


def first(server: FakeServer, *replies: Reply) -> None:
    """These answers to check-outs, then honest ones."""
    left = list(replies)

    def script(request: Request) -> Reply:
        asks = request.method == "PUT" and left
        return left.pop(0) if asks else server.honest(request)

    server.script = script


def test_it_is_told_where_it_stands_and_then_has_its_seat(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        first(server, place(3), place(3), place(1))
        heard: list[int] = []
        async with client.lease(
            100001, 10, wait_s=60, on_queue=lambda one: heard.append(one.position)
        ) as lease:
            assert lease.usable
            assert heard == [3, 1], "what did not change is no news"
            bodies = [one.document for one in server.requests if one.method == "PUT"]
            assert [body["wait"] for body in bodies] == [{"s": 60}] * 4
            assert len({body["nonce"] for body in bodies}) == 4, "a receipt counts from sending"
            assert len(set(server.paths("PUT"))) == 1

    play(certificates, act)


def test_a_renewal_does_not_wait(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        async with client.lease(100001, 10, wait_s=60) as lease:
            await lease._renew(None)
            assert "wait" not in server.requests[-1].document

    play(certificates, act)


def test_after_its_time_it_leaves_its_place_and_says_how_long(certificates: Certificates) -> None:
    clock = HandClock()

    async def act(client: AsyncClient, server: FakeServer) -> None:
        def told(_: PlaceDocument) -> None:
            clock.ahead_s += 40

        first(server, place(2), place(1), place(2))
        with pytest.raises(WaitedInVain) as caught:
            await client.lease(100001, 10, wait_s=60, on_queue=told).check_out()
        assert 80 <= caught.value.waited_s < 90
        assert caught.value.code == ExitCode.NO_LICENCE
        assert isinstance(caught.value, Refused)
        assert server.paths("DELETE")[0].endswith("?generation=47")

    play(certificates, act, now=clock)


def test_what_a_server_says_of_its_time_is_the_same(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        first(server, place(), problem("no-seat-free", 409))
        with pytest.raises(WaitedInVain):
            await client.lease(100001, 10, wait_s=60).check_out()

    play(certificates, act)


def test_a_refusal_at_once_is_no_waiting(certificates: Certificates) -> None:
    async def act(client: AsyncClient, server: FakeServer) -> None:
        first(server, problem("never-satisfiable", 422))
        with pytest.raises(Refused) as caught:
            await client.lease(100001, 10, wait_s=60).check_out()
        assert caught.value.reason == "never-satisfiable"
        assert not isinstance(caught.value, WaitedInVain)

    play(certificates, act)


@pytest.mark.parametrize("wait_s", [-1, 30 * 86_400 + 1, float("nan")])
def test_nobody_waits_for_such_a_time(wait_s: float) -> None:
    with pytest.raises(ValueError, match="wait_s"):
        Waiting(wait_s)
