"""How the small HTTP faces dispatch a table of routes: administration and activation.

The client API has a dispatcher of its own, with refusals of its own (`appliance.services.tmr.app`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from appliance.services.problems import Refused, exception_handlers, json_answer, read_body
from appliance.services.routes import Bound, File, Route, bind, starlette_routes


def application(
    table: Iterable[Route],
    parts: Iterable[object],
    titles: dict[str, str],
    log_of: str,
    allow: Callable[[Route, Request], object] = lambda route, request: None,
    tell: Callable[[Route, Request, Response | Refused], None] = lambda route, request, end: None,
) -> Starlette:
    """The table as an ASGI application.

    `allow` gives who asks for a route with a role, and raises Refused for who may not; `tell` hears
    how each request ended. `titles` and `log_of` as in `problems.exception_handlers`.
    """

    async def answered(bound: Bound, request: Request) -> Response:
        try:
            response = await answer(bound, request)
        except Refused as refused:
            tell(bound.route, request, refused)
            raise
        tell(bound.route, request, response)
        return response

    async def answer(bound: Bound, request: Request) -> Response:
        route = bound.route
        arguments: list[Any] = [request] if route.raw else []
        if route.role:
            arguments.append(allow(route, request))
        try:
            arguments += bound.arguments(request)
        except ValueError as error:
            raise Refused(400, "bad-request", f"{error}.") from None
        if isinstance(route.request, File):
            arguments.append(await read_body(request, route.request.bytes_max, route.request.what))
        result = await bound.act(*arguments)
        return result if isinstance(result, Response) else json_answer(result)

    return Starlette(
        routes=starlette_routes(bind(table, parts), answered),
        exception_handlers=exception_handlers(titles, log_of),
    )
