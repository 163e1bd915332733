"""What is refused before a host is touched: each mistake has its own sentence."""

from __future__ import annotations

import importlib.util
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILTER = ROOT / "roles" / "validate_inventory" / "filter_plugins" / "inventory_faults.py"
HOSTS = {"up1": 11, "up2": 12, "up3": 13, "tmr1": 21, "tmr2": 22}
GROUPS = {
    "lab": list(HOSTS),
    "upstream": ["up1", "up2", "up3"],
    "tmr": ["tmr1", "tmr2"],
}
HOSTVARS: dict[str, dict[str, Any]] = {
    name: {
        "ansible_host": f"10.77.0.{octet}",
        "tmr_system": "lab",
        "tmr_failure_domain": f"rack-{octet % 10}",
        "tmr_interface": "eth0",
        "tmr_virtual_ip": "10.77.0.100/24",
        "tmr_vrid": 77,
        "tmr_advert_int_s": 0.3,
        "tmr_licence_root": "root.pem",
        "tmr_operator_addresses": ["10.77.0.250"],
        "firewall_ssh_sources": ["10.77.0.0/24"],
        "firewall_client_sources": ["10.77.0.0/24", "2001:db8::/32"],
    }
    for name, octet in HOSTS.items()
}


def faults(hostvars: dict[str, dict[str, Any]], groups: dict[str, list[str]]) -> list[str]:
    spec = importlib.util.spec_from_file_location("inventory_faults", FILTER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: list[str] = module.FilterModule().filters()["inventory_faults"](hostvars, groups)
    return found


def test_a_sound_inventory_has_no_fault():
    assert faults(HOSTVARS, GROUPS) == []


def all_hosts(**values: Any) -> dict[str, dict[str, Any]]:
    return {name: own | values for name, own in HOSTVARS.items()}


def one_host(host: str, **values: Any) -> dict[str, dict[str, Any]]:
    return HOSTVARS | {host: HOSTVARS[host] | values}


@pytest.mark.parametrize(
    ("hostvars", "said"),
    [
        (one_host("up2", tmr_failure_domain="rack-1"), "up1, up2 of lab share the failure domain"),
        (one_host("tmr2", tmr_failure_domain="rack-1"), "tmr1, tmr2 of lab share"),
        (one_host("up3", tmr_failure_domain=""), "up3 declares no tmr_failure_domain"),
        (all_hosts(tmr_virtual_ip="10.77.0.100"), "lacks its prefix length"),
        (all_hosts(tmr_virtual_ip="10.77.0.300/24"), "is no address such as"),
        (all_hosts(tmr_virtual_ip="10.77.0.255/24"), "no address for a host"),
        (all_hosts(tmr_virtual_ip="10.77.0.12/24"), "is up2's own address"),
        (all_hosts(tmr_virtual_ip="10.78.0.100/24"), "tmr1 (10.77.0.21) is not in"),
        (one_host("tmr2", tmr_virtual_ip="10.77.0.101/24"), "tmr_virtual_ip differs within lab"),
        (one_host("tmr1", tmr_vrid=78), "tmr_vrid differs within lab"),
        (all_hosts(tmr_vrid=256), "from 1 to 255"),
        (all_hosts(tmr_vrid="77"), "from 1 to 255"),
        (one_host("up1", ansible_host="up1.example"), "needs an IPv4 address"),
        (one_host("up1", ansible_host="10.77.0.12"), "Two hosts of lab have the address"),
        (one_host("up1", tmr_licence_root=""), "up1 lacks tmr_licence_root"),
        (one_host("up1", tmr_system=""), "up1 belongs to no TMR system"),
        (one_host("up1", tmr_system="other"), "is not in a group other"),
        (all_hosts(tmr_advert_int_s=None), "up1 lacks tmr_advert_int_s"),
        (one_host("up1", tmr_operator_addresses=None), "up1 lacks tmr_operator_addresses"),
        (all_hosts(firewall_ssh_sources=None), "tmr2 lacks firewall_ssh_sources"),
        (one_host("tmr1", firewall_client_sources=None), "tmr1 lacks firewall_client_sources"),
        (all_hosts(firewall_ssh_sources="10.77.0.0/24"), "is no list of networks"),
        (all_hosts(firewall_client_sources=["10.77.0.0/222"]), "is no list of networks"),
        (all_hosts(tmr_operator_addresses=["10.77.0.2500"]), "is no list of networks"),
        (one_host("up2", ansible_host="up2.example", tmr_address="up2.example"), "an IPv4 address"),
        (one_host("tmr1", tmr_address="10.78.0.21"), "tmr1 (10.78.0.21) is not in"),
        # What the hosts' own programs refuse is refused here, in their words.
        (all_hosts(tmr_advert_int_s=0.333), "must be a multiple of 0.01 s"),
        (all_hosts(tmr_advert_int_s=50), "tmr_advert_int_s must be from 0.01 to 40 seconds"),
        (all_hosts(tmr_advert_int_s="soon"), "tmr1, tmr2: Expected `float`"),
        (all_hosts(tmr_interface="enp0s31f6-very-long"), "is not an interface name"),
        (all_hosts(vip_priority=250), "Both TMR servers have the VRRP priority 250"),
        (all_hosts(vip_realtime_priority=100), "must be from 0 (none) to 99"),
        (one_host("tmr2", vip_priority=199), "must be from 200 to 254"),
        (all_hosts(upstream_box_time_save_s=0), "upstream_box_time_save_s must be from 1 to 3600"),
        (all_hosts(upstream_time_servers=["ts1"]), "up1, up2, up3: "),
        (all_hosts(upstream_central_url="http://central.example"), "up1, up2, up3: "),
        (all_hosts(tmr_server_virtual_serial="130-5"), "tmr_server_virtual_serial must start with"),
        (all_hosts(tmr_server_connections_max=0), "tmr_server_connections_max must be at least 1"),
        (all_hosts(tmr_server_connections_max=10**9), "_connections_max must be at most 10000000"),
        (all_hosts(tmr_server_orders_per_client_s=0), "tmr_server_orders_per_client_s must be at"),
        (all_hosts(tmr_server_orders_per_client_burst=-1), "_orders_per_client_burst must be at"),
        (all_hosts(upstream_archive_days=-1), "upstream_archive_days must be from 0"),
        (all_hosts(upstream_archive_mib_max=1), "upstream_archive_mib_max must be from 16"),
        (
            all_hosts(firewall_open_ports=[{"port": 9100, "sources": ["192.0.2.0/222"]}]),
            "has a firewall_open_ports that is no list of networks",
        ),
        (all_hosts(monitoring_webhook="hooks.example"), "monitoring_webhook is an address that"),
        (all_hosts(upstream_proxy="proxy:3128"), "up3: upstream_proxy is an address such as"),
        (all_hosts(upstream_proxy="http://p:1", upstream_no_proxy=[7]), "up1, up2, up3: Expected"),
        (all_hosts(monitoring_proxy="socks5://p"), "tmr2: monitoring_proxy is an address such as"),
        (all_hosts(monitoring_hold_s=-1), "monitoring_hold_s must be from 0 to 3600"),
    ],
)
def test_each_mistake_is_named(hostvars, said):
    assert said in " ".join(faults(hostvars, GROUPS))


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ({"upstream": ["up1", "up2"]}, "exactly 3 upstreams, but has 2: up1, up2"),
        ({"tmr": []}, "exactly 2 TMR hosts, but has 0: none"),
        ({"tmr": ["tmr1", "tmr2", "up1"]}, "up1 is both"),
        ({"tmr": [], "upstream": []}, "no hosts in the groups"),
    ],
)
def test_the_right_number_of_hosts(groups, said):
    assert said in " ".join(faults(HOSTVARS, GROUPS | groups))


@pytest.mark.parametrize(
    ("prefix", "suffix"),
    [
        ("", ".licence-servers.assembly-hall-north.plant-a.example-manufacturing.example.com"),
        ("halle-süd-", ""),
        # The alerts of a TMR host show a certificate by the name of alert-HOST.
        ("", "-" + "x" * 57),
    ],
)
def test_names_that_no_certificate_can_carry(prefix, suffix):
    named = {name: f"{prefix}{name}{suffix}" for name in HOSTS}
    groups = {group: [named[name] for name in members] for group, members in GROUPS.items()}
    said = " ".join(faults({named[name]: own for name, own in HOSTVARS.items()}, groups))
    assert "is no name: use 1 to 64 letters" in said
    assert named["tmr1"] in said


def test_a_fault_that_all_hosts_share_is_said_once():
    assert faults(all_hosts(tmr_advert_int_s=0.333), GROUPS) == [
        "tmr1, tmr2: The advert interval 0.333 s must be a multiple of 0.01 s."
    ]


def test_what_the_inventory_leaves_to_the_roles_is_no_fault():
    own = {"firewall_manage": False, "firewall_ssh_sources": None, "firewall_client_sources": None}
    assert faults(all_hosts(**own), GROUPS) == []
    management = {
        name: own
        | {"ansible_host": f"{name}.management.example", "tmr_address": own["ansible_host"]}
        for name, own in HOSTVARS.items()
    }
    assert faults(management, GROUPS) == []


def two_systems() -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
    """The lab, and a second system b in a network of its own."""
    hostvars, groups = deepcopy(HOSTVARS), deepcopy(GROUPS)
    for name in HOSTS:
        other = hostvars[f"b-{name}"] = HOSTVARS[name] | {"tmr_system": "b"}
        other["ansible_host"] = other["ansible_host"].replace("10.77.0", "10.77.1")
        other["tmr_virtual_ip"] = "10.77.1.100/24"
    groups["b"] = [f"b-{name}" for name in HOSTS]
    for role in ("upstream", "tmr"):
        groups[role] = GROUPS[role] + [f"b-{name}" for name in GROUPS[role]]
    return hostvars, groups


def test_two_systems_must_not_meet():
    hostvars, groups = two_systems()
    assert faults(hostvars, groups) == []
    for name in HOSTS:
        hostvars[f"b-{name}"]["tmr_virtual_ip"] = "10.77.0.100/16"
    assert "b and lab have the same virtual IP." in faults(hostvars, groups)


def test_no_address_is_given_twice_among_systems():
    hostvars, groups = two_systems()
    hostvars["b-up1"]["ansible_host"] = "10.77.0.12"
    assert faults(hostvars, groups) == ["b-up1 of b and up2 of lab have the address 10.77.0.12."]
    hostvars, groups = two_systems()
    for name in HOSTS:
        hostvars[name]["tmr_virtual_ip"] = "10.77.1.13/16"
    said = faults(hostvars, groups)
    assert said == [
        "tmr_virtual_ip 10.77.1.13 of lab is the address of b-up3 in b: take a free one."
    ]


def test_the_hosts_of_the_test_are_those_of_the_lab_inventory():
    script = (ROOT / "tests" / "hosts" / "lab").read_text()
    line = re.search(r"^hosts=\((.*)\)", script, re.MULTILINE)
    assert line is not None
    booted = dict(pair.split(":") for pair in line[1].split())
    inventory = (ROOT / "inventory" / "lab" / "hosts.yml").read_text()
    listed = re.findall(r"(\w+):\n +ansible_host: 10\.77\.0\.(\d+)", inventory)
    assert dict(listed) == booted
