"""Refusals of the client API: RFC 9457 problem documents with stable types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from appliance.codec.api import PROBLEM_MEDIA_TYPE, PROBLEM_PREFIX, Problem
from appliance.details import Detail, detail
from appliance.ledger.leader.phases import NOT_ACTIVE, QUORUM_LOST
from appliance.licences import reasons
from appliance.sentences import Sentence, in_english

_REFUSED: Final = 400
# reason -> (HTTP status, title): the licence machine's, and those of this API alone.
REASONS: Final[dict[str, tuple[int, str]]] = {
    **{row.word: (row.status, row.title) for row in reasons.TABLE if row.status >= _REFUSED},
    "unauthenticated": (401, "Show a client certificate or an enrolled token"),
    "forbidden": (403, "Not permitted"),
    "not-found": (404, "No such resource"),
    "method-not-allowed": (405, "This resource does not take that method"),
    "not-yet-replaced": (409, "The store cannot be replaced yet"),
    "containers-missing": (409, "A container of the group does not sign"),
    "transfer-refused": (422, "License Central refuses, or is not reached"),
    "twin-not-ready": (409, "The other TMR host could not take over"),
    "snapshot-gone": (410, "No upstream has that snapshot"),
    "body-too-large": (413, "The body is too large"),
    "head-too-large": (431, "The request's head is too large"),
    "too-many-requests": (429, "This client asks for too much at once"),
    "deadline-passed": (504, "The request's deadline passed before it could be answered"),
    "internal-error": (500, "The request met a defect of this service"),
    "unknown-repeat": (503, "The outcome is not known: repeat the request with the same id"),
    "overloaded": (503, "Too many requests wait: repeat the request with the same id"),
    "not-active": (503, "This host is not the active one"),
    "quorum-lost": (503, "Fewer than two upstreams are reached"),
    "too-many-subscribers": (503, "Too many event streams are open"),
}
REPEATABLE: Final = frozenset(
    {"unknown-repeat", "overloaded", "not-active"} | {r.word for r in reasons.TABLE if r.repeat}
)
_WAIT_S = {"too-many-requests": b"1"}

_encoder = msgspec.json.Encoder()


class Refusal(Exception):
    """A request is refused with this problem; `allow` lists the methods there are.

    Raises KeyError for a reason without a status."""

    def __init__(
        self,
        reason: str,
        detail: str = "",
        missing: tuple[str, ...] = (),
        active: str = "",
        allow: str = "",
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.allow = allow
        self.status, title = REASONS[reason]
        self.problem = Problem(
            type=PROBLEM_PREFIX + reason,
            title=title,
            status=self.status,
            detail=in_english(detail),
            said=Detail.of(detail) if isinstance(detail, Sentence) else None,
            missing=missing,
            active=active,
        )

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The answer's headers."""
        headers = [(b"content-type", PROBLEM_MEDIA_TYPE.encode())]
        if self.reason in REPEATABLE:
            headers.append((b"retry-after", b"0"))
        if self.allow:
            headers.append((b"allow", self.allow.encode()))
        if self.reason in _WAIT_S:
            headers.append((b"retry-after", _WAIT_S[self.reason]))
        if self.status == 401:
            headers.append((b"www-authenticate", b'Bearer realm="tmr"'))
        return headers

    def body(self) -> bytes:
        """The answer's body."""
        return _encoder.encode(self.problem)


class Denied(Refusal):
    """A check-out is refused and was never ordered: the ledger has no entry that would tell it."""


def unanswered(why: str, missing: Iterable[str], active: str) -> Refusal:
    """The refusal that tells a client why a coordinator did not answer: which upstreams are
    `missing`, and which host is `active`, "" if none is known."""
    if why == QUORUM_LOST:
        names = tuple(missing)
        said = detail("upstreams-silent", hosts=" and ".join(names))
        return Refusal(QUORUM_LOST, said, missing=names)
    if why == NOT_ACTIVE:
        said = detail("active-elsewhere", host=active) if active else detail("active-unknown")
        return Refusal(NOT_ACTIVE, said, (), active)
    return Refusal(why, detail("repeat"))
