"""A grant and its receipt as the API sends them (`codec.api`), which is what a verifier reads.

Bytes travel as standard base64 text, as msgspec writes them.
"""

from __future__ import annotations

import msgspec

from appliance.licences.grants import Grant


class TermDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A term of the ledger."""

    counter: int
    host: str
    nonce: int


class EndorsementDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One twin's word. `certificate` is X.509 DER, issued by the licence root."""

    certificate: bytes
    objections: tuple[int, ...]
    system_time_ms: int
    signature: bytes


class ReceiptDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything a client needs to believe a grant without trusting any one host (design D3)."""

    ledger_id: bytes
    term: TermDocument
    index: int
    log_root: bytes
    outcome_root: bytes
    history_root: bytes
    size: int
    log_time_ms: int
    endorsements: tuple[EndorsementDocument, ...]
    position: int
    path: tuple[bytes, ...]
    command_hash: bytes
    nonce: bytes


class FirmWordDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a firm signed of the items in one container, as far as one item needs it.

    `serial`, `cmact_id`, `twin` and `key_hash` (SHA-256 of its public key) name the container,
    `sequence` its update, `size`, `position` and `path` lead from the item to the root that the
    firm signed; `certificate` is the firm's, X.509 DER.
    """

    serial: str
    cmact_id: str
    twin: int
    key_hash: bytes
    sequence: int
    size: int
    position: int
    path: tuple[bytes, ...]
    signature: bytes
    certificate: bytes


class FirmWordsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A product item as its firm signed it, canonical JSON, and the firm's word for it in each
    container that holds it."""

    firm_code: int
    item: str
    words: tuple[FirmWordDocument, ...]


class GrantDocument(Grant, frozen=True, kw_only=True, omit_defaults=True):
    """What was granted: the fields of the receipt's leaf (`licences.grants`), and the lease's id.

    `reason` is "granted". The receipt proves these very values, so a client compares none by hand.
    """

    lease_id: str
    receipt: ReceiptDocument | None = None
