"""The API's document says what is there, and nothing else is."""

from __future__ import annotations

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route

from appliance.services.tmr.openapi import OPERATIONS, document
from appliance.services.tmr.problems import REASONS, REPEATABLE, Refusal
from tests.unit.services.tmr.world import (
    ADMIN,
    World,
    run,
)

METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH")
PATHS = sorted({operation.path for operation in OPERATIONS})


def filled(path: str) -> str:
    """A path with something in the place of its parameters."""
    return path.replace("{client}", "cert:x").replace("{id}", "one").replace("{name}", "someone")


def test_the_document_is_valid():
    async def test(world: World) -> None:
        reply = await world.call("GET", "/openapi.json", who=None)
        assert reply.json == msgspec.json.decode(msgspec.json.encode(document()))
        assert not list(OpenAPIV31SpecValidator(reply.json).iter_errors())

    run(test)


def test_operations_have_names_of_their_own():
    names = [
        operation["operationId"]
        for methods in document()["paths"].values()
        for operation in methods.values()
    ]
    assert len(set(names)) == len(names) == len(OPERATIONS)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", METHODS)
def test_every_operation_is_dispatched_and_nothing_else(method, path):
    async def test(world: World) -> None:
        documented = any(op.method == method and op.path == path for op in OPERATIONS)
        # The event stream has no end (see test_events): here it is enough that it is there.
        who = None if (method, path) == ("GET", "/v1/events") else ADMIN
        reply = await world.call(method, filled(path), b"{}", who=who)
        if documented:
            assert reply.reason not in ("not-found", "method-not-allowed")
        else:
            assert (reply.status, reply.reason) == (405, "method-not-allowed")

    run(test)


def test_starlettes_routes_are_all_in_the_table():
    async def test(world: World) -> None:
        known = {(op.method, op.path) for op in OPERATIONS}
        for route in world.apps["tmr1"]._rest.routes:
            assert isinstance(route, Route)
            for method in (route.methods or set()) - {"HEAD"}:
                assert (method, route.path) in known

    run(test)


def test_whoever_needs_no_certificate_is_said_to_need_none():
    for operation in OPERATIONS:
        described = document()["paths"][operation.path][operation.method.lower()]
        assert bool(described["security"]) == bool(operation.role)
        assert all(operation.role or status != "401" for status in described["responses"])


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_problem_is_a_whole_document(reason):
    refusal = Refusal(reason, "what to do")
    problem = msgspec.json.decode(refusal.body())
    assert problem == {
        "type": f"urn:tmr:problem:{reason}",
        "title": REASONS[reason][1],
        "status": REASONS[reason][0],
        "detail": "what to do",
    }
    headers = dict(refusal.headers())
    assert headers[b"content-type"] == b"application/problem+json"
    assert (headers.get(b"retry-after") == b"0") == (reason in REPEATABLE)


PARAMETERS = [
    (method, path, parameter)
    for path, methods in document()["paths"].items()
    for method, operation in methods.items()
    for parameter in operation["parameters"]
]


def query_of(path: str) -> dict[str, str]:
    """The parts of the query that this path cannot be without, with something sound in them."""
    sound = {"generation": "1", "why": "a-test"}
    return {
        parameter["name"]: sound[parameter["name"]]
        for _, other, parameter in PARAMETERS
        if other == path and parameter["in"] == "query" and parameter["required"]
    }


@pytest.mark.parametrize(
    ("method", "path", "parameter"),
    [one for one in PARAMETERS if one[2]["in"] == "query"],
    ids=lambda one: one["name"] if isinstance(one, dict) else one,
)
def test_the_service_takes_a_query_as_the_document_says(method, path, parameter):
    """A number is one, and what is required cannot be left out: clients are made from this."""

    async def ask(world: World, query: dict[str, str]) -> str:
        words = "&".join(f"{name}={value}" for name, value in query.items())
        reply = await world.call(method.upper(), f"{filled(path)}?{words}", who=ADMIN)
        return reply.reason if reply.status >= 400 else ""

    async def test(world: World) -> None:
        name, schema = parameter["name"], parameter["schema"]
        if schema["type"] == "integer":
            assert await ask(world, query_of(path) | {name: "x"}) == "bad-request"
            assert await ask(world, query_of(path) | {name: "9" * 30}) == "bad-request"
        left_out = {key: value for key, value in query_of(path).items() if key != name}
        refused = await ask(world, left_out) == "bad-request"
        assert refused == parameter["required"]

    run(test)


@pytest.mark.parametrize(
    ("method", "path", "parameter"),
    [one for one in PARAMETERS if one[2]["name"] in ("id", "name", "serial")],
    ids=lambda one: one["name"] if isinstance(one, dict) else one,
)
def test_what_does_not_fit_the_pattern_of_a_path_is_refused(method, path, parameter):
    async def test(world: World) -> None:
        assert "pattern" in parameter["schema"]
        wrong = path.replace("{client}", "cert:x").replace(f"{{{parameter['name']}}}", "no%20id!")
        query = "&".join(f"{name}={value}" for name, value in query_of(path).items())
        reply = await world.call(method.upper(), f"{wrong}?{query}", b"{}", who=ADMIN)
        assert reply.status == 400

    run(test)


def test_the_bytes_in_a_body_have_their_length():
    schemas = document()["components"]["schemas"]
    nonce = schemas["CheckOutRequest"]["properties"]["nonce"]
    assert (nonce["minLength"], nonce["maxLength"]) == (24, 44)
    assert schemas["EnrolRequest"]["properties"]["token_hash"]["minLength"] == 44
