"""By what a host is known, from its files: what counts, and what many computers share."""

from __future__ import annotations

import pytest

from appliance.adapters.host_features import host_facts
from appliance.licences.binding import VALUES_MAX, WEIGHTS
from tests.unit.adapters.host_tree import HostTree


@pytest.fixture
def host(tmp_path):
    return HostTree(tmp_path)


def test_each_feature_has_its_place(host):
    assert host_facts(host.root) == {
        "machine-id": ("a1f0c2b9a3d4e5f60718293a4b5c6d7e",),
        "board": ("4c4c4544-0042-3510-8052-a9c04f4d5832",),
        "disk": ("naa.5002538e4000a",),
        "network": ("52:54:00:12:34:61",),
        "cpu": ("cpu:type:x86,ven0000fam0006mod009a",),
    }
    assert set(host_facts(host.root)) == set(WEIGHTS)


def test_a_host_without_any_of_it_shows_nothing(tmp_path):
    assert not any(host_facts(tmp_path).values())


@pytest.mark.parametrize(
    "uuid",
    [
        "",
        "None",
        "Not Specified",
        "To Be Filled By O.E.M.",
        "Default string",
        "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "03000200-0400-0500-0006-000700080009",
        "0",
    ],
)
def test_what_many_boards_say_says_nothing(host, uuid):
    host.board(uuid)
    assert host_facts(host.root)["board"] == ()
    host.board(uuid, "PF2ABCDE")
    assert host_facts(host.root)["board"] == ("pf2abcde",)


def test_the_board_is_read_where_root_shows_it(host):
    host.board("")
    host.write("run/tmr-upstream/product_uuid", "4C4C4544-0042-3510-8052-B9C04F4D5832")
    assert host_facts(host.root)["board"] == ("4c4c4544-0042-3510-8052-b9c04f4d5832",)


@pytest.mark.parametrize("name", ["loop0", "ram0", "zram0", "dm-0", "md127", "sr0", "nbd0"])
def test_only_disks_that_are_built_in_count(host, name):
    host.disk(name, "a number of its own")
    host.disk("sdb", "of a stick", removable="1")
    assert host_facts(host.root)["disk"] == ("naa.5002538e4000a",)


def test_several_disks_and_cards_are_several_values(host):
    host.write("sys/block/nvme0n1/wwid", "eui.0025385")
    host.write("sys/block/vda/serial", "virtual-1")
    host.card("eth1", "52:54:00:12:34:99")
    facts = host_facts(host.root)
    assert facts["disk"] == ("eui.0025385", "naa.5002538e4000a", "virtual-1")
    assert facts["network"] == ("52:54:00:12:34:61", "52:54:00:12:34:99")


@pytest.mark.parametrize(
    "other",
    [
        ("br0", "02:42:00:00:00:01", "3", False),
        ("veth0", "02:42:00:00:00:02", "0", False),
        ("eth9", "02:42:00:00:00:03", "3", True),  # set by software
        ("eth9", "02:42:00:00:00:04", "1", True),  # drawn
        ("eth9", "00:00:00:00:00:00", "0", True),
    ],
)
def test_only_addresses_that_a_card_has_for_good_count(host, other):
    host.card(*other)
    assert host_facts(host.root)["network"] == ("52:54:00:12:34:61",)


def test_more_values_than_the_bound_are_left_out(host):
    for number in range(VALUES_MAX + 5):
        host.card(f"eth{number}", f"52:54:00:00:01:{number:02x}")
    assert len(host_facts(host.root)["network"]) == VALUES_MAX
