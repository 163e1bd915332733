"""Signed files of the vendors' world: JWS in compact form, and how such a file is read (design D8).

RFC 7515 with Ed25519 (RFC 9864), one line of text that ends in a newline. What can go wrong in here
is a file with two readings. So only one spelling of each is accepted: canonical base64url, exactly
the expected header members, and no byte before, after or between. Whoever takes a file from people
first undoes what its way may have done to it (`without_transport`); what is kept, hashed and put
into the ledger is that one spelling.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from appliance.unreadable import UNREADABLE

FILE_BYTES_MAX: Final = 1024 * 1024
ALGORITHM: Final = "Ed25519"
KEY_BYTES: Final = 32
_PARTS: Final = 3  # header, payload, signature
_HEADER_LETTERS_MAX: Final = 8 * 1024
"""Of its base64url, as joserfc counts."""
_AGAIN: Final = "Fetch it again, and send it as an attachment, zipped."


class FileRefused(Exception):
    """A file that is no JWS of the expected type; becomes a refusal of its kind."""


def without_transport(data: bytes) -> bytes:
    """The file as it was signed, if what happened to it on its way is beyond doubt.

    Mail programs and editors change line ends, wrap lines, add blank ones, a byte order mark, or
    store a text as UTF-16. No such byte is ever part of a signed file, so they are taken out. Of a
    file that is longer than allowed, or anything else, the same bytes are given back.
    """
    if len(data) > 2 * FILE_BYTES_MAX:
        return data
    text = data
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if text.startswith(mark):
            try:
                text = text.decode(encoding).encode("ascii")
            except UnicodeError:
                return data
    text = b"".join(text.removeprefix(b"\xef\xbb\xbf").split())
    return text + b"\n" if text and text.isascii() else data


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    alg: str
    typ: str
    x5c: tuple[str, ...] = ()


class SignedFile(NamedTuple):
    """A file that is well formed; its signature is not checked yet."""

    compact: bytes
    header: _Header
    payload: bytes


class _Registry(jws.JWSRegistry):
    """joserfc's bounds, widened to ours; only one algorithm exists."""

    max_header_length = _HEADER_LETTERS_MAX
    max_payload_length = FILE_BYTES_MAX


_registry: Final = _Registry(algorithms=[ALGORITHM])
_encoder: Final = msgspec.json.Encoder()


def sign_file(key: Ed25519PrivateKey, header: dict[str, Any], payload: msgspec.Struct) -> bytes:
    """The file of this payload, signed. `header` names algorithm and type.

    Put together here and not by joserfc, which would ask for the private key itself: a token does
    not give it (RFC 7515, 5.1).
    """
    parts = (_encoder.encode(header), _encoder.encode(payload))
    signed = b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    return b".".join((signed, urlsafe_b64encode(key.sign(signed)).rstrip(b"="))) + b"\n"


def open_file(data: bytes, typ: str, kind: str) -> SignedFile:
    """Takes a file apart. Raises FileRefused; the signature is still to be checked."""
    if len(data) > FILE_BYTES_MAX:
        raise FileRefused(
            f"The {kind} is {len(data)} bytes long; more than {FILE_BYTES_MAX} is refused."
        )
    if not data.endswith(b"\n"):
        raise FileRefused(
            f"The {kind} does not end in a newline: it is truncated or no {kind}. {_AGAIN}"
        )
    compact = data[:-1]
    parts = compact.split(b".")
    if len(parts) != _PARTS:
        raise FileRefused(
            f"The {kind} is not a signed file of three parts: it is something else, or a mail"
            f" program changed it. {_AGAIN}"
        )
    header_bytes, payload, _ = (_decode_part(part, kind) for part in parts)
    if len(parts[0]) > _HEADER_LETTERS_MAX:
        raise FileRefused(f"The header of the {kind} is too long.")
    try:
        header = msgspec.json.decode(header_bytes, type=_Header)
    except UNREADABLE as error:
        raise FileRefused(f"The header of the {kind} is not understood: {error}.") from None
    if header.typ != typ:
        raise FileRefused(f"This is a file of type {header.typ!r}, not {typ!r}.")
    if header.alg != ALGORITHM:
        raise FileRefused(f"The {kind} is signed by {header.alg!r}; only Ed25519 is accepted.")
    return SignedFile(compact, header, payload)


def _decode_part(part: bytes, kind: str) -> bytes:
    """base64url without padding, in its only canonical spelling (RFC 4648, 3.5)."""
    try:
        data = urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except binascii.Error:
        data = b""
    if not data or urlsafe_b64encode(data).rstrip(b"=") != part:
        raise FileRefused(
            f"The {kind} was changed on its way: it holds what is not base64url, as after a mail"
            f" program or an editor. {_AGAIN}"
        )
    return data


def verify_file(opened: SignedFile, public_key: bytes, kind: str) -> None:
    """Raises FileRefused unless this key (32 bytes) signed the file."""
    try:
        key = OKPKey.import_key(Ed25519PublicKey.from_public_bytes(public_key))
        jws.deserialize_compact(opened.compact, key, registry=_registry)
    except (JoseError, ValueError):
        raise FileRefused(
            f"The signature of the {kind} does not fit: it was altered or damaged on its way."
        ) from None
