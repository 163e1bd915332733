"""What containers say of what holds their keys: License Central compares it at each contact."""

from __future__ import annotations

import json
import shutil
from random import SystemRandom

import pytest
from click.testing import CliRunner

from appliance.adapters.container_home import ContainerHome
from appliance.cli.central import central as command
from appliance.licences.serials import Binding, Kind
from appliance.verifier.certificates import verify_container_certificate
from tests.unit.adapters.host_tree import HostTree
from tests.unit.central.asking import sell


@pytest.fixture
def hosts(tmp_path):
    return [HostTree(tmp_path / f"host-{name}", name) for name in "abc"]


@pytest.fixture
def make(tmp_path, hosts, central, net):
    """Three activated containers, one on each host."""

    def made(binding=Binding.FILE):
        homes = [
            ContainerHome.create(
                tmp_path / f"home-{number}",
                SystemRandom(),
                root_certificate=central.root.certificate,
                binding=binding,
                around=host.around,
            )
            for number, host in enumerate(hosts)
        ]
        net.activate(sell(central), homes)
        for home in homes:
            assert net.fetch(home) == 1
        return homes

    return made


def acts(central):
    """What was noted of containers' hosts, oldest first."""
    rows = central.records.trail(None, 100)
    return [
        (row.act, json.loads(row.detail)["changed"])
        for row in reversed(rows)
        if row.act in ("elsewhere", "host changed")
    ]


def of(central, home):
    """What License Central knows of this container."""
    return next(one for one in central.whereabouts.page("", 10) if one.serial == home.serial)


def at(central, path, host):
    return ContainerHome.open(path, central.root.certificate, host.around)


def test_the_certificate_says_how_firmly_a_container_is_bound(make, central):
    for home in make(Binding.LOOSE):
        identity = verify_container_certificate(home.certificate, central.root.certificate)
        assert (identity.binding, identity.kind) == (Binding.LOOSE, Kind.BOUND)
        assert of(central, home).evidence == home.held.evidence


def test_the_same_host_again_writes_nothing(make, central, net):
    homes = make()
    known = central.whereabouts.page("", 10)
    net.wait(100)
    for home in homes:
        net.fetch(home)
    assert central.whereabouts.page("", 10) == known and acts(central) == []


def test_an_honest_change_is_noted_and_no_more(make, central, net, hosts, tmp_path):
    make()
    hosts[0].disk("sda", "naa.another")
    home = at(central, tmp_path / "home-0", hosts[0])
    assert net.fetch(home) == 0
    assert acts(central) == [("host changed", "disks")]
    assert of(central, home).moves == 0


def test_a_copy_and_its_original_take_turns_and_are_counted(make, central, net, hosts, tmp_path):
    original = make()[0]
    shutil.copytree(tmp_path / "home-0", tmp_path / "copy")
    copy = at(central, tmp_path / "copy", HostTree(tmp_path / "thief", "d"))
    for home, moves in ((copy, 1), (copy, 1), (original, 2), (copy, 3)):
        assert net.fetch(home) == 0  # nothing is refused for it
        assert of(central, original).moves == moves
    assert [act for act, _ in acts(central)] == ["elsewhere"] * 3
    shown = CliRunner().invoke(
        command, ["--dir", str(net.path), "whereabouts", "--json"], catch_exceptions=False
    )
    (row,) = [
        one for one in json.loads(shown.output)["containers"] if one["container"] == original.serial
    ]
    assert (row["held"], row["moves"]) == ("file", 3)
    assert "main board" in row["changed"] and row["elsewhere"]
