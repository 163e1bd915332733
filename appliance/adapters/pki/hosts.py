"""Host certificates for keys that never leave their host: requested there, signed elsewhere.

What can go wrong in here is a host left with a key and a certificate that do not fit each other, or
an authority that signs what a request says of itself. So a new key waits beside the old one until
its certificate is there, and only the key is taken from a request: name, role and addresses are
what the signer says.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from appliance.adapters.files import make_directory, write_whole
from appliance.adapters.pki.authority import (
    OPERATOR_ROLES,
    Authority,
    Identity,
    IdentityFiles,
    IdentityRefused,
    PkiError,
    certificate_identity,
    certify,
    checked_name,
    host_names,
    load_authority,
    read_key,
    write_key,
)
from appliance.unreadable_x509 import UNREADABLE_X509

_NEXT_KEY: Final = "key.pem.next"


def request_host(directory: Path, name: str) -> Path:
    """A new key and a request for its certificate, made on the host that will use them.

    The key stays in `directory` as `key.pem.next` until `accept_host` puts both in place, so that
    a service that restarts in between finds a pair that fits. Gives the request's path.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, checked_name(name))])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    make_directory(directory)
    path = directory / "request.pem"
    write_key(directory / _NEXT_KEY, key)
    write_whole(path, request.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return path


def sign_host(
    authority: Path,
    request: bytes,
    name: str,
    role: str,
    now: datetime,
    addresses: Iterable[str] = (),
    dns_names: Iterable[str] = (),
) -> bytes:
    """The certificate (PEM) for a host's request (PEM); only the key is taken from the request.

    Raises PkiError if it is no request, not signed by its own key, or asks for another name.
    """
    alternatives = host_names(name, role, addresses, dns_names)
    return _sign(authority, request, Identity(name, role), now, alternatives)


def sign_operator(authority: Path, request: bytes, name: str, role: str, now: datetime) -> bytes:
    """The same for an operator's request: a machine that only looks makes its key itself, too."""
    if role not in OPERATOR_ROLES:
        raise PkiError(f"An operator's role is one of {', '.join(OPERATOR_ROLES)}, not {role!r}.")
    return _sign(authority, request, Identity(name, role), now, None)


def _sign(
    authority: Path,
    request: bytes,
    wanted: Identity,
    now: datetime,
    alternatives: x509.SubjectAlternativeName | None,
) -> bytes:
    issuer, issuer_key = load_authority(Authority.of(authority))
    # A request's parts are read only when they are asked for, so each may fail.
    try:
        asked = x509.load_pem_x509_csr(request)
        key, subject = asked.public_key(), asked.subject
        proven = isinstance(key, ec.EllipticCurvePublicKey) and asked.is_signature_valid
    except UNREADABLE_X509:
        raise PkiError("This is no certificate request (PEM).") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not proven:
        raise PkiError("The request is not signed by an ECDSA key of its own: make it again.")
    names = [str(item.value) for item in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if names != [wanted.name]:
        raise PkiError(
            f"The request is by {', '.join(names) or 'nobody'} and not by {wanted.name}."
        )
    certificate = certify(issuer, issuer_key, key, wanted, now, alternatives)
    return certificate.public_bytes(Encoding.PEM)


def accept_host(directory: Path, certificate: bytes) -> IdentityFiles:
    """Puts a signed certificate (PEM) and the key it belongs to in place.

    Safe to repeat after a crash between its two renames. Raises PkiError if the certificate is for
    neither the requested key nor the one in place; then nothing is changed.
    """
    files = IdentityFiles.of(directory)
    try:
        wanted = x509.load_pem_x509_certificate(certificate).public_key()
    except UNREADABLE_X509:
        raise PkiError("This is no certificate (PEM).") from None
    for path in (directory / _NEXT_KEY, files.key):
        if path.exists() and read_key(path).public_key() == wanted:
            path.replace(files.key)
            write_whole(files.cert, certificate)
            return files
    raise PkiError(f"No key in {directory} belongs to this certificate: request one again.")


def host_due(
    authority: bytes,
    certificate: bytes,
    name: str,
    role: str,
    now: datetime,
    days: int,
    addresses: Iterable[str] = (),
    dns_names: Iterable[str] = (),
) -> str:
    """Why this host's certificate (PEM) has to be issued again; "" if it need not be.

    It is due within `days` of its end, and when it is not what `sign_host` would make now by the
    authority (PEM; of several, the first issues). Raises PkiError.
    """
    names = frozenset(host_names(name, role, addresses, dns_names))
    return _due(authority, certificate, Identity(name, role), now, days, names)


def person_due(
    authority: bytes, certificate: bytes, name: str, role: str, now: datetime, days: int
) -> str:
    """The same for the certificate of a client or an operator."""
    return _due(authority, certificate, Identity(name, role), now, days, frozenset())


def _due(
    authority: bytes,
    certificate: bytes,
    wanted: Identity,
    now: datetime,
    days: int,
    names: frozenset[x509.GeneralName],
) -> str:
    try:
        issuer = x509.load_pem_x509_certificate(authority)
        held = x509.load_pem_x509_certificate(certificate)
    except UNREADABLE_X509:
        return "it is no certificate"
    try:
        held.verify_directly_issued_by(issuer)
        identity = certificate_identity(held.public_bytes(Encoding.DER))
    except (InvalidSignature, IdentityRefused, *UNREADABLE_X509):
        return "this authority did not issue it"
    if identity != wanted:
        return f"it is for {identity.name} in the role {identity.role}"
    try:
        held_names = frozenset(
            held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        )
    except x509.ExtensionNotFound:
        held_names = frozenset()
    if held_names != names:
        return "it names other addresses"
    if held.not_valid_after_utc - now < timedelta(days=days):
        return f"it ends on {held.not_valid_after_utc:%Y-%m-%d}"
    return ""
