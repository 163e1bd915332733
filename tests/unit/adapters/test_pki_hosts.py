"""Host keys stay on their host: requested, signed, accepted, and found due when they are."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.adapters.pki.authority import (
    IDENTITY_DAYS,
    Identity,
    IdentityFiles,
    PkiError,
    certificate_identity,
    create_ca,
    issue_client,
    server_context,
)
from appliance.adapters.pki.hosts import (
    accept_host,
    host_due,
    person_due,
    request_host,
    sign_host,
    sign_operator,
)
from appliance.cli.main import tmr

NOW = datetime.now(UTC)
ADDRESSES = ("10.77.0.21", "10.77.0.100")


@pytest.fixture
def ca(tmp_path):
    create_ca(tmp_path / "ca", NOW)
    return tmp_path / "ca"


@pytest.fixture
def host(tmp_path, ca):
    """A host's directory with a certificate that was requested there."""
    home = tmp_path / "tmr1"
    signed = sign_host(ca, request_host(home, "tmr1").read_bytes(), "tmr1", "tmr", NOW, ADDRESSES)
    accept_host(home, signed)
    (home / "ca.pem").write_bytes((ca / "ca.pem").read_bytes())
    return home


def due(ca, host, *, name="tmr1", role="tmr", addresses=ADDRESSES, after_days=0):
    authority, held = (ca / "ca.pem").read_bytes(), (host / "cert.pem").read_bytes()
    return host_due(authority, held, name, role, NOW + timedelta(after_days), 60, addresses)


def test_a_requested_certificate_serves(ca, host):
    context = server_context(IdentityFiles.of(host))
    assert context.verify_mode is ssl.CERT_REQUIRED
    held = ssl.PEM_cert_to_DER_cert((host / "cert.pem").read_text())
    assert certificate_identity(held) == Identity("tmr1", "tmr")
    assert (host / "key.pem").stat().st_mode & 0o777 == 0o600
    assert due(ca, host) == ""


def test_what_makes_it_due(ca, host, tmp_path):
    assert due(ca, host, after_days=IDENTITY_DAYS - 62) == ""
    assert "ends on" in due(ca, host, after_days=IDENTITY_DAYS - 60)
    assert "other addresses" in due(ca, host, addresses=ADDRESSES[:1])
    assert "in the role tmr" in due(ca, host, role="upstream")
    assert "for tmr1" in due(ca, host, name="tmr2")
    create_ca(tmp_path / "other", NOW)
    assert "did not issue" in due(tmp_path / "other", host)
    issue_client(ca, host, "line-4", NOW)
    assert "in the role client" in due(ca, host)
    (host / "cert.pem").write_text("rubbish")
    assert due(ca, host) == "it is no certificate"


def test_a_new_key_replaces_the_old_one_only_with_its_certificate(ca, host):
    before = (host / "key.pem").read_bytes()
    request = request_host(host, "tmr1").read_bytes()
    assert (host / "key.pem").read_bytes() == before
    signed = sign_host(ca, request, "tmr1", "tmr", NOW, ADDRESSES)
    accept_host(host, signed)
    assert (host / "key.pem").read_bytes() != before
    assert not (host / "key.pem.next").exists()
    # A crash between the two renames is mended by doing it again.
    (host / "cert.pem").unlink()
    accept_host(host, signed)
    server_context(IdentityFiles.of(host))


def test_only_the_key_is_taken_from_a_request(ca, tmp_path):
    request = request_host(tmp_path / "up1", "up1").read_bytes()
    with pytest.raises(PkiError, match="by up1 and not by tmr1"):
        sign_host(ca, request, "tmr1", "tmr", NOW, ADDRESSES)
    with pytest.raises(PkiError, match="no certificate request"):
        sign_host(ca, b"rubbish", "up1", "upstream", NOW)
    with pytest.raises(PkiError, match="role"):
        sign_host(ca, request, "up1", "administer", NOW)
    signed = x509.load_pem_x509_certificate(sign_host(ca, request, "up1", "upstream", NOW))
    constraints = signed.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert not constraints.ca


def test_a_certificate_for_another_key_is_not_put_in_place(ca, host, tmp_path):
    held = (host / "cert.pem").read_bytes()
    other = request_host(tmp_path / "else", "tmr1").read_bytes()
    with pytest.raises(PkiError, match="No key"):
        accept_host(host, sign_host(ca, other, "tmr1", "tmr", NOW, ADDRESSES))
    with pytest.raises(PkiError, match="no certificate"):
        accept_host(host, b"rubbish")
    assert (host / "cert.pem").read_bytes() == held


def test_the_command_line(ca, tmp_path):
    def run(*words: str):
        return CliRunner().invoke(tmr, ["pki", "--dir", str(ca), *words], catch_exceptions=False)

    home, cert = tmp_path / "up1", tmp_path / "up1.pem"
    asks = ("up1", "--role", "upstream", "--ip", "10.77.0.11")
    assert '"there is none"' in run("due", *asks, str(cert), "--json").output
    assert run("request", "up1", "--out", str(home)).exit_code == 0
    request = str(home / "request.pem")
    assert run("sign", *asks, "--out", str(cert), request).exit_code == 0
    assert run("sign", "up2", *asks[1:], "--out", str(cert), request).exit_code == 1
    assert run("accept", str(cert), "--out", str(home)).exit_code == 0
    assert run("due", *asks, str(home / "cert.pem")).output == "not due\n"
    assert run("sign", *asks, "--out", str(cert), str(home / "none")).exit_code == 1


def test_an_operators_key_may_stay_where_it_is_used_too(ca, tmp_path):
    home = tmp_path / "alert"
    asked = request_host(home, "alert-tmr1").read_bytes()
    accept_host(home, sign_operator(ca, asked, "alert-tmr1", "view", NOW))
    held = (home / "cert.pem").read_bytes()
    identity = certificate_identity(ssl.PEM_cert_to_DER_cert(held.decode()))
    assert identity == Identity("alert-tmr1", "view")
    assert person_due((ca / "ca.pem").read_bytes(), held, "alert-tmr1", "view", NOW, 60) == ""
    with pytest.raises(x509.ExtensionNotFound):
        certificate = x509.load_pem_x509_certificate(held)
        certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    for role in ("tmr", "client", "root"):
        with pytest.raises(PkiError, match="An operator's role"):
            sign_operator(ca, asked, "alert-tmr1", role, NOW)


def test_the_command_line_signs_for_operators(ca, tmp_path):
    home, out = tmp_path / "alert", tmp_path / "signed.pem"
    request_host(home, "alert-tmr1")
    words = ["pki", "--dir", str(ca), "sign", "alert-tmr1", "--role", "view", "--out", str(out)]
    result = CliRunner().invoke(tmr, [*words, str(home / "request.pem")])
    assert result.exit_code == 0, result.output
    identity = certificate_identity(ssl.PEM_cert_to_DER_cert(out.read_text()))
    assert identity == Identity("alert-tmr1", "view")


@pytest.mark.parametrize(
    ("part", "other"),
    [
        (bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d03017f")),  # an unknown curve
        (bytes.fromhex("03420004"), bytes.fromhex("03420000")),  # a point that is none
    ],
    ids=["curve", "point"],
)
def test_a_request_whose_key_cannot_be_read_is_refused(tmp_path, part: bytes, other: bytes) -> None:
    now = datetime.now(UTC)
    create_ca(tmp_path / "ca", now)
    request = x509.load_pem_x509_csr(request_host(tmp_path / "h", "up1").read_bytes())
    der = request.public_bytes(Encoding.DER)
    assert der.count(part) == 1
    wrong = ssl.DER_cert_to_PEM_cert(der.replace(part, other))
    wrong = wrong.replace("CERTIFICATE", "CERTIFICATE REQUEST")
    with pytest.raises(PkiError, match="no certificate request"):
        sign_host(tmp_path / "ca", wrong.encode(), "up1", "upstream", now)
