"""The certificates of one deployment: who is which host, client or operator on TLS.

Not the licence root's world (`appliance.codec.certificates`): this authority says who may connect,
that one what a licence is worth. Subject: CN name, OU role. Keys are ECDSA P-256, since TLS
handshakes of many reconnecting clients cost processor time.

What can go wrong in here is a certificate of one role passing for another: each has exactly one CN
and one OU, only hosts may act as servers, and whoever checks a peer compares its role.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import ssl
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from appliance.adapters.clock import boot_s
from appliance.adapters.files import PRIVATE_MODE, make_directory, write_whole
from appliance.adapters.quiet import Quiet
from appliance.unreadable_x509 import UNREADABLE_X509

HOST_ROLES: Final = ("upstream", "tmr", "vendor")
CLIENT_ROLE: Final = "client"
OPERATOR_ROLES: Final = ("view", "operate", "administer")
ROLES: Final = (*HOST_ROLES, CLIENT_ROLE, *OPERATOR_ROLES)
AUTHORITY_DAYS: Final = 3653
IDENTITY_DAYS: Final = 825
_CLOCK_SLACK: Final = timedelta(days=1)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_AUTHORITY_UNIT: Final = "TMR deployment"
_SERVER: Final = ExtendedKeyUsageOID.SERVER_AUTH
_CLIENT: Final = ExtendedKeyUsageOID.CLIENT_AUTH

log = logging.getLogger(__name__)


class PkiError(Exception):
    """Something is wrong with the authority, a name or a file; the message says what to do."""


class IdentityRefused(Exception):
    """A peer's certificate says not, or not clearly, who it is; `detail` says what is wrong."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Identity(NamedTuple):
    """Who a certificate says its holder is. `role` is one of ROLES.

    Of a peer on TLS also which certificate it is: its serial number in hexadecimal, and when it
    ends (Unix seconds; 0: not known).
    """

    name: str
    role: str
    serial: str = ""
    ends_at_s: int = 0


class IdentityFiles(NamedTuple):
    """Where one identity's files are: certificate, private key, authority; all PEM."""

    cert: Path
    key: Path
    ca: Path

    @classmethod
    def of(cls, directory: Path) -> IdentityFiles:
        """The files as `issue_host`, `issue_client` and `issue_operator` name them."""
        return cls(directory / "cert.pem", directory / "key.pem", directory / "ca.pem")


class Authority(NamedTuple):
    """Where the deployment's authority is, PEM: its certificate and its private key.

    While another authority takes over (`rotation`), `cert` holds both: everyone trusts what
    stands in it, and the one that `key` belongs to issues.
    """

    cert: Path
    key: Path

    @classmethod
    def of(cls, directory: Path) -> Authority:
        """The files as `create_ca` names them."""
        return cls(directory / "ca.pem", directory / "ca.key.pem")


# --- issuing ---


def create_ca(directory: Path, now: datetime, name: str = "TMR deployment") -> Authority:
    """Makes an authority in `directory`. Raises PkiError if one is there already."""
    files = Authority.of(directory)
    if files.cert.exists() or files.key.exists():
        raise PkiError(f"{directory} holds an authority already; use it or choose another place.")
    certificate, key = make_authority(name.replace(" ", "-"), now)
    make_directory(directory)
    write_key(files.key, key)
    write_whole(files.cert, certificate.public_bytes(Encoding.PEM))
    return files


def make_authority(name: str, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A new authority's certificate and key, which nobody trusts yet. Raises PkiError."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(checked_name(name), _AUTHORITY_UNIT)
    builder = _builder(subject, subject, key.public_key(), now, AUTHORITY_DAYS)
    builder = builder.add_extension(x509.BasicConstraints(True, 0), critical=True)
    builder = builder.add_extension(_usage(certifies=True), critical=True)
    return builder.sign(key, hashes.SHA256()), key


def issue_host(
    authority: Path,
    directory: Path,
    name: str,
    role: str,
    now: datetime,
    addresses: Iterable[str] = (),
    dns_names: Iterable[str] = (),
) -> IdentityFiles:
    """Key and certificate of a host, valid under `name`, `dns_names` and the IP `addresses`.

    A TMR host's addresses include the virtual IP. Raises PkiError.
    """
    alternatives = host_names(name, role, addresses, dns_names)
    return _issue(authority, directory, Identity(name, role), now, alternatives)


def issue_client(authority: Path, directory: Path, name: str, now: datetime) -> IdentityFiles:
    """Key and certificate of a client, known to the ledger as "cert:NAME". Raises PkiError."""
    return _issue(authority, directory, Identity(name, CLIENT_ROLE), now)


def issue_operator(
    authority: Path, directory: Path, name: str, role: str, now: datetime
) -> IdentityFiles:
    """Key and certificate of an operator who may view, operate or administer. Raises PkiError."""
    if role not in OPERATOR_ROLES:
        raise PkiError(f"An operator's role is one of {', '.join(OPERATOR_ROLES)}, not {role!r}.")
    return _issue(authority, directory, Identity(name, role), now)


# --- reading ---


def peer_identity(certificate: Mapping[str, Any] | None) -> Identity:
    """Who the peer is, from `SSLObject.getpeercert()`. Raises IdentityRefused.

    Only for certificates that the TLS layer verified: the dictionary is empty for all others.
    """
    if not certificate:
        raise IdentityRefused("The peer showed no certificate.")
    subject = [pair for group in certificate.get("subject", ()) for pair in group]
    identity = _identity(
        [value for kind, value in subject if kind == "commonName"],
        [value for kind, value in subject if kind == "organizationalUnitName"],
    )
    ends = certificate.get("notAfter")
    return identity._replace(
        serial=str(certificate.get("serialNumber", "")).lstrip("0"),
        ends_at_s=ssl.cert_time_to_seconds(ends) if ends else 0,
    )


def which_certificate(pem: bytes) -> Identity:
    """Whose certificate this file (PEM) holds, and which. Raises IdentityRefused."""
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        ends_at_s = int(certificate.not_valid_after_utc.timestamp())
        identity = certificate_identity(certificate.public_bytes(Encoding.DER))
    except UNREADABLE_X509:
        raise IdentityRefused("The file holds no certificate (PEM).") from None
    return identity._replace(serial=serial_text(certificate.serial_number), ends_at_s=ends_at_s)


def own_serial(cert: Path) -> str:
    """The serial number of the certificate in this file, "" if it holds none."""
    try:
        return which_certificate(cert.read_bytes()).serial
    except (OSError, IdentityRefused):
        return ""


def serial_text(number: int) -> str:
    """A serial number as the ledger keeps it, and as OpenSSL shows it but for leading zeros."""
    return f"{number:X}"


def certificate_identity(der: bytes) -> Identity:
    """Who this certificate (DER) is about; nothing about it is verified. Raises IdentityRefused."""
    try:
        subject = x509.load_der_x509_certificate(der).subject
    except UNREADABLE_X509 as error:
        raise IdentityRefused(f"This is no X.509 certificate: {error}.") from None
    return _identity(
        [str(item.value) for item in subject.get_attributes_for_oid(NameOID.COMMON_NAME)],
        [
            str(item.value)
            for item in subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        ],
    )


def _identity(names: list[str], roles: list[str]) -> Identity:
    if len(names) != 1 or len(roles) != 1:
        raise IdentityRefused("The certificate names not exactly one name (CN) and role (OU).")
    if roles[0] not in ROLES or _NAME.fullmatch(names[0]) is None:
        raise IdentityRefused(f"The certificate's role {roles[0]!r} is none of this deployment.")
    return Identity(names[0], roles[0])


# --- TLS ---


def server_context(files: IdentityFiles) -> ssl.SSLContext:
    """For the links between hosts: TLS 1.3, and no peer without a certificate of ours."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, files)
    context.verify_mode = ssl.CERT_REQUIRED
    context.sslobject_class = type("Watched", (_Watched,), {"quiet": Quiet(log)})
    return context


class _Watched(ssl.SSLObject):
    """A server's side of TLS that logs why a handshake was refused: asyncio keeps it to itself.

    Who it was is not known yet, so what is logged at once is each reason."""

    quiet: Quiet

    def do_handshake(self) -> None:
        """As in `ssl.SSLObject`."""
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            why = getattr(error, "verify_message", "") or error.reason or str(error)
            self.quiet.tell(boot_s(), why, logging.WARNING, "refused a handshake: why=%s", why)
            raise


def client_context(files: IdentityFiles) -> ssl.SSLContext:
    """For the connecting side: TLS 1.3, own certificate; checks the server's name or address."""
    return _context(ssl.PROTOCOL_TLS_CLIENT, files)


def api_context(files: IdentityFiles) -> ssl.SSLContext:
    """For the client API: TLS 1.3; a client certificate is verified if shown, since clients may
    prove themselves by a token instead."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, files)
    context.verify_mode = ssl.CERT_OPTIONAL
    # A client resumes one session at most: the second ticket would only cost time.
    context.num_tickets = 1
    return context


def _context(protocol: int, files: IdentityFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    try:
        context.load_verify_locations(files.ca)
        context.load_cert_chain(files.cert, files.key)
    except (OSError, ssl.SSLError) as error:
        raise PkiError(
            f"The TLS files {files.cert}, {files.key} and {files.ca} cannot be used ({error}); "
            "issue them again."
        ) from None
    return context


# --- building ---


def _issue(
    authority: Path,
    directory: Path,
    identity: Identity,
    now: datetime,
    alternatives: x509.SubjectAlternativeName | None = None,
) -> IdentityFiles:
    issuer, issuer_key = load_authority(Authority.of(authority))
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = certify(issuer, issuer_key, key.public_key(), identity, now, alternatives)
    files = IdentityFiles.of(directory)
    make_directory(directory)
    write_key(files.key, key)
    write_whole(files.cert, certificate.public_bytes(Encoding.PEM))
    write_whole(files.ca, Authority.of(authority).cert.read_bytes())
    return files


def certify(
    issuer: x509.Certificate,
    issuer_key: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePublicKey,
    identity: Identity,
    now: datetime,
    alternatives: x509.SubjectAlternativeName | None,
) -> x509.Certificate:
    """A certificate for this key; with `alternatives` it is a host's."""
    subject = _subject(checked_name(identity.name), identity.role)
    usages: list[ObjectIdentifier] = [_CLIENT] if alternatives is None else [_SERVER, _CLIENT]
    builder = _builder(subject, issuer.subject, key, now, IDENTITY_DAYS)
    builder = builder.add_extension(x509.BasicConstraints(False, None), critical=True)
    builder = builder.add_extension(_usage(certifies=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
    )
    if alternatives is not None:
        builder = builder.add_extension(alternatives, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def host_names(
    name: str, role: str, addresses: Iterable[str], dns_names: Iterable[str]
) -> x509.SubjectAlternativeName:
    """Under which names and addresses a host is reached. Raises PkiError."""
    if role not in HOST_ROLES:
        raise PkiError(f"A host's role is one of {', '.join(HOST_ROLES)}, not {role!r}.")
    names: list[x509.GeneralName] = [x509.DNSName(checked_name(name)), *map(_dns, dns_names)]
    names += [x509.IPAddress(_address(text)) for text in addresses]
    return x509.SubjectAlternativeName(list(dict.fromkeys(names)))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    start = (now - _CLOCK_SLACK).replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _usage(*, certifies: bool) -> x509.KeyUsage:
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


def _subject(name: str, unit: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        ]
    )


def checked_name(name: str) -> str:
    """The name, if it may stand in a certificate. Raises PkiError."""
    if _NAME.fullmatch(name) is None:
        raise PkiError(
            f"{name!r} is no name: use 1 to 64 letters, digits, dots, dashes, underscores or @."
        )
    return name


def _dns(name: str) -> x509.DNSName:
    return x509.DNSName(checked_name(name))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise PkiError(f"{text!r} is no IP address.") from None


def load_authority(files: Authority) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """The certificate and key of the authority that issues. Raises PkiError."""
    trusted = load_trusted(files)
    try:
        key = read_key(files.key)
    except FileNotFoundError as error:
        raise PkiError(f"{error.filename} is missing: make an authority first.") from None
    except ValueError:
        raise PkiError(f"{files.cert} and {files.key} hold no authority.") from None
    for certificate in trusted:
        if certificate.public_key() == key.public_key():
            return certificate, key
    raise PkiError(f"{files.key} belongs to no certificate in {files.cert}.")


def load_trusted(files: Authority) -> list[x509.Certificate]:
    """The certificates of all authorities that are trusted now. Raises PkiError."""
    try:
        return x509.load_pem_x509_certificates(files.cert.read_bytes())
    except FileNotFoundError as error:
        raise PkiError(f"{error.filename} is missing: make an authority first.") from None
    except UNREADABLE_X509:
        raise PkiError(f"{files.cert} and {files.key} hold no authority.") from None


def read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The ECDSA key in this file. Raises PkiError, ValueError if it is no key, and OSError."""
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise PkiError(f"{path} holds a key of another kind than ECDSA.")
    return key


def write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """Puts the key at `path` (PEM), readable to its owner only. Raises OSError."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_whole(path, pem, PRIVATE_MODE)
