"""The OpenAPI document, drawn from the table of routes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from appliance import __version__
from appliance.codec import api
from appliance.services.routes import Route
from appliance.services.tmr.asking import HASH_BYTES, LEASES, NONCE_BYTES, WORDS
from appliance.services.tmr.problems import REASONS

_ANY = (
    "bad-request",
    "unauthenticated",
    "forbidden",
    "unknown-repeat",
    "overloaded",
    "not-active",
    "quorum-lost",
    "deadline-passed",
)

_BYTES = {
    ("CheckOutRequest", "nonce"): NONCE_BYTES,
    ("CheckOutRequest", "secret_hash"): (HASH_BYTES, HASH_BYTES),
    ("ConsumeRequest", "nonce"): NONCE_BYTES,
    ("EnrolRequest", "token_hash"): (HASH_BYTES, HASH_BYTES),
}
"""From how many to how many bytes a field of a body has, before base64."""


class Description:
    """The document as a part of the API."""

    def __init__(self, table: Sequence[Route]) -> None:
        self._document = msgspec.json.encode(document(table))

    async def show(self) -> Response:
        """GET /openapi.json."""
        return Response(self._document, media_type="application/json")


def document(table: Iterable[Route]) -> dict[str, Any]:
    """The OpenAPI 3.1 document of these routes."""
    table = tuple(table)
    said = ((op.request, op.response, *dict(op.also).values()) for op in table)
    types = {one for of in said for one in of if isinstance(one, type)}
    ordered = sorted(types | {api.Problem}, key=lambda t: t.__name__)
    schemas, components = msgspec.json.schema_components(
        ordered, ref_template="#/components/schemas/{name}"
    )
    references = dict(zip(ordered, schemas, strict=True))
    for (kind, name), (least, most) in _BYTES.items():
        components[kind]["properties"][name] |= {
            "minLength": _base64_length(least),
            "maxLength": _base64_length(most),
        }
    paths: dict[str, dict[str, Any]] = {}
    for op in table:
        paths.setdefault(op.path, {})[op.method.lower()] = _operation(op, references)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "TMR Appliance",
            "version": __version__,
            "description": "Floating licences that survive their servers. Every change may be "
            "repeated with the same id: it has one effect and gets the first answer.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "certificate": {"type": "mutualTLS"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _base64_length(count: int) -> int:
    """How many characters so many bytes have in base64, with its padding."""
    return 4 * -(-count // 3)


def _operation(op: Route, references: dict[type, dict[str, Any]]) -> dict[str, Any]:
    if isinstance(op.response, str):
        kind = "object" if op.response == "application/json" else "string"
        content = {op.response: {"schema": {"type": kind}}}
    else:
        content = {"application/json": {"schema": references[op.response]}}
    responses: dict[str, Any] = {
        str(status): {"description": "Done", "content": content} for status in op.statuses
    }
    for number, other in op.also:
        said = {"application/json": {"schema": references[other]}}
        responses[str(number)] = {"description": "Not yet", "content": said}
    for status, reasons in _refusals(op).items():
        responses[status] = {
            "description": "; ".join(f"{reason}: {REASONS[reason][1]}" for reason in reasons),
            "content": {api.PROBLEM_MEDIA_TYPE: {"schema": references[api.Problem]}},
        }
    result: dict[str, Any] = {
        "summary": op.summary,
        "operationId": op.name,
        "parameters": _parameters(op),
        "responses": responses,
        "security": [{"certificate": []}, {"token": []}] if op.role else [],
    }
    if isinstance(op.request, type):
        result["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": references[op.request]}},
        }
    return result


def _refusals(op: Route) -> dict[str, list[str]]:
    by_status: dict[str, list[str]] = {}
    reasons = [*_ANY, *op.reasons] if op.role else list(op.reasons)
    if op.request is not None:
        reasons.append("body-too-large")
    for reason in dict.fromkeys(reasons):
        by_status.setdefault(str(REASONS[reason][0]), []).append(reason)
    return by_status


def _parameters(op: Route) -> list[dict[str, Any]]:
    text = {"type": "string"}
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": WORDS[name].schema}
        for name in op.parts
    ]
    parameters += [
        {"name": one.name, "in": "query", "required": one.required, "schema": one.schema}
        for one in op.query
    ]
    if op.path.startswith(LEASES):
        milliseconds = {"type": "integer", "minimum": 1}
        parameters.append({"name": api.DEADLINE_HEADER, "in": "header", "schema": milliseconds})
    if op.secret:
        parameters.append(
            {"name": api.SECRET_HEADER, "in": "header", "required": True, "schema": text}
        )
    return parameters
