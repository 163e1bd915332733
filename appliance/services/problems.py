"""What the small HTTP faces on Starlette share: bounded bodies, JSON, problem documents (RFC 9457).

The hot client API has a thinner handler, and refusals of its own (`appliance.services.tmr`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from appliance.codec.api import PROBLEM_MEDIA_TYPE, PROBLEM_PREFIX, Problem

BODY_WAIT_S: Final = 30.0
"""A body that takes longer is not waited for."""
_COMMON_TITLES: Final = {
    "bad-request": "Bad request",
    "body-too-large": "Too large",
    "deadline-passed": "Too slow",
    "head-too-large": "Too large",
    "not-found": "No such resource",
    "overloaded": "Too many connections: come again later",
    "too-many-requests": "Too many requests: come again later",
    "method-not-allowed": "Method not allowed",
    "storage-failed": "The disk failed",
    "internal-error": "A mistake in the program",
}

Handler = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """A request that gets a problem document. `reason` is the end of the problem's type."""

    def __init__(self, status: int, reason: str, detail: str, retry_after_s: int = 0) -> None:
        super().__init__(detail)
        self.status = status
        self.reason = reason
        self.detail = detail
        self.retry_after_s = retry_after_s


async def read_body(request: Request, bytes_max: int, what: str) -> bytes:
    """The request's body. Raises Refused if `what` it is comes too long or too slowly."""
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_WAIT_S):
            async for chunk in request.stream():
                data += chunk
                if len(data) > bytes_max:
                    raise Refused(
                        413,
                        "body-too-large",
                        f"{what} has at most {bytes_max} bytes; nothing was taken in.",
                    )
    except TimeoutError:
        raise Refused(408, "deadline-passed", "The body did not arrive in time.") from None
    return bytes(data)


def json_answer(document: object, status: int = 200) -> Response:
    """The document as an answer's body."""
    return Response(msgspec.json.encode(document), status, media_type="application/json")


def _document(status: int, reason: str, title: str, detail: str) -> bytes:
    return msgspec.json.encode(
        Problem(type=PROBLEM_PREFIX + reason, title=title, status=status, detail=detail)
    )


def raw_answer(status: int, reason: str, detail: str) -> bytes:
    """A whole HTTP answer with a problem document, after which the connection ends."""
    body = _document(status, reason, _COMMON_TITLES[reason], detail)
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nconnection: close\r\n"
        f"content-type: {PROBLEM_MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def problem_app(status: int, reason: str, detail: str) -> Callable[..., Any]:
    """An ASGI application that answers every request with this problem, and ends."""
    return Response(
        _document(status, reason, _COMMON_TITLES[reason], detail),
        status,
        headers={"connection": "close", "retry-after": "1"},
        media_type=PROBLEM_MEDIA_TYPE,
    )


def exception_handlers(titles: dict[str, str], log_of: str) -> dict[Any, Any]:
    """What makes problem documents of exceptions, for a Starlette application.

    `titles` has those reasons that are the application's own; `log_of` says whose log tells of a
    mistake in the program.
    """
    known = _COMMON_TITLES | titles

    def problem(
        status: int, reason: str, detail: str, more: Mapping[str, str] | None = None
    ) -> Response:
        # Whatever of the request's body was not read is of no use any more.
        return Response(
            _document(status, reason, known[reason], detail),
            status,
            headers={"connection": "close", **(more or {})},
            media_type=PROBLEM_MEDIA_TYPE,
        )

    async def refused(request: Request, error: Refused) -> Response:
        more = {"retry-after": str(error.retry_after_s)} if error.retry_after_s else None
        return problem(error.status, error.reason, error.detail, more)

    async def http_refused(request: Request, error: HTTPException) -> Response:
        reasons: dict[int, str] = {404: "not-found", 405: "method-not-allowed"}
        reason = reasons.get(error.status_code, "bad-request")
        # The path is not repeated: who mistakes an address may have put a secret into it.
        detail = f"There is nothing for {request.method} here."
        return problem(error.status_code, reason, detail, error.headers)  # `Allow` among them

    async def failed(request: Request, error: Exception) -> Response:
        return problem(500, "internal-error", f"See {log_of}'s log.")

    return {Refused: refused, HTTPException: http_refused, Exception: failed}
