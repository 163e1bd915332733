"""The client profile: where it is found, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from appliance.client import ProfileError, find_profile, load_profile
from appliance.client.tools import tool_trust
from appliance.errors import ExitCode
from appliance.verifier.trust import root_der
from tests.unit.client.fake import Certificates
from tests.unit.verifier.plant import Plant

GOOD = """
addresses = ["10.77.0.100:7200", "[fd00::1]:7201"]
ca = "ca.pem"
certificate = "cl.pem"
key = "cl.key"
licence_root = "root.der"
"""


@pytest.fixture
def place(tmp_path: Path, certificates: Certificates) -> Path:
    for path in (certificates.ca, certificates.client, certificates.client_key):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def write(place: Path, text: str) -> Path:
    path = place / "client.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_whole_profile(place: Path) -> None:
    profile = load_profile(write(place, GOOD))
    assert profile.addresses == (("10.77.0.100", 7200), ("fd00::1", 7201))
    assert profile.tls.certificate == place / "cl.pem"
    assert profile.licence_root == place / "root.der"
    profile.async_client()
    profile.client().close()


def test_the_identity_may_be_a_token(place: Path) -> None:
    (place / "token.txt").write_text("s3cret\n")
    text = 'addresses = ["tmr:7200"]\nca = "ca.pem"\ntoken_file = "token.txt"\n'
    profile = load_profile(write(place, text))
    assert (profile.tls.token, profile.licence_root) == ("s3cret", None)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("addresses = [", "addresses = ", "no TOML"),
        ('"10.77.0.100:7200"', '"10.77.0.100"', "host:port"),
        ('"10.77.0.100:7200"', '"10.77.0.100:70000"', "host:port"),
        ('["10.77.0.100:7200", "[fd00::1]:7201"]', "[]", "addresses is empty"),
        ('ca = "ca.pem"', "", "ca"),
        ('ca = "ca.pem"', 'ca = "gone.pem"', "gone.pem, which does not exist or is not a file"),
        ('key = "cl.key"', "", "certificate and key belong together"),
        ('key = "cl.key"', 'key = "cl.key"\ntoken = "x"', "only one of"),
        ('licence_root = "root.der"', "licence_root = 7", "licence_root"),
        ("licence_root", "licenceroot", "licenceroot"),
    ],
)
def test_a_wrong_profile_is_named_with_its_fault(
    place: Path, old: str, new: str, said: str
) -> None:
    assert old in GOOD
    path = write(place, GOOD.replace(old, new))
    with pytest.raises(ProfileError) as wrong:
        load_profile(path)
    assert said in wrong.value.sentence
    assert str(path) in wrong.value.sentence
    assert wrong.value.code is ExitCode.USAGE


@pytest.mark.parametrize(
    "line", ["verify_receipts = false", "firm_codes = [100001]", "pin_ledger = true"]
)
def test_what_a_program_trusts_is_no_setting_of_a_file(place: Path, line: str) -> None:
    name = line.partition(" ")[0]
    with pytest.raises(ProfileError, match=f": {name} is no setting of a profile .* remove the li"):
        load_profile(write(place, GOOD + line))


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_tools_trust_the_root_that_a_profile_names(place: Path, encoding: Encoding) -> None:
    profile = load_profile(write(place, GOOD))
    with pytest.raises(ProfileError, match="licence_root cannot be read"):
        tool_trust(profile)
    root = x509.load_der_x509_certificate(Plant().root).public_bytes(encoding)
    (place / "root.der").write_bytes(root)
    assert root_der(tool_trust(profile).root) == Plant().root
    assert not tool_trust(profile).firms
    without = load_profile(write(place, GOOD.replace('licence_root = "root.der"', "")))
    with pytest.raises(ProfileError, match=r"client\.toml: licence_root is missing; name"):
        tool_trust(without)


def test_without_a_home_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pathlib.Path.home", homeless)
    with pytest.raises(ProfileError, match="no home directory to look in: name a profile") as none:
        find_profile(environment={})
    assert none.value.code is ExitCode.USAGE
    with pytest.raises(ProfileError, match=r"TMR_PROFILE names ~nosuchuser/tmr\.toml"):
        find_profile(environment={"TMR_PROFILE": "~nosuchuser/tmr.toml"})


def test_a_profile_in_the_working_directory_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who planted it could have this user's token sent to a server of his own."""
    (tmp_path / "tmr-client.toml").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProfileError, match="no client profile"):
        find_profile(environment={}, home=tmp_path / "home")


def test_where_a_profile_is_found(tmp_path: Path) -> None:
    home, named = tmp_path / "home", tmp_path / "named.toml"
    in_home = home / ".config" / "tmr" / "client.toml"
    in_home.parent.mkdir(parents=True)

    def find(explicit: Path | None = None, **environment: str) -> Path:
        return find_profile(explicit, environment, home)

    with pytest.raises(ProfileError, match=r"--profile or TMR_PROFILE"):
        find()
    in_home.touch()
    assert find() == in_home
    with pytest.raises(ProfileError, match="TMR_PROFILE names"):
        find(TMR_PROFILE=str(named))
    named.touch()
    assert find(TMR_PROFILE=str(named)) == named
    with pytest.raises(ProfileError, match="--profile names"):
        find(tmp_path / "gone.toml", TMR_PROFILE=str(named))
