"""Certificates of the licence root: who is a container, and who a firm (design D3, D8).

X.509 v3 with Ed25519 keys: the root is a self-signed CA, OU "TMR licence root"; a container has CN
serial, serialNumber CmActID, dnQualifier twin number, OU "TMR container", and the critical extended
key usage CONTAINER_USAGE, and, unless its key lies in a plain file, title what holds it; one that
stands alone is a kind of its own, with OU "TMR single container", SINGLE_USAGE and no twin number,
so that no twin passes for it; a firm has
CN firm code in decimal, O firm name, OU "TMR firm", and the critical extended key usage FIRM_USAGE.
`codec.certificates` makes all, and has time servers.

What can go wrong in here is one kind passing for the other, so OU and key usage must both fit. No
end of validity is compared with a clock: clocks may be wrong (design D6), licences carry their own
end, and a lost container is taken out by the signed block list.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID, ObjectIdentifier

from appliance.licences.bounds import CODE_MAX
from appliance.licences.serials import BINDINGS, Binding, Kind, Serial, kind_of
from appliance.unreadable_x509 import UNREADABLE_X509

# A private arc under 2.25 (ITU-T X.667: a UUID as an integer), drawn for this product.
CONTAINER_USAGE: Final = ObjectIdentifier("2.25.167614072786400161882803885521689393638")
SINGLE_USAGE: Final = ObjectIdentifier("2.25.19392766893174617286130066872909964807")
FIRM_USAGE: Final = ObjectIdentifier("2.25.249001324160833526368370993093870342338")
ROOT_UNIT: Final = "TMR licence root"
CONTAINER_UNIT: Final = "TMR container"
SINGLE_UNIT: Final = "TMR single container"
FIRM_UNIT: Final = "TMR firm"
TWINS: Final = (1, 2, 3)
SINGLE: Final = 0
"""In the place of a twin number: a container that the root certified to stand alone."""
_CERTIFICATE_BYTES_MAX: Final = 4096
ROOTS_MAX: Final = 8
"""Licence roots of which the parsed certificate is kept."""
PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey
_CMACT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
_DECIMAL: Final = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)


class CertificateRefused(Exception):
    """A certificate that proves nothing here.

    `reason` is "malformed", "foreign-root", "not-a-root", "not-a-firm", "not-a-container" or
    "not-a-time-server"; `detail` says it in one sentence.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class ContainerIdentity(NamedTuple):
    """What the root says of a container: its `twin` number, or SINGLE. `public_key` is the raw 32
    bytes."""

    serial: str
    cmact_id: str
    twin: int
    public_key: bytes
    binding: Binding = Binding.FILE

    @property
    def kind(self) -> Kind:
        """How firmly it is bound."""
        return kind_of(self.serial, self.binding)

    @property
    def is_single(self) -> bool:
        """Whether its word alone is enough, for programs that allow that."""
        return self.twin == SINGLE


class FirmIdentity(NamedTuple):
    """What the root says of a firm. `public_key` is the raw 32 bytes."""

    firm_code: int
    firm_name: str
    public_key: bytes


def is_container_serial(serial: str) -> bool:
    """Whether an upstream's container can have this serial."""
    try:
        return Serial.parse(serial).mask in BINDINGS
    except ValueError:
        return False


def holds_as(serial: str, binding: str) -> bool:
    """Whether the key of a container with this serial can be held so."""
    return is_container_serial(serial) and binding in BINDINGS[Serial.parse(serial).mask]


def names_container(serial: str, cmact_id: str) -> bool:
    """Whether a container can have this serial and this CmActID."""
    return is_container_serial(serial) and _CMACT_ID.fullmatch(cmact_id) is not None


def verify_root_certificate(der: bytes) -> bytes:
    """The raw public key of a licence root. Raises CertificateRefused."""
    return public_bytes(licence_root(der))


def verify_container_certificate(der: bytes, root: bytes) -> ContainerIdentity:
    """The container that `root` (DER of the pinned root) certifies here.

    Raises CertificateRefused. The same bytes always give the same answer, so it may be cached.
    """
    return _container(verified(der, root))


def read_container_certificate(der: bytes) -> ContainerIdentity:
    """What a container's certificate says, whoever issued it. Raises CertificateRefused."""
    return _container(_load(der))


def _container(certificate: x509.Certificate) -> ContainerIdentity:
    kind = "not-a-container"
    alone = _values(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME) == [SINGLE_UNIT]
    unit, usage = (SINGLE_UNIT, SINGLE_USAGE) if alone else (CONTAINER_UNIT, CONTAINER_USAGE)
    require_kind(certificate, unit, usage, kind)
    serial = only_value(certificate, NameOID.COMMON_NAME, kind)
    cmact_id = only_value(certificate, NameOID.SERIAL_NUMBER, kind)
    twin = _twin_number(certificate, alone=alone)
    if not names_container(serial, cmact_id):
        raise CertificateRefused(kind, f"The certificate names no container but {serial!r}.")
    held = _values(certificate, NameOID.TITLE) or [Binding.FILE.value]
    if len(held) != 1 or not holds_as(serial, held[0]):
        raise CertificateRefused(
            kind, f"The certificate of {serial} does not say what holds its key: {held[0]!r}."
        )
    return ContainerIdentity(serial, cmact_id, twin, public_bytes(certificate), Binding(held[0]))


def _twin_number(certificate: x509.Certificate, *, alone: bool) -> int:
    """The twin number in a certificate, SINGLE in one of a container that stands alone."""
    kind = "not-a-container"
    if alone:
        if _values(certificate, NameOID.DN_QUALIFIER):
            raise CertificateRefused(kind, "A container that stands alone has no twin number.")
        return SINGLE
    twin = only_value(certificate, NameOID.DN_QUALIFIER, kind)
    if twin not in ("1", "2", "3"):
        raise CertificateRefused(kind, f"The certificate names no twin number but {twin!r}.")
    return int(twin)


def verify_firm_certificate(der: bytes, root: bytes) -> FirmIdentity:
    """The firm that `root` (DER of the pinned root) certifies here. Raises CertificateRefused."""
    certificate = verified(der, root)
    require_kind(certificate, FIRM_UNIT, FIRM_USAGE, "not-a-firm")
    code = only_value(certificate, NameOID.COMMON_NAME, "not-a-firm")
    if _DECIMAL.fullmatch(code) is None or int(code) > CODE_MAX:
        raise CertificateRefused("not-a-firm", f"The certificate names no firm code but {code!r}.")
    name = only_value(certificate, NameOID.ORGANIZATION_NAME, "not-a-firm")
    return FirmIdentity(int(code), name, public_bytes(certificate))


# --- reading ---


def _load(der: bytes, key_kind: type[PublicKey] = Ed25519PublicKey) -> x509.Certificate:
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
def licence_root(der: bytes) -> x509.Certificate:
    """The root's certificate, parsed. Raises CertificateRefused."""
    root = _load(der)
    if not _is_authority(root) or ROOT_UNIT not in _values(root, NameOID.ORGANIZATIONAL_UNIT_NAME):
        raise CertificateRefused("not-a-root", "The pinned certificate is not a licence root's.")
    try:
        root.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        raise CertificateRefused("not-a-root", "The root certificate is not its own.") from None
    return root


def verified(
    der: bytes, root: bytes, key_kind: type[PublicKey] = Ed25519PublicKey
) -> x509.Certificate:
    """A certificate that the root issued, with a key of this kind. Raises CertificateRefused."""
    issuer = licence_root(root)
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


def require_kind(
    certificate: x509.Certificate, unit: str, usage: ObjectIdentifier, reason: str
) -> None:
    """Raises CertificateRefused for `reason` unless this is an end's certificate of that kind."""
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


def only_value(certificate: x509.Certificate, oid: ObjectIdentifier, reason: str) -> str:
    """The one value that the subject has of this attribute. Raises CertificateRefused."""
    values = _values(certificate, oid)
    if len(values) != 1:
        raise CertificateRefused(reason, "The certificate's subject is incomplete or ambiguous.")
    return values[0]


def public_bytes(certificate: x509.Certificate) -> bytes:
    """The raw 32 bytes of an Ed25519 certificate's key."""
    key = certificate.public_key()
    assert isinstance(key, Ed25519PublicKey)  # _load lets no other key through
    return raw_key(key)


def raw_key(key: Ed25519PublicKey) -> bytes:
    """The raw 32 bytes of a key."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
