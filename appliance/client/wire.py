"""Requests as bytes and answers as documents: what is between the engine and the API's shapes."""

from __future__ import annotations

import base64
import re
from typing import Any, Final, TypeVar
from urllib.parse import quote

import msgspec

from appliance.client.errors import BadAnswer, Refused
from appliance.client.transport import Answer
from appliance.codec.api import (
    DEADLINE_HEADER,
    LEASE_ID_PATTERN,
    PROBLEM_MEDIA_TYPE,
    SECRET_HEADER,
    Problem,
)
from appliance.licences.reasons import FINAL
from appliance.sentences import Sentence
from appliance.text import shown_document
from appliance.unreadable import UNREADABLE

QUORUM_LOST: Final = "quorum-lost"
NOT_ACTIVE: Final = "not-active"
DEADLINE_PASSED: Final = "deadline-passed"
_FIRST_ERROR_STATUS: Final = 400
_FIRST_SERVER_ERROR_STATUS: Final = 500
_TOO_MANY_REQUESTS: Final = 429
_LEASE_ID = re.compile(LEASE_ID_PATTERN)
_TOKEN = re.compile(r"[\x21-\x7e]+")

_Document = TypeVar("_Document")
_encoder = msgspec.json.Encoder()
_problems = msgspec.json.Decoder(Problem)
_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def lease_path(lease_id: str) -> str:
    """The path of a lease. Raises ValueError if the id is not one that the API takes."""
    if _LEASE_ID.fullmatch(lease_id) is None:
        raise ValueError(
            f"{lease_id!r} is no lease id: use 1 to 64 letters, digits, dots, dashes, underscores"
        )
    return f"/v1/leases/{lease_id}"


def segment(text: str) -> str:
    """One path segment, escaped."""
    return quote(text, safe="")


class RequestMaker:
    """Makes requests for one client; with a `token`, that is its proof of identity.

    Raises ValueError if the token holds characters that a header cannot carry.
    """

    def __init__(self, token: str = "") -> None:
        if token and _TOKEN.fullmatch(token) is None:
            raise ValueError("the token holds spaces or characters outside ASCII")
        self._common = "host: tmr\r\n"
        self.seen = ""
        """The header that tells how far this client has seen the ledger."""
        if token:
            self._common += f"authorization: Bearer {token}\r\n"

    def make(
        self,
        method: str,
        path: str,
        document: object = None,
        *,
        secret: bytes = b"",
        deadline_s: float | None = None,
        accept: str = "application/json",
    ) -> bytes:
        """A whole request. `secret` proves a lease; `deadline_s` tells how long we shall wait."""
        head = f"{method} {path} HTTP/1.1\r\n{self._common}{self.seen}accept: {accept}\r\n"
        if secret:
            head += f"{SECRET_HEADER}: {base64.b64encode(secret).decode()}\r\n"
        if deadline_s is not None:
            head += f"{DEADLINE_HEADER}: {max(1, int(deadline_s * 1000))}\r\n"
        if document is None:
            length = "content-length: 0\r\n" if method in ("PUT", "POST") else ""
            return f"{head}{length}\r\n".encode("latin-1")
        body = _encoder.encode(document)
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        return head.encode("latin-1") + body


def problem_of(answer: Answer) -> Problem | None:
    """The problem in this answer, None for a success.

    An error without a problem document gets one: reason "server-error" from 500 on, else
    "unexpected-answer".
    """
    if answer.status < _FIRST_ERROR_STATUS:
        return None
    if answer.media_type == PROBLEM_MEDIA_TYPE:
        try:
            return _problems.decode(answer.body)
        except UNREADABLE:
            pass
    word = "server-error" if answer.status >= _FIRST_SERVER_ERROR_STATUS else "unexpected-answer"
    return Problem(
        type=word,
        title=word,
        status=answer.status,
        detail=f"the server answered {answer.status} without saying why",
    )


def wants_repeat(problem: Problem) -> bool:
    """Whether this problem means "unknown, repeat with the same id".

    Every status from 500 on does, unless it is the ledger's final word: a server that failed cannot
    say what became of the request. So does 429: there is room for it a moment later.
    """
    if problem.status == _TOO_MANY_REQUESTS:
        return True
    return problem.status >= _FIRST_SERVER_ERROR_STATUS and problem.reason not in FINAL


def read(answer: Answer, kind: type[_Document]) -> _Document:
    """The document in a final answer. Raises Refused for a problem, BadAnswer for anything else."""
    problem = problem_of(answer)
    if problem is not None:
        problem = shown_document(problem)
        raise Refused(problem.reason, problem.sentence, problem.status)
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    try:
        document: _Document = decoder.decode(answer.body)
    except UNREADABLE as error:
        raise BadAnswer(
            Sentence("the server's answer is not a {kind} ({why})", kind=kind.__name__, why=error)
        ) from error
    return document
