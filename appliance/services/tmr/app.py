"""The client API as one ASGI application: lease routes by a thin handler, the rest by Starlette.

A request's body is bounded before it is read, and so is its time. Every refusal is an RFC 9457
problem document, whichever half of the application it comes from.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from appliance.adapters import clock
from appliance.codec import api
from appliance.licences.commands import Enrol
from appliance.services.metrics import rendered
from appliance.services.tmr import documents
from appliance.services.tmr.backups import Backups
from appliance.services.tmr.events import Hub, Listener
from appliance.services.tmr.host import ANSWER_WITHIN_S, TmrHost
from appliance.services.tmr.identity import ADMINISTER, VIEW, Caller, caller
from appliance.services.tmr.leases import GENERATION_DIGITS_MAX, Answer, Leases, decoded
from appliance.services.tmr.metrics import TmrMetrics, call_name
from appliance.services.tmr.openapi import document as openapi_document
from appliance.services.tmr.operations import Operations, need_reason
from appliance.services.tmr.problems import Refusal
from appliance.services.tmr.time_updates import TimeUpdates

log = logging.getLogger(__name__)

BODY_MAX = 64 << 10
BODY_WITHIN_S = 10.0
PEER = "peer"  # key of the TLS identity in the connection's ASGI state
LENGTH_DIGITS_MAX = 9
NUMBER_DIGITS_MAX = 18
DEFECT = "its outcome is not known; the service's log says more"
_LEASES = "/v1/leases/"
_JSON = [(b"content-type", b"application/json")]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_client_name = re.compile(api.LEASE_ID_PATTERN)
_encoder = msgspec.json.Encoder()
_enrol = msgspec.json.Decoder(api.EnrolRequest)
_operate = msgspec.json.Decoder(api.OperateRequest)
_replace = msgspec.json.Decoder(api.ReplaceRequest)
_update_time = msgspec.json.Decoder(api.TimeUpdateRequest)


class App:
    """The application of one TMR host."""

    def __init__(self, host: TmrHost, boot_s: Callable[[], float] = clock.boot_s) -> None:
        self._host = host
        self._metrics = TmrMetrics(host, boot_s)
        self.registry = self._metrics.registry
        self._leases = Leases(host)
        self._operations = Operations(host)
        self._time_updates = TimeUpdates(host)
        self.backups = Backups(host)
        self._openapi = _encoder.encode(openapi_document())
        self._rest = Starlette(
            routes=[
                Route("/healthz", self._healthz),
                Route("/openapi.json", self._describe),
                Route("/metrics", self._show_metrics),
                Route("/v1/licences", self._licences),
                Route("/v1/leases", self._all_leases),
                Route("/v1/status", self._status),
                Route("/v1/events", self._events),
                Route("/v1/logs", self._logs),
                Route("/v1/switchover", self._switchover, methods=["POST"]),
                Route("/v1/maintenance", self._maintenance, methods=["POST"]),
                Route("/v1/replace", self._replace, methods=["POST"]),
                Route("/v1/time", self._time, methods=["POST"]),
                Route("/v1/backup", self._backup),
                Route("/v1/backup/snapshot", self._backup_snapshot),
                Route("/v1/clients/{name}", self._clients, methods=["PUT", "DELETE"]),
            ],
            exception_handlers={
                404: _not_found,
                405: _not_allowed,
                Refusal: self._refused,
                Exception: _failed,
            },
        )
        self._rest.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path: str = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(_LEASES):
            await self._rest(scope, receive, send)
            return
        rest = path[len(_LEASES) :]
        call = call_name(scope["method"], rest)
        try:
            status, body = await self._lease_call(scope, rest, receive)
            headers = _JSON
            self._metrics.answered(call)
        except Refusal as refusal:
            self._metrics.refused(call, refusal.reason)
            status, body, headers = refusal.status, refusal.body(), refusal.headers()
        except Exception:
            log.exception("a lease call failed")
            defect = Refusal("internal-error", DEFECT)
            status, body, headers = defect.status, defect.body(), defect.headers()
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": body})

    async def _lease_call(self, scope: Scope, rest: str, receive: Receive) -> Answer:
        """Dispatch what is below /v1/leases/."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        who = self._caller(scope, headers)
        within_s = _deadline_s(headers)
        method: str = scope["method"]
        parts = rest.split("/")
        secret = headers.get(api.SECRET_HEADER.encode(), b"")
        match method, parts:
            case "PUT", [lease_id]:
                body = await _body(receive, headers, within_s)
                return await self._leases.check_out(who, lease_id, body, within_s)
            case "POST", [lease_id, "heartbeat"]:
                body = await _body(receive, headers, within_s)
                return await self._leases.heartbeat(who, lease_id, secret, body, within_s)
            case "POST", [lease_id, "units"]:
                body = await _body(receive, headers, within_s)
                return await self._leases.consume(who, lease_id, secret, body, within_s)
            case "DELETE", [lease_id]:
                query = parse_qs(scope["query_string"].decode("latin-1"))
                generation = query.get("generation", [""])[0]
                return await self._leases.check_in(who, lease_id, secret, generation, within_s)
            case "POST", [client, lease_id, "release"]:
                body = await _body(receive, headers, within_s)
                return await self._leases.release(who, client, lease_id, body, within_s)
            case _, [_] | [_, "heartbeat"] | [_, "units"] | [_, _, "release"]:
                raise Refusal("method-not-allowed", f"{method} is not for this resource")
            case _:
                raise Refusal("not-found", "see /openapi.json for what there is")

    def _caller(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Caller:
        identity = scope.get("state", {}).get(PEER)
        return caller(identity, headers.get(b"authorization", b""), self._host.tokens)

    def _who(self, request: Request) -> Caller:
        return self._caller(request.scope, dict(request.scope["headers"]))

    # --- the rest ---

    async def _healthz(self, request: Request) -> Response:
        if not self._host.serving:
            lost = len(self._host.status().missing) >= 2
            raise self._host.refusal("quorum-lost" if lost else "not-active")
        return _json(api.DoneDocument(index=self._host.coordinator.book.commit_index))

    async def _show_metrics(self, request: Request) -> Response:
        self._who(request).need(VIEW)
        body, media_type = rendered(self.registry, request.headers.get("accept", ""))
        return Response(body, headers={"content-type": media_type})

    async def _refused(self, request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)
        self._metrics.refused("other", refusal.reason)
        return await _refused(request, refusal)

    async def _describe(self, request: Request) -> Response:
        return Response(self._openapi, media_type="application/json")

    async def _licences(self, request: Request) -> Response:
        self._who(request)
        if self._host.serving:
            await self._host.fence()
        elif not self._host.decision.wanted:
            raise self._host.refusal("not-active")
        everything = request.query_params.get("all", "") not in ("", "0")
        return _json(self._host.licences(everything=everything))

    async def _all_leases(self, request: Request) -> Response:
        who = self._who(request)
        after = _count(request, "after", 0)
        limit = _count(request, "limit", documents.PAGE_ROWS)
        if not 0 < limit <= documents.PAGE_ROWS_MAX:
            raise Refusal("bad-request", f"limit is 1 to {documents.PAGE_ROWS_MAX}")
        await self._host.fence()
        active = self._host.state.active_leases(None if who.is_operator else who.client)
        page = documents.leases_page(active, after, limit, self._host.lease_age_s)
        return Response(page, media_type="application/json")

    async def _status(self, request: Request) -> Response:
        self._who(request)
        return _json(self._host.status())

    async def _logs(self, request: Request) -> Response:
        self._who(request).need(VIEW)
        reports = self._host.reports
        hosts = _listed(request, "host") or list(reports.hosts)
        after = dict(_place(text) for text in _listed(request, "after"))
        for name in (*hosts, *after):
            if name not in reports.hosts:
                known = ", ".join(sorted(reports.hosts))
                raise Refusal("bad-request", f"{name!r} is none of {known}")
        return _json(reports.logs(dict.fromkeys(hosts), after))

    async def _events(self, request: Request) -> Response:
        who = self._who(request)
        listener = self._host.hub.listen(None if who.is_operator else who.client)
        if listener is None:
            raise Refusal("too-many-subscribers", "close one first")

        return _EventStream(self._host.hub, listener)

    async def _switchover(self, request: Request) -> Response:
        who = self._who(request)
        body = decoded(_operate, await _request_body(request))
        return _json(await self._operations.switchover(who, body))

    async def _maintenance(self, request: Request) -> Response:
        who = self._who(request)
        body = decoded(_operate, await _request_body(request))
        return _json(await self._operations.maintenance(who, body))

    async def _replace(self, request: Request) -> Response:
        who = self._who(request)
        body = decoded(_replace, await _request_body(request))
        return _json(await self._operations.replace(who, body))

    async def _time(self, request: Request) -> Response:
        who = self._who(request)
        body = decoded(_update_time, await _request_body(request))
        return _json(await self._time_updates.update(who, body))

    async def _backup(self, request: Request) -> Response:
        return _json(await self.backups.page(self._who(request), _count(request, "first", 1)))

    async def _backup_snapshot(self, request: Request) -> Response:
        index, chunk = _count(request, "index", 0), _count(request, "chunk", 0)
        return _json(await self.backups.snapshot(self._who(request), index, chunk))

    async def _clients(self, request: Request) -> Response:
        who = self._who(request)
        who.need(ADMINISTER)
        name = request.path_params["name"]
        if not _client_name.fullmatch(name):
            raise Refusal("bad-request", f"a client's name is {api.LEASE_ID_PATTERN}")
        if request.method == "PUT":
            body = decoded(_enrol, await _request_body(request))
            if len(body.token_hash) != 32:
                raise Refusal("bad-request", "token_hash is SHA-256 of the token: 32 bytes")
            command = Enrol(name, body.token_hash, who.client, body.why)
        else:
            command = Enrol(name, b"", who.client, request.query_params.get("why", ""))
        need_reason(command.why)
        return _json(await self._operations.order(command))


class _EventStream(StreamingResponse):
    """A listener's events. It leaves however the response ends, even if that never began."""

    def __init__(self, hub: Hub, listener: Listener) -> None:
        super().__init__(
            listener.frames(),
            media_type="text/event-stream",
            headers={"cache-control": "no-store"},
        )
        self._hub = hub
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.leave(self._listener)


def _json(document: msgspec.Struct) -> Response:
    return Response(_encoder.encode(document), media_type="application/json")


def _listed(request: Request, name: str) -> list[str]:
    """What a query gives under this name, by commas or repeated."""
    return [word for text in request.query_params.getlist(name) for word in text.split(",") if word]


def _place(text: str) -> tuple[str, int]:
    """ "up1:77": where to go on in a host's log. Raises Refusal."""
    host, _, number = text.rpartition(":")
    if not (number.isascii() and number.isdigit() and len(number) <= NUMBER_DIGITS_MAX):
        raise Refusal("bad-request", f"after is host:number,…, and {text[:80]!r} is not")
    return host, int(number)


def _deadline_s(headers: Mapping[bytes, bytes]) -> float:
    """How long the client waits: its deadline header, within this service's own bound."""
    text = headers.get(api.DEADLINE_HEADER.encode())
    if text is None:
        return ANSWER_WITHIN_S
    if not text.isdigit() or len(text) > 9:
        raise Refusal("bad-request", f"{api.DEADLINE_HEADER} is a number of milliseconds")
    return min(int(text) / 1000, ANSWER_WITHIN_S)


def _count(request: Request, name: str, default: int) -> int:
    """A number in the query. Raises Refusal "bad-request"."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > GENERATION_DIGITS_MAX:
        raise Refusal("bad-request", f"{name} is no number")
    return int(text)


async def _body(receive: Receive, headers: Mapping[bytes, bytes], within_s: float) -> bytes:
    """The whole body, in at most `within_s`. Raises Refusal."""
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        raise Refusal("bad-request", "content-length is no number")
    if len(length) > LENGTH_DIGITS_MAX or int(length) > BODY_MAX:
        raise Refusal("body-too-large", f"a body has at most {BODY_MAX} bytes")
    body = b""
    try:
        async with asyncio.timeout(within_s):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refusal("bad-request", "the connection ended before the body")
                chunk: bytes = message.get("body", b"")
                body += chunk
                if len(body) > BODY_MAX:
                    raise Refusal("body-too-large", f"a body has at most {BODY_MAX} bytes")
                if not message.get("more_body", False):
                    return body
    except TimeoutError as error:
        raise Refusal("deadline-passed", "the body did not come in time") from error


async def _request_body(request: Request) -> bytes:
    return await _body(request.receive, dict(request.scope["headers"]), BODY_WITHIN_S)


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    headers = {name.decode(): value.decode() for name, value in refusal.headers()}
    return Response(refusal.body(), refusal.status, headers)


async def _failed(request: Request, error: Exception) -> Response:
    # Starlette raises the error again once this is sent, and uvicorn logs it.
    return await _refused(request, Refusal("internal-error", DEFECT))


async def _not_found(request: Request, error: Exception) -> Response:
    return await _refused(request, Refusal("not-found", "see /openapi.json for what there is"))


async def _not_allowed(request: Request, error: Exception) -> Response:
    detail = f"{request.method} is not for this resource"
    return await _refused(request, Refusal("method-not-allowed", detail))
