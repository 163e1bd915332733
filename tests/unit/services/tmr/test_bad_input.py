"""Whatever comes in: a clear refusal that names what is wrong, nothing half-applied, nothing told.

`World.call` itself fails a test for a status 500, for one that the document does not list, and for
a body that shows a path or a traceback.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib

import msgspec
import pytest

from appliance.codec import api
from appliance.services.settings import Limits
from appliance.services.tmr import app as app_module
from tests.unit.services.tmr.parts import (
    FIRM,
    scope_of,
    secret,
)
from tests.unit.services.tmr.world import (
    ADMIN,
    ALICE,
    OPERATOR,
    PRODUCT,
    World,
    run,
)

NONCE = base64.b64encode(bytes(16)).decode()
HASH = base64.b64encode(bytes(32)).decode()
GOOD = {"firm_code": FIRM, "product_code": PRODUCT, "nonce": NONCE, "secret_hash": HASH}


def changed(**fields) -> bytes:
    return msgspec.json.encode(GOOD | fields)


def without(name: str) -> bytes:
    return msgspec.json.encode({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "truncated"),
        (b"{", "truncated"),
        (b"{]", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b"null", "object"),
        (b"[]", "object"),
        (b"[" * 60_000, "object"),
        (b'{"holder":{"x":' + b"[" * 60_000, "unknown field"),
        (changed(extra=1), "extra"),
        (without("nonce"), "nonce"),
        (without("firm_code"), "firm_code"),
        (changed(firm_code="12"), "firm_code"),
        (changed(firm_code=1.5), "firm_code"),
        (changed(firm_code=None), "firm_code"),
        (changed(firm_code=-1), "firm_code"),
        (changed(product_code=2**63), "product_code"),
        (changed().replace(b"%d" % FIRM, b"1" + b"0" * 400), "firm_code"),
        (changed(nonce="!" * 24), "base64"),
        (changed(nonce="AAAA"), "nonce"),
        (changed(nonce=base64.b64encode(bytes(33)).decode()), "nonce"),
        (changed(secret_hash=NONCE), "secret_hash"),
        (changed(secret_hash=7), "secret_hash"),
        (changed(holder="me"), "holder"),
        (changed(holder={"pid": -1}), "pid"),
        (changed(holder={"pid": 2**63}), "pid"),
        (changed(holder={"user": "u" * 257}), "user"),
        (changed(holder={"application": "u" * 257}), "application"),
        (changed(release_date="2999-01-01"), "release_date"),
        (changed(release_date="2026-02-30"), "release_date"),
        (changed(features=2**53), "features"),
        (changed(mode="sideways"), "mode"),
        (changed(mode="exclusive"), "station"),
        (changed(seats=0), "seats"),
        (b'{"holder":{"user":"\\ud800\\u0041"}}', "surrogate"),
    ],
    ids=lambda value: value[:40] if isinstance(value, bytes) else value,
)
def test_a_bad_check_out_is_refused_by_name(body, word):
    async def test(world: World) -> None:
        reply = await world.call("PUT", "/v1/leases/one", body)
        assert (reply.status, reply.reason) == (400, "bad-request")
        assert word in reply.problem.detail
        assert not world.hosts["tmr1"].state.leases

    run(test)


@pytest.mark.parametrize(
    ("route", "body", "word"),
    [
        ("heartbeat", {"generation": "1"}, "generation"),
        ("heartbeat", {}, "generation"),
        ("heartbeat", {"generation": 1, "more": 1}, "more"),
        ("units", {"generation": 1, "number": 0, "units": 1, "nonce": NONCE}, "number"),
        ("units", {"generation": 1, "number": 1, "units": 0, "nonce": NONCE}, "units"),
        ("units", {"generation": 1, "number": 1, "units": -5, "nonce": NONCE}, "units"),
        ("units", {"generation": 0, "number": 1, "units": 1, "nonce": NONCE}, "generation"),
        ("units", {"generation": 1, "number": 1, "units": 2**63, "nonce": NONCE}, "units"),
        ("units", {"generation": 1, "number": 1, "units": 1, "nonce": ""}, "nonce"),
    ],
    ids=str,
)
def test_a_bad_call_on_a_lease_is_refused_by_name(route, body, word):
    async def test(world: World) -> None:
        await world.check_out()
        target = f"/v1/leases/one/{route}"
        reply = await world.call("POST", target, msgspec.json.encode(body), headers=[secret()])
        assert (reply.status, reply.reason) == (400, "bad-request")
        assert word in reply.problem.detail

    run(test)


@pytest.mark.parametrize("generation", ["", "-1", "1.0", "x", "9" * 30, "%ff", "1&generation=x"])
def test_a_bad_generation_is_refused(generation):
    async def test(world: World) -> None:
        await world.check_out()
        target = f"/v1/leases/one?generation={generation}"
        reply = await world.call("DELETE", target, headers=[secret()])
        assert reply.reason in ("bad-request", "old-generation")
        assert len(world.hosts["tmr1"].state.leases) == 1

    run(test)


@pytest.mark.parametrize(
    "lease_id",
    [
        "",
        ".",
        "..",
        "-x",
        "x" * 65,
        "a%20b",
        "a%00b",
        "%F0%9F%98%80",
        "%ff",
        "a%0d%0ab",
        "a;b",
        "a:b",
    ],
)
def test_a_strange_lease_id_is_refused(lease_id):
    async def test(world: World) -> None:
        reply = await world.check_out(lease_id)
        assert (reply.status, reply.reason) == (400, "bad-request")
        assert "lease id" in reply.problem.detail

    run(test)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/nothing",
        "/v1/leases/../status",
        "/v1/leases/..%2fstatus",
        "/v1/leases/a/b",
        "/v1/leases/a/b/c",
        "/v1/leases/a/heartbeat/",
        "/v1/licences/",
        "/healthz/",
        "/openapi.json/x",
        "/etc/passwd",
        "//v1/status",
        "/v1/clients/",
        "/v1/clients/a/b",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_unknown_path_is_not_found(path, method):
    async def test(world: World) -> None:
        reply = await world.call(method, path, who=ADMIN)
        assert (reply.status, reply.reason) == (404, "not-found")

    run(test)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/leases/one"),
        ("PATCH", "/v1/leases/one"),
        ("GET", "/v1/leases/one/heartbeat"),
        ("DELETE", "/v1/leases/one/units"),
        ("PUT", "/v1/leases/a/one/release"),
        ("POST", "/v1/licences"),
        ("GET", "/v1/switchover"),
        ("DELETE", "/v1/maintenance"),
        ("POST", "/v1/clients/x"),
        ("POST", "/healthz"),
    ],
)
def test_another_method_is_not_allowed(method, path):
    async def test(world: World) -> None:
        reply = await world.call(method, path, who=ADMIN)
        assert (reply.status, reply.reason) == (405, "method-not-allowed")
        assert method in reply.problem.detail

    run(test)


BODY_ROUTES = [
    ("PUT", "/v1/leases/one"),
    ("POST", "/v1/leases/one/heartbeat"),
    ("POST", "/v1/leases/one/units"),
    ("POST", "/v1/leases/cert:c/one/release"),
    ("POST", "/v1/switchover"),
    ("POST", "/v1/maintenance"),
    ("PUT", "/v1/clients/x"),
]


@pytest.mark.parametrize(("method", "path"), BODY_ROUTES)
def test_an_oversized_body_is_refused_by_its_length_and_by_its_chunks(method, path):
    async def test(world: World) -> None:
        reply = await world.call(method, path, b" " * (Limits().body_bytes_max + 1), who=ADMIN)
        assert (reply.status, reply.reason) == (413, "body-too-large")
        reply = await world.call(method, path, chunks=[b" " * 40_000] * 2, who=ADMIN)
        assert (reply.status, reply.reason) == (413, "body-too-large")
        # Right at the bound it is read, and found to be no JSON.
        reply = await world.call(method, path, b" " * Limits().body_bytes_max, who=ADMIN)
        assert reply.status == 400

    run(test)


@pytest.mark.parametrize("length", ["x", "-1", "1e3", "9" * 40, "٣"])
def test_a_lying_content_length_is_refused(length):
    async def test(world: World) -> None:
        header = [("content-length", length.encode())]
        reply = await world.call("PUT", "/v1/leases/one", chunks=[b"{}"], headers=header)
        assert reply.status in (400, 413)
        assert reply.reason in ("bad-request", "body-too-large")

    run(test)


@pytest.mark.parametrize(("method", "path"), BODY_ROUTES)
def test_a_body_that_ends_early_is_refused(method, path):
    async def test(world: World) -> None:
        ended = [{"type": "http.request", "body": b"{", "more_body": True}]

        async def receive() -> dict:
            return ended.pop() if ended else {"type": "http.disconnect"}

        out = []

        async def send(message) -> None:
            out.append(message)

        await world.apps["tmr1"](scope_of(method, path, ADMIN, []), receive, send)
        assert out[0]["status"] == 400

    run(test)


def test_a_body_that_never_ends_is_not_waited_for_longer_than_the_deadline():
    async def test(world: World) -> None:
        async def receive() -> dict:
            await asyncio.Event().wait()
            return {}

        out = []

        async def send(message) -> None:
            out.append(message)

        headers = [(api.DEADLINE_HEADER.encode(), b"1")]
        scope = scope_of("PUT", "/v1/leases/one", ALICE, headers)
        await world.apps["tmr1"](scope, receive, send)
        assert out[0]["status"] == 504

    run(test)


def test_an_operators_body_that_never_ends_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(app_module, "BODY_WITHIN_S", 0.001)

    async def test(world: World) -> None:
        async def receive() -> dict:
            await asyncio.Event().wait()
            return {}

        out = []

        async def send(message) -> None:
            out.append(message)

        await world.apps["tmr1"](scope_of("POST", "/v1/switchover", ADMIN, []), receive, send)
        assert out[0]["status"] == 504

    run(test)


@pytest.mark.parametrize("deadline", ["", "soon", "-5", "1.5", "1" * 10, b"\xb2", "0", "000"])
def test_a_deadline_that_is_no_number_is_refused(deadline):
    async def test(world: World) -> None:
        reply = await world.check_out(headers=[(api.DEADLINE_HEADER, deadline)])
        assert (reply.status, reply.reason) == (400, "bad-request")

    run(test)


def test_a_deadline_that_passed_is_answered_so_and_the_outcome_stays_unknown():
    async def test(world: World) -> None:
        world.hold_writes("up1", "up2", "up3")
        # Nothing moves meanwhile but this process's own timer, which the header sets to 1 ms.
        options = {"headers": [(api.DEADLINE_HEADER, "1")]}
        reply = await world.begin("PUT", "/v1/leases/one", world.asking({}), **options)
        assert (reply.status, reply.reason) == (504, "deadline-passed")
        assert "same id" in reply.problem.detail
        world.release_writes()
        world.pump()
        reply = await world.check_out()
        assert reply.status == 200, "it had been granted"

    run(test)


@pytest.mark.parametrize("path", ["/v1/leases/one", "/v1/leases/one?x=1"])
def test_a_deadline_of_zero_is_refused_by_its_name(path):
    async def test(world: World) -> None:
        options = {"headers": [(api.DEADLINE_HEADER, "0")]}
        reply = await world.call("PUT", path, world.asking({}), **options)
        assert (reply.status, reply.reason) == (400, "bad-request")
        assert api.DEADLINE_HEADER in reply.problem.detail

    run(test)


@pytest.mark.parametrize(
    "value", [b"\xff\xfe", b"Bearer \xff", b"Bearer", b"Bearer  ", b"Basic YTpi", b"Bearer a b"]
)
def test_a_strange_authorization_is_unauthenticated(value):
    async def test(world: World) -> None:
        for path in ("/v1/status", "/v1/leases/x/nothing"):
            reply = await world.call("GET", path, headers=[("authorization", value)])
            assert (reply.status, reply.reason) == (401, "unauthenticated")
            assert reply.headers["www-authenticate"].startswith("Bearer")

    run(test)


@pytest.mark.parametrize("generation", [-1, 2**63, 2**64, 2**80, "x", 1.5])
def test_an_operators_strange_generation_is_refused(generation):
    async def test(world: World) -> None:
        await world.check_out()
        body = msgspec.json.encode({"why": "test", "generation": 0})
        body = body.replace(b":0", b":" + str(generation).encode())
        path = "/v1/leases/cert:alice/one/release"
        reply = await world.call("POST", path, body, who=OPERATOR)
        assert (reply.status, reply.reason) == (400, "bad-request")
        assert len(world.hosts["tmr1"].state.leases) == 1

    run(test)


def test_a_strange_client_in_a_release_is_refused():
    async def test(world: World) -> None:
        for client in ("..", "%00", "%ff", "cert:alice%2F..", "x" * 9000):
            body = api.ReleaseRequest(why="test")
            reply = await world.call("POST", f"/v1/leases/{client}/one/release", body, who=OPERATOR)
            assert (reply.status, reply.reason) in ((400, "bad-request"), (404, "not-found"))

    run(test)


@pytest.mark.parametrize("path", ["/v1/leases/one", "/v1/status"])
def test_a_defect_is_a_problem_document_that_tells_nothing(path, monkeypatch, caplog):
    """Nothing is known that leads here: so a defect is made."""

    async def test(world: World) -> None:
        def fails(*arguments: object) -> None:
            raise ValueError("inside/appliance/x.py")

        monkeypatch.setattr(world.apps["tmr1"]._callers, "who", fails)
        out = []

        async def receive() -> dict:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message) -> None:
            out.append(message)

        with contextlib.suppress(ValueError):  # for the server's log
            await world.apps["tmr1"](scope_of("GET", path, ALICE, []), receive, send)
        assert out[0]["status"] == 500
        problem = msgspec.json.decode(out[1]["body"], type=api.Problem)
        assert problem.reason == "internal-error"
        assert b"inside" not in out[1]["body"]

    run(test)
