"""The API's documents about borrowed seats."""

from __future__ import annotations

from appliance.codec.api import Document, HolderDocument
from appliance.licences.wishes import Wishes


class BorrowRequest(Wishes, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /v1/leases/{id}/borrow, with the wishes among its fields. The id is the
    borrower's Ed25519 public key, 32 bytes in hexadecimal.

    The `seats` are borrowed for so many `seconds` from now on, by log time. `nonce` is 16 to 32
    random bytes, fresh for each request; all else is the same in each repeat. `station` (16 bytes,
    or none) is the machine that it is for. With `extends_ms`, the end that was granted, and the
    borrower's `signature` (docs/signatures.md), what is out is extended.
    """

    firm_code: int
    product_code: int
    seconds: int
    nonce: bytes
    seats: int = 1
    holder: HolderDocument = HolderDocument()
    station: bytes = b""
    extends_ms: int = 0
    signature: bytes = b""


class ReturnRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/leases/{id}/return: the borrower's signature (docs/signatures.md)."""

    signature: bytes


class WriteOffRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/leases/{id}/write-off: what is out under this key is lost."""

    why: str


class BorrowingRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Body of POST /v1/borrowing: `uncertified-on` lets seats be borrowed without certified time,
    `uncertified-off` no more; `all-known` says of a restored system that no seats are out but those
    that it knows of."""

    action: str
    why: str


class HeldBackDocument(Document, frozen=True):
    """So many seats of a licence may be out without the system's knowing of it."""

    firm_code: int
    product_code: int
    tmr_id: int
    seats: int


class BorrowingDocument(Document, frozen=True):
    """Answer to GET /v1/borrowing: what operators decided, and which seats a restored system holds
    back. Who borrowed what stands among the leases."""

    uncertified: bool = False
    held_back: tuple[HeldBackDocument, ...] = ()
