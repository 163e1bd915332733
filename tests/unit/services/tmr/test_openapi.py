"""The API's document says what is there, and nothing else is."""

from __future__ import annotations

from typing import get_type_hints

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.requests import Request
from starlette.responses import Response

from appliance.codec import api
from appliance.services.routes import Bound, Route, bind
from appliance.services.tmr.asking import LEASES, WORDS
from appliance.services.tmr.identity import ADMINISTER, CLIENT, OPERATE, SEAT, VIEW, Caller
from appliance.services.tmr.leases import Answer, Leases
from appliance.services.tmr.openapi import document
from appliance.services.tmr.problems import REASONS, REPEATABLE, Refusal
from appliance.services.tmr.routes import NOBODY, ROUTES
from appliance.services.tmr.thin import NO_ROUTE, Calls
from tests.unit.services.tmr.world import ADMIN, ALICE, OPERATOR, VIEWER, World, run

METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH")
PATHS = sorted({operation.path for operation in ROUTES})


def filled(path: str) -> str:
    """A path with something in the place of its parameters."""
    sound = {"client": "cert:x", "id": "one", "name": "someone", "serial": "A1"}
    return path.format(**sound)


def test_the_document_is_valid():
    async def test(world: World) -> None:
        reply = await world.call("GET", "/openapi.json", who=None)
        assert reply.json == msgspec.json.decode(msgspec.json.encode(document(ROUTES)))
        assert not list(OpenAPIV31SpecValidator(reply.json).iter_errors())

    run(test)


def test_operations_have_names_of_their_own():
    names = [
        operation["operationId"]
        for methods in document(ROUTES)["paths"].values()
        for operation in methods.values()
    ]
    assert len(set(names)) == len(names) == len(ROUTES)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", METHODS)
def test_every_operation_is_dispatched_and_nothing_else(method, path):
    async def test(world: World) -> None:
        documented = any(op.method == method and op.path == path for op in ROUTES)
        # The event stream has no end (see test_events): here it is enough that it is there.
        who = None if (method, path) == ("GET", "/v1/events") else ADMIN
        reply = await world.call(method, filled(path), b"{}", who=who)
        if documented:
            assert reply.reason not in ("not-found", "method-not-allowed")
        else:
            assert (reply.status, reply.reason) == (405, "method-not-allowed")

    run(test)


def test_whoever_needs_no_certificate_is_said_to_need_none():
    for operation in ROUTES:
        described = document(ROUTES)["paths"][operation.path][operation.method.lower()]
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
    for path, methods in document(ROUTES)["paths"].items()
    for method, operation in methods.items()
    for parameter in operation["parameters"]
]


def query_of(path: str) -> dict[str, str]:
    """The parts of the query that this path cannot be without, with something sound in them."""
    sound = {"generation": "1", "why": "a-test"}
    sound |= dict.fromkeys(("firm_code", "product_code", "tmr_id"), "1")
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
    schemas = document(ROUTES)["components"]["schemas"]
    nonce = schemas["CheckOutRequest"]["properties"]["nonce"]
    assert (nonce["minLength"], nonce["maxLength"]) == (24, 44)
    assert schemas["EnrolRequest"]["properties"]["token_hash"]["minLength"] == 44


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: row.name)
def test_a_handler_takes_and_gives_what_its_row_says(row):
    """The caller, the path's parts, the query's, the document: a row is called as it stands."""
    hints = get_type_hints(row.handler)
    given = hints.pop("return")
    takes = list(hints.values())
    expected: list[object] = [Request] * row.raw + [Caller] * bool(row.role)
    expected += [str] * len(row.parts)
    assert takes[: len(expected)] == expected
    takes = takes[len(expected) + len(row.query) :]
    assert takes[: row.origin] == [bytes] * row.origin
    takes = takes[row.origin :]
    thin = row.path.startswith(LEASES)
    assert takes == [row.request] * bool(row.request) + [bytes] * row.secret + [float] * thin
    assert given in ((Answer,) if thin else (row.response, Response))


RANKS = {CLIENT: 0, VIEW: 1, OPERATE: 2, ADMINISTER: 3}


@pytest.mark.parametrize("who", [ALICE, VIEWER, OPERATOR, ADMIN], ids=lambda who: who.role)
def test_each_route_is_for_its_role_and_higher_ones(who):
    async def test(world: World) -> None:
        for row in ROUTES:
            if row.role == SEAT:
                allowed = who.role != VIEW
            else:
                allowed = not row.role or RANKS[who.role] >= RANKS[row.role]
            if allowed and row.endless:
                continue
            reply = await world.call(row.method, filled(row.path), b"no JSON", who=who)
            if not allowed:
                assert (reply.status, reply.reason) == (403, "forbidden"), row.path
            elif row.role and (row.request or (row.query and row.query[0].required)):
                assert reply.reason == "bad-request", row.path

    run(test)


def test_each_row_has_a_name_and_a_known_role():
    assert len({row.name for row in ROUTES} | {NO_ROUTE}) == len(ROUTES) + 1
    assert {row.role for row in ROUTES} <= {NOBODY, CLIENT, SEAT, VIEW, OPERATE, ADMINISTER}
    assert {reason for row in ROUTES for reason in row.reasons} <= set(REASONS)


def test_a_row_whose_handler_nobody_has_is_found_at_the_start():
    with pytest.raises(LookupError, match="no part handles PUT"):
        bind(ROUTES, (), WORDS)


def test_a_call_on_a_lease_is_found_by_all_fixed_words_of_its_path():
    rows = [
        row("POST", "{id}/units"),
        row("POST", "{id}/units/reserve"),
        row("POST", "{client}/{id}/release"),
        row("PUT", "{id}"),
        row("GET", "{id}"),
    ]
    calls = Calls(Bound(one, Leases.release, WORDS) for one in rows)

    def found(method: str, rest: str) -> str:
        thin = calls.find(method, rest.split("/"))
        return "" if thin is None else thin.route.name

    assert found("POST", "a/units") == "{id}/units"
    assert found("POST", "a/units/reserve") == "{id}/units/reserve"
    assert found("POST", "a/b/release") == "{client}/{id}/release"
    assert found("POST", "a/other/reserve") == ""
    assert found("POST", "a/b/c/release") == ""
    assert found("PUT", "units") == "{id}"
    assert calls.refusal("DELETE", ["units"]).allow == "PUT, GET"
    assert calls.refusal("PUT", ["a", "other", "reserve"]).reason == "not-found"


def row(method: str, rest: str) -> Route:
    """A call on a lease."""
    return Route(rest, method, LEASES + rest, "", SEAT, Leases.release, api.EndedDocument)
