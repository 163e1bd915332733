"""Small things a client may rely on: which methods there are, one meaning for each document."""

from __future__ import annotations

from urllib.parse import quote

import msgspec
import pytest

from appliance.codec import api
from tests.unit.services.tmr.world import ADMIN, World, run


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/leases/one", {"PUT", "DELETE"}),
        ("GET", "/v1/leases/one/heartbeat", {"POST"}),
        ("PUT", "/v1/leases/one/units", {"POST"}),
        ("GET", "/v1/leases/a/one/release", {"POST"}),
        ("POST", "/v1/status", {"GET", "HEAD"}),
        ("GET", "/v1/switchover", {"POST"}),
        ("GET", "/v1/clients/x", {"PUT", "DELETE"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(method, path, allowed):
    async def test(world: World) -> None:
        reply = await world.call(method, path, who=ADMIN)
        assert reply.status == 405
        assert set(reply.headers["allow"].split(", ")) == allowed

    run(test)


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/leases", "/v1/leases/a/b/c/d", "/v1/leases/"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_an_unknown_route_is_not_found(method, path):
    async def test(world: World) -> None:
        reply = await world.call(method, path, b"{}", who=ADMIN)
        known = path == "/v1/leases/"  # a lease without an id
        assert reply.status in ((400, 404, 405) if known else (404,))

    run(test)


@pytest.mark.parametrize(
    ("method", "path", "body", "key"),
    [
        ("PUT", "/v1/leases/one", '{"firm_code":1,"firm_code":2,"product_code":3}', "firm_code"),
        ("PUT", "/v1/leases/one", '{"firm_code":1,"firm_\\u0063ode":2}', "firm_code"),
        ("PUT", "/v1/leases/one", '{"holder":{"user":"a","user":"b"}}', "user"),
        ("POST", "/v1/leases/one/heartbeat", '{"generation":1,"generation":1}', "generation"),
        ("POST", "/v1/switchover", '{"why":"a","host":"tmr2","why":"b"}', "why"),
    ],
)
def test_a_key_that_is_there_twice_is_refused(method, path, body, key):
    async def test(world: World) -> None:
        fields = msgspec.json.encode(world.asking({})) if method == "PUT" else b"{}"
        whole = fields[:-1] + (b"," if len(fields) > 2 else b"") + body.encode()[1:]
        reply = await world.call(method, path, whole, who=ADMIN)
        assert (reply.status, reply.reason) == (400, "bad-request")
        assert f"{key!r} is there twice" in reply.problem.detail

    run(test)


def test_a_value_that_reads_like_a_key_is_no_key():
    async def test(world: World) -> None:
        holder = api.HolderDocument(user="nonce", host='"firm_code" \\ twice "firm_code"')
        assert (await world.check_out(holder=holder)).status == 201

    run(test)


@pytest.mark.parametrize("generation", ["\u0661", "\u00b2", "+1", "1_0", "0x1", " 1"])
def test_only_ascii_digits_are_a_number(generation):
    async def test(world: World) -> None:
        path = f"/v1/leases/one?generation={quote(generation)}"
        reply = await world.call("DELETE", path)
        assert (reply.status, reply.reason) == (400, "bad-request")

    run(test)
