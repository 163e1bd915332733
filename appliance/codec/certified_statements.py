"""Certified statements: how a container shows the ledger that a time server answered it (D6, D8).

A statement holds the container's request, the token over that request, the container's certificate,
and the container's signature under all of it. So everybody who pins the licence root can check the
whole of it from its bytes alone, and comes to the same verdict. Only tokens of the root's own time
servers count here: a server that a plant configures for itself may set its containers' clocks, but
never log time.

What can go wrong in here is somebody else's token: anybody may ask a time server with any serial.
Hence the container's own signature.
"""

from __future__ import annotations

from typing import Annotated, Final, Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.clocks.certified import ANCHOR_BYTES, NONCE_BYTES, TimeRequest
from appliance.codec.timestamps import TimestampRefused, Trust, fingerprint, verify_token
from appliance.ledger.election.terms import Name
from appliance.licences.model import CertifiedStatement
from appliance.licences.refusals import StatementRefused
from appliance.unreadable import UNREADABLE
from appliance.verifier.certificates import CertificateRefused, verify_container_certificate

STATEMENT_BYTES_MAX: Final = 128 << 10
_TAG: Final = b"tmr-certified-statement-1\x00"
_TIME_MAX: Final = 2**53


class Signs(Protocol):
    """The container whose statement is made."""

    def sign(self, data: bytes) -> bytes:
        """The Ed25519 signature of the container's key under `data`."""


class _Wire(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    serial: Name
    box_ms: int
    anchor: Annotated[bytes, msgspec.Meta(max_length=ANCHOR_BYTES)]
    nonce: bytes
    token: bytes
    certificate: bytes
    signature: bytes


_decoder = msgspec.msgpack.Decoder(_Wire)


def build_statement(
    request: TimeRequest, token: bytes, certificate: bytes, container: Signs
) -> bytes:
    """The statement that this container (certificate DER) got this token for its request."""
    signature = container.sign(_signed_bytes(request, token))
    return msgspec.msgpack.encode(_Wire(*request, token, certificate, signature))


def read_statement(data: bytes, root: bytes) -> CertifiedStatement:
    """The statement in these bytes, verified to the licence root (DER).

    The same bytes always give the same answer. Raises StatementRefused, whatever the bytes are.
    """
    if len(data) > STATEMENT_BYTES_MAX:
        raise StatementRefused(f"A certified statement of {len(data)} bytes is too long.")
    try:
        wire = _decoder.decode(data)
    except UNREADABLE as error:
        raise StatementRefused(f"This is no certified statement ({error}).") from None
    request = TimeRequest(wire.serial, wire.box_ms, wire.anchor, wire.nonce)
    in_range = 0 <= wire.box_ms <= _TIME_MAX and len(wire.anchor) in (0, ANCHOR_BYTES)
    if not in_range or len(wire.nonce) != NONCE_BYTES:
        raise StatementRefused("The statement's request is out of range.")
    try:
        container = verify_container_certificate(wire.certificate, root)
        key = Ed25519PublicKey.from_public_bytes(container.public_key)
        key.verify(wire.signature, _signed_bytes(request, wire.token))
        certified = verify_token(
            wire.token, request.imprint(), Trust.of_root(root), request.query_nonce()
        )
    except (CertificateRefused, TimestampRefused) as refused:
        raise StatementRefused(refused.detail) from None
    except InvalidSignature:
        raise StatementRefused(
            f"The statement is not signed by the container {wire.serial}."
        ) from None
    if container.serial != wire.serial or not 0 <= certified.time_ms <= _TIME_MAX:
        raise StatementRefused("The statement names another container than its certificate.")
    return CertifiedStatement(
        serial=wire.serial,
        certificate=wire.certificate,
        anchor=wire.anchor,
        time_ms=certified.time_ms,
        accuracy_ms=certified.accuracy_ms,
    )


def _signed_bytes(request: TimeRequest, token: bytes) -> bytes:
    return _TAG + request.imprint() + fingerprint(token)
