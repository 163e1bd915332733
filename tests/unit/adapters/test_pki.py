"""The deployment's certificates, proven by TLS handshakes in memory."""

import os
import ssl
import stat
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.adapters.pki.authority import (
    Identity,
    IdentityRefused,
    PkiError,
    api_context,
    certificate_identity,
    client_context,
    create_ca,
    issue_client,
    issue_host,
    issue_operator,
    peer_identity,
    server_context,
    which_certificate,
)
from appliance.cli.main import tmr

NOW = datetime.now(UTC)
VIRTUAL_IP = "10.77.0.100"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    base = tmp_path_factory.mktemp("pki")
    for name in ("ca", "other-ca"):
        create_ca(base / name, NOW)
    ca = base / "ca"
    addresses = ("10.77.0.21", VIRTUAL_IP)
    return {
        "ca": ca,
        "tmr1": issue_host(ca, base / "tmr1", "tmr1", "tmr", NOW, addresses, ("licences.lab",)),
        "up1": issue_host(ca, base / "up1", "up1", "upstream", NOW, ("10.77.0.11",)),
        "client": issue_client(ca, base / "client", "line-4", NOW),
        "operator": issue_operator(ca, base / "op", "ada@plant", "operate", NOW),
        "stranger": issue_host(base / "other-ca", base / "stranger", "tmr1", "tmr", NOW, addresses),
    }


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str):
    """Both ends after a handshake in memory: (server's, client's) SSLObject."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = server.wrap_bio(to_server, to_client, server_side=True)
    two = client.wrap_bio(to_client, to_server, server_hostname=name)
    pending = [two, one]
    for _ in range(10):
        for end in list(pending):
            try:
                end.do_handshake()
                pending.remove(end)
            except ssl.SSLWantReadError:
                continue
        if not pending:
            return one, two
    raise AssertionError("the handshake never ended")


@pytest.mark.parametrize("name", ["tmr1", "licences.lab", "10.77.0.21", VIRTUAL_IP])
def test_hosts_know_each_other(files, name):
    one, two = handshake(server_context(files["tmr1"]), client_context(files["up1"]), name)
    assert peer_identity(one.getpeercert())[:2] == Identity("up1", "upstream")[:2]
    assert peer_identity(two.getpeercert()) == which_certificate(files["tmr1"].cert.read_bytes())
    assert one.version() == "TLSv1.3"
    assert certificate_identity(one.getpeercert(True)) == Identity("up1", "upstream")


@pytest.mark.parametrize(
    ("who", "identity"),
    [("client", Identity("line-4", "client")), ("operator", Identity("ada@plant", "operate"))],
)
def test_the_api_knows_who_shows_a_certificate(files, who, identity):
    one, _ = handshake(api_context(files["tmr1"]), client_context(files[who]), VIRTUAL_IP)
    peer = peer_identity(one.getpeercert())
    assert peer[:2] == identity[:2]
    assert peer == which_certificate(files[who].cert.read_bytes()), "number and end as in the file"
    assert (len(peer.serial) > 30, peer.ends_at_s > 1_800_000_000) == (True, True)


def plain_client(files) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=files["tmr1"].ca)
    return context


def test_the_api_takes_a_client_without_certificate_but_links_do_not(files):
    one, _ = handshake(api_context(files["tmr1"]), plain_client(files), VIRTUAL_IP)
    with pytest.raises(IdentityRefused, match="no certificate"):
        peer_identity(one.getpeercert())
    with pytest.raises(ssl.SSLError, match=r"(?i)did.not.return.a.certificate"):
        handshake(server_context(files["tmr1"]), plain_client(files), VIRTUAL_IP)


def test_a_handshake_that_is_refused_again_and_again_is_logged_once(files, caplog):
    server = server_context(files["tmr1"])
    stranger = client_context(files["stranger"]._replace(ca=files["tmr1"].ca))
    for context in (*[stranger] * 100, plain_client(files)):
        with pytest.raises(ssl.SSLError):
            handshake(server, context, "tmr1")
    told = [one for one in caplog.records if one.name == "appliance.adapters.pki.authority"]
    assert [one.levelname for one in told] == ["WARNING", "WARNING"], "one for each reason"
    assert "PEER_DID_NOT_RETURN_A_CERTIFICATE" in told[1].getMessage()


def test_a_certificate_of_another_authority_is_refused(files):
    for server in (server_context(files["tmr1"]), api_context(files["tmr1"])):
        stranger = client_context(files["stranger"]._replace(ca=files["tmr1"].ca))
        with pytest.raises(ssl.SSLError, match=r"(?i)certificate.verify.failed"):
            handshake(server, stranger, "tmr1")
    with pytest.raises(ssl.SSLError, match=r"(?i)certificate.verify.failed"):
        handshake(api_context(files["stranger"]), client_context(files["client"]), "tmr1")


def test_only_hosts_are_servers_and_only_under_their_names(files):
    for context in (server_context(files["client"]), server_context(files["operator"])):
        with pytest.raises(ssl.SSLError, match=r"(?i)certificate.verify.failed"):
            handshake(context, client_context(files["up1"]), "line-4")
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for 'tmr2'"):
        handshake(server_context(files["tmr1"]), client_context(files["up1"]), "tmr2")
    with pytest.raises(ssl.SSLCertVerificationError, match=r"10\.77\.0\.22"):
        handshake(server_context(files["tmr1"]), client_context(files["up1"]), "10.77.0.22")


def test_old_tls_is_refused(files):
    old = plain_client(files)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError, match=r"(?i)unsupported.protocol"):
        handshake(api_context(files["tmr1"]), old, VIRTUAL_IP)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_keys_are_their_owners_only(files):
    keys = [files["ca"] / "ca.key.pem", *(files[who].key for who in ("tmr1", "client"))]
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


CN, OU = ("commonName", "up1"), ("organizationalUnitName", "upstream")


@pytest.mark.parametrize(
    "subject",
    [
        (),
        ((CN,),),
        ((OU,),),
        ((CN,), (OU,), (("organizationalUnitName", "tmr"),)),
        ((CN,), (CN,), (OU,)),
        ((CN,), (("organizationalUnitName", "root"),)),
        ((("commonName", "up 1"),), (OU,)),
    ],
)
def test_an_unclear_subject_is_nobody(subject):
    with pytest.raises(IdentityRefused):
        peer_identity({"subject": subject})


def test_one_group_of_attributes_is_read_too():
    assert peer_identity({"subject": ((CN, OU),)}) == Identity("up1", "upstream")


def test_what_is_no_certificate_is_nobody(files):
    with pytest.raises(IdentityRefused, match=r"no X\.509 certificate"):
        certificate_identity(b"rubbish")
    authority = x509.load_pem_x509_certificate((files["ca"] / "ca.pem").read_bytes())
    with pytest.raises(IdentityRefused):
        certificate_identity(authority.public_bytes(Encoding.DER))


def test_wrong_requests_are_refused(files, tmp_path):
    ca = files["ca"]
    with pytest.raises(PkiError, match="already"):
        create_ca(ca, NOW)
    with pytest.raises(PkiError, match="role"):
        issue_host(ca, tmp_path, "x", "client", NOW)
    with pytest.raises(PkiError, match="role"):
        issue_operator(ca, tmp_path, "x", "tmr", NOW)
    with pytest.raises(PkiError, match="no IP address"):
        issue_host(ca, tmp_path, "x", "tmr", NOW, ("10.77.0.300",))
    with pytest.raises(PkiError, match="no name"):
        issue_client(ca, tmp_path, "x\ny", NOW)
    with pytest.raises(PkiError, match="make an authority first"):
        issue_client(tmp_path, tmp_path, "x", NOW)
    with pytest.raises(PkiError, match="issue them again"):
        server_context(files["tmr1"]._replace(key=files["client"].key))
    assert list(tmp_path.iterdir()) == []


def test_the_command_line(tmp_path):
    def run(*words: str):
        return CliRunner().invoke(tmr, ["pki", "--dir", str(tmp_path / "ca"), *words])

    assert run("init").exit_code == 0
    again = run("init", "--json")
    assert (again.exit_code, again.output.count("\n")) == (1, 1)
    out = tmp_path / "tmr1"
    made = run("host", "tmr1", "--role", "tmr", "--ip", VIRTUAL_IP, "--out", str(out), "--json")
    assert made.exit_code == 0, made.output
    assert str(out / "cert.pem") in made.output
    for words in (("client", "line-4"), ("operator", "ada", "--role", "view")):
        assert run(*words, "--out", str(tmp_path / words[0])).exit_code == 0
    assert run("operator", "ada", "--role", "tmr", "--out", str(out)).exit_code == 2
    assert run("host", "x", "--role", "tmr", "--ip", "y", "--out", str(out)).exit_code == 1
