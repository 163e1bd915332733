"""Another authority for a deployment that goes on serving: for a while two are trusted.

Three steps, each safe to repeat, with time between them for everyone to be told:

    begin    a new authority beside the old one; the old one still issues, `ca.pem` holds both
    switch   the new one issues; certificates of the old one are still good
    finish   only the new one is trusted

What can go wrong in here is somebody shut out: a certificate of an authority that its reader does
not trust yet, or no longer. So no step can be skipped, the private key says who issues (one rename
changes it), and a step that was interrupted is completed by repeating it.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from appliance.adapters.files import write_whole
from appliance.adapters.pki.authority import (
    Authority,
    PkiError,
    load_authority,
    load_trusted,
    make_authority,
    read_key,
    write_key,
)

_NEXT_KEY: Final = "ca.next.key.pem"
_NUMBERED: Final = re.compile(r"(.*)\.(\d+)")


class Trusted(NamedTuple):
    """Who issues now, who else is trusted, and whether the step changed anything."""

    issuer: str
    beside: tuple[str, ...]
    changed: bool


def begin(directory: Path, now: datetime) -> Trusted:
    """Makes another authority, which from now on is trusted beside the one that issues.

    Raises PkiError if there is no authority, or if one has just taken over and the old one is
    still trusted.
    """
    files = Authority.of(directory)
    issuer, _ = load_authority(files)
    others = _others(files, issuer)
    next_key = directory / _NEXT_KEY
    if others:
        if not next_key.exists():
            raise PkiError(
                f"{_name(others[0])} is still trusted beside {_name(issuer)}: finish that change "
                "before you begin another."
            )
        return _trusted(files, changed=False)
    # A key without a certificate in ca.pem is what an interrupted step left behind: nobody used it.
    successor, key = make_authority(_next_name(_name(issuer)), now)
    write_key(next_key, key)
    _write(files, [issuer, successor])
    return _trusted(files, changed=True)


def switch(directory: Path) -> Trusted:
    """Lets the new authority issue. Raises PkiError if none was begun."""
    files = Authority.of(directory)
    next_key = directory / _NEXT_KEY
    changed = next_key.exists()
    if changed:
        issuer, _ = load_authority(files)
        wanted = read_key(next_key).public_key()
        if wanted not in [other.public_key() for other in _others(files, issuer)]:
            raise PkiError("No other authority is trusted yet: begin, and tell everyone, first.")
        next_key.replace(files.key)
    issuer, _ = load_authority(files)
    others = _others(files, issuer)
    if not others:
        raise PkiError("No other authority is trusted yet: begin, and tell everyone, first.")
    if load_trusted(files)[0] != issuer:
        _write(files, [issuer, *others])
    return _trusted(files, changed=changed)


def finish(directory: Path) -> Trusted:
    """Ends the trust in the old authority. Raises PkiError if it is the one that still issues."""
    files = Authority.of(directory)
    issuer, _ = load_authority(files)
    others = _others(files, issuer)
    if (directory / _NEXT_KEY).exists():
        raise PkiError(f"{_name(issuer)} still issues: switch, and issue anew, first.")
    if others:
        _write(files, [issuer])
    return _trusted(files, changed=bool(others))


def _others(files: Authority, issuer: x509.Certificate) -> list[x509.Certificate]:
    return [certificate for certificate in load_trusted(files) if certificate != issuer]


def _write(files: Authority, certificates: list[x509.Certificate]) -> None:
    """All that is trusted, the one that issues first."""
    write_whole(files.cert, b"".join(one.public_bytes(Encoding.PEM) for one in certificates))


def _trusted(files: Authority, *, changed: bool) -> Trusted:
    issuer, _ = load_authority(files)
    return Trusted(_name(issuer), tuple(map(_name, _others(files, issuer))), changed)


def _name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _next_name(name: str) -> str:
    """ "plant" is followed by "plant.2", and that by "plant.3"."""
    numbered = _NUMBERED.fullmatch(name)
    return f"{numbered[1]}.{int(numbered[2]) + 1}" if numbered else f"{name}.2"
