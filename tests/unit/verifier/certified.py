"""Somebody to whom the root of a test's plant gave a certificate: right ones and wrong ones."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.unit.verifier.plant import LONG_AGO, Plant, Twin, seeded_bytes, seeded_key

CONTAINER = {
    NameOID.COMMON_NAME: "130-100002",
    NameOID.SERIAL_NUMBER: "A1",
    NameOID.DN_QUALIFIER: "2",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "TMR container",
}
FIRM = {
    NameOID.COMMON_NAME: "100001",
    NameOID.ORGANIZATION_NAME: "Firm of tests",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "TMR firm",
}


def certified(
    plant: Plant,
    subject: dict[x509.ObjectIdentifier, str],
    usage: x509.ObjectIdentifier | None,
    *,
    critical: bool = True,
    ca: bool = False,
) -> Twin:
    """Somebody to whom the plant's own root gave a certificate with this subject and key usage."""
    key = seeded_key(f"{sorted(subject.values())} {usage} {critical} {ca}")
    root = x509.load_der_x509_certificate(plant.root)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(*one) for one in subject.items()]))
        .issuer_name(root.subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(seeded_bytes(f"{subject} {usage}", 8), "big") >> 1)
        .not_valid_before(LONG_AGO)
        .not_valid_after(LONG_AGO + timedelta(days=36500))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=critical)
    return Twin(key, builder.sign(plant.root_key, None).public_bytes(Encoding.DER))
