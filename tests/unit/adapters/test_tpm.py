"""A container's key that a TPM sealed: with real TPMs (swtpm)."""

from __future__ import annotations

import shutil
from random import SystemRandom

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.adapters.container_home import ContainerHome
from appliance.adapters.keys.held import Surroundings
from appliance.adapters.keys.shut import KeyShut
from appliance.codec.request_files import read_request
from appliance.licences.serials import Binding, Mask, Serial
from tests.unit.adapters.tools import needs_tpm, tpm
from tests.unit.codec import world


def around(tcti):
    return Surroundings(dict, tcti=tcti)


def make(path, tcti):
    return ContainerHome.create(
        path, SystemRandom(), "up1", binding=Binding.TPM, around=around(tcti)
    )


@needs_tpm
def test_a_key_opens_in_the_tpm_that_sealed_it_and_in_no_other(tmp_path):
    home = tmp_path / "home"
    with tpm(tmp_path / "mine") as mine:
        made = make(home, mine)
        request = read_request(made.request(now=world.NOW))
        assert Serial.parse(made.serial).mask is Mask.SOFTWARE_UNIVERSAL
        assert request.evidence.binding is Binding.TPM
        assert [name for name, _ in request.evidence.known_by] == ["tpm"]
    shutil.copytree(home, tmp_path / "copy")
    with tpm(tmp_path / "another") as another:
        copy = ContainerHome.open(tmp_path / "copy", world.ROOT, around(another))
        assert "not the one that sealed the container's key" in copy.shut
        with pytest.raises(KeyShut):
            copy.sign(b"data")
    with tpm(tmp_path / "mine") as mine:  # after a power cut: the chip is the same
        opened = ContainerHome.open(home, world.ROOT, around(mine))
        assert opened.shut == ""
        Ed25519PublicKey.from_public_bytes(made.public_key).verify(opened.sign(b"data"), b"data")
        assert opened.held.evidence == made.held.evidence


@needs_tpm
def test_a_tpm_that_does_not_answer_is_named_and_tried_again(tmp_path):
    with tpm(tmp_path / "mine") as mine:
        make(tmp_path / "home", mine)
    home = ContainerHome.open(tmp_path / "home", world.ROOT, around(mine))
    assert "The TPM cannot be used" in home.shut
    with tpm(tmp_path / "mine"):
        assert home.try_again() == "" and home.sign(b"data")


def test_without_its_tools_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KeyShut, match="tpm2-tools is missing"):
        make(tmp_path / "home", "")
