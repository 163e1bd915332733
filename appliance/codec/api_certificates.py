"""The client API: documents about certificates that are taken back, and about limits of seats.

Shapes and rules are those of `appliance.codec.api`.
"""

from __future__ import annotations

from appliance.codec.api import Document


class DismissRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/certificates/{serial}/dismiss: what that certificate says of its holder, and
    when it would end by itself (Unix seconds; 0 if that is not known)."""

    why: str
    name: str = ""
    role: str = ""
    ends_at_s: int = 0


class LimitRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/limit: each client may hold so many seats of this product; 0 lifts it."""

    firm_code: int
    product_code: int
    seats: int
    why: str


class CertificateDocument(Document, frozen=True):
    """A certificate that was dismissed, or (without `who`) one that this host has seen in use.

    `serial` is its number in hexadecimal, `ends_at_s` when it ends (Unix seconds; 0: not known).
    """

    serial: str
    name: str
    role: str
    ends_at_s: int = 0
    who: str = ""
    why: str = ""
    at_ms: int = 0


class LimitDocument(Document, frozen=True):
    """The most seats of a product that one client may hold."""

    firm_code: int
    product_code: int
    seats: int


class CertificatesDocument(Document, frozen=True):
    """Answer to GET /v1/certificates: what was dismissed; what the answering host saw in use since
    it started, newest last, the dismissed ones aside; and the limits of a client's seats."""

    dismissed: tuple[CertificateDocument, ...]
    seen: tuple[CertificateDocument, ...]
    limits: tuple[LimitDocument, ...] = ()
