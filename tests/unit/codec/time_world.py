"""A time server of the tests' licence root, one of somebody else, and tokens that are wrong."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.clocks.certified import TimeRequest
from appliance.codec.certificates import build_time_server_certificate
from appliance.codec.time_responder import Signer, build_reply, read_query
from appliance.codec.timestamps import Trust, build_query
from tests.unit.codec import world

NOW_MS = int(world.NOW.timestamp() * 1000)
VALIDITY = (world.NOW - timedelta(days=1), world.NOW + timedelta(days=30))
KEY = ec.derive_private_key(12345, ec.SECP256R1())
TRUST = Trust.of_root(world.ROOT)
REQUEST = TimeRequest(world.SERIALS[1], NOW_MS - 60_000, b"", bytes(range(16)))


def certificate(
    name: str = "ts1",
    validity: tuple[datetime, datetime] = VALIDITY,
    root_key=world.ROOT_KEY,
    root: bytes = world.ROOT,
) -> bytes:
    """A time server's certificate, DER."""
    return build_time_server_certificate(
        root_key, root, name, KEY.public_key(), validity, Random(5)
    )


SIGNER = Signer(KEY, certificate(), 750)


def reply_to(
    request: TimeRequest = REQUEST,
    time_ms: int = NOW_MS,
    signer: Signer = SIGNER,
    **changes: Any,
) -> bytes:
    """A granted reply to this container's request; `changes` are of the query as it was read."""
    query = read_query(build_query(request.imprint(), request.query_nonce()))
    return build_reply(query._replace(**changes), signer, 7, time_ms)


class Foreign:
    """A corporate time server beneath an authority of its own, RSA-free but not of our profile."""

    def __init__(
        self,
        usages: list[x509.ObjectIdentifier] | None = None,
        *,
        critical: bool = True,
        intermediate: bool = False,
    ) -> None:
        self.root_key = ec.derive_private_key(777, ec.SECP256R1())
        self.root = self._certify("Corp root", self.root_key, "Corp root", self.root_key, ca=True)
        issuer, issuer_key, name = self.root, self.root_key, "Corp root"
        self.chain = [self.root]
        if intermediate:
            issuer_key = ec.derive_private_key(778, ec.SECP256R1())
            issuer = self._certify("Corp sub", issuer_key, "Corp root", self.root_key, ca=True)
            name = "Corp sub"
            self.chain.insert(0, issuer)
        wanted = [ExtendedKeyUsageOID.TIME_STAMPING] if usages is None else usages
        self.certificate = self._certify(
            "Corp time", KEY, name, issuer_key, ca=False, usages=wanted, critical=critical
        )
        self.trust = Trust((self.root.public_bytes(Encoding.DER),), own=False)
        self.signer = Signer(KEY, self.certificate.public_bytes(Encoding.DER), 500)

    def _certify(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        issuer: str,
        issuer_key: ec.EllipticCurvePrivateKey,
        *,
        ca: bool,
        usages: list[x509.ObjectIdentifier] | None = None,
        critical: bool = True,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(int.from_bytes(name.encode(), "big"))
            .not_valid_before(VALIDITY[0])
            .not_valid_after(VALIDITY[1])
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(
                x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False),
                critical=True,
            )
        )
        if usages:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=critical)
        return builder.sign(issuer_key, hashes.SHA256())


def openssl(where: Path, *arguments: str, good: bool = True) -> str:
    """Runs openssl in this directory; gives what it said."""
    tool = shutil.which("openssl")
    if tool is None:
        pytest.skip("openssl is not here")
    done = subprocess.run(
        [tool, *arguments], cwd=where, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) is good, done.stderr
    return done.stdout + done.stderr


def write_pem(path: Path, der: bytes) -> None:
    """A certificate for openssl."""
    path.write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))


def write_key(path: Path, key=KEY) -> None:
    """A key for openssl."""
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
