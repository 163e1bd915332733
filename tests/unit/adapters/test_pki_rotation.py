"""Another authority for a deployment: nobody is shut out on the way, and all are at its end."""

import json
import ssl
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from appliance.adapters.pki import rotation as pki_rotation
from appliance.adapters.pki.authority import (
    Authority,
    IdentityFiles,
    PkiError,
    client_context,
    create_ca,
    issue_client,
    issue_host,
    load_authority,
    load_trusted,
    server_context,
)
from appliance.adapters.pki.hosts import host_due, person_due
from appliance.cli.main import tmr

NOW = datetime.now(UTC)


@pytest.fixture
def ca(tmp_path):
    create_ca(tmp_path / "ca", NOW, "plant")
    return tmp_path / "ca"


def issued(ca, home, name="up1"):
    """A host's files, or a client's."""
    if name == "up1":
        return issue_host(ca, home, name, "upstream", NOW, ["127.0.0.1"])
    return issue_client(ca, home, name, NOW)


def tell(ca, files):
    """Give somebody what is trusted now."""
    files.ca.write_bytes((ca / "ca.pem").read_bytes())


def meet(server: IdentityFiles, client: IdentityFiles) -> bool:
    """Whether a TLS handshake of these two succeeds, each checking the other."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    serving = server_context(server).wrap_bio(to_server, to_client, server_side=True)
    asking = client_context(client).wrap_bio(to_client, to_server, server_hostname="up1")
    for _ in range(6):
        for side in (asking, serving):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return False
    return serving.getpeercert() is not None and asking.getpeercert() is not None


def test_nobody_is_shut_out_if_everyone_is_told_between_the_steps(ca, tmp_path):
    host, client = issued(ca, tmp_path / "up1"), issued(ca, tmp_path / "c", "c")
    assert meet(host, client)
    assert pki_rotation.begin(ca, NOW).beside == ("plant.2",)
    tell(ca, host)
    assert meet(host, client), "a host that was told, and a client that was not yet"
    tell(ca, client)
    assert pki_rotation.switch(ca) == ("plant.2", ("plant",), True)
    host = issued(ca, tmp_path / "up1")
    assert meet(host, client), "a host of the new authority, and a client of the old one"
    newer = issued(ca, tmp_path / "newer", "newer")
    assert meet(host, newer)
    assert pki_rotation.finish(ca) == ("plant.2", (), True)
    tell(ca, host)
    assert not meet(host, client), "a client of the old authority"
    assert meet(host, newer)


def test_who_was_not_told_would_be_shut_out(ca, tmp_path):
    """The reason for the steps: a client that trusts the old authority alone."""
    client = issued(ca, tmp_path / "c", "c")
    pki_rotation.begin(ca, NOW)
    pki_rotation.switch(ca)
    assert not meet(issued(ca, tmp_path / "up1"), client)


def test_each_step_may_be_repeated_and_none_skipped(ca):
    with pytest.raises(PkiError, match="begin"):
        pki_rotation.switch(ca)
    assert pki_rotation.finish(ca) == ("plant", (), False)
    pki_rotation.begin(ca, NOW)
    held = (ca / "ca.pem").read_bytes()
    assert not pki_rotation.begin(ca, NOW).changed
    assert (ca / "ca.pem").read_bytes() == held
    with pytest.raises(PkiError, match="still issues"):
        pki_rotation.finish(ca)
    assert pki_rotation.switch(ca).changed
    assert not pki_rotation.switch(ca).changed
    with pytest.raises(PkiError, match="finish"):
        pki_rotation.begin(ca, NOW)
    pki_rotation.finish(ca)
    assert not pki_rotation.finish(ca).changed
    pki_rotation.begin(ca, NOW)
    assert pki_rotation.switch(ca).issuer == "plant.3"


def test_a_step_that_was_interrupted_is_completed_by_repeating_it(ca):
    files = Authority.of(ca)
    # Begin: its key was written, its certificate was not.
    pki_rotation.begin(ca, NOW)
    files.cert.write_bytes(files.cert.read_bytes().partition(b"-----END")[0] + b"-----END")
    files.cert.write_bytes(files.cert.read_bytes() + b" CERTIFICATE-----\n")
    assert len(load_trusted(files)) == 1
    with pytest.raises(PkiError, match="begin"):
        pki_rotation.switch(ca)
    assert pki_rotation.begin(ca, NOW).changed
    assert len(load_trusted(files)) == 2
    # Switch: the key was renamed, the order in ca.pem was not changed.
    (ca / "ca.next.key.pem").replace(files.key)
    issuer, _ = load_authority(files)
    assert load_trusted(files)[0] != issuer
    pki_rotation.switch(ca)
    assert load_trusted(files)[0] == issuer


def test_what_the_old_authority_issued_is_due_after_the_switch(ca, tmp_path):
    host, client = issued(ca, tmp_path / "up1"), issued(ca, tmp_path / "c", "c")

    def due():
        authority = (ca / "ca.pem").read_bytes()
        return (
            host_due(authority, host.cert.read_bytes(), "up1", "upstream", NOW, 60, ["127.0.0.1"]),
            person_due(authority, client.cert.read_bytes(), "c", "client", NOW, 60),
        )

    assert due() == ("", "")
    pki_rotation.begin(ca, NOW)
    assert due() == ("", "")
    pki_rotation.switch(ca)
    assert due() == ("this authority did not issue it",) * 2


def test_a_persons_certificate_is_due_like_a_hosts(ca, tmp_path):
    authority, held = (
        (ca / "ca.pem").read_bytes(),
        issued(ca, tmp_path / "c", "c").cert.read_bytes(),
    )
    assert "in the role client" in person_due(authority, held, "c", "view", NOW, 60)
    assert "it ends on" in person_due(authority, held, "c", "client", NOW, 826)
    host = issued(ca, tmp_path / "up1").cert.read_bytes()
    assert "in the role upstream" in person_due(authority, host, "up1", "view", NOW, 60)


def test_the_tool_says_who_is_trusted(ca):
    def run(*words):
        return CliRunner().invoke(tmr, ["pki", "--dir", str(ca), "rotate", *words])

    refused = run("switch")
    assert refused.exit_code == 1
    assert "begin" in refused.output
    assert run("begin").output == "plant issues; trusted beside it: plant.2.\n"
    document = json.loads(run("switch", "--json").output)
    assert (document["issuer"], document["beside"], document["changed"]) == (
        "plant.2",
        ["plant"],
        True,
    )
    assert run("finish").output == "plant.2 issues; trusted beside it: none.\n"
