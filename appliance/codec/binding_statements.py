"""Binding statements: how a container tells the ledger what holds its key (design D3).

The container signs what it says, for one ledger, under a number that goes up: nobody says it for
another container, and an old one that is shown again counts for nothing. The certificate comes with
it, so that the same bytes give the same answer everywhere.

What can go wrong in here is to take it for more than it is: a changed program says what it likes.
"""

from __future__ import annotations

import struct
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.codec.certified_statements import Signs
from appliance.ledger.election.terms import Name
from appliance.licences.binding import Evidence, is_evidence
from appliance.licences.bounds import LEDGER_ID_MAX
from appliance.licences.model import BindingShown
from appliance.licences.refusals import StatementRefused
from appliance.unreadable import UNREADABLE
from appliance.verifier.certificates import (
    CertificateRefused,
    holds_as,
    verify_container_certificate,
)

STATEMENT_BYTES_MAX: Final = 16 << 10
_TAG: Final = b"tmr-binding-1\x00"


class _Wire(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    ledger_id: Annotated[bytes, msgspec.Meta(max_length=LEDGER_ID_MAX)]
    serial: Name
    number: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    evidence: Evidence
    certificate: bytes
    signature: bytes


_decoder = msgspec.msgpack.Decoder(_Wire)


def build_binding(shown: BindingShown, container: Signs) -> bytes:
    """The statement in which this container says what holds its key."""
    wire = _Wire(
        shown.ledger_id, shown.serial, shown.number, shown.evidence, shown.certificate, b""
    )
    signature = container.sign(_signed_bytes(wire))
    return msgspec.msgpack.encode(msgspec.structs.replace(wire, signature=signature))


def read_binding(data: bytes, root: bytes) -> BindingShown:
    """The statement in these bytes, verified to the licence root (DER).

    The same bytes always give the same answer. Raises StatementRefused, whatever the bytes are.
    """
    if len(data) > STATEMENT_BYTES_MAX:
        raise StatementRefused(f"A binding statement of {len(data)} bytes is too long.")
    try:
        wire = _decoder.decode(data)
    except UNREADABLE as error:
        raise StatementRefused(f"This is no binding statement ({error}).") from None
    if not is_evidence(wire.evidence):
        raise StatementRefused("What it says of its host is not in its form.")
    try:
        container = verify_container_certificate(wire.certificate, root)
        key = Ed25519PublicKey.from_public_bytes(container.public_key)
        key.verify(wire.signature, _signed_bytes(wire))
    except CertificateRefused as refused:
        raise StatementRefused(refused.detail) from None
    except InvalidSignature:
        raise StatementRefused(
            f"The statement is not signed by the container {wire.serial}."
        ) from None
    if container.serial != wire.serial or not holds_as(wire.serial, wire.evidence.binding):
        raise StatementRefused("The statement does not fit the container's certificate.")
    return BindingShown(
        ledger_id=wire.ledger_id,
        serial=wire.serial,
        number=wire.number,
        evidence=wire.evidence,
        certificate=wire.certificate,
    )


def _signed_bytes(wire: _Wire) -> bytes:
    said = msgspec.msgpack.encode(wire.evidence)
    serial = wire.serial.encode()
    return b"".join(
        (
            _TAG,
            struct.pack(">H", len(wire.ledger_id)),
            wire.ledger_id,
            struct.pack(">H", len(serial)),
            serial,
            struct.pack(">Q", wire.number),
            struct.pack(">I", len(said)),
            said,
        )
    )
