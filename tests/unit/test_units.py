"""The systemd units: a service that stopped for want of something comes back once it is there.

An upstream on a full disk ends within a second of each start. With systemd's limit on starts it
stayed down for good after half a minute, long after there was room again.
"""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNITS = (
    "upstream/templates/tmr-upstream",
    "tmr_server/templates/tmr-server",
    "vip/templates/tmr-vip",
)


@pytest.mark.parametrize("name", UNITS)
def test_a_service_is_started_again_and_again(name: str) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((ROOT / "roles" / f"{name}.service.j2").read_text())
    assert unit["Service"]["Restart"] == "always"
    assert float(unit["Service"]["RestartSec"]) >= 1
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
