"""Certificates of the licence root: how they are made, and who is a time server (design D3, D8).

Who is a container or a firm: `verifier.certificates`. X.509 v3 with Ed25519 keys throughout:

* root: self-signed CA, OU "TMR licence root".
* firm: CN firm code in decimal, O firm name, OU "TMR firm", critical extended key usage FIRM_USAGE.
* container: CN serial, serialNumber CmActID, dnQualifier twin number, OU "TMR container", critical
  extended key usage CONTAINER_USAGE; title what holds its key, unless it is a plain file.
* time server: CN its name, OU "TMR time server", critical extended key usage time-stamping and no
  other (RFC 3161, 2.3). Its key is ECDSA P-256, since OpenSSL's `ts` cannot sign or verify with
  Ed25519. It alone has an end, compared with the time that it certifies.

What can go wrong in here is one kind passing for the other, so OU and key usage must both fit. No
end of validity is compared with a clock: clocks may be wrong (design D6), licences carry their own
end, and a lost container is taken out by the signed block list.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from appliance.licences.bounds import CODE_MAX
from appliance.licences.serials import Binding
from appliance.verifier.certificates import (
    CONTAINER_UNIT,
    CONTAINER_USAGE,
    FIRM_UNIT,
    FIRM_USAGE,
    ROOT_UNIT,
    SINGLE,
    SINGLE_UNIT,
    SINGLE_USAGE,
    TWINS,
    ContainerIdentity,
    FirmIdentity,
    PublicKey,
    holds_as,
    is_container_serial,
    licence_root,
    names_container,
    only_value,
    public_bytes,
    raw_key,
    require_kind,
    verified,
)

TIME_SERVER_UNIT: Final = "TMR time server"
NAME_LENGTH_MAX: Final = 64
_NO_END: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)  # RFC 5280, 4.1.2.5
_CLOCK_SLACK: Final = timedelta(days=1)


class RandomBits(Protocol):
    """What numbering a certificate needs of a random.Random (SystemRandom in production)."""

    def getrandbits(self, k: int, /) -> int:
        """A whole number of k random bits."""


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
    """A container's certificate, DER, of a twin or of one that stands alone (SINGLE).

    Raises ValueError if serial, CmActID or twin are none."""
    if not is_container_serial(container.serial):
        raise ValueError(f"{container.serial!r} is no container serial such as 130-12345678.")
    if not names_container(container.serial, container.cmact_id) or container.twin not in (
        SINGLE,
        *TWINS,
    ):
        raise ValueError(f"{container.cmact_id!r}, twin {container.twin!r} name no twin container.")
    if not holds_as(container.serial, container.binding):
        raise ValueError(f"A key held as {container.binding!r} is none of {container.serial}.")
    held = [] if container.binding is Binding.FILE else [(NameOID.TITLE, container.binding.value)]
    alone = container.is_single
    numbered = [] if alone else [(NameOID.DN_QUALIFIER, str(container.twin))]
    unit, usage = (SINGLE_UNIT, SINGLE_USAGE) if alone else (CONTAINER_UNIT, CONTAINER_USAGE)
    subject = _name(
        (NameOID.COMMON_NAME, container.serial),
        (NameOID.SERIAL_NUMBER, container.cmact_id),
        *numbered,
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        *held,
    )
    return _issue(root_key, root, subject, container.public_key, usage, now, rng)


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


def verify_time_server_certificate(der: bytes, root: bytes) -> str:
    """The name of the time server that `root` (DER) certifies here. Raises CertificateRefused.

    Its end of validity is for the caller to compare with the time that the server certified.
    """
    certificate = verified(der, root, ec.EllipticCurvePublicKey)
    kind = "not-a-time-server"
    require_kind(certificate, TIME_SERVER_UNIT, ExtendedKeyUsageOID.TIME_STAMPING, kind)
    return only_value(certificate, NameOID.COMMON_NAME, kind)


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
    public_key: PublicKey,
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
    issuer = licence_root(root)
    if public_bytes(issuer) != raw_key(root_key.public_key()):
        raise ValueError("The root key does not belong to the root certificate.")
    key: PublicKey = (
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
