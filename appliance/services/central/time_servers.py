"""Makes a time server's key and has the root certify it (design D8).

    timeserver.key.pem, timeserver.cert.pem, root.cert.pem

The three files are for the host that will serve; the key is kept nowhere else. What can go wrong in
here is an end that nobody remembers: it is printed when the certificate is made, and `tmr
timeserver` refuses to start after it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from appliance.adapters.files import PRIVATE_MODE, make_directory, write_whole
from appliance.codec.certificates import RandomBits
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.root_key import RootKey

KEY_FILE: Final = "timeserver.key.pem"
CERTIFICATE_FILE: Final = "timeserver.cert.pem"
ROOT_FILE: Final = "root.cert.pem"
DAYS: Final = 5 * 365
DAYS_MAX: Final = 20 * 366


class TimeServerFiles(NamedTuple):
    """What a time server needs, and until when its certificate is valid."""

    key: Path
    certificate: Path
    root: Path
    ends: datetime


def make_time_server(
    root: RootKey, name: str, out: Path, days: int, now: datetime, rng: RandomBits
) -> TimeServerFiles:
    """Makes key and certificate in `out`. Raises CentralRefused, also if there is a key already."""
    if not 1 <= days <= DAYS_MAX:
        raise CentralRefused(f"A time server is certified for 1 to {DAYS_MAX} days, not {days}.")
    ends = now + timedelta(days=days)
    files = TimeServerFiles(out / KEY_FILE, out / CERTIFICATE_FILE, out / ROOT_FILE, ends)
    if files.key.exists():
        raise CentralRefused(f"{files.key} is there already; choose another directory.")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = root.certify_time_server(name, key.public_key(), (now, ends), rng)
    make_directory(out)
    write_whole(files.certificate, _pem(certificate))
    write_whole(files.root, _pem(root.certificate))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_whole(files.key, pem, PRIVATE_MODE)
    return files


def _pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
