"""The API's routes as a table, and the OpenAPI document that is drawn from it.

The server dispatches by its own code for speed; a test walks this table against it, so that the
document says what is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from appliance import __version__
from appliance.codec import api
from appliance.codec.api_certificates import CertificatesDocument, DismissRequest, LimitRequest
from appliance.codec.backup_pages import BackupPage, BackupSnapshot
from appliance.licences.dismissing import SERIAL_PATTERN
from appliance.licences.options import AT_REST
from appliance.services.tmr.asking import NUMBER_DIGITS_MAX
from appliance.services.tmr.documents import PAGE_ROWS_MAX
from appliance.services.tmr.leases import CODE_MAX, HASH_BYTES, NAME_MAX, NONCE_BYTES
from appliance.services.tmr.problems import REASONS


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `role` is the least that is needed, "" for none."""

    method: str
    path: str
    summary: str
    role: str
    response: type | None
    request: type | None = None
    statuses: tuple[int, ...] = (200,)
    secret: bool = False
    query: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


_LEASE = ("lease-unknown", "lease-ended", "old-generation")
_AT_REST = tuple(row.word for row in AT_REST)
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

OPERATIONS = (
    Operation(
        "PUT",
        "/v1/leases/{id}",
        "Check out: take a seat, or get a fresh receipt of the seat held under this id",
        "client",
        api.GrantDocument,
        api.CheckOutRequest,
        (200, 201),
        reasons=(
            "no-seat-free",
            "unknown-product",
            *_AT_REST,
            "lease-conflict",
            "lease-ended",
            "too-many-leases",
            "over-quota",
            "too-many-requests",
        ),
    ),
    Operation(
        "DELETE",
        "/v1/leases/{id}",
        "Check in",
        "client",
        api.EndedDocument,
        secret=True,
        query=("generation",),
        reasons=(*_LEASE, "too-many-requests"),
    ),
    Operation(
        "POST",
        "/v1/leases/{id}/heartbeat",
        "Say that the lease is still wanted",
        "client",
        api.HeartbeatDocument,
        api.HeartbeatRequest,
        secret=True,
        reasons=_LEASE,
    ),
    Operation(
        "POST",
        "/v1/leases/{id}/units",
        "Take units from the unit counter",
        "client",
        api.GrantDocument,
        api.ConsumeRequest,
        secret=True,
        reasons=(
            *_LEASE,
            "too-many-requests",
            "units-exhausted",
            "no-unit-counter",
            "number-out-of-order",
            "lease-conflict",
            "unknown-product",
            *_AT_REST,
        ),
    ),
    Operation(
        "POST",
        "/v1/leases/{client}/{id}/release",
        "End somebody's lease, with a reason that is recorded",
        "operate",
        api.EndedDocument,
        api.ReleaseRequest,
        reasons=_LEASE,
    ),
    Operation(
        "GET",
        "/v1/licences",
        "The licences of the virtual container",
        "client",
        api.LicencesDocument,
        query=("all",),
    ),
    Operation(
        "GET",
        "/v1/leases",
        "The caller's leases, page by page; all, for operators",
        "client",
        api.LeasesDocument,
        query=("after", "limit"),
    ),
    Operation("GET", "/v1/status", "Who serves, how each host is", "client", api.StatusDocument),
    Operation(
        "GET",
        "/v1/logs",
        "What the hosts logged: host names one host or more, after (host:number,…) where to go on",
        "view",
        api.LogsDocument,
        query=("host", "after"),
    ),
    Operation(
        "GET",
        "/v1/events",
        "What happens, as server-sent events",
        "client",
        None,
        reasons=("too-many-subscribers",),
    ),
    Operation(
        "POST",
        "/v1/switchover",
        "Let the other TMR host serve",
        "operate",
        api.DoneDocument,
        api.OperateRequest,
        reasons=("twin-not-ready",),
    ),
    Operation(
        "POST",
        "/v1/maintenance",
        "Keep a TMR host from serving, or let it serve again",
        "operate",
        api.DoneDocument,
        api.OperateRequest,
        reasons=("twin-not-ready",),
    ),
    Operation(
        "POST",
        "/v1/replace",
        "Let a new store vote in the stead of a lost one",
        "administer",
        api.DoneDocument,
        api.ReplaceRequest,
        reasons=("not-replaced", "not-yet-replaced"),
    ),
    Operation(
        "POST",
        "/v1/time",
        "Have one container or all get certified time now",
        "operate",
        api.TimeUpdateDocument,
        api.TimeUpdateRequest,
        reasons=("not-found",),
    ),
    Operation(
        "GET",
        "/v1/backup",
        "The ledger's committed entries, page by page, with a proof of where they end",
        "operate",
        BackupPage,
        query=("first",),
        reasons=("not-founded",),
    ),
    Operation(
        "GET",
        "/v1/backup/snapshot",
        "What stands for entries that are gone: which snapshot, or (with its index) a chunk of it",
        "operate",
        BackupSnapshot,
        query=("index", "chunk"),
        reasons=("snapshot-gone",),
    ),
    Operation(
        "PUT",
        "/v1/clients/{name}",
        "Enrol a client that proves itself by a token",
        "administer",
        api.DoneDocument,
        api.EnrolRequest,
        reasons=("too-many-clients",),
    ),
    Operation(
        "DELETE",
        "/v1/clients/{name}",
        "Dismiss an enrolled client",
        "administer",
        api.DoneDocument,
        query=("why",),
    ),
    Operation(
        "GET",
        "/v1/certificates",
        "Which certificates were dismissed, and which this host has seen; limits of seats",
        "view",
        CertificatesDocument,
    ),
    Operation(
        "POST",
        "/v1/certificates/{serial}/dismiss",
        "Take a certificate back: it is good no more, from the next request on",
        "administer",
        api.DoneDocument,
        DismissRequest,
        reasons=("not-dismissed", "too-many-dismissed"),
    ),
    Operation(
        "POST",
        "/v1/limit",
        "Limit how many seats of a product one client may hold",
        "administer",
        api.DoneDocument,
        LimitRequest,
    ),
    Operation(
        "GET",
        "/healthz",
        "200 if this host serves",
        "",
        api.DoneDocument,
        reasons=("not-active", "quorum-lost"),
    ),
    Operation("GET", "/openapi.json", "This document", "", None),
    Operation("GET", "/metrics", "Metrics, as Prometheus reads them", "view", None),
)


_LEASE_ID = {"type": "string", "pattern": f"^{api.LEASE_ID_PATTERN}$"}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": CODE_MAX}
_PATHS: dict[str, dict[str, Any]] = {
    "id": _LEASE_ID,
    "name": _LEASE_ID,
    "client": {"type": "string", "pattern": "^(cert|token):.+$", "maxLength": NAME_MAX},
    "serial": {"type": "string", "pattern": f"^{SERIAL_PATTERN}$"},
}
"""The schema of each part of a path."""
_QUERIES: dict[tuple[str, str], dict[str, Any]] = {
    ("/v1/leases/{id}", "generation"): {**_NUMBER, "minimum": 1},
    ("/v1/licences", "all"): {"type": "string", "enum": ["0", "1"]},
    ("/v1/leases", "after"): _NUMBER,
    ("/v1/leases", "limit"): {"type": "integer", "minimum": 1, "maximum": PAGE_ROWS_MAX},
    ("/v1/logs", "host"): {"type": "array", "items": {"type": "string", "maxLength": NAME_MAX}},
    ("/v1/logs", "after"): {
        "type": "array",
        "items": {"type": "string", "pattern": f"^.*:[0-9]{{1,{NUMBER_DIGITS_MAX}}}$"},
    },
    ("/v1/backup", "first"): _NUMBER,
    ("/v1/backup/snapshot", "index"): _NUMBER,
    ("/v1/backup/snapshot", "chunk"): _NUMBER,
    ("/v1/clients/{name}", "why"): {"type": "string", "minLength": 1},
}
"""The schema of each part of a query."""
_REQUIRED = {("/v1/leases/{id}", "generation"), ("/v1/clients/{name}", "why")}
"""What cannot be left out of a query."""
_BYTES = {
    ("CheckOutRequest", "nonce"): NONCE_BYTES,
    ("CheckOutRequest", "secret_hash"): (HASH_BYTES, HASH_BYTES),
    ("ConsumeRequest", "nonce"): NONCE_BYTES,
    ("EnrolRequest", "token_hash"): (HASH_BYTES, HASH_BYTES),
}
"""From how many to how many bytes a field of a body has, before base64."""
_TEXTS = {"/v1/events": "text/event-stream", "/metrics": "text/plain"}


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    types = {t for op in OPERATIONS for t in (op.request, op.response) if t is not None}
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
    for op in OPERATIONS:
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


def _operation(op: Operation, references: dict[type, dict[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if op.response is not None:
        content = {"application/json": {"schema": references[op.response]}}
    elif op.path in _TEXTS:
        content = {_TEXTS[op.path]: {"schema": {"type": "string"}}}
    else:
        content = {"application/json": {"schema": {"type": "object"}}}
    responses: dict[str, Any] = {
        str(status): {"description": "Done", "content": content} for status in op.statuses
    }
    for status, reasons in _refusals(op).items():
        responses[status] = {
            "description": "; ".join(f"{reason}: {REASONS[reason][1]}" for reason in reasons),
            "content": {api.PROBLEM_MEDIA_TYPE: {"schema": references[api.Problem]}},
        }
    result: dict[str, Any] = {
        "summary": op.summary,
        "operationId": _operation_id(op),
        "parameters": _parameters(op),
        "responses": responses,
        "security": [{"certificate": []}, {"token": []}] if op.role else [],
    }
    if op.request is not None:
        result["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": references[op.request]}},
        }
    return result


def _operation_id(op: Operation) -> str:
    words = re.findall(r"[a-z]+", op.path.replace("/v1/", "/"))
    return "-".join([op.method.lower(), *words])


def _refusals(op: Operation) -> dict[str, list[str]]:
    by_status: dict[str, list[str]] = {}
    reasons = [*_ANY, *op.reasons] if op.role else list(op.reasons)
    if op.request is not None:
        reasons.append("body-too-large")
    for reason in dict.fromkeys(reasons):
        by_status.setdefault(str(REASONS[reason][0]), []).append(reason)
    return by_status


def _parameters(op: Operation) -> list[dict[str, Any]]:
    text = {"type": "string"}
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _PATHS[name]}
        for name in re.findall(r"{(\w+)}", op.path)
    ]
    parameters += [
        {
            "name": name,
            "in": "query",
            "required": (op.path, name) in _REQUIRED,
            "schema": _QUERIES[op.path, name],
        }
        for name in op.query
    ]
    if op.path.startswith("/v1/leases/"):
        milliseconds = {"type": "integer", "minimum": 1}
        parameters.append({"name": api.DEADLINE_HEADER, "in": "header", "schema": milliseconds})
    if op.secret:
        parameters.append(
            {"name": api.SECRET_HEADER, "in": "header", "required": True, "schema": text}
        )
    return parameters
