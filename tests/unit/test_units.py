"""The systemd units: what stops a service, and what a service may take of its host.

An upstream on a full disk ends within a second of each start. With systemd's limit on starts it
stayed down for good after half a minute, long after there was room again. And whoever makes a
service take memory without end costs that service a restart, not the host.
"""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SYSTEM = ROOT / "playbooks" / "vars" / "system.yml"
UNITS = sorted((ROOT / "roles").glob("*/templates/*.service.j2"))
NO_PROCESS = {"tmr-firewall"}
"""Loads rules and ends: it hears nobody."""
NOW_AND_THEN = {"tmr-alert"}
"""A timer starts it again."""
MEMORY = "tmr_memory_percent_max"


def name_of(path: Path) -> str:
    return path.name.removesuffix(".service.j2")


def those_but(*but: set[str]) -> list[object]:
    left_out = set().union(*but)
    return [pytest.param(path, id=name_of(path)) for path in UNITS if name_of(path) not in left_out]


def read(path: Path) -> configparser.ConfigParser:
    """A unit with all that its template may say, whatever an installation chooses."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(re.sub(r"(?m)^\{%.*%\}\n", "", path.read_text()))
    return unit


def test_the_units_are_found() -> None:
    assert {name_of(path) for path in UNITS} >= {
        *("tmr-upstream", "tmr-server", "tmr-vip", "tmr-timeserver"),
        *NO_PROCESS,
        *NOW_AND_THEN,
    }


@pytest.mark.parametrize("path", those_but(NO_PROCESS, NOW_AND_THEN))
def test_a_service_is_started_again_and_again(path: Path) -> None:
    unit = read(path)
    assert unit["Service"]["Restart"] == "always"
    assert float(unit["Service"]["RestartSec"]) >= 1
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


@pytest.mark.parametrize("path", those_but(NO_PROCESS))
def test_a_service_takes_no_more_of_its_host_than_is_said(path: Path) -> None:
    service = read(path)["Service"]
    assert service["MemoryMax"] == f"{{{{ {MEMORY} }}}}%", "one variable says it for all"
    assert service["MemorySwapMax"] == "0"
    assert 64 <= int(service["TasksMax"]) <= 512
    specs = yaml.safe_load((path.parents[1] / "meta" / "argument_specs.yml").read_text())
    option = specs["argument_specs"]["main"]["options"][MEMORY]
    assert (option["type"], option["required"]) == ("int", True)
    default = re.findall(r"default\((\d+)", yaml.safe_load(SYSTEM.read_text())[MEMORY])
    assert f"; {default[0]} if nothing is said" in option["description"]
