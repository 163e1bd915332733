"""What `tmr doctor` looks up on a host: its certificate's content, and its systemd units."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.adapters.pki.authority import (
    IdentityFiles,
    IdentityRefused,
    PkiError,
    certificate_identity,
    read_key,
)
from appliance.unreadable_x509 import UNREADABLE_X509

SYSTEMCTL_S: Final = 10.0
_PROPERTIES: Final = ("Id", "ActiveState", "UnitFileState", "NRestarts")


class CertificateRead(NamedTuple):
    """A certificate's content; `trouble` if it has none, `key_fits` None if there is no key."""

    trouble: str
    name: str = ""
    role: str = ""
    names: tuple[str, ...] = ()
    expires_at_s: int = 0
    issued_by_ours: bool = True
    key_fits: bool | None = None


def read_certificate(files: IdentityFiles) -> CertificateRead:
    """What a host's certificate says, whether its authority issued it, whether its key fits."""
    try:
        held = x509.load_pem_x509_certificate(files.cert.read_bytes())
        # While the authority is changed, two are trusted.
        issuers = x509.load_pem_x509_certificates(files.ca.read_bytes())
        identity = certificate_identity(held.public_bytes(Encoding.DER))
    except OSError as error:
        return CertificateRead(f"{error.filename} cannot be read ({error.strerror})")
    except UNREADABLE_X509:
        return CertificateRead("it or the authority's is no certificate (PEM)")
    except IdentityRefused as refused:
        return CertificateRead(refused.detail.rstrip("."))
    return CertificateRead(
        "",
        identity.name,
        identity.role,
        _names(held),
        int(held.not_valid_after_utc.timestamp()),
        any(_issued_by(held, issuer) for issuer in issuers),
        _key_fits(held, files.key),
    )


def _names(held: x509.Certificate) -> tuple[str, ...]:
    try:
        names = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(name.value) for name in names)


def _issued_by(held: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        held.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _key_fits(held: x509.Certificate, key: Path) -> bool | None:
    try:
        return read_key(key).public_key() == held.public_key()
    except OSError:
        return None
    except (PkiError, ValueError):
        return False


class Unit(NamedTuple):
    """A unit's name, ActiveState, UnitFileState and count of automatic restarts."""

    name: str
    active: str
    enabled: str
    restarts: int


def units(names: Sequence[str]) -> tuple[Unit, ...]:
    """These units as systemd knows them; nothing where there is no systemd to ask."""
    command = ["systemctl", "show", "--property", ",".join(_PROPERTIES), "--", *names]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=SYSTEMCTL_S
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(parse_units(done.stdout))


def parse_units(text: str) -> list[Unit]:
    """What `systemctl show` printed: a block of NAME=VALUE lines for each unit."""
    found = []
    for block in text.strip().split("\n\n"):
        values = dict(line.partition("=")[::2] for line in block.splitlines())
        restarts = values.get("NRestarts", "")
        found.append(
            Unit(
                values.get("Id", ""),
                values.get("ActiveState", ""),
                values.get("UnitFileState", ""),
                int(restarts) if restarts.isdigit() else 0,
            )
        )
    return found
