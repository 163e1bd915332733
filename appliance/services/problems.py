"""What the small HTTP faces on Starlette share: bounded bodies, JSON, problem documents (RFC 9457).

The hot client API has a thinner handler, and refusals of its own (`appliance.services.tmr`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
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
    "not-found": "No such resource",
    "method-not-allowed": "Method not allowed",
    "storage-failed": "The disk failed",
    "internal-error": "A mistake in the program",
}

Handler = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """A request that gets a problem document. `reason` is the end of the problem's type."""

    def __init__(self, status: int, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.reason = reason
        self.detail = detail


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


def exception_handlers(titles: dict[str, str], log_of: str) -> dict[Any, Any]:
    """What makes problem documents of exceptions, for a Starlette application.

    `titles` has those reasons that are the application's own; `log_of` says whose log tells of a
    mistake in the program.
    """
    known = _COMMON_TITLES | titles

    def problem(status: int, reason: str, detail: str) -> Response:
        document = Problem(
            type=PROBLEM_PREFIX + reason, title=known[reason], status=status, detail=detail
        )
        # Whatever of the request's body was not read is of no use any more.
        return Response(
            msgspec.json.encode(document),
            status,
            headers={"connection": "close"},
            media_type=PROBLEM_MEDIA_TYPE,
        )

    async def refused(request: Request, error: Refused) -> Response:
        return problem(error.status, error.reason, error.detail)

    async def http_refused(request: Request, error: HTTPException) -> Response:
        reasons: dict[int, str] = {404: "not-found", 405: "method-not-allowed"}
        reason = reasons.get(error.status_code, "bad-request")
        # The path is not repeated: License Central's holds tickets.
        return problem(error.status_code, reason, f"There is nothing for {request.method} here.")

    async def failed(request: Request, error: Exception) -> Response:
        return problem(500, "internal-error", f"See {log_of}'s log.")

    return {Refused: refused, HTTPException: http_refused, Exception: failed}
