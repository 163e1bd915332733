"""The API's documents about reserved units, and about refunds."""

from __future__ import annotations

from appliance.codec.api import ConsumeRequest, Document


class ReserveRequest(ConsumeRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /v1/leases/{id}/units/reserve: as a consumption, with an Ed25519 public key (32
    bytes), drawn for this reservation, by which it is settled."""

    settle_key: bytes


class SettleRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/leases/{id}/units/settle: of request `number`, which reserved units, so many
    were `used`; signed by the reservation's key (docs/signatures.md)."""

    generation: int
    number: int
    used: int
    signature: bytes


class SettledDocument(Document, frozen=True):
    """Answer to it: so many units of that request stay taken."""

    lease_id: str
    generation: int
    number: int
    units_taken: int


class RefundRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/units/refund: give so many units back of those that were taken under the
    number `taking` (of GET /v1/units)."""

    taking: int
    units: int
    why: str


class TakenDocument(Document, frozen=True):
    """So many units of one licence."""

    product_code: int
    tmr_id: int
    units: int


class TakingDocument(Document, frozen=True):
    """A request that took units, at that log time. `taken` are taken still, licence by licence;
    it is `unsettled` while its client may say that it used less. `refunded` is what an operator
    gave back, None if nobody did."""

    taking: int
    client: str
    lease_id: str
    generation: int
    number: int
    at_ms: int
    firm_code: int
    taken: tuple[TakenDocument, ...] = ()
    unsettled: bool = False
    refunded: int | None = None


class TakingsDocument(Document, frozen=True):
    """Answer to GET /v1/units: a page in order of `taking`; `next` is what `?after=` asks the page
    after this one with; without it, this is the last."""

    takings: tuple[TakingDocument, ...]
    next: int | None = None
