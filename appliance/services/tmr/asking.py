"""How a request to a TMR host is read: its path, its query, its deadline, and its body, bounded."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from appliance.codec import api
from appliance.codec.json_keys import repeated_key
from appliance.details import detail
from appliance.licences.dismissing import SERIAL_PATTERN
from appliance.licences.model import LicenceKey
from appliance.services.http_connection import BODY, Receive, Scope
from appliance.services.routes import NUMBER_DIGITS_MAX, Parameter, Word, by_commas
from appliance.services.tmr.problems import Refusal
from appliance.services.tmr.standing import ANSWER_WITHIN_S
from appliance.unreadable import UNREADABLE

LENGTH_DIGITS_MAX = 9
NAME_MAX = 256
NONCE_BYTES = (16, 32)
HASH_BYTES = 32
LEASES: Final = "/v1/leases/"
"""Below this are the calls on one lease, which a thin handler dispatches."""
WORDS: Final = {
    "id": Word("a lease id", api.LEASE_ID_PATTERN),
    "name": Word("a client's name", api.LEASE_ID_PATTERN),
    "client": Word("a client", "(cert|token):.+", NAME_MAX),
    "serial": Word("a certificate's serial number", SERIAL_PATTERN),
}
"""What may stand in each part of a path."""
T = TypeVar("T")
_LICENCE: Final = re.compile(":".join([f"([0-9]{{1,{NUMBER_DIGITS_MAX}}})"] * 3))
_DEADLINE = api.DEADLINE_HEADER.encode()


def names(name: str) -> Parameter:
    """Names, by commas or repeated."""
    items = {"type": "string", "maxLength": NAME_MAX}
    return Parameter(name, by_commas, {"type": "array", "items": items})


def places(name: str) -> Parameter:
    """Where to go on in hosts' logs, by commas or repeated: "up1:77"."""
    items = {"type": "string", "pattern": f"^.*:[0-9]{{1,{NUMBER_DIGITS_MAX}}}$"}
    return Parameter(
        name,
        lambda given: dict(_place(text) for text in by_commas(given)),
        {"type": "array", "items": items},
    )


def after_licence(name: str) -> Parameter:
    """Behind which licence a list goes on: "6000010:1:7", as the page before said; else None."""
    return Parameter(
        name,
        lambda given: _licence(given[-1]) if given and given[-1] else None,
        {"type": "string", "pattern": f"^{_LICENCE.pattern}$"},
    )


def _licence(text: str) -> LicenceKey:
    found = _LICENCE.fullmatch(text)
    if found is None:
        raise ValueError(detail("after-licence-form", text=repr(text[:80])))
    return LicenceKey(*map(int, found.groups()))


def _place(text: str) -> tuple[str, int]:
    host, _, number = text.rpartition(":")
    if not (number.isascii() and number.isdigit() and len(number) <= NUMBER_DIGITS_MAX):
        raise ValueError(detail("after-host-form", text=repr(text[:80])))
    return host, int(number)


def deadline_s(headers: Mapping[bytes, bytes]) -> float:
    """How long the client waits: its deadline header, within this service's own bound."""
    text = headers.get(_DEADLINE)
    if text is None:
        return ANSWER_WITHIN_S
    if not text.isdigit() or len(text) > 9 or not int(text):
        raise Refusal("bad-request", detail("deadline-form", header=api.DEADLINE_HEADER))
    return min(int(text) / 1000, ANSWER_WITHIN_S)


def decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """The request's document. Raises Refusal "bad-request" that names what is wrong with it."""
    try:
        document = decoder.decode(body)
    except RecursionError as error:
        raise Refusal("bad-request", detail("document-deep")) from error
    except UNREADABLE as error:
        raise Refusal("bad-request", str(error)) from error
    twice = repeated_key(body, decoder.type)
    if twice:
        raise Refusal("bad-request", detail("key-twice", key=repr(twice)))
    return document


async def read_body(
    scope: Scope, receive: Receive, headers: Mapping[bytes, bytes], within_s: float, bytes_max: int
) -> bytes:
    """The whole body, in at most `within_s`. Raises Refusal."""
    there: bytes | None = scope.get(BODY)
    if there is not None and len(there) <= bytes_max:
        return there
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        raise Refusal("bad-request", detail("body-length"))
    if len(length) > LENGTH_DIGITS_MAX or int(length) > bytes_max:
        raise Refusal("body-too-large", detail("body-long", most=bytes_max))
    body = b""
    try:
        async with asyncio.timeout(within_s):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refusal("bad-request", detail("body-cut"))
                chunk: bytes = message.get("body", b"")
                body += chunk
                if len(body) > bytes_max:
                    raise Refusal("body-too-large", detail("body-long", most=bytes_max))
                if not message.get("more_body", False):
                    return body
    except TimeoutError as error:
        raise Refusal("deadline-passed", detail("body-slow")) from error
