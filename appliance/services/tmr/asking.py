"""What a request says beside its document: its deadline, its query, and its body, bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.requests import Request

from appliance.codec import api
from appliance.services.http_connection import BODY, Receive, Scope
from appliance.services.tmr.host import ANSWER_WITHIN_S
from appliance.services.tmr.leases import GENERATION_DIGITS_MAX
from appliance.services.tmr.problems import Refusal

LENGTH_DIGITS_MAX = 9
NUMBER_DIGITS_MAX = 18
_DEADLINE = api.DEADLINE_HEADER.encode()


def listed(request: Request, name: str) -> list[str]:
    """What a query gives under this name, by commas or repeated."""
    return [word for text in request.query_params.getlist(name) for word in text.split(",") if word]


def place(text: str) -> tuple[str, int]:
    """ "up1:77": where to go on in a host's log. Raises Refusal."""
    host, _, number = text.rpartition(":")
    if not (number.isascii() and number.isdigit() and len(number) <= NUMBER_DIGITS_MAX):
        raise Refusal("bad-request", f"after is host:number,…, and {text[:80]!r} is not")
    return host, int(number)


def deadline_s(headers: Mapping[bytes, bytes]) -> float:
    """How long the client waits: its deadline header, within this service's own bound."""
    text = headers.get(_DEADLINE)
    if text is None:
        return ANSWER_WITHIN_S
    if not text.isdigit() or len(text) > 9 or not int(text):
        raise Refusal(
            "bad-request", f"{api.DEADLINE_HEADER} is a number of milliseconds, 1 or more"
        )
    return min(int(text) / 1000, ANSWER_WITHIN_S)


def count(request: Request, name: str, default: int) -> int:
    """A number in the query. Raises Refusal "bad-request"."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > GENERATION_DIGITS_MAX:
        raise Refusal("bad-request", f"{name} is no number")
    return int(text)


async def read_body(
    scope: Scope, receive: Receive, headers: Mapping[bytes, bytes], within_s: float, bytes_max: int
) -> bytes:
    """The whole body, in at most `within_s`. Raises Refusal."""
    there: bytes | None = scope.get(BODY)
    if there is not None and len(there) <= bytes_max:
        return there
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        raise Refusal("bad-request", "content-length is no number")
    if len(length) > LENGTH_DIGITS_MAX or int(length) > bytes_max:
        raise Refusal("body-too-large", f"a body has at most {bytes_max} bytes")
    body = b""
    try:
        async with asyncio.timeout(within_s):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refusal("bad-request", "the connection ended before the body")
                chunk: bytes = message.get("body", b"")
                body += chunk
                if len(body) > bytes_max:
                    raise Refusal("body-too-large", f"a body has at most {bytes_max} bytes")
                if not message.get("more_body", False):
                    return body
    except TimeoutError as error:
        raise Refusal("deadline-passed", "the body did not come in time") from error
