"""A time server's HTTP face (RFC 3161, section 3.4). Its routes are the table `ROUTES`.

A query that cannot be granted is answered by a reply that says why, as the RFC has it; HTTP errors
are for what is no query at all. What can go wrong in here is work for strangers: a signature costs
more than a refusal, so the rate is looked at first and the body is bounded while it is read.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from appliance.adapters.doors.rates import RateLimit
from appliance.codec.time_responder import (
    QueryRefused,
    Signer,
    build_rejection,
    build_reply,
    read_query,
)
from appliance.codec.timestamps import QUERY_BYTES_MAX, QUERY_MEDIA_TYPE, REPLY_MEDIA_TYPE
from appliance.services.http_connection import in_parts
from appliance.services.routes import Bound, File, Route, bind, starlette_routes

CRL_MEDIA_TYPE: Final = "application/pkix-crl"
CRL_BYTES_MAX: Final = 4 << 20
BODY_WAIT_S: Final = 10.0

log = logging.getLogger(__name__)


class Clockwork:
    """What the application needs of the world: the time and whether it can be relied on, a clock
    for the rate, serial numbers."""

    def __init__(
        self,
        wall_ms: Callable[[], int],
        boot_s: Callable[[], float],
        serial_number: Callable[[], int],
        reliable: Callable[[], bool] = lambda: True,
    ) -> None:
        self.wall_ms = wall_ms
        self.boot_s = boot_s
        self.serial_number = serial_number
        self.reliable = reliable


class Face:
    """The handlers of a time server's routes."""

    def __init__(self, signer: Signer, crl: Path | None, clockwork: Clockwork) -> None:
        self._signer = signer
        self._block_lists = _BlockList(crl)
        self._clockwork = clockwork

    async def stamp(self, request: Request) -> Response:
        """POST /: a time stamp, or a reply that says why there is none."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != QUERY_MEDIA_TYPE:
            return PlainTextResponse(
                f"Send a time-stamp query as {QUERY_MEDIA_TYPE} (RFC 3161).\n", 415
            )
        data = await _body(request)
        if data is None:
            return PlainTextResponse(
                f"A query has at most {QUERY_BYTES_MAX} bytes and comes at once.\n",
                413,
                headers={"connection": "close"},
            )
        clockwork = self._clockwork
        try:
            query = read_query(data)
            if not clockwork.reliable():
                log.error("refused: why=nothing keeps this computer's clock right")
                raise QueryRefused("time_not_available", "Nothing keeps this server's clock right.")
        except QueryRefused as refused:
            return Response(build_rejection(refused), media_type=REPLY_MEDIA_TYPE)
        reply = build_reply(query, self._signer, clockwork.serial_number(), clockwork.wall_ms())
        return Response(reply, media_type=REPLY_MEDIA_TYPE)

    async def block_list(self) -> Response:
        """GET /crl: the newest block list, or 404."""
        data = await asyncio.to_thread(self._block_lists.read)
        if data is None:
            return PlainTextResponse("There is no block list here.\n", 404)
        length = {"content-length": str(len(data))}
        return StreamingResponse(in_parts(data), media_type=CRL_MEDIA_TYPE, headers=length)

    async def health(self) -> Response:
        """GET /healthz."""
        return JSONResponse({"healthy": True})


ROUTES: Final = (
    Route(
        "stamp",
        "POST",
        "/",
        "A time stamp for a query",
        "",
        Face.stamp,
        REPLY_MEDIA_TYPE,
        File("a time-stamp query", QUERY_BYTES_MAX),
        raw=True,
    ),
    Route(
        "block-list",
        "GET",
        "/crl",
        "The newest block list, signed by the licence root",
        "",
        Face.block_list,
        CRL_MEDIA_TYPE,
    ),
    Route(
        "health",
        "GET",
        "/healthz",
        "Whether it answers",
        "",
        Face.health,
        "application/json",
        vital=True,
    ),
)


def make_app(
    signer: Signer, crl: Path | None, requests_per_minute: int, clockwork: Clockwork
) -> Starlette:
    """The time server as an ASGI application; all routes but the vital ones share one rate."""
    limit = RateLimit(requests_per_minute)

    async def answered(bound: Bound, request: Request) -> Response:
        address = request.client.host if request.client else ""
        wait_s = 0.0 if bound.route.vital else limit.wait_s(address, clockwork.boot_s())
        if wait_s:
            log.warning("refused: peer=%s why=rate", address)
            return PlainTextResponse(
                f"Too many requests from {address}: come again later.\n",
                429,
                headers={"retry-after": str(math.ceil(wait_s)), "connection": "close"},
            )
        arguments = [request] if bound.route.raw else []
        answer: Response = await bound.act(*arguments)
        return answer

    bound = bind(ROUTES, [Face(signer, crl, clockwork)])
    return Starlette(routes=starlette_routes(bound, answered))


async def _body(request: Request) -> bytes | None:
    """The request's body, None if it is too long or too slow."""
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_WAIT_S):
            async for chunk in request.stream():
                data += chunk
                if len(data) > QUERY_BYTES_MAX:
                    return None
    except TimeoutError:
        return None
    return bytes(data)


class _BlockList:
    """The newest block list, read again when its file is another: all that ask share its bytes."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: tuple[tuple[int, int, int], bytes | None] | None = None

    def read(self) -> bytes | None:
        """The file's bytes, None if it is not there or too long to be a block list."""
        if self._path is None:
            return None
        try:
            status = self._path.stat()
        except OSError as error:
            log.error("no block list: why=%s", error)
            return None
        now = (status.st_ino, status.st_mtime_ns, status.st_size)
        known = self._known
        if known is None or known[0] != now:
            known = self._known = (now, _read_bounded(self._path))
        return known[1]


def _read_bounded(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            data = file.read(CRL_BYTES_MAX + 1)
    except OSError as error:
        log.error("no block list: why=%s", error)
        return None
    return data if len(data) <= CRL_BYTES_MAX else None
