"""Block lists: what is refused by name, and that openssl reads what we write."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from appliance.codec import block_list as codec
from appliance.codec.block_list import build_block_list, certificate_number, read_block_list
from appliance.licences.model import Blocked
from appliance.licences.refusals import BlockListRefused
from tests.unit.codec import world

NEXT = world.NOW + timedelta(days=7)


def blocked(twin: int = 1, reason: str = "Stolen from the van") -> Blocked:
    number = certificate_number(world.CONTAINER_CERTIFICATES[twin])
    return Blocked(world.SERIALS[twin], number, reason)


def signed(*entries: Blocked, number: int = 7, key=world.ROOT_KEY, root=world.ROOT) -> bytes:
    listed = [(entry, world.NOW) for entry in entries]
    return build_block_list(key, root, number, listed, world.NOW, NEXT)


def raw(*extensions, key=world.ROOT_KEY, entries=(), next_update=NEXT, issuer=None) -> bytes:
    """A CRL that our builder would not make."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer or x509.load_der_x509_certificate(world.ROOT).subject)
        .last_update(world.NOW)
        .next_update(next_update)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    for entry in entries:
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(key, None).public_bytes(Encoding.DER)


def entry(number: int, *extensions) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(world.NOW)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.build()


NUMBER = (x509.CRLNumber(7), False)
ISSUER = (x509.AuthorityKeyIdentifier.from_issuer_public_key(world.ROOT_KEY.public_key()), False)
HOLD = x509.CRLReason(x509.ReasonFlags.certificate_hold)


def text(oid, value: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(oid, value)


SERIAL = text(codec.SERIAL_OID, b"\x0c\x0c" + world.SERIALS[1].encode())
REASON = text(codec.REASON_OID, b"\x0c\x04Lost")


def test_a_list_says_who_is_blocked_and_why():
    data = signed(blocked(1), blocked(3, "Grüße · " * 20 + "x"))
    read = read_block_list(data, world.ROOT)
    assert (read.number, read.data) == (7, data)
    assert read.this_update_s == int(world.NOW.timestamp())
    assert read.next_update_s - read.this_update_s == 7 * 86_400
    assert read.reason_for(world.SERIALS[1]) == "Stolen from the van"
    assert read.reason_for(world.SERIALS[2]) == ""
    assert read.reason_for(world.SERIALS[3]).startswith("Grüße")
    assert read_block_list(signed(number=8), world.ROOT).blocked == ()


def refused(data: bytes, reason: str, said: str = ".", root: bytes = world.ROOT) -> None:
    with pytest.raises(BlockListRefused, match=said) as caught:
        read_block_list(data, root)
    assert caught.value.reason == reason


def test_only_the_pinned_root_blocks():
    data = signed(blocked())
    refused(data, "bad-signature", "not signed by the pinned", root=world.OTHER_ROOT)
    other = signed(blocked(), key=world.OTHER_ROOT_KEY, root=world.OTHER_ROOT)
    refused(other, "bad-signature")
    # The same name, another key; and the right key under another name.
    refused(raw(NUMBER, ISSUER, key=world.FIRM_A_KEY), "bad-signature")
    somebody = x509.load_der_x509_certificate(world.FIRM_A_CERTIFICATE).subject
    refused(raw(NUMBER, ISSUER, issuer=somebody), "bad-signature")
    refused(data, "malformed", "not a licence root", root=world.FIRM_A_CERTIFICATE)


def test_every_altered_bit_is_noticed():
    data = signed(blocked())
    for bit in range(len(data) * 8):
        at = bit // 8
        altered = data[:at] + bytes((data[at] ^ (1 << bit % 8),)) + data[at + 1 :]
        with pytest.raises(BlockListRefused):
            read_block_list(altered, world.ROOT)


def test_truncated_and_prolonged_lists_are_refused():
    data = signed(blocked())
    for cut in (0, 1, 20, len(data) // 2, len(data) - 1):
        refused(data[:cut], "malformed")
    refused(data + b"\0", "malformed")
    refused(world.ROOT, "malformed")


def test_an_oversized_list_is_refused_unread(monkeypatch):
    refused(b"\x30" * (20 << 20), "oversized", "bytes is refused")
    data = signed(blocked(1), blocked(2))
    monkeypatch.setattr(codec, "BLOCKED_MAX", 1)
    refused(data, "oversized", "names 1 containers at most, not 2")


def test_the_longest_list_fits():
    entries = [
        Blocked(f"130-{10_000_000 + n}", f"{2**158 + n:x}", "€" * codec.REASON_MAX)
        for n in range(codec.BLOCKED_MAX)
    ]
    few = signed(*entries[:10])
    per_entry = len(few) // 10
    assert per_entry * codec.BLOCKED_MAX > codec.BLOCK_LIST_BYTES_MAX, "the bytes are the bound"
    with pytest.raises(ValueError, match="is refused"):
        signed(*entries)
    short = [Blocked(one.serial, one.certificate_number, "Lost") for one in entries]
    assert len(read_block_list(signed(*short), world.ROOT).blocked) == codec.BLOCKED_MAX


def listing(*entries: x509.RevokedCertificate) -> bytes:
    """A list that is well formed but for its entries."""
    return raw(NUMBER, ISSUER, entries=entries)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (raw(ISSUER), "other extensions"),
        (raw(NUMBER), "other extensions"),
        (raw(NUMBER, ISSUER, (x509.DeltaCRLIndicator(1), True)), "other extensions"),
        (raw((x509.CRLNumber(2**60), False), ISSUER), "its number is"),
        (raw(NUMBER, ISSUER, next_update=world.NOW), "until when"),
        (listing(entry(5, HOLD)), "more or less"),
        (listing(entry(5, SERIAL, REASON)), "more or less"),
        (listing(entry(5, HOLD, SERIAL, text(codec.REASON_OID, b"\x0c\x01"))), "UTF8String"),
        (listing(entry(5, HOLD, SERIAL, text(codec.REASON_OID, b""))), "UTF8String"),
        (listing(entry(5, HOLD, REASON, text(codec.SERIAL_OID, b"\x0c\x01x"))), "no container"),
        (listing(*[entry(5, HOLD, SERIAL, REASON)] * 2), "twice"),
        (listing(*(entry(number, HOLD, SERIAL, REASON) for number in (5, 6))), "twice"),
    ],
)
def test_parts_that_no_list_has_are_refused(data, said):
    refused(data, "malformed", said)


@given(st.binary(max_size=300))
def test_noise_is_refused_by_name(data):
    with pytest.raises(BlockListRefused) as caught:
        read_block_list(data, world.ROOT)
    assert caught.value.reason == "malformed"


@pytest.mark.parametrize("reason", ["", " x", "x" * 201, "a\nb"])
def test_what_is_no_reason_is_not_signed(reason):
    with pytest.raises(ValueError, match="A reason has"):
        signed(blocked(reason=reason))


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl reads it where there is one")
def test_openssl_reads_and_verifies_it(tmp_path):
    (tmp_path / "list.crl").write_bytes(signed(blocked(), number=42))
    root = x509.load_der_x509_certificate(world.ROOT).public_bytes(Encoding.PEM)
    (tmp_path / "root.pem").write_bytes(root)
    files = ["-in", "list.crl", "-CAfile", "root.pem"]
    command = ["openssl", "crl", "-inform", "der", *files, "-noout", "-text"]
    shown = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert "verify OK" in shown.stderr
    assert "Certificate Hold" in shown.stdout and world.SERIALS[1] in shown.stdout
    assert datetime.fromtimestamp(world.NOW.timestamp(), UTC).strftime("%b") in shown.stdout
