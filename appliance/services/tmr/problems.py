"""Refusals of the client API: RFC 9457 problem documents with stable types."""

from __future__ import annotations

import msgspec

from appliance.codec.api import PROBLEM_MEDIA_TYPE, PROBLEM_PREFIX, Problem

# reason -> (HTTP status, title). The licence machine's reasons are among them.
REASONS: dict[str, tuple[int, str]] = {
    "bad-request": (400, "The request is not well formed"),
    "unauthenticated": (401, "Show a client certificate or an enrolled token"),
    "forbidden": (403, "Not permitted"),
    "licence-expired": (403, "The licence has expired"),
    "certified-time-stale": (403, "The licence wants a newer certified time"),
    "units-unconfirmed": (403, "The unit counter rests until the vendor confirms it"),
    "unknown-product": (404, "No such licence is available"),
    "lease-unknown": (404, "No such lease"),
    "not-found": (404, "No such resource"),
    "method-not-allowed": (405, "This resource does not take that method"),
    "no-seat-free": (409, "All seats are taken"),
    "over-quota": (409, "An operator limits how many seats one client may hold"),
    "lease-conflict": (409, "The same id stands for another request"),
    "old-generation": (409, "The lease was granted anew since"),
    "number-out-of-order": (409, "Requests on a lease are numbered without gaps"),
    "units-exhausted": (409, "The unit counter does not hold that many"),
    "no-unit-counter": (409, "The licence has no unit counter"),
    "not-dismissed": (409, "The certificate cannot be dismissed so"),
    "not-replaced": (409, "The store cannot be replaced so"),
    "not-yet-replaced": (409, "The store cannot be replaced yet"),
    "twin-not-ready": (409, "The other TMR host could not take over"),
    "update-refused": (409, "The licence update was refused"),
    "block-list-refused": (409, "The block list was refused"),
    "unknown-action": (400, "No such action"),
    "snapshot-gone": (410, "No upstream has that snapshot"),
    "lease-ended": (410, "The lease has ended"),
    "body-too-large": (413, "The body is too large"),
    "head-too-large": (431, "The request's head is too large"),
    "too-many-requests": (429, "This client asks for too much at once"),
    "deadline-passed": (504, "The request's deadline passed before it could be answered"),
    "internal-error": (500, "The request met a defect of this service"),
    "unknown-repeat": (503, "The outcome is not known: repeat the request with the same id"),
    "overloaded": (503, "Too many requests wait: repeat the request with the same id"),
    "not-active": (503, "This host is not the active one"),
    "quorum-lost": (503, "Fewer than two upstreams are reached"),
    "not-founded": (503, "The ledger has no content yet: repeat the request with the same id"),
    "too-many-leases": (507, "No room for a further lease"),
    "too-many-dismissed": (507, "As many certificates are dismissed as can be"),
    "too-many-clients": (507, "The appliance knows as many enrolled clients as it can"),
    "too-many-subscribers": (503, "Too many event streams are open"),
}
REPEATABLE = frozenset({"unknown-repeat", "overloaded", "not-active", "not-founded"})
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
            detail=detail,
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
