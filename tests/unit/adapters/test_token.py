"""A container's key in a PKCS#11 token: with real tokens (SoftHSM2)."""

from __future__ import annotations

import shutil
from random import SystemRandom

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.adapters.container_home import ContainerHome
from appliance.adapters.keys import token
from appliance.adapters.keys.held import Surroundings
from appliance.adapters.keys.shut import KeyShut
from appliance.adapters.keys.token import TokenAccess
from appliance.codec.request_files import read_request
from appliance.licences.serials import Binding, Mask, Serial
from tests.unit.adapters.tools import MODULE, PIN, Tokens, begin_anew, needs_token
from tests.unit.codec import world

pytestmark = needs_token


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    return Tokens(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture
def pin_file(tmp_path):
    path = tmp_path / "pin"
    path.write_text(PIN + "\n")
    return path


@pytest.fixture
def around(pin_file):
    return Surroundings(dict, token=TokenAccess(str(MODULE), pin_file))


def make(path, around, label, **more):
    return ContainerHome.create(
        path,
        SystemRandom(),
        "up1",
        binding=Binding.TOKEN,
        token_label=label,
        around=around,
        **more,
    )


def verified(home):
    Ed25519PublicKey.from_public_bytes(home.public_key).verify(home.sign(b"data"), b"data")
    return True


def test_the_token_makes_the_key_and_signs(tokens, tmp_path, around):
    tokens.new("signs")
    home = make(tmp_path / "home", around, "signs")
    assert Serial.parse(home.serial).mask is Mask.DONGLE and verified(home)
    request = read_request(home.request(now=world.NOW))
    assert request.evidence.binding is Binding.TOKEN
    assert [name for name, _ in request.evidence.known_by] == ["token"]
    again = ContainerHome.open(tmp_path / "home", world.ROOT, around)
    assert (again.shut, again.serial, verified(again)) == ("", home.serial, True)
    with pytest.raises(TypeError, match="does not leave"):
        again.held.key.private_bytes_raw()
    held = (tmp_path / "home" / "binding.json").read_text()
    assert PIN not in held and not (tmp_path / "home" / "container.key.pem").exists()


@pytest.mark.parametrize("mask", [Mask.DONGLE, Mask.DONGLE_2, Mask.DONGLE_3])
def test_the_mask_of_a_dongle_is_to_be_chosen(tokens, tmp_path, around, mask):
    tokens.new(f"mask {mask}")
    home = make(tmp_path / "home", around, f"mask {mask}", mask=mask)
    assert Serial.parse(home.serial).mask is mask


def test_a_token_that_is_unplugged_is_named_and_found_again(tokens, tmp_path, around):
    name = tokens.new("unplugged")
    made = make(tmp_path / "home", around, "unplugged")
    tokens.unplug(name)
    home = ContainerHome.open(tmp_path / "home", world.ROOT, around)
    assert "'unplugged' with serial number" in home.shut and "plug it in" in home.shut
    with pytest.raises(KeyShut, match="plug it in"):
        home.sign(b"data")
    assert home.public_key == made.public_key
    tokens.plug_in(name)
    assert home.try_again() == "" and verified(home)


def test_a_copied_directory_is_nothing_without_its_token(tokens, tmp_path, around):
    name = tokens.new("copied")
    make(tmp_path / "home", around, "copied")
    shutil.copytree(tmp_path / "home", tmp_path / "copy")
    tokens.unplug(name)
    tokens.new("another")
    assert "is not there" in ContainerHome.open(tmp_path / "copy", world.ROOT, around).shut


def test_a_wrong_pin_is_tried_once(tokens, tmp_path, around, pin_file, monkeypatch):
    tokens.new("wrong pin")
    make(tmp_path / "home", around, "wrong pin")
    begin_anew()  # A login holds for the whole process.
    pin_file.write_text("999999\n")
    home = ContainerHome.open(tmp_path / "home", world.ROOT, around)
    assert "is wrong" in home.shut and "999999" not in home.shut
    tried = []
    monkeypatch.setattr(token, "_try", lambda *a: tried.append(a))
    assert "is not tried again" in home.try_again()
    assert "is not tried again" in ContainerHome.open(tmp_path / "home", world.ROOT, around).shut
    assert not tried
    assert b"999999" not in (tmp_path / "home" / "token-pin.wrong").read_bytes()
    monkeypatch.undo()
    pin_file.write_text(PIN)
    assert home.try_again() == "" and verified(home)
    assert not (tmp_path / "home" / "token-pin.wrong").exists()


@pytest.mark.parametrize(
    ("access", "label", "said"),
    [
        (TokenAccess(""), "x", "Name the token's PKCS#11 module"),
        (TokenAccess("/nowhere/module.so"), "x", "'x' cannot be used"),
        (TokenAccess(str(MODULE)), "no such token", "'no such token' is not there: plug it in"),
    ],
)
def test_what_is_missing_is_named(tokens, tmp_path, access, label, said):
    with pytest.raises(KeyShut, match=said):
        make(tmp_path / "home", Surroundings(dict, token=access), label)


def test_two_tokens_of_one_label_are_not_guessed_between(tokens, tmp_path, around):
    tokens.new("twice")
    tokens.new("twice")
    with pytest.raises(KeyShut, match="There are 2 tokens"):
        make(tmp_path / "home", around, "twice")


def test_without_a_pin_it_says_where_it_belongs(tokens, tmp_path, monkeypatch):
    tokens.new("no pin")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    module = str(MODULE)
    with pytest.raises(KeyShut, match="name the file that holds it"):
        make(tmp_path / "home", Surroundings(dict, token=TokenAccess(module)), "no pin")
    gone = TokenAccess(module, tmp_path / "gone")
    with pytest.raises(KeyShut, match="cannot be read from"):
        make(tmp_path / "home", Surroundings(dict, token=gone), "no pin")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "token-pin").write_text(PIN)
    home = make(tmp_path / "home", Surroundings(dict, token=TokenAccess(module)), "no pin")
    assert verified(home)
