"""Settings that nothing reads, files that are missing, limits that cannot be kept."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from appliance.adapters.pki.authority import IDENTITY_DAYS
from tests.unit.test_inventory_faults import GROUPS, HOSTVARS, all_hosts, one_host, two_systems
from tests.unit.test_inventory_faults import faults as inventory_faults

ROOT = Path(__file__).resolve().parents[2]
FILTERS = ROOT / "roles" / "validate_inventory" / "filter_plugins" / "inventory_settings.py"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, FILTERS.with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def filters() -> ModuleType:
    return load("inventory_settings")


def test_what_the_roles_know_is_no_fault(filters):
    known = {
        "tmr_release": "0.1.0-1a2b3c4d",
        "tmr_address": "10.77.0.11",
        "time_servers": ["ts1"],
        "firewall_manage": "no",
        "upstream_box_time_save_s": "30",
        "monitoring_webhook": "https://hooks.example/",
        "site_of_somebody_else": 1,
        "firewall_ssh_ports": [22, "2222"],
        "firewall_open_ports": [{"port": 161, "protocol": "udp", "sources": ["192.0.2.0/24"]}],
        "firewall_try_s": "15",
        "monitoring_interval_s": 1,
        "common_journal_size_max": "500M",
        "time_pools": ["2.debian.pool.ntp.org", "10.0.0.1 minpoll 4", "2001:db8::1"],
        "backup_keep": "90",
        "backup_directory": "/srv/backups",
        # Of other roles, and near to none of ours.
        "backup_user": "b",
        "restore_mode": 1,
        "tmr_memory_percent_max": 60,
    }
    assert filters.setting_faults(all_hosts(**known), GROUPS, given=()) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"firewall_ssh_source": []}, "firewall_ssh_source is no variable of these roles"),
        ({"firewall_ssh_source": []}, "firewall_ssh_sources is meant?"),
        ({"tmr_virtual_adress": "x"}, "tmr_virtual_adress is no variable"),
        ({"upstream_nonsense": 1}, "upstream_nonsense is no variable"),
        ({"tmr_api_port": 8443}, "tmr_api_port follows from the inventory or is fixed"),
        ({"tmr_twin": "up1"}, "tmr_twin follows"),
        ({"monitoring_name": "x"}, "monitoring_name follows"),
        ({"time_servers": "ts1"}, "time_servers is a list, not 'ts1'"),
        ({"time_manage": "perhaps"}, "time_manage is true or false"),
        ({"tmr_server_connections_max": "many"}, "tmr_server_connections_max is a whole number"),
        ({"tmr_server_connections_max": 1.5}, "tmr_server_connections_max is a whole number"),
        ({"release_keep": 1}, "release_keep is one of 2, 3"),
        ({"monitoring_webhook": ["x"]}, "monitoring_webhook is one word or path"),
        # What lists hold, and what no program of ours would refuse.
        (
            {"firewall_open_ports": [9100]},
            "firewall_open_ports holds 9100, and each is made of port",
        ),
        ({"firewall_open_ports": [{"protocol": "tcp"}]}, "lacks port"),
        ({"firewall_open_ports": [{"port": 0}]}, "firewall_open_ports: port is from 1 to 65535"),
        ({"firewall_open_ports": [{"port": 1, "source": []}]}, "and source is none of them"),
        (
            {"firewall_open_ports": [{"port": 9100, "sources": "192.0.2.9"}]},
            "firewall_open_ports: sources is a list, not '192.0.2.9'",
        ),
        (
            {"firewall_ssh_ports": ["ssh"]},
            "firewall_ssh_ports holds 'ssh', and each is a whole number",
        ),
        ({"firewall_ssh_ports": [22, 70000]}, "and each is from 1 to 65535"),
        ({"firewall_try_s": 5}, "firewall_try_s is from 10 to 600, not 5"),
        ({"firewall_try_s": 601}, "firewall_try_s is from 10 to 600"),
        ({"tmr_memory_percent_max": "2G"}, "tmr_memory_percent_max is a whole number, not '2G'"),
        ({"tmr_memory_percent_max": 9}, "tmr_memory_percent_max is from 10 to 95, not 9"),
        ({"tmr_memory_percent_max": 96}, "tmr_memory_percent_max is from 10 to 95"),
        ({"tmr_memory_percent": 60}, "tmr_memory_percent_max is meant?"),
        ({"monitoring_interval_s": 0}, "monitoring_interval_s is from 1 to 86400"),
        ({"common_listen_queue_max": 0}, "common_listen_queue_max is from 1 to 2147483647"),
        ({"common_journal_size_max": "1 GB"}, "common_journal_size_max is a size such as 1G"),
        ({"pki_renew_days": 0}, "pki_renew_days is from 1 to 824"),
        ({"pki_renew_days": 825}, "pki_renew_days is from 1 to 824"),
        ({"firewall_ssh_ports": []}, "firewall_ssh_ports is a list of one or more, not []"),
        ({"time_servers": [""]}, "time_servers holds '', and each is the name or address of a"),
        ({"time_pools": ["a;b"]}, "time_pools holds 'a;b', and each is the name of a pool"),
        # What playbooks read, from -e as from the inventory.
        ({"backup_keep": 0}, "backup_keep is from 1 to 100000, not 0"),
        ({"backup_keep": "many"}, "backup_keep is a whole number"),
        ({"backup_kep": 90}, "backup_keep is meant?"),
        ({"restore_losing": "five"}, "restore_losing is a whole number"),
        ({"upgrade_on_two": "perhaps"}, "upgrade_on_two is true or false"),
        ({"time_servers": [["ts1"]]}, "time_servers holds ['ts1'], and each is one word"),
    ],
)
def test_a_setting_that_would_do_nothing_is_named(filters, values, said):
    (fault,) = filters.setting_faults(one_host("tmr2", **values), GROUPS, given=())
    assert fault.startswith("tmr2: ")
    assert said in fault


@pytest.mark.parametrize("kind", ["upstream", "tmr", "timeserver", "central"])
def test_hosts_of_every_kind_are_looked_at(filters, kind):
    hostvars = {"x": {"central_firm": [], "central_directory": "/srv/vendor"}}
    assert filters.setting_faults(hostvars, {kind: ["x"]}, given=()) == [
        "x: central_firm is no variable of these roles, so it would do nothing: central_firms is"
        " meant? If it is for something else, list it in validate_inventory_ours_not."
    ]


def test_what_belongs_to_somebody_else_may_be_said(filters):
    own = all_hosts(common_timezone="UTC")
    assert len(filters.setting_faults(own, GROUPS, given=())) == 1
    assert filters.setting_faults(own, GROUPS, ["common_timezone"], given=()) == []


def test_what_is_given_on_the_command_line_wins_and_so_is_no_fault(filters):
    own = all_hosts(tmr_wheelhouse="/srv/a.tar")
    assert filters.setting_faults(own, GROUPS, given=["tmr_wheelhouse"]) == []
    assert len(filters.setting_faults(own, GROUPS, given=())) == 1


def test_each_variable_of_a_playbook_that_begins_like_ours_is_known(filters):
    """A name that a playbook reads, and that nobody sets, is one for -e or for the inventory."""
    known = set(filters.role_options()) | filters.fixed_names()
    known |= {*filters.SETTABLE, *filters.OF_PLAYBOOKS}
    prefixes = (*(f"{role.name}_" for role in (ROOT / "roles").iterdir()), "tmr_")
    for path in (ROOT / "playbooks").rglob("*.yml"):
        text = path.read_text()
        asked = set(re.findall(r"\b([a-z_]+) \| default\(", text))
        made = set(re.findall(r"register: (\w+)", text)) | set(
            re.findall(r"^ +(\w+): ", text, re.M)
        )
        lost = {name for name in asked - made if name.startswith(prefixes)} - known
        assert lost == set(), path


def licence_root(directory: Path) -> Path:
    words = ["central", f"--dir={directory / 'central'}", "init"]
    program = Path(sys.executable).with_name("tmr")
    subprocess.run([str(program), *words], check=True, capture_output=True, timeout=60)
    return directory / "central" / "root" / "root.cert.der"


def test_files_on_this_computer_are_looked_at_before_a_host_is(filters, tmp_path):
    root, other = licence_root(tmp_path), tmp_path / "other.pem"
    other.write_text("no certificate")

    def said(**values: Any) -> list[str]:
        found: list[str] = filters.file_faults(all_hosts(**values), GROUPS)
        return found

    assert said(tmr_licence_root=str(root)) == []
    assert said(tmr_licence_root="root.pem") == ["tmr_licence_root 'root.pem' is no absolute path."]
    (fault,) = said(tmr_licence_root="/nowhere/root.pem")
    assert fault == "Cannot read the licence root /nowhere/root.pem: No such file or directory."
    (fault,) = said(tmr_licence_root=str(other))
    assert "is no" in fault or "holds no certificate" in fault
    assert said(tmr_licence_root=str(root), monitoring_prometheus_dir=str(tmp_path)) == []
    assert said(tmr_licence_root=str(root), monitoring_prometheus_dir="/nowhere") == [
        "monitoring_prometheus_dir /nowhere is no directory: make it."
    ]
    server = {"url": "https://time.example/", "anchors": ["/nowhere/a.pem"], "ca": "/nowhere/b.pem"}
    faults = said(tmr_licence_root=str(root), upstream_other_time_servers=[server])
    assert faults == ["Cannot read the trust anchor /nowhere/a.pem: No such file or directory."]
    # Where the playbook makes the root, it need not be there before; a group alone makes none.
    missing, vendor = all_hosts(tmr_licence_root="/nowhere/root.pem"), GROUPS | {"central": ["v"]}
    assert filters.file_faults(missing, vendor, True) == []
    assert len(filters.file_faults(missing, vendor)) == 1


def test_a_limit_is_kept_or_refused(filters):
    hostvars, groups = two_systems()
    groups |= {"central": ["vendor"]}

    def said(*played: str, parts: bool = False) -> list[str]:
        found: list[str] = filters.limit_faults(hostvars, groups, played, parts)
        return found

    whole = [*HOSTVARS]
    assert said(*whole) == []
    assert said(*whole, *(f"b-{name}" for name in HOSTVARS)) == []
    assert said("tmr1", "tmr2") == [
        "This is about all hosts of lab, and --limit leaves out up1, up2, up3:"
        " leave it away, or say --limit lab."
    ]
    assert len(said(*whole, "b-up1")) == 1
    assert said("up2", parts=True) == []
    assert said("vendor", parts=True) == []
    assert "nothing would be done" in said("vendor")[0]


def test_time_servers_are_set_up_with_what_makes_their_keys(filters):
    groups = {"timeserver": ["ts1", "ts2"], "central": ["vendor"], "tmr": ["tmr1"]}

    def said(*played: str, **other: list[str]) -> str:
        found: list[str] = filters.timeserver_limit_faults(groups | other, played)
        return " ".join(found)

    assert said("ts1", "ts2", "vendor", "tmr1") == said("ts2", "vendor") == ""
    assert said("ts1", central=[]) == ""
    assert "--limit leaves out vendor, which makes the time servers' keys" in said("ts1")
    assert "no time server, so nothing would be done: name ts1 or ts2." in said("tmr1")
    assert "no time server, so nothing would be done" in said("vendor")
    assert "no host in the group timeserver" in said("vendor", timeserver=[])


def test_a_misspelt_option_of_a_playbook_is_refused(filters):
    known = ["backup_keep", "backup_directory"]
    assert filters.option_faults(known, ["backup_keep", "tmr_release", "restore_from"]) == []
    assert filters.option_faults(known, ["backup_kep"]) == [
        "backup_kep is no option of this playbook, so it would do nothing: it has"
        " backup_directory, backup_keep."
    ]
    assert filters.option_faults([], ["anything"]) == []


def test_an_option_in_the_inventory_is_looked_at_like_one_of_the_command_line(filters):
    """Else a misspelt bound would let copies be removed that somebody wanted to keep."""
    known = ["backup_keep", "backup_directory"]

    def said(**values: Any) -> str:
        return " ".join(filters.option_faults(known, (), one_host("tmr1", **values)))

    assert said(backup_keep=90, backup_user="b", upgrade_on_tow=True) == ""
    assert "tmr1: backup_kep is no variable of these playbooks" in said(backup_kep=90)
    assert "backup_keep is meant?" in said(backup_kep=90)
    assert said(backup_keep="many") == "backup_keep is a whole number, not 'many'."
    assert said(backup_keep=0) == "backup_keep is from 1 to 100000, not 0."
    assert filters.option_faults(known, (), one_host("tmr1", backup_kep=1), ["backup_kep"]) == []


def test_the_bounds_are_those_of_the_product(filters):
    assert filters.BOUNDS["pki_renew_days"] == (1, IDENTITY_DAYS - 1)


def numbers(filters: ModuleType) -> list[str]:
    options = filters.role_options() | filters.PLAYBOOK_OPTIONS
    return sorted(n for n, option in options.items() if option.get("type") in ("int", "float"))


def test_every_number_has_bounds_before_any_host_is_touched(filters):
    """Whatever a host would refuse later, in the middle of a play."""
    groups = GROUPS | {"timeserver": ["ts1"]}
    unbounded = []
    vendor = load("inventory_vendor")
    for name in numbers(filters):
        for value in (-1, 10**30):
            hostvars = all_hosts(**{name: value}) | {"ts1": {name: value}}
            faults = filters.setting_faults(hostvars, groups, given=())
            faults += inventory_faults(hostvars, groups)
            faults += vendor.vendor_faults(hostvars, groups)
            if not faults:
                unbounded.append((name, value))
    assert len(numbers(filters)) > 15
    assert unbounded == []
