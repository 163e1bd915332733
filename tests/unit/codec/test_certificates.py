"""Certificates of the licence root: each proves one thing only."""

from datetime import timedelta
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from appliance.codec import certificates
from appliance.codec.certificates import (
    build_container_certificate,
    build_firm_certificate,
    build_root_certificate,
)
from appliance.licences.serials import Binding, Kind
from appliance.verifier.certificates import (
    CONTAINER_USAGE,
    FIRM_USAGE,
    CertificateRefused,
    ContainerIdentity,
    FirmIdentity,
    verify_container_certificate,
    verify_firm_certificate,
    verify_root_certificate,
)
from tests.unit.codec import world

VERIFY = {"firm": verify_firm_certificate, "container": verify_container_certificate}


def test_each_certificate_says_what_was_certified():
    assert verify_root_certificate(world.ROOT) == world.public(world.ROOT_KEY)
    assert verify_firm_certificate(world.FIRM_A_CERTIFICATE, world.ROOT) == world.FIRM_A
    for twin, der in world.CONTAINER_CERTIFICATES.items():
        assert verify_container_certificate(der, world.ROOT) == world.CONTAINERS[twin]


@pytest.mark.parametrize(
    ("kind", "der", "reason"),
    [
        ("container", world.FIRM_A_CERTIFICATE, "not-a-container"),
        ("firm", world.CONTAINER_CERTIFICATES[1], "not-a-firm"),
        ("firm", world.ROOT, "not-a-firm"),
        ("container", world.ROOT, "not-a-container"),
        ("firm", b"", "malformed"),
        ("firm", b"\x30" * 5000, "malformed"),
        ("container", world.CONTAINER_CERTIFICATES[1] + b"\x00", "malformed"),
        ("container", world.CONTAINER_CERTIFICATES[1][:-1], "malformed"),
    ],
)
def test_no_kind_passes_for_another(kind, der, reason):
    with pytest.raises(CertificateRefused) as refused:
        VERIFY[kind](der, world.ROOT)
    assert refused.value.reason == reason
    assert refused.value.detail.endswith(".")


def test_another_root_of_the_same_name_is_foreign():
    for kind, der in (
        ("firm", world.FIRM_A_CERTIFICATE),
        ("container", world.CONTAINER_CERTIFICATES[2]),
    ):
        with pytest.raises(CertificateRefused) as refused:
            VERIFY[kind](der, world.OTHER_ROOT)
        assert refused.value.reason == "foreign-root"


def test_only_a_root_can_be_pinned():
    for der in (world.FIRM_A_CERTIFICATE, world.CONTAINER_CERTIFICATES[1], b"no certificate"):
        with pytest.raises(CertificateRefused) as refused:
            verify_firm_certificate(world.FIRM_A_CERTIFICATE, der)
        assert refused.value.reason in ("not-a-root", "malformed")


def test_a_firm_cannot_certify_a_container():
    """A firm's certificate is no authority, though the root's name is copied."""
    container = world.CONTAINERS[1]
    with pytest.raises(ValueError, match="does not belong"):
        build_container_certificate(world.FIRM_A_KEY, world.ROOT, container, world.NOW, Random(1))
    forged = forge(
        world.FIRM_A_KEY,
        {
            NameOID.COMMON_NAME: container.serial,
            NameOID.SERIAL_NUMBER: container.cmact_id,
            NameOID.DN_QUALIFIER: "1",
            NameOID.ORGANIZATIONAL_UNIT_NAME: "TMR container",
        },
        CONTAINER_USAGE,
    )
    with pytest.raises(CertificateRefused) as refused:
        verify_container_certificate(forged, world.ROOT)
    assert refused.value.reason == "foreign-root"


def forge(signer, subject, usage, public_key=None):
    """A certificate in the root's name that this signer signs."""
    root = x509.load_der_x509_certificate(world.ROOT)
    names = [x509.NameAttribute(oid, value) for oid, value in subject.items()]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(names))
        .issuer_name(root.subject)
        .public_key(public_key or world.CONTAINER_KEYS[1].public_key())
        .serial_number(7)
        .not_valid_before(world.NOW)
        .not_valid_after(world.NOW + timedelta(days=9))
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(signer, None).public_bytes(Encoding.DER)


CN, OU = NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME
FIRM = {CN: "600100", NameOID.ORGANIZATION_NAME: "Firm A", OU: "TMR firm"}
CONTAINER = {
    CN: "130-10000001",
    NameOID.SERIAL_NUMBER: "A1",
    NameOID.DN_QUALIFIER: "1",
    OU: "TMR container",
}


def test_the_forger_of_the_next_test_can_also_be_honest():
    assert verify_firm_certificate(forge(world.ROOT_KEY, FIRM, FIRM_USAGE), world.ROOT)
    assert verify_container_certificate(
        forge(world.ROOT_KEY, CONTAINER, CONTAINER_USAGE), world.ROOT
    )


@pytest.mark.parametrize(
    ("kind", "subject", "usage"),
    [
        ("firm", FIRM, None),
        ("firm", FIRM, CONTAINER_USAGE),
        ("firm", {**FIRM, OU: "TMR container"}, FIRM_USAGE),
        ("firm", {**FIRM, CN: "0600100"}, FIRM_USAGE),
        ("firm", {**FIRM, CN: "99999999999"}, FIRM_USAGE),
        ("firm", {**FIRM, CN: "6001\u0660"}, FIRM_USAGE),
        ("firm", {CN: "600100", OU: "TMR firm"}, FIRM_USAGE),
        ("container", CONTAINER, None),
        ("container", CONTAINER, FIRM_USAGE),
        ("container", {**CONTAINER, OU: "TMR firm"}, CONTAINER_USAGE),
        ("container", {**CONTAINER, CN: "131-10000001"}, CONTAINER_USAGE),
        ("container", {**CONTAINER, NameOID.DN_QUALIFIER: "4"}, CONTAINER_USAGE),
        ("container", {**CONTAINER, NameOID.DN_QUALIFIER: "01"}, CONTAINER_USAGE),
        ("container", {**CONTAINER, NameOID.SERIAL_NUMBER: "a b"}, CONTAINER_USAGE),
    ],
)
def test_what_is_signed_by_the_root_must_still_fit_the_profile(kind, subject, usage):
    der = forge(world.ROOT_KEY, subject, usage)
    with pytest.raises(CertificateRefused) as refused:
        VERIFY[kind](der, world.ROOT)
    assert refused.value.reason == f"not-a-{kind}"


def test_a_key_of_another_kind_is_refused():
    key = ec.generate_private_key(ec.SECP256R1())
    der = forge(world.ROOT_KEY, FIRM, FIRM_USAGE, key.public_key())
    with pytest.raises(CertificateRefused, match="not an Ed25519 key"):
        verify_firm_certificate(der, world.ROOT)
    name = x509.Name([x509.NameAttribute(OU, "TMR licence root")])
    root = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(world.NOW)
        .not_valid_after(world.NOW + timedelta(days=9))
        .add_extension(x509.BasicConstraints(True, 0), critical=True)
        .sign(key, hashes.SHA256())
    )
    with pytest.raises(CertificateRefused, match="not an Ed25519 key"):
        verify_root_certificate(root.public_bytes(Encoding.DER))


@pytest.mark.parametrize("kind", ["firm", "container"])
def test_a_flip_at_any_byte_is_refused(kind):
    der = {"firm": world.FIRM_A_CERTIFICATE, "container": world.CONTAINER_CERTIFICATES[1]}[kind]
    for position in range(len(der)):
        damaged = bytearray(der)
        damaged[position] ^= 1 << (position % 8)
        with pytest.raises(CertificateRefused):
            VERIFY[kind](bytes(damaged), world.ROOT)


@pytest.mark.parametrize(
    "firm", [FirmIdentity(0, "A", b""), FirmIdentity(2**32, "A", b""), FirmIdentity(1, "", b"")]
)
def test_no_certificate_for_an_impossible_firm(firm):
    with pytest.raises(ValueError, match=r"firm code|name"):
        build_firm_certificate(world.ROOT_KEY, world.ROOT, firm, world.NOW, Random(1))


@pytest.mark.parametrize(
    ("serial", "cmact_id", "twin"),
    [
        ("131-1", "A", 1),
        ("130-01", "A", 1),
        ("130-1", "", 1),
        ("130-1", "A", -1),
        ("130-1", "A", 4),
    ],
)
def test_no_certificate_for_an_impossible_container(serial, cmact_id, twin):
    identity = ContainerIdentity(serial, cmact_id, twin, bytes(32))
    with pytest.raises(ValueError, match="container"):
        build_container_certificate(world.ROOT_KEY, world.ROOT, identity, world.NOW, Random(1))


def _held(serial: str, binding: Binding) -> bytes:
    identity = ContainerIdentity(serial, "A", 1, world.public(world.CONTAINER_KEYS[1]), binding)
    return build_container_certificate(world.ROOT_KEY, world.ROOT, identity, world.NOW, Random(1))


@pytest.mark.parametrize(
    ("serial", "binding", "kind"),
    [
        ("130-12345678", Binding.FILE, Kind.ANY),
        ("130-12345678", Binding.TPM, Kind.BOUND),
        ("129-12345678", Binding.LOOSE, Kind.BOUND),
        ("128-12345678", Binding.STRICT, Kind.BOUND),
        ("2-12345678", Binding.TOKEN, Kind.HARDWARE),
    ],
)
def test_a_certificate_says_what_holds_the_key(serial, binding, kind):
    identity = verify_container_certificate(_held(serial, binding), world.ROOT)
    assert (identity.serial, identity.binding, identity.kind) == (serial, binding, kind)


@pytest.mark.parametrize(
    ("serial", "binding"),
    [("1-12345678", Binding.FILE), ("130-12345678", Binding.TOKEN), ("128-1", Binding.LOOSE)],
)
def test_no_certificate_for_a_mask_that_stands_for_something_else(serial, binding, monkeypatch):
    with pytest.raises(ValueError, match="is none of"):
        _held(serial, binding)
    # Nor is one believed that a root made all the same.
    monkeypatch.setattr(certificates, "holds_as", lambda serial, binding: True)
    with pytest.raises(CertificateRefused, match="what holds its key"):
        verify_container_certificate(_held(serial, binding), world.ROOT)


def test_a_root_needs_a_name():
    with pytest.raises(ValueError, match="name"):
        build_root_certificate(world.ROOT_KEY, "x" * 65, world.NOW, Random(1))
