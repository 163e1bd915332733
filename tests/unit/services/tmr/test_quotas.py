"""Requests under way: so many of one client, so many of all, some places for what matters most."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from hashlib import sha256
from typing import Any

import pytest

from appliance.adapters.doors.doorkeeper import Rank
from appliance.codec import api
from appliance.services.http_connection import PROVE
from appliance.services.settings import AnswerLimits
from appliance.services.tmr.app import App
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.problems import Refusal
from appliance.services.tmr.quotas import LISTS_PER_CLIENT_MAX, Holders, Requests
from tests.unit.services.tmr.parts import scope_of, secret
from tests.unit.services.tmr.world import ALICE, BOB, VIEWER, World, run

A, B = Caller("cert:a", "client"), Caller("cert:b", "client")
OPERATOR = Caller("cert:o", "operate")


def refused(requests: Requests, who: Caller, vital: bool = False) -> str:
    with pytest.raises(Refusal) as caught:
        requests.enter(who, vital)
    assert caught.value.reason == "overloaded"
    return caught.value.problem.detail


def test_each_client_has_so_many_and_all_have_so_many():
    requests = Requests(8, 4)
    for _ in range(4):
        requests.enter(A)
    assert "cert:a has 4 requests" in refused(requests, A)
    requests.enter(B)
    requests.enter(B)
    assert "6 requests are under way" in refused(requests, B)
    requests.leave("cert:a")
    requests.enter(B)
    assert len(requests) == 6


def test_places_are_kept_for_heartbeats_and_operators():
    requests = Requests(8, 8)
    for _ in range(6):
        requests.enter(A)
    refused(requests, B)
    requests.enter(B, vital=True)
    requests.enter(OPERATOR)
    refused(requests, B, vital=True)
    refused(requests, OPERATOR)
    for who in (*[A] * 6, B, OPERATOR):
        requests.leave(who.client)
    assert len(requests) == 0
    requests.enter(B)


def test_who_holds_leases_is_looked_up_once_a_second_at_most():
    now, looked = [10.0], []

    def find() -> set[str]:
        looked.append(now[0])
        return {"cert:a"} if now[0] < 12 else set()

    holders = Holders(find, lambda: now[0])
    assert "cert:a" in holders
    assert "cert:b" not in holders
    assert looked == [10.0]
    now[0] = 12.0
    assert "cert:a" not in holders


def test_a_full_host_refuses_check_outs_and_takes_heartbeats():
    async def test(world: World) -> None:
        app = world.apps["tmr1"] = App(
            world.hosts["tmr1"],
            limits=AnswerLimits(requests_queued_max=4, requests_per_client_max=4),
        )
        grant = (await world.check_out()).of(api.GrantDocument)
        for name in ("up1", "up2", "up3"):
            world.upstreams[name].writes_held = True
        waiting = [world.begin("PUT", f"/v1/leases/w{n}", world.asking({})) for n in range(3)]
        await world.drain()
        reply = await world.call("PUT", "/v1/leases/late", world.asking({}), who=BOB)
        assert (reply.status, reply.reason) == (503, "overloaded")
        assert reply.headers["retry-after"] == "0"
        beat = api.HeartbeatRequest(generation=grant.generation)
        options = {"headers": [secret()]}
        reply = await world.call("POST", "/v1/leases/one/heartbeat", beat, **options)
        assert reply.status == 200
        world.release_writes()
        for task in waiting:
            assert (await world.answer(task, "a check-out")).status == 201
        assert len(app._requests) == 0

    run(test)


def test_one_client_asks_for_few_pages_at_once_and_leaves_its_places():
    """A page that nobody takes counts until it is taken."""

    async def test(world: World) -> None:
        app = world.apps["tmr1"]
        blocked = asyncio.Event()

        async def receive() -> dict[str, object]:
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: object) -> None:
            await blocked.wait()

        loop = asyncio.get_running_loop()
        tasks = [
            loop.create_task(app(scope_of("GET", "/v1/status", ALICE, []), receive, send))
            for _ in range(LISTS_PER_CLIENT_MAX)
        ]
        await world.drain()
        reply = await world.call("GET", "/v1/status")
        assert (reply.status, reply.reason) == (503, "overloaded")
        assert "cert:alice" in reply.problem.detail
        for who in (BOB, VIEWER):
            assert (await world.call("GET", "/v1/status", who=who)).status == 200
        blocked.set()
        await asyncio.gather(*tasks)
        assert (await world.call("GET", "/v1/status")).status == 200
        assert len(app._lists) == 0

    run(test)


def test_a_token_makes_a_stranger_known():
    async def test(world: World) -> None:
        proved: list[tuple[str, Rank]] = []
        answer = [""]

        def prove(who: str, rank: Rank) -> str:
            proved.append((who, rank))
            return answer[0]

        app = world.apps["tmr1"]
        world.hosts["tmr1"].tokens.renew({"press": _hash("secret token")})
        got: list[MutableMapping[str, Any]] = []

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            got.append(message)

        async def ask(token: str) -> object:
            header = (b"authorization", f"Bearer {token}".encode())
            scope = scope_of("GET", "/v1/status", None, [header])
            scope["state"][PROVE] = prove
            got.clear()
            await app(scope, receive, send)
            return got[0]["status"]

        assert await ask("wrong") == 401
        assert proved == []
        assert await ask("secret token") == 200
        assert proved == [("token:press", Rank.CLIENT)]
        answer[0] = "there is no place"
        assert await ask("secret token") == 503
        assert b"there is no place" in got[1]["body"]

    run(test)


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
