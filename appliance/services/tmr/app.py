"""The client API as one ASGI application: lease routes by a thin handler, the rest by Starlette.

A request's body is bounded before it is read, and so is its time. Every refusal is an RFC 9457
problem document, whichever half of the application it comes from.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import parse_qs

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from appliance.adapters import clock
from appliance.adapters.pki.authority import Identity
from appliance.codec import api
from appliance.codec.api_certificates import DismissRequest, LimitRequest
from appliance.licences.commands import Enrol
from appliance.services.certificates import Certificates
from appliance.services.http_connection import (
    ANSWER,
    PROVE,
    Receive,
    Scope,
    Send,
    in_parts,
)
from appliance.services.metrics import rendered
from appliance.services.settings import LIMITS, Limits
from appliance.services.tmr import documents, short
from appliance.services.tmr.admission import Pace
from appliance.services.tmr.asking import count, deadline_s, listed, place, read_body
from appliance.services.tmr.backups import Backups
from appliance.services.tmr.dismissing import Dismissing
from appliance.services.tmr.events import Hub, Listener
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import ADMINISTER, VIEW, Caller, caller, rank_of
from appliance.services.tmr.leases import Answer, Leases, decoded
from appliance.services.tmr.metrics import TmrMetrics, call_name
from appliance.services.tmr.openapi import document as openapi_document
from appliance.services.tmr.operations import Operations, need_reason
from appliance.services.tmr.problems import Refusal
from appliance.services.tmr.quotas import LISTS_MAX, LISTS_PER_CLIENT_MAX, Holders, Requests
from appliance.services.tmr.time_updates import TimeUpdates

log = logging.getLogger(__name__)

BODY_WITHIN_S = 10.0
PEER = "peer"  # key of the TLS identity in the connection's ASGI state
DEFECT = "its outcome is not known; the service's log says more"
_LEASES = "/v1/leases/"
_ENTERED = "tmr.entered"  # key in the scope of a request that is counted: whose it is
_JSON = [(b"content-type", b"application/json")]
_JSON_LINE = b"content-type: application/json\r\n"
_SECRET = api.SECRET_HEADER.encode()

_client_name = re.compile(api.LEASE_ID_PATTERN)
_encoder = msgspec.json.Encoder()
_dismiss = msgspec.json.Decoder(DismissRequest)
_enrol = msgspec.json.Decoder(api.EnrolRequest)
_limit = msgspec.json.Decoder(LimitRequest)
_operate = msgspec.json.Decoder(api.OperateRequest)
_replace = msgspec.json.Decoder(api.ReplaceRequest)
_update_time = msgspec.json.Decoder(api.TimeUpdateRequest)


class App:
    """The application of one TMR host."""

    def __init__(
        self,
        host: TmrHost,
        boot_s: Callable[[], float] = clock.boot_s,
        limits: Limits = LIMITS,
        wall_ms: Callable[[], int] = clock.wall_ms,
    ) -> None:
        self._host = host
        self._body_max = limits.body_bytes_max
        self._requests = Requests(limits.requests_queued_max, limits.requests_per_client_max)
        self._lists = Requests(LISTS_MAX, LISTS_PER_CLIENT_MAX)
        self._holders = Holders(self._all_holders, boot_s)
        host.hub.bound(limits.event_streams_max, limits.event_streams_per_client_max)
        self.certificates = Certificates(lambda: host.coordinator.book, wall_ms)
        self._metrics = TmrMetrics(host, boot_s)
        self.registry = self._metrics.registry
        pace = Pace(boot_s, limits.orders_per_client_s, limits.orders_per_client_burst)
        self._leases = Leases(host, pace)
        self._operations = Operations(host)
        self.dismissing = Dismissing(host, self._operations)
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
                Route("/v1/certificates", self._dismissals),
                Route("/v1/certificates/{serial}/dismiss", self._dismiss, methods=["POST"]),
                Route("/v1/limit", self._limit, methods=["POST"]),
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
            try:
                await self._rest(scope, receive, send)
            finally:
                entered = scope.pop(_ENTERED, None)
                if entered is not None:
                    self._lists.leave(entered)
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
        whole = scope.get(ANSWER)
        if headers is _JSON and whole is not None and whole(status, _JSON_LINE, body):
            return
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": body})

    async def _lease_call(self, scope: Scope, rest: str, receive: Receive) -> Answer:
        """Dispatch what is below /v1/leases/."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        who = self._caller(scope, headers)
        method: str = scope["method"]
        parts = rest.split("/")
        # What keeps or frees a seat is answered when there is no room for anything new.
        vital = method == "DELETE" or parts[-1] == "heartbeat"
        self._requests.enter(who, vital)
        try:
            return await self._act(who, method, parts, scope, headers, receive)
        finally:
            self._requests.leave(who.client)

    async def _act(
        self,
        who: Caller,
        method: str,
        parts: list[str],
        scope: Scope,
        headers: dict[bytes, bytes],
        receive: Receive,
    ) -> Answer:
        within_s = deadline_s(headers)
        secret = headers.get(_SECRET, b"")
        match method, parts:
            case "PUT", [lease_id]:
                body = await self._body(scope, receive, headers, within_s)
                return await self._leases.check_out(who, lease_id, body, within_s)
            case "POST", [lease_id, "heartbeat"]:
                body = await self._body(scope, receive, headers, within_s)
                return await self._leases.heartbeat(who, lease_id, secret, body, within_s)
            case "POST", [lease_id, "units"]:
                body = await self._body(scope, receive, headers, within_s)
                return await self._leases.consume(who, lease_id, secret, body, within_s)
            case "DELETE", [lease_id]:
                query = parse_qs(scope["query_string"].decode("latin-1"))
                generation = query.get("generation", [""])[0]
                return await self._leases.check_in(who, lease_id, secret, generation, within_s)
            case "POST", [client, lease_id, "release"]:
                body = await self._body(scope, receive, headers, within_s)
                return await self._leases.release(who, client, lease_id, body, within_s)
            case _, [_]:
                raise _wrong_method(method, "PUT, DELETE")
            case _, [_, "heartbeat"] | [_, "units"] | [_, _, "release"]:
                raise _wrong_method(method, "POST")
            case _:
                raise Refusal("not-found", "see /openapi.json for what there is")

    def _caller(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Caller:
        state = scope.get("state", {})
        identity: Identity | None = state.get(PEER)
        if identity is not None and (wrong := self.certificates.why_not(identity)):
            raise Refusal("unauthenticated", wrong)
        if identity is not None:
            self.dismissing.seen.note(identity)
        who = caller(identity, headers.get(b"authorization", b""), self._host.tokens)
        prove = state.get(PROVE)
        if prove is not None:  # nobody knew until now whose connection this is
            no_place = prove(who.client, rank_of(who.role))
            if no_place:
                raise Refusal("overloaded", no_place)
        return who

    def _is_welcome(self, scope: Scope) -> bool:
        """Whether who began this request might still do so."""
        try:
            self._caller(scope, dict(scope["headers"]))
        except Refusal:
            return False
        return True

    def _who(self, request: Request, *, counted: bool = True) -> Caller:
        """Who asks; until it is answered, this counts as one of its requests under way."""
        who = self._caller(request.scope, dict(request.scope["headers"]))
        if counted and _ENTERED not in request.scope:
            self._lists.enter(who)
            request.scope[_ENTERED] = who.client
        return who

    def holds_leases(self, client: str) -> bool:
        """Whether this client holds a lease, or did a moment ago."""
        return client in self._holders

    def _all_holders(self) -> set[str]:
        return {lease.ref.client for lease in self._host.state.active_leases()}

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
        who = self._who(request)
        if self._host.serving:
            await self._host.fence()
        elif not self._host.decision.wanted:
            raise self._host.refusal("not-active")
        everything = request.query_params.get("all", "") not in ("", "0")
        listed = self._host.licences(everything=everything)
        return _json(listed if who.is_operator else short.licences(listed))

    async def _all_leases(self, request: Request) -> Response:
        who = self._who(request)
        after = count(request, "after", 0)
        limit = count(request, "limit", documents.PAGE_ROWS)
        if not 0 < limit <= documents.PAGE_ROWS_MAX:
            raise Refusal("bad-request", f"limit is 1 to {documents.PAGE_ROWS_MAX}")
        await self._host.fence()
        active = self._host.state.active_leases(None if who.is_operator else who.client)
        page = documents.leases_page(active, after, limit, self._host.lease_age_s)
        return _page(page)

    async def _status(self, request: Request) -> Response:
        who, status = self._who(request), self._host.status()
        own = self._host.state.held.get(who.client, 0)
        return _json(status if who.is_operator else short.status(status, own))

    async def _logs(self, request: Request) -> Response:
        self._who(request).need(VIEW)
        reports = self._host.reports
        hosts = listed(request, "host") or list(reports.hosts)
        after = dict(place(text) for text in listed(request, "after"))
        for name in (*hosts, *after):
            if name not in reports.hosts:
                known = ", ".join(sorted(reports.hosts))
                raise Refusal("bad-request", f"{name!r} is none of {known}")
        return _json(reports.logs(dict.fromkeys(hosts), after))

    async def _events(self, request: Request) -> Response:
        who = self._who(request, counted=False)
        welcome = partial(self._is_welcome, request.scope)
        listener = self._host.hub.listen(who.client, everything=who.is_operator, welcome=welcome)
        if listener is None:
            raise Refusal(
                "too-many-subscribers",
                f"{who.client} has {self._host.hub.of(who.client)} event streams: close one first",
            )

        return _EventStream(self._host.hub, listener)

    async def _switchover(self, request: Request) -> Response:
        who = self._who(request)
        body = decoded(_operate, await self._request_body(request))
        return _json(await self._operations.switchover(who, body))

    async def _maintenance(self, request: Request) -> Response:
        who = self._who(request)
        body = decoded(_operate, await self._request_body(request))
        return _json(await self._operations.maintenance(who, body))

    async def _replace(self, request: Request) -> Response:
        who = self._who(request)
        body = decoded(_replace, await self._request_body(request))
        return _json(await self._operations.replace(who, body))

    async def _time(self, request: Request) -> Response:
        who = self._who(request)
        body = decoded(_update_time, await self._request_body(request))
        return _json(await self._time_updates.update(who, body))

    async def _backup(self, request: Request) -> Response:
        return _json(await self.backups.page(self._who(request), count(request, "first", 1)))

    async def _backup_snapshot(self, request: Request) -> Response:
        index, chunk = count(request, "index", 0), count(request, "chunk", 0)
        return _json(await self.backups.snapshot(self._who(request), index, chunk))

    async def _clients(self, request: Request) -> Response:
        who = self._who(request)
        who.need(ADMINISTER)
        name = request.path_params["name"]
        if not _client_name.fullmatch(name):
            raise Refusal("bad-request", f"a client's name is {api.LEASE_ID_PATTERN}")
        if request.method == "PUT":
            body = decoded(_enrol, await self._request_body(request))
            if len(body.token_hash) != 32:
                raise Refusal("bad-request", "token_hash is SHA-256 of the token: 32 bytes")
            command = Enrol(name, body.token_hash, who.client, body.why)
        else:
            command = Enrol(name, b"", who.client, request.query_params.get("why", ""))
        need_reason(command.why)
        return _json(await self._operations.order(command))

    async def _dismissals(self, request: Request) -> Response:
        return _json(await self.dismissing.listed(self._who(request)))

    async def _dismiss(self, request: Request) -> Response:
        who, serial = self._who(request), request.path_params["serial"]
        body = decoded(_dismiss, await self._request_body(request))
        return _json(await self.dismissing.dismiss(who, serial, body))

    async def _limit(self, request: Request) -> Response:
        who = self._who(request)
        body = decoded(_limit, await self._request_body(request))
        return _json(await self.dismissing.limit(who, body))

    async def _body(
        self, scope: Scope, receive: Receive, headers: Mapping[bytes, bytes], within_s: float
    ) -> bytes:
        return await read_body(scope, receive, headers, within_s, self._body_max)

    async def _request_body(self, request: Request) -> bytes:
        headers = dict(request.scope["headers"])
        return await self._body(request.scope, request.receive, headers, BODY_WITHIN_S)


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


def _page(page: bytes) -> Response:
    """A long document, written part by part as the peer reads it."""
    length = {"content-length": str(len(page))}
    return StreamingResponse(in_parts(page), media_type="application/json", headers=length)


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
    headers = getattr(error, "headers", None) or {}
    return await _refused(request, _wrong_method(request.method, headers.get("Allow", "")))


def _wrong_method(method: str, allowed: str) -> Refusal:
    return Refusal("method-not-allowed", f"{method} is not for this resource", allow=allowed)
