"""Certificates of the licence root: who is a firm, who is a container (design D3, D8).

The profile, X.509 v3 with Ed25519 keys throughout:

* root: self-signed CA, OU "TMR licence root".
* firm: CN firm code in decimal, O firm name, OU "TMR firm", critical extended key usage FIRM_USAGE.
* container: CN serial, serialNumber CmActID, dnQualifier twin number, OU "TMR container", critical
  extended key usage CONTAINER_USAGE.
* time server: CN its name, OU "TMR time server", critical extended key usage time-stamping and no
  other (RFC 3161, 2.3). Its key is ECDSA P-256, since OpenSSL's `ts` cannot sign or verify with
  Ed25519. It alone has an end, compared with the time that it certifies.

What can go wrong in here is one kind passing for the other, so OU and key usage must both fit. No
end of validity is compared with a clock: clocks may be wrong (design D6), licences carry their own
end, and a lost container is taken out by the signed block list.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from appliance.licences.bounds import CODE_MAX
from appliance.licences.serials import Mask, Serial
from appliance.unreadable_x509 import UNREADABLE_X509

# Private arcs under 2.25 (ITU-T X.667: a UUID as an integer), drawn for this product.
FIRM_USAGE: Final = ObjectIdentifier("2.25.249001324160833526368370993093870342338")
CONTAINER_USAGE: Final = ObjectIdentifier("2.25.167614072786400161882803885521689393638")
ROOT_UNIT: Final = "TMR licence root"
FIRM_UNIT: Final = "TMR firm"
CONTAINER_UNIT: Final = "TMR container"
TIME_SERVER_UNIT: Final = "TMR time server"
TWINS: Final = (1, 2, 3)
NAME_LENGTH_MAX: Final = 64
_NO_END: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)  # RFC 5280, 4.1.2.5
_CLOCK_SLACK: Final = timedelta(days=1)
_CERTIFICATE_BYTES_MAX: Final = 4096
ROOTS_MAX: Final = 8
"""Licence roots of which the parsed certificate is kept."""
_PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey
_DECIMAL: Final = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_CMACT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")


class RandomBits(Protocol):
    """What numbering a certificate needs of a random.Random (SystemRandom in production)."""

    def getrandbits(self, k: int, /) -> int:
        """A whole number of k random bits."""


class CertificateRefused(Exception):
    """A certificate that proves nothing here.

    `reason` is "malformed", "foreign-root", "not-a-root", "not-a-firm", "not-a-container" or
    "not-a-time-server"; `detail` says it in one sentence.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class FirmIdentity(NamedTuple):
    """What the root says of a firm. `public_key` is the raw 32 bytes."""

    firm_code: int
    firm_name: str
    public_key: bytes


class ContainerIdentity(NamedTuple):
    """What the root says of a container. `public_key` is the raw 32 bytes."""

    serial: str
    cmact_id: str
    twin: int
    public_key: bytes


def is_container_serial(serial: str) -> bool:
    """Whether this is the serial of a software container with universal firm code (mask 130)."""
    try:
        return Serial.parse(serial).mask is Mask.SOFTWARE_UNIVERSAL
    except ValueError:
        return False


def check_firm(firm_code: int, firm_name: str) -> None:
    """Raises ValueError if no firm can have this code or name."""
    if not 1 <= firm_code <= CODE_MAX:
        raise ValueError(f"A firm code is 1 to {CODE_MAX}, not {firm_code}.")
    _checked_name(firm_name)


def build_root_certificate(
    key: Ed25519PrivateKey, name: str, now: datetime, rng: RandomBits
) -> bytes:
    """The root's own certificate, DER. `name` has 1 to 64 characters, else ValueError."""
    subject = _name(
        (NameOID.COMMON_NAME, _checked_name(name)), (NameOID.ORGANIZATIONAL_UNIT_NAME, ROOT_UNIT)
    )
    public_key = key.public_key()
    builder = _builder(subject, subject, public_key, now, rng)
    builder = builder.add_extension(x509.BasicConstraints(True, 0), critical=True)
    builder = builder.add_extension(_key_usage(certifies=True), critical=True)
    return builder.sign(key, None).public_bytes(Encoding.DER)


def build_firm_certificate(
    root_key: Ed25519PrivateKey,
    root: bytes,
    firm: FirmIdentity,
    now: datetime,
    rng: RandomBits,
) -> bytes:
    """A firm's certificate, DER. Raises ValueError if firm code or name are out of range."""
    check_firm(firm.firm_code, firm.firm_name)
    subject = _name(
        (NameOID.COMMON_NAME, str(firm.firm_code)),
        (NameOID.ORGANIZATION_NAME, firm.firm_name),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, FIRM_UNIT),
    )
    return _issue(root_key, root, subject, firm.public_key, FIRM_USAGE, now, rng)


def build_container_certificate(
    root_key: Ed25519PrivateKey,
    root: bytes,
    container: ContainerIdentity,
    now: datetime,
    rng: RandomBits,
) -> bytes:
    """A container's certificate, DER. Raises ValueError if serial, CmActID or twin are none."""
    if not is_container_serial(container.serial):
        raise ValueError(f"{container.serial!r} is no container serial such as 130-12345678.")
    if _CMACT_ID.fullmatch(container.cmact_id) is None or container.twin not in TWINS:
        raise ValueError(f"{container.cmact_id!r}, twin {container.twin!r} name no twin container.")
    subject = _name(
        (NameOID.COMMON_NAME, container.serial),
        (NameOID.SERIAL_NUMBER, container.cmact_id),
        (NameOID.DN_QUALIFIER, str(container.twin)),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, CONTAINER_UNIT),
    )
    return _issue(root_key, root, subject, container.public_key, CONTAINER_USAGE, now, rng)


def build_time_server_certificate(
    root_key: Ed25519PrivateKey,
    root: bytes,
    name: str,
    public_key: ec.EllipticCurvePublicKey,
    validity: tuple[datetime, datetime],
    rng: RandomBits,
) -> bytes:
    """A time server's certificate, DER, valid between two times.

    Raises ValueError if `name` cannot be a name, or the key is not of P-256.
    """
    if not isinstance(public_key.curve, ec.SECP256R1):
        raise ValueError("A time server's key is ECDSA on P-256.")
    subject = _name(
        (NameOID.COMMON_NAME, _checked_name(name)),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, TIME_SERVER_UNIT),
    )
    usage = ExtendedKeyUsageOID.TIME_STAMPING
    starts, ends = validity
    return _issue(root_key, root, subject, public_key, usage, starts, rng, ends)


def verify_root_certificate(der: bytes) -> bytes:
    """The raw public key of a licence root. Raises CertificateRefused."""
    return _public_bytes(_root(der))


def verify_firm_certificate(der: bytes, root: bytes) -> FirmIdentity:
    """The firm that `root` (DER of the pinned root) certifies here. Raises CertificateRefused."""
    certificate = _verified(der, root)
    _require_kind(certificate, FIRM_UNIT, FIRM_USAGE, "not-a-firm")
    code = _only(certificate, NameOID.COMMON_NAME, "not-a-firm")
    if _DECIMAL.fullmatch(code) is None or int(code) > CODE_MAX:
        raise CertificateRefused("not-a-firm", f"The certificate names no firm code but {code!r}.")
    name = _only(certificate, NameOID.ORGANIZATION_NAME, "not-a-firm")
    return FirmIdentity(int(code), name, _public_bytes(certificate))


def verify_container_certificate(der: bytes, root: bytes) -> ContainerIdentity:
    """The container that `root` (DER of the pinned root) certifies here.

    Raises CertificateRefused. The same bytes always give the same answer, so it may be cached.
    """
    certificate = _verified(der, root)
    kind = "not-a-container"
    _require_kind(certificate, CONTAINER_UNIT, CONTAINER_USAGE, kind)
    serial = _only(certificate, NameOID.COMMON_NAME, kind)
    cmact_id = _only(certificate, NameOID.SERIAL_NUMBER, kind)
    twin = _only(certificate, NameOID.DN_QUALIFIER, kind)
    if not is_container_serial(serial) or _CMACT_ID.fullmatch(cmact_id) is None:
        raise CertificateRefused(kind, f"The certificate names no container but {serial!r}.")
    if twin not in ("1", "2", "3"):
        raise CertificateRefused(kind, f"The certificate names no twin number but {twin!r}.")
    return ContainerIdentity(serial, cmact_id, int(twin), _public_bytes(certificate))


def verify_time_server_certificate(der: bytes, root: bytes) -> str:
    """The name of the time server that `root` (DER) certifies here. Raises CertificateRefused.

    Its end of validity is for the caller to compare with the time that the server certified.
    """
    certificate = _verified(der, root, ec.EllipticCurvePublicKey)
    kind = "not-a-time-server"
    _require_kind(certificate, TIME_SERVER_UNIT, ExtendedKeyUsageOID.TIME_STAMPING, kind)
    return _only(certificate, NameOID.COMMON_NAME, kind)


# --- building ---


def _checked_name(name: str) -> str:
    if not 1 <= len(name) <= NAME_LENGTH_MAX or not name.isprintable() or name != name.strip():
        raise ValueError(f"A name has 1 to {NAME_LENGTH_MAX} printable characters, not {name!r}.")
    return name


def _name(*attributes: tuple[ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])


def _key_usage(*, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certifies,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: _PublicKey,
    now: datetime,
    rng: RandomBits,
    ends: datetime = _NO_END,
) -> x509.CertificateBuilder:
    # RFC 5280, 4.1.2.2: positive and at most 20 octets.
    number = rng.getrandbits(127) + 1
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(number)
        .not_valid_before((now - _CLOCK_SLACK).replace(microsecond=0))
        .not_valid_after(ends.replace(microsecond=0))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _issue(
    root_key: Ed25519PrivateKey,
    root: bytes,
    subject: x509.Name,
    public_key: bytes | ec.EllipticCurvePublicKey,
    usage: ObjectIdentifier,
    now: datetime,
    rng: RandomBits,
    ends: datetime = _NO_END,
) -> bytes:
    issuer = _root(root)
    if _public_bytes(issuer) != _raw(root_key.public_key()):
        raise ValueError("The root key does not belong to the root certificate.")
    key: _PublicKey = (
        Ed25519PublicKey.from_public_bytes(public_key)
        if isinstance(public_key, bytes)
        else public_key
    )
    builder = _builder(subject, issuer.subject, key, now, rng, ends)
    builder = builder.add_extension(x509.BasicConstraints(False, None), critical=True)
    builder = builder.add_extension(_key_usage(certifies=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
    )
    return builder.sign(root_key, None).public_bytes(Encoding.DER)


# --- reading ---


def _load(der: bytes, key_kind: type[_PublicKey] = Ed25519PublicKey) -> x509.Certificate:
    if len(der) > _CERTIFICATE_BYTES_MAX:
        raise CertificateRefused("malformed", f"A certificate of {len(der)} bytes is too long.")
    if not _has_positive_number(der):
        raise CertificateRefused("malformed", "This is no X.509 certificate of this profile.")
    try:
        certificate = x509.load_der_x509_certificate(der)
        # Parsing is lazy: reading these here keeps every later access from raising.
        _ = certificate.extensions, certificate.subject, certificate.issuer
        key = certificate.public_key()
    except UNREADABLE_X509 as error:
        raise CertificateRefused(
            "malformed", f"This is no X.509 certificate of this profile ({error})."
        ) from None
    except (x509.InvalidVersion, x509.UnsupportedGeneralNameType) as error:
        raise CertificateRefused("malformed", f"This certificate is unusual ({error}).") from None
    if not isinstance(key, key_kind):
        kind = "an Ed25519" if key_kind is Ed25519PublicKey else "an elliptic curve"
        raise CertificateRefused("malformed", f"The certificate's key is not {kind} key.")
    return certificate


def _has_positive_number(der: bytes) -> bool:
    """Whether this starts as a v3 certificate with a positive serial number (RFC 5280, 4.1.2.2).

    `cryptography` only warns about others, and a stranger's bytes must not make warnings.
    """
    at = 0
    for _ in range(2):  # Certificate, TBSCertificate
        if der[at : at + 1] != b"\x30":
            return False
        length = int.from_bytes(der[at + 1 : at + 2], "big")
        at += 2 + (length & 0x7F if length & 0x80 else 0)
    version_and_tag = b"\xa0\x03\x02\x01\x02\x02"
    number = der[at + len(version_and_tag) + 1 : at + len(version_and_tag) + 3]
    return der[at:].startswith(version_and_tag) and b"\x00\x00" < number < b"\x80"


@lru_cache(maxsize=ROOTS_MAX)
def _root(der: bytes) -> x509.Certificate:
    root = _load(der)
    if not _is_authority(root) or ROOT_UNIT not in _values(root, NameOID.ORGANIZATIONAL_UNIT_NAME):
        raise CertificateRefused("not-a-root", "The pinned certificate is not a licence root's.")
    try:
        root.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        raise CertificateRefused("not-a-root", "The root certificate is not its own.") from None
    return root


def _verified(
    der: bytes, root: bytes, key_kind: type[_PublicKey] = Ed25519PublicKey
) -> x509.Certificate:
    issuer = _root(root)
    certificate = _load(der, key_kind)
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        raise CertificateRefused(
            "foreign-root", "The certificate was not issued by the pinned licence root."
        ) from None
    return certificate


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _require_kind(
    certificate: x509.Certificate, unit: str, usage: ObjectIdentifier, reason: str
) -> None:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        usages = list(extension.value) if extension.critical else []
    except x509.ExtensionNotFound:
        usages = []
    units = _values(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME)
    if usages != [usage] or units != [unit] or _is_authority(certificate):
        raise CertificateRefused(reason, f"The certificate is not that of a {unit}.")


def _values(certificate: x509.Certificate, oid: ObjectIdentifier) -> list[str]:
    return [str(attribute.value) for attribute in certificate.subject.get_attributes_for_oid(oid)]


def _only(certificate: x509.Certificate, oid: ObjectIdentifier, reason: str) -> str:
    values = _values(certificate, oid)
    if len(values) != 1:
        raise CertificateRefused(reason, "The certificate's subject is incomplete or ambiguous.")
    return values[0]


def _public_bytes(certificate: x509.Certificate) -> bytes:
    key = certificate.public_key()
    assert isinstance(key, Ed25519PublicKey)  # _load lets no other key through
    return _raw(key)


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
