"""The hosts of a vendor: what their programs would refuse is refused before any host is touched."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.unit.playing import PROGRAM, ROOT

FILTERS = ROOT / "roles" / "validate_inventory" / "filter_plugins" / "inventory_vendor.py"
GROUPS = {"central": ["vendor"], "timeserver": ["ts1", "ts2"]}
EVERYBODY = ["0.0.0.0/0", "::/0"]
SERVER = {"firewall_ssh_sources": EVERYBODY, "firewall_client_sources": EVERYBODY}


@pytest.fixture(scope="module")
def filters() -> ModuleType:
    spec = importlib.util.spec_from_file_location("inventory_vendor", FILTERS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def vendors(**values: Any) -> dict[str, dict[str, Any]]:
    return {name: SERVER | values for names in GROUPS.values() for name in names}


def test_what_they_may_say_is_no_fault(filters):
    sound = {
        "timeserver_accuracy_ms": "1000",
        "timeserver_requests_per_minute": 100_000,
        "timeserver_connections_max": 1,
        "central_root_name": "Root",
        "central_firms": [{"code": 100001, "name": "Northwind Presses"}],
    }
    assert filters.vendor_faults(vendors(**sound), GROUPS) == []
    assert filters.vendor_faults(vendors(), GROUPS) == []
    assert filters.vendor_faults({}, {}) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"timeserver_accuracy_ms": 0}, "ts1, ts2: timeserver_accuracy_ms must be from 1 to 10000"),
        ({"timeserver_accuracy_ms": 10_001}, "timeserver_accuracy_ms must be from 1 to 10000"),
        ({"timeserver_requests_per_minute": 0}, "timeserver_requests_per_minute must be from 1"),
        ({"timeserver_connections_max": 10_001}, "timeserver_connections_max must be from 1 to"),
        ({"timeserver_connections_max": "many"}, "ts1, ts2: Expected `int`"),
        ({"central_firms": [{"code": 0, "name": "N"}]}, "vendor: A firm code is 1 to"),
        ({"central_firms": [{"code": -5, "name": "N"}]}, "vendor: A firm code is 1 to"),
        ({"central_firms": [{"code": 1, "name": "N" * 65}]}, "vendor: A name has 1 to 64"),
        ({"central_root_name": " "}, "vendor: A name has 1 to 64"),
    ],
)
def test_each_mistake_is_named(filters, values, said):
    (fault,) = filters.vendor_faults(vendors(**values), GROUPS)
    assert said in fault


def test_a_name_that_no_certificate_can_carry(filters):
    groups = GROUPS | {"timeserver": ["t" * 65]}
    (fault,) = filters.vendor_faults({"vendor": {}, "t" * 65: SERVER}, groups)
    assert fault.startswith("vendor: A name has 1 to 64")


def made(home: Path, name: str) -> None:
    """A time server's files, as a vendor makes them."""
    tool, central = str(PROGRAM.with_name("tmr")), f"--dir={home.parent / 'central'}"
    words = ["timeserver-certificate", f"--name={name}", f"--out={home / name}"]
    lists = ["crl", f"--out={home / 'block-list.crl'}"]
    for asked in (["init"], words, lists):
        subprocess.run([tool, "central", central, *asked], check=True, capture_output=True)


def test_who_may_reach_a_time_server_and_what_it_signs_with(filters, tmp_path):
    home = tmp_path / "timeservers"
    home.mkdir()
    made(home, "ts1")
    hostvars = vendors(inventory_dir=str(tmp_path))

    def said(*played: str, made_here: bool = False, **values: Any) -> list[str]:
        groups = GROUPS if made_here else {"timeserver": GROUPS["timeserver"]}
        changed = {name: own | values for name, own in hostvars.items()}
        found: list[str] = filters.timeserver_faults(changed, groups, played)
        return found

    assert said("ts1") == []
    (fault,) = said("ts1", "ts2")
    assert fault.startswith(f"ts2: Cannot read {home}/ts2/timeserver.key.pem: No such file")
    # In the same play the vendor's computer makes what is missing.
    assert said("ts1", "ts2", made_here=True) == []
    (fault,) = said("ts1", timeserver_block_list="/nowhere/list.crl")
    assert fault.startswith("ts1: There is no block list /nowhere/list.crl on this computer")
    (home / "ts1" / "timeserver.key.pem").write_text("spoilt")
    assert "hold no time server's key and certificate" in said("ts1", made_here=True)[0]
    (fault,) = said("ts2", made_here=True, firewall_ssh_sources=["10.77.0.0/222"])
    assert "has a firewall_ssh_sources that is no list of networks" in fault
    (fault,) = said("ts2", made_here=True, firewall_client_sources=None)
    assert fault.startswith("ts2 lacks firewall_client_sources: say who may reach")
