"""Block lists: which containers the licence root says are blocked (design D8).

A block list is an X.509 CRL (RFC 5280, section 5) of the licence root, DER, with these parts and no
other: a CRL number that goes strictly up; thisUpdate and nextUpdate; for each blocked container the
number of its certificate, the reason code certificateHold (the only one from which RFC 5280 lets a
certificate come back: the vendor may unblock), and two private entry extensions, UTF8String each:
the container's serial, and the vendor's reason in words.

What can go wrong in here is a list with two readings, or one that says less than its vendor wrote:
so an unknown part is refused, not skipped, and both names of a container have to be there. Who is
listed is compared with nothing here; the number is, by `appliance.licences.blocking`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID, ObjectIdentifier

from appliance.licences.model import Blocked, BlockList
from appliance.licences.refusals import BlockListRefused
from appliance.unreadable_x509 import UNREADABLE_X509
from appliance.verifier.certificates import (
    CertificateRefused,
    is_container_serial,
    verify_root_certificate,
)

BLOCK_LIST_BYTES_MAX: Final = 256 * 1024
BLOCKED_MAX: Final = 1_000
NUMBER_MAX: Final = 2**53 - 1
REASON_MAX: Final = 200
"""Characters of a vendor's reason."""

# Private arcs under 2.25 (ITU-T X.667: a UUID as an integer), drawn for this product.
SERIAL_OID: Final = ObjectIdentifier("2.25.82335065382028949022408945841384013483")
REASON_OID: Final = ObjectIdentifier("2.25.64996865402576940884149765865287422314")

# A BIT STRING of 64 bytes: some say "two bits unused", which changes nothing but the bytes.
_SIGNATURE_HEADER: Final = b"\x03\x41\x00"
_UTF8: Final = 0x0C
_SHORT_MAX: Final = 0x7F
_LIST_EXTENSIONS: Final = {ExtensionOID.CRL_NUMBER, ExtensionOID.AUTHORITY_KEY_IDENTIFIER}
_ENTRY_EXTENSIONS: Final = {CRLEntryExtensionOID.CRL_REASON, SERIAL_OID, REASON_OID}


def check_reason(reason: str) -> None:
    """Raises ValueError if this is no reason that a list can carry."""
    if not 1 <= len(reason) <= REASON_MAX or not reason.isprintable() or reason != reason.strip():
        raise ValueError(f"A reason has 1 to {REASON_MAX} printable characters, not {reason!r}.")


def certificate_number(der: bytes) -> str:
    """The number of this certificate (DER), as a list names it. Raises ValueError."""
    return f"{x509.load_der_x509_certificate(der).serial_number:x}"


def build_block_list(
    root_key: Ed25519PrivateKey,
    root: bytes,
    number: int,
    blocked: Iterable[tuple[Blocked, datetime]],
    this_update: datetime,
    next_update: datetime,
) -> bytes:
    """The signed list, DER; each container comes with the day on which it was blocked.

    Raises ValueError if number, times or a reason are none, or if it would be over the bounds.
    """
    issuer = x509.load_der_x509_certificate(root)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(this_update.astimezone(UTC).replace(microsecond=0))
        .next_update(next_update.astimezone(UTC).replace(microsecond=0))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
    )
    for one, since in blocked:
        check_reason(one.reason)
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(int(one.certificate_number, 16))
            .revocation_date(since.astimezone(UTC).replace(microsecond=0))
            .add_extension(x509.CRLReason(x509.ReasonFlags.certificate_hold), critical=False)
            .add_extension(
                x509.UnrecognizedExtension(SERIAL_OID, _utf8_string(one.serial)), critical=False
            )
            .add_extension(
                x509.UnrecognizedExtension(REASON_OID, _utf8_string(one.reason)), critical=False
            )
            .build()
        )
    data = builder.sign(root_key, None).public_bytes(Encoding.DER)
    try:
        read_block_list(data, root)  # Whatever a container would refuse is not handed out.
    except BlockListRefused as refused:
        raise ValueError(refused.detail) from None
    return data


def read_block_list(data: bytes, root: bytes) -> BlockList:
    """The list in these bytes, if `root` (DER of the pinned licence root) signed it.

    The same bytes always give the same answer. Raises BlockListRefused ("oversized", "malformed" or
    "bad-signature"), whatever the bytes are.
    """
    if len(data) > BLOCK_LIST_BYTES_MAX:
        raise BlockListRefused(
            "oversized",
            f"A block list of {len(data)} bytes is refused: it has {BLOCK_LIST_BYTES_MAX} at most.",
        )
    try:
        key = Ed25519PublicKey.from_public_bytes(verify_root_certificate(root))
    except CertificateRefused as refused:
        raise BlockListRefused("malformed", refused.detail) from None
    try:
        crl = x509.load_der_x509_crl(data)
        _check_signature(crl, key, root)
        if not data.endswith(_SIGNATURE_HEADER + crl.signature):
            raise _malformed("it is not written as DER")
        return _content(crl, data)
    except UNREADABLE_X509 as error:
        raise _malformed(str(error)) from None
    except (x509.InvalidVersion, x509.ExtensionNotFound) as error:
        raise _malformed(str(error)) from None


def _check_signature(
    crl: x509.CertificateRevocationList, key: Ed25519PublicKey, root: bytes
) -> None:
    """Refuse a list of anybody but the pinned root."""
    foreign = crl.issuer != x509.load_der_x509_certificate(root).subject
    if foreign or not crl.is_signature_valid(key):
        raise BlockListRefused(
            "bad-signature",
            "The block list was not signed by the pinned licence root, or altered since.",
        )


def _content(crl: x509.CertificateRevocationList, data: bytes) -> BlockList:
    if {extension.oid for extension in crl.extensions} != _LIST_EXTENSIONS:
        raise _malformed("it has other extensions than a CRL number and the issuer's key")
    number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    if not 1 <= number <= NUMBER_MAX:
        raise _malformed(f"its number is {number}")
    if crl.next_update_utc is None or crl.next_update_utc <= crl.last_update_utc:
        raise _malformed("it does not say until when it is current")
    if len(crl) > BLOCKED_MAX:
        raise BlockListRefused(
            "oversized", f"A block list names {BLOCKED_MAX} containers at most, not {len(crl)}."
        )
    blocked = tuple(_entry(entry) for entry in crl)
    for names in ({one.serial for one in blocked}, {one.certificate_number for one in blocked}):
        if len(names) != len(blocked):
            raise _malformed("it names a container twice")
    return BlockList(
        number=number,
        this_update_s=int(crl.last_update_utc.timestamp()),
        next_update_s=int(crl.next_update_utc.timestamp()),
        blocked=blocked,
        data=data,
    )


def _entry(entry: x509.RevokedCertificate) -> Blocked:
    if {extension.oid for extension in entry.extensions} != _ENTRY_EXTENSIONS:
        raise _malformed(f"entry {entry.serial_number:x} says more or less than an entry must")
    serial, reason = (_text_of(entry, oid) for oid in (SERIAL_OID, REASON_OID))
    if not is_container_serial(serial):
        raise _malformed(f"entry {entry.serial_number:x} names {serial!r}, which is no container")
    check_reason(reason)
    return Blocked(serial, f"{entry.serial_number:x}", reason)


def _text_of(entry: x509.RevokedCertificate, oid: ObjectIdentifier) -> str:
    value = entry.extensions.get_extension_for_oid(oid).value
    assert isinstance(value, x509.UnrecognizedExtension)
    raw = value.value
    length = raw[1] if len(raw) > 1 else 0
    header = 2 + (length - 0x80 if length > _SHORT_MAX else 0)
    text = raw[header:].decode()
    if _utf8_string(text) != raw:
        raise _malformed("a text in it is not a UTF8String")
    return text


def _utf8_string(text: str) -> bytes:
    """A DER UTF8String (X.690, 8.1.3): at most four bytes for each of REASON_MAX characters."""
    data = text.encode()
    if len(data) <= _SHORT_MAX:
        return bytes((_UTF8, len(data))) + data
    length = len(data).to_bytes((len(data).bit_length() + 7) // 8, "big")
    return bytes((_UTF8, 0x80 | len(length))) + length + data


def _malformed(why: str) -> BlockListRefused:
    return BlockListRefused("malformed", f"This is no block list of this profile: {why}.")
