"""The packet filter as Ansible renders it for each kind of host, and as nft reads it."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from tests.unit.playing import ROOT, played

PLUGIN = ROOT / "roles" / "firewall" / "filter_plugins" / "firewall_sources.py"


@pytest.fixture(scope="module")
def sources() -> ModuleType:
    spec = importlib.util.spec_from_file_location("firewall_sources", PLUGIN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("given", "matches"),
    [
        ([], []),
        (["192.0.2.0/24"], ["ip saddr { 192.0.2.0/24 }"]),
        (["192.0.2.7"], ["ip saddr { 192.0.2.7 }"]),
        (["2001:db8::/32", "192.0.2.7"], ["ip saddr { 192.0.2.7 }", "ip6 saddr { 2001:db8::/32 }"]),
        # A network within another would be an overlap, which nftables refuses.
        (["192.0.2.0/24", "192.0.2.7/32"], ["ip saddr { 192.0.2.0/24 }"]),
        (["192.0.2.9/24"], ["ip saddr { 192.0.2.0/24 }"]),
        (["0.0.0.0/0", "::/0"], ["meta nfproto ipv4", "meta nfproto ipv6"]),
    ],
)
def test_sources_as_nftables_matches_them(sources, given, matches):
    assert sources.nft_matches(given) == matches


@pytest.mark.parametrize("given", ["192.0.2.0/24", ["192.0.2.0/222"], ["192.0.2.2500"], ["here"]])
def test_what_is_no_list_of_networks_is_refused(sources, given):
    with pytest.raises(ValueError, match=r"192|here"):
        sources.nft_matches(given)


def test_whether_an_address_is_within(sources):
    assert sources.is_within("192.0.2.7", ["198.51.100.0/24", "192.0.2.0/24"])
    assert sources.is_within("::ffff:192.0.2.7", ["192.0.2.0/24"])
    assert sources.is_within("fe80::1%eth0", ["fe80::/10"])
    assert not sources.is_within("192.0.2.7", ["::/0", "192.0.2.8"])
    assert not sources.is_within("192.0.2.7", [])


def render(directory: Path, **variables: Any) -> dict[str, str]:
    """The rules of up1, tmr1 and ts1 of the lab's inventory."""
    dest = str(directory / "{{ inventory_hostname }}.nft")
    template = {"src": str(ROOT / "roles/firewall/templates/firewall.nft.j2"), "dest": dest}
    play = {
        "hosts": "up1:tmr1:ts1",
        "gather_facts": False,
        "connection": "local",
        "vars_files": [str(ROOT / "playbooks/vars/system.yml")],
        "tasks": [
            {"ansible.builtin.include_vars": str(ROOT / "roles/firewall/defaults/main.yml")},
            # Included variables win over the inventory's, defaults do not.
            {"ansible.builtin.set_fact": variables},
            {"ansible.builtin.template": template},
        ],
    }
    (directory / "play.yml").write_text(yaml.safe_dump([play]))
    given = {"tmr_operator_addresses": ["10.77.0.250"]}
    done = played(
        *("--inventory=inventory/lab", str(directory / "play.yml")),
        *("--extra-vars", json.dumps(given | variables)),
        ANSIBLE_FILTER_PLUGINS=str(PLUGIN.parent),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {host: (directory / f"{host}.nft").read_text() for host in ("up1", "tmr1", "ts1")}


def nft_reads(rules: str) -> None:
    """Have nft read the rules without loading them, where it may."""
    if shutil.which("nft", path="/usr/sbin:/usr/bin") is None or os.geteuid() != 0:
        return
    words = ["unshare", "--net", "nft", "--check", "--file", "-"]
    done = subprocess.run(
        words, input=rules, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr


def test_each_kind_of_host_lets_in_what_it_serves(tmp_path):
    rules = render(
        tmp_path,
        firewall_ssh_sources=["192.0.2.0/24", "2001:db8::/32"],
        firewall_ssh_ports=[22, 2222],
        firewall_client_sources=["198.51.100.0/24"],
        firewall_open_ports=[
            {"port": 9100, "sources": ["192.0.2.9"]},
            {"port": 161, "protocol": "udp"},
        ],
        firewall_extra_rules=["tcp dport 10050 accept"],
    )
    for text in rules.values():
        assert "ip saddr { 192.0.2.0/24 } tcp dport { 22, 2222 } accept" in text
        assert "ip6 saddr { 2001:db8::/32 } tcp dport { 22, 2222 } accept" in text
        assert "ip saddr { 192.0.2.9 } tcp dport 9100 accept" in text
        assert "meta nfproto ipv6 udp dport 161 accept" in text
        assert "tcp dport 10050 accept" in text
        nft_reads(text)
    assert "ip saddr { 10.77.0.21, 10.77.0.22 } tcp dport 7101 accept" in rules["up1"]
    assert "ip saddr { 10.77.0.250 } tcp dport 7102 accept" in rules["up1"]
    assert "7200" not in rules["up1"]
    # Operators look at the API, so the computer that deploys is never kept from it.
    assert "ip saddr { 10.77.0.250, 198.51.100.0/24 } tcp dport 7200 accept" in rules["tmr1"]
    assert "ip saddr { 198.51.100.0/24 } tcp dport 7300 accept" in rules["ts1"]
    assert "vrrp" not in rules["up1"] + rules["ts1"]


def test_nobody_is_let_in_where_nobody_is_named(tmp_path):
    rules = render(tmp_path, firewall_ssh_sources=[], firewall_client_sources=[])
    assert "{ 22 }" not in rules["up1"]
    assert "dport 7300" not in rules["ts1"]
    for text in rules.values():
        nft_reads(text)


def test_ssh_stays_open_at_the_port_by_which_ansible_comes(tmp_path):
    """As long as firewall_ssh_ports says nothing else."""
    rules = render(tmp_path, firewall_ssh_sources=["192.0.2.0/24"], ansible_port=2222)
    for text in rules.values():
        assert "ip saddr { 192.0.2.0/24 } tcp dport { 2222 } accept" in text
