"""License Central's HTTP face, for containers that are activated and updated over the network.

    POST /v1/activate/TICKET       a request file -> {"waiting_for": how many more have to show it}
    POST /v1/update?held=F:S,...   a request file -> the next update file, or 204: it has them all
    POST /v1/receipts              a receipt file -> 204
    POST /v1/return                an order file  -> {"tmr_id": ..., "waiting_for": [serials]}
    GET  /healthz                  anybody

All bodies are signed files (`application/jose`), so that TLS is there for privacy: who asks is
proven by what he signed. What can go wrong in here is work for strangers: bodies are bounded while
they are read, and few requests work on the vendors' directory at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from appliance.codec.api import PROBLEM_MEDIA_TYPE, PROBLEM_PREFIX, Document, Problem
from appliance.codec.signed_files import FILE_BYTES_MAX
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.transfers import HELD_MAX, Transfers

FILE_MEDIA_TYPE: Final = "application/jose"
BODY_WAIT_S: Final = 30.0
AT_A_TIME: Final = 4
"""Requests that work on the directory at once; the others wait, as many as may be connected."""
_TITLES: Final = {
    "transfer-refused": "The transfer is refused",
    "bad-request": "Bad request",
    "body-too-large": "Too large",
    "deadline-passed": "Too slow",
    "not-found": "No such resource",
    "method-not-allowed": "Method not allowed",
    "storage-failed": "The disk failed",
    "internal-error": "A mistake in the program",
}

T = TypeVar("T")

log = logging.getLogger(__name__)


class ActivatedDocument(Document, frozen=True):
    """Answer to an activation: how many more containers have to show the ticket."""

    waiting_for: int


class TakenBackDocument(Document, frozen=True):
    """Answer to a return: which containers have yet to confirm that the licence is gone."""

    tmr_id: int
    waiting_for: tuple[str, ...]


class _Refused(Exception):
    """A request that gets a problem document."""

    def __init__(self, status: int, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.reason = reason
        self.detail = detail


def make_app(transfers: Transfers) -> Starlette:
    """License Central as an ASGI application."""
    turns = asyncio.Semaphore(AT_A_TIME)

    async def work(act: Callable[..., T], *arguments: object) -> T:
        async with turns:
            try:
                return await asyncio.to_thread(act, *arguments)
            except CentralRefused as refused:
                raise _Refused(422, "transfer-refused", refused.detail) from None
            except OSError as error:
                log.error("the disk failed: why=%s", error)
                raise _Refused(507, "storage-failed", "The vendor's disk failed.") from None

    async def activate(request: Request) -> Response:
        data = await _body(request)
        left = await work(transfers.activate, request.path_params["ticket"], data)
        return _json(ActivatedDocument(waiting_for=left))

    async def update(request: Request) -> Response:
        held = _held(request.query_params.get("held", ""))
        found = await work(transfers.update, await _body(request), held)
        if found is None:
            return Response(status_code=204)
        name = f'attachment; filename="{found.file_name}"'
        return Response(
            found.data, media_type=FILE_MEDIA_TYPE, headers={"content-disposition": name}
        )

    async def receipts(request: Request) -> Response:
        await work(transfers.confirm, await _body(request))
        return Response(status_code=204)

    async def take_back(request: Request) -> Response:
        made = await work(transfers.take_back, await _body(request))
        return _json(TakenBackDocument(tmr_id=made.tmr_id, waiting_for=made.waiting_for))

    async def healthz(request: Request) -> Response:
        return _json({"healthy": True})

    return Starlette(
        routes=[
            Route("/v1/activate/{ticket}", _logged(activate), methods=["POST"]),
            Route("/v1/update", _logged(update), methods=["POST"]),
            Route("/v1/receipts", _logged(receipts), methods=["POST"]),
            Route("/v1/return", _logged(take_back), methods=["POST"]),
            Route("/healthz", healthz, methods=["GET"]),
        ],
        exception_handlers={_Refused: _refused, HTTPException: _http_refused, Exception: _failed},
    )


Handler = Callable[[Request], Awaitable[Response]]


def _logged(handler: Handler) -> Handler:
    """The handler, with one line in the log for each request; tickets stay out of it."""

    async def told(request: Request) -> Response:
        act = request.url.path.split("/")[2]
        peer = request.client.host if request.client else ""
        try:
            response = await handler(request)
        except _Refused as refused:
            log.warning("%s: peer=%s refused=%s", act, peer, refused.detail)
            raise
        log.info("%s: peer=%s status=%d", act, peer, response.status_code)
        return response

    return told


def _held(text: str) -> dict[int, int]:
    """ "600100:3,600200:1" as numbers. Raises _Refused."""
    pairs = [pair.split(":") for pair in text.split(",")] if text else []
    try:
        held = {int(code): int(sequence) for code, sequence in pairs}
    except ValueError:
        held = {}
    if len(held) != len(pairs) or len(held) > HELD_MAX:
        raise _Refused(400, "bad-request", "held is FIRM:SEQUENCE, each firm once, with commas.")
    return held


async def _body(request: Request) -> bytes:
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_WAIT_S):
            async for chunk in request.stream():
                data += chunk
                if len(data) > FILE_BYTES_MAX:
                    raise _Refused(
                        413, "body-too-large", f"A file has at most {FILE_BYTES_MAX} bytes."
                    )
    except TimeoutError:
        raise _Refused(408, "deadline-passed", "The body did not arrive in time.") from None
    return bytes(data)


def _json(document: object) -> Response:
    return Response(msgspec.json.encode(document), media_type="application/json")


def _problem(status: int, reason: str, detail: str) -> Response:
    document = Problem(
        type=PROBLEM_PREFIX + reason, title=_TITLES[reason], status=status, detail=detail
    )
    return Response(
        msgspec.json.encode(document),
        status,
        headers={"connection": "close"},
        media_type=PROBLEM_MEDIA_TYPE,
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, _Refused)
    return _problem(error.status, error.reason, error.detail)


async def _http_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    reasons: dict[int, str] = {404: "not-found", 405: "method-not-allowed"}
    reason = reasons.get(error.status_code, "bad-request")
    return _problem(error.status_code, reason, f"There is nothing for {request.method} here.")


async def _failed(request: Request, error: Exception) -> Response:
    return _problem(500, "internal-error", "See License Central's log.")
