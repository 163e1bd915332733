"""A container that is bound to its host: what changes in honest plants, and a copied directory."""

from __future__ import annotations

import shutil
from random import SystemRandom

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appliance.adapters.container_home import ContainerHome, HomeDamaged
from appliance.adapters.keys import held as holding
from appliance.adapters.keys.shut import KeyShut
from appliance.codec.request_files import read_request
from appliance.licences.serials import Binding, Mask, Serial
from tests.unit.adapters.host_tree import HostTree
from tests.unit.adapters.test_container_home import Vendor
from tests.unit.codec import world

BOUND = [(Binding.STRICT, Mask.STRICT), (Binding.LOOSE, Mask.LOOSE)]


@pytest.fixture
def host(tmp_path):
    return HostTree(tmp_path / "host")


@pytest.fixture
def other(tmp_path):
    return HostTree(tmp_path / "other", "b")


@pytest.fixture
def make(tmp_path, host):
    def made(binding, **more):
        return ContainerHome.create(
            tmp_path / "home", SystemRandom(), "up1", binding=binding, around=host.around, **more
        )

    return made


def at(path, host):
    """The container in this directory, on this host."""
    return ContainerHome.open(path, world.ROOT, host.around)


def signs(home):
    Ed25519PublicKey.from_public_bytes(home.public_key).verify(home.sign(b"data"), b"data")
    return True


@pytest.mark.parametrize(("binding", "mask"), BOUND)
def test_it_is_made_opened_and_asks(make, tmp_path, host, binding, mask):
    made = make(binding)
    home = at(tmp_path / "home", host)
    assert (home.serial, home.shut, signs(home)) == (made.serial, "", True)
    assert Serial.parse(home.serial).mask is mask
    request = read_request(home.request(now=world.NOW))
    assert request.evidence == home.held.evidence
    assert request.evidence.binding is binding
    assert not (tmp_path / "home" / "container.key.pem").exists()


@pytest.mark.parametrize(("binding", "mask"), BOUND)
def test_a_copied_directory_does_not_open_elsewhere(make, tmp_path, host, other, binding, mask):
    make(binding)
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "home", copy)
    home = at(copy, other)
    assert "bound to another host" in home.shut
    assert (
        "not as it was are machine-id, board, disk, network, cpu; " in home.shut
        and "`tmr container explain`" in home.shut
    )
    assert "vendor to reissue" in home.shut
    for act in (lambda: home.sign(b"x"), home.request):
        with pytest.raises(KeyShut, match="bound to another host"):
            act()
    # And it leaves no trace: the original opens as before, and so would the copy at home.
    assert at(copy, host).shut == at(tmp_path / "home", host).shut == ""


def test_a_copy_of_the_whole_disk_does_not_open_in_an_equal_computer(make, tmp_path, host, other):
    make(Binding.LOOSE)
    other.machine_id((host.root / "etc/machine-id").read_text().strip())
    other.write(
        "sys/devices/system/cpu/modalias",
        (host.root / "sys/devices/system/cpu/modalias").read_text().strip(),
    )
    assert "not as it was are board" in at(tmp_path / "home", other).shut


def test_a_key_that_is_shut_still_shows_what_the_container_holds(make, tmp_path, host, other):
    make(Binding.LOOSE)
    home = at(tmp_path / "home", host)
    home.import_update(Vendor(home, binding=Binding.LOOSE).update(1))
    shut = at(tmp_path / "home", other)
    assert shut.shut and shut.twin == 1 and shut.public_key == home.public_key


def test_an_honest_host_changes_piece_by_piece_and_says_what_changed(make, tmp_path, host):
    make(Binding.STRICT)
    path = tmp_path / "home"
    host.card("eth1", "52:54:00:99:99:99")  # one more card changes nothing
    assert at(path, host).held.compared.as_it_was
    for number, change in enumerate(
        (
            lambda: shutil.rmtree(host.root / "sys/class/net/eth0"),
            lambda: host.disk("sda", "naa.another one"),
            lambda: host.machine_id("c" * 31 + "d"),
            lambda: host.card("eth1", "52:54:00:77:77:77"),
        )
    ):
        change()
        home = at(path, host)
        assert home.shut == "" and signs(home), number
        assert at(path, host).held.compared.as_it_was
    changed = [one.features for one in at(path, host).held.changes]
    assert changed == [("disk",), ("machine-id",), ("network",)]


def test_two_changes_at_once_are_too_many_for_a_strict_one(make, tmp_path, host):
    make(Binding.STRICT)
    host.disk("sda", "naa.another one")
    host.machine_id("c" * 31 + "d")
    shut = at(tmp_path / "home", host)
    assert "machine-id, disk; 6 of 10 points fit and 8 are needed" in shut.shut
    host.disk("sda", "naa.5002538e4000a")  # put back
    assert shut.try_again() == "" and signs(shut)


def test_changes_that_are_kept_are_bounded(make, tmp_path, host, monkeypatch):
    monkeypatch.setattr(holding, "CHANGES_MAX", 2)
    make(Binding.LOOSE)
    for number in range(4):
        host.disk("sda", f"naa.another one {number}")
        assert len(at(tmp_path / "home", host).held.changes) == min(number + 1, 2)


def test_a_full_disk_keeps_the_old_lock_which_opens_as_well(make, tmp_path, host, monkeypatch):
    make(Binding.LOOSE)
    host.disk("sda", "naa.another one")

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(holding, "write_whole", full)
        assert signs(at(tmp_path / "home", host))
    assert at(tmp_path / "home", host).held.compared.changed == ("disk",)


def test_a_host_that_shows_too_little_makes_no_bound_container(tmp_path):
    bare = HostTree(tmp_path / "bare")
    for name in ("block", "class"):
        shutil.rmtree(bare.root / "sys" / name)
    with pytest.raises(KeyShut, match="only: machine id, CPU model"):
        ContainerHome.create(
            tmp_path / "home", SystemRandom(), binding=Binding.LOOSE, around=bare.around
        )
    # Nothing is left that would be in the way of another try.
    ContainerHome.create(tmp_path / "home", SystemRandom(), around=bare.around)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"binding": "loose"', '"binding": "token"', "what holds the key"),
        ('"binding": "loose"', '"binding": "more"', "not as it was written"),
        ('"public_key": "', '"public_key": "AAAA', "what holds the key"),
        ("{", "", "not as it was written"),
    ],
)
def test_a_damaged_binding_is_named(make, tmp_path, host, old, new, said):
    make(Binding.LOOSE)
    file = tmp_path / "home" / "binding.json"
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(HomeDamaged, match=said):
        at(tmp_path / "home", host)


def test_an_unbound_container_tells_its_host_all_the_same(make, host):
    made = make(Binding.FILE)
    assert Serial.parse(made.serial).mask is Mask.SOFTWARE_UNIVERSAL
    assert made.held.evidence.binding is Binding.FILE
    assert [name for name, _ in made.held.evidence.known_by] == [
        "board",
        "cpu",
        "disk",
        "machine-id",
        "network",
    ]
