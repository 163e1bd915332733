"""The client API as one ASGI application: lease routes by a thin handler, the rest by Starlette.

Both dispatch by one table (`services.tmr.routes`). A request's body is bounded before it is read,
and so is its time. Every refusal is an RFC 9457 problem document, from whichever half it comes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from appliance.adapters import clock
from appliance.codec import api
from appliance.details import detail
from appliance.sentences import sentence_of
from appliance.services.certificates import Certificates
from appliance.services.http_connection import ANSWER, Receive, Scope, Send
from appliance.services.routes import Bound, bind, starlette_routes
from appliance.services.settings import LIMITS, AnswerLimits
from appliance.services.tmr.access import AccessRoutes
from appliance.services.tmr.admission import ClientPace
from appliance.services.tmr.asking import LEASES, WORDS, deadline_s, decoded, read_body
from appliance.services.tmr.backups import Ask, Backups, unasked
from appliance.services.tmr.borrowing import Borrowing
from appliance.services.tmr.callers import PEER, Callers
from appliance.services.tmr.dismissing import Dismissing, Seen
from appliance.services.tmr.erasing import Erasing
from appliance.services.tmr.groups import Groups, Order, unordered
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.leases import Answer, Leases
from appliance.services.tmr.metrics import TmrMetrics
from appliance.services.tmr.openapi import Description
from appliance.services.tmr.operations import Operations
from appliance.services.tmr.origin import address_of
from appliance.services.tmr.problems import Refusal
from appliance.services.tmr.queueing import Queueing
from appliance.services.tmr.quotas import LISTS_MAX, LISTS_PER_CLIENT_MAX, Holders, Requests
from appliance.services.tmr.routes import ROUTES
from appliance.services.tmr.rules import Rules
from appliance.services.tmr.seen import HEADER as SEEN
from appliance.services.tmr.seen import SHOW, SeenByClients
from appliance.services.tmr.streams import Streams
from appliance.services.tmr.thin import NO_ROUTE, Calls, Thin, no_resource, wrong_method
from appliance.services.tmr.time_updates import TimeUpdates
from appliance.services.tmr.units import Units
from appliance.services.tmr.usage import Usage
from appliance.services.tmr.views import Views
from appliance.services.tmr.words import Words

__all__ = ["PEER", "App"]

log = logging.getLogger(__name__)

BODY_WITHIN_S = 10.0
DEFECT = detail("defect")
_ENTERED = "tmr.entered"  # key in the scope of a request that is counted: whose it is
SHOW_SEEN = "tmr.show-seen"  # key in the scope of a request whose answer asks for the receipt
ACCEPTED = 202
_JSON = [(b"content-type", b"application/json")]
_JSON_LINE = b"content-type: application/json\r\n"
_SECRET = api.SECRET_HEADER.encode()

_encoder = msgspec.json.Encoder()


class App:
    """The application of one TMR host.

    `own_certificate` is the serial number of the one that this host serves with, `ask` puts a
    question to an upstream for a backup, `order` has its container do something for the group.
    `root` is the licence root (DER), if it is known.
    """

    def __init__(
        self,
        host: TmrHost,
        boot_s: Callable[[], float] = clock.boot_s,
        limits: AnswerLimits = LIMITS,
        wall_ms: Callable[[], int] = clock.wall_ms,
        own_certificate: str = "",
        ask: Ask = unasked,
        root: bytes = b"",
        order: Order = unordered,
    ) -> None:
        self._host = host
        self._body_max = limits.body_bytes_max
        self._requests = Requests(limits.requests_queued_max, limits.requests_per_client_max)
        self._lists = Requests(LISTS_MAX, LISTS_PER_CLIENT_MAX)
        self._holders = Holders(self._all_holders, boot_s)
        self.certificates = Certificates(lambda: host.coordinator.book, wall_ms)
        seen = Seen()
        self._callers = Callers(self.certificates, seen, host.tokens)
        self._counts = host.counts
        metrics = TmrMetrics(host)
        self.registry = metrics.registry
        operations = Operations(host)
        pace = ClientPace(boot_s, limits.orders_per_client_s, limits.orders_per_client_burst)
        self._seen = SeenByClients(host, root, boot_s)
        parts = (
            self._seen,
            Leases(host, pace),
            Views(host),
            Words(host),
            Streams(host.hub, self._callers.is_welcome),
            operations,
            Dismissing(host, operations, seen, own_certificate),
            TimeUpdates(host),
            Erasing(host, operations),
            Rules(host, operations),
            AccessRoutes(host, operations),
            Units(host, operations),
            Borrowing(host, operations, pace),
            Queueing(host, operations),
            Backups(host, ask),
            Groups(host, order),
            Usage(host, ask),
            Description(ROUTES),
            metrics,
        )
        bound = bind(ROUTES, parts, WORDS)
        self._calls = Calls(one for one in bound if one.route.path.startswith(LEASES))
        rest = (one for one in bound if not one.route.path.startswith(LEASES))
        self._rest = Starlette(
            routes=starlette_routes(rest, self._answered),
            exception_handlers={404: _not_found, 405: _not_allowed, Exception: _failed},
        )
        self._rest.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path: str = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(LEASES):
            try:
                await self._rest(scope, receive, send)
            finally:
                entered = scope.pop(_ENTERED, None)
                if entered is not None:
                    self._lists.leave(entered)
            return
        parts = path[len(LEASES) :].split("/")
        thin = self._calls.find(scope["method"], parts)
        call = NO_ROUTE if thin is None else thin.route.name
        try:
            status, body = await self._lease_call(scope, thin, parts, receive)
            headers = _JSON
            self._counts.answered(call, waits=status == ACCEPTED)
        except Refusal as refusal:
            self._counts.refused(call, refusal.reason)
            status, body, headers = refusal.status, refusal.body(), refusal.headers()
        except Exception:
            log.exception("a lease call failed")
            defect = Refusal("internal-error", DEFECT)
            status, body, headers = defect.status, defect.body(), defect.headers()
        asked = scope.get(SHOW_SEEN)
        whole = None if asked else scope.get(ANSWER)
        if headers is _JSON and whole is not None and whole(status, _JSON_LINE, body):
            return
        if asked:
            headers = [*headers, SHOW]
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": body})

    # --- one lease ---

    async def _lease_call(
        self, scope: Scope, thin: Thin | None, parts: list[str], receive: Receive
    ) -> Answer:
        """Dispatch what is below /v1/leases/."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        who = self._callers.who(scope, headers)
        said = headers.get(SEEN)
        if said is not None and self._seen.doubts(scope, said):
            scope[SHOW_SEEN] = True
        if thin is None:
            raise self._calls.refusal(scope["method"], parts)
        route = thin.route
        # What keeps or frees a seat is answered when there is no room for anything new.
        self._requests.enter(who, route.vital)
        try:
            who.need(route.role)
            within_s = deadline_s(headers)
            arguments = _of_call(scope, thin, parts)
            if route.origin:
                arguments.append(address_of(scope.get("client")))
            if thin.decoder is not None:
                body = await read_body(scope, receive, headers, within_s, self._body_max)
                arguments.append(decoded(thin.decoder, body))
            if route.secret:
                arguments.append(headers.get(_SECRET, b""))
            answer: Answer = await thin.act(who, *arguments, within_s)
            return answer
        finally:
            self._requests.leave(who.client)

    # --- the rest ---

    async def _answered(self, bound: Bound, request: Request) -> Response:
        """Dispatch a route that is not of one lease."""
        route = bound.route
        try:
            arguments: list[Any] = [request] if route.raw else []
            if route.role:
                who = self._who(request, counted=not route.endless)
                who.need(route.role)
                arguments.append(who)
            try:
                arguments += bound.arguments(request)
            except ValueError as error:
                raise Refusal("bad-request", sentence_of(error)) from None
            if bound.decoder is not None:
                headers = dict(request.scope["headers"])
                most = max(self._body_max, route.body_bytes_max)
                body = await read_body(request.scope, request.receive, headers, BODY_WITHIN_S, most)
                arguments.append(decoded(bound.decoder, body))
            result = await bound.act(*arguments)
        except Refusal as refusal:
            self._counts.refused(route.name, refusal.reason)
            return _refused(refusal)
        if isinstance(result, Response):
            return result
        return Response(_encoder.encode(result), media_type="application/json")

    def _who(self, request: Request, *, counted: bool) -> Caller:
        """Who asks; until it is answered, this counts as one of its requests under way."""
        who = self._callers.who(request.scope, dict(request.scope["headers"]))
        if counted:
            self._lists.enter(who)
            request.scope[_ENTERED] = who.client
        return who

    def holds_leases(self, client: str) -> bool:
        """Whether this client holds a lease, or did a moment ago."""
        return client in self._holders

    def _all_holders(self) -> set[str]:
        return {lease.ref.client for lease in self._host.state.active_leases()}


def _of_call(scope: Scope, thin: Thin, parts: list[str]) -> list[Any]:
    """The parts of a lease call's path and of its query. Raises Refusal."""
    arguments: list[Any] = []
    try:
        for at, word in thin.parts:
            text = parts[at]
            if word.fits(text) is None or word.characters_max is not None:
                word.check(text)
            arguments.append(text)
        if thin.query:
            query = parse_qs(scope["query_string"].decode("latin-1"))
            for parameter in thin.query:
                arguments.append(parameter.read(query.get(parameter.name, ())))
    except ValueError as error:
        raise Refusal("bad-request", sentence_of(error)) from None
    return arguments


def _refused(refusal: Refusal) -> Response:
    headers = {name.decode(): value.decode() for name, value in refusal.headers()}
    return Response(refusal.body(), refusal.status, headers)


async def _failed(request: Request, error: Exception) -> Response:
    # Starlette raises the error again once this is sent, and uvicorn logs it.
    return _refused(Refusal("internal-error", DEFECT))


async def _not_found(request: Request, error: Exception) -> Response:
    return _refused(no_resource())


async def _not_allowed(request: Request, error: Exception) -> Response:
    headers = getattr(error, "headers", None) or {}
    return _refused(wrong_method(request.method, headers.get("Allow", "")))
