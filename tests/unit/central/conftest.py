"""Two vendors, and License Central as containers reach it; a file may have another `central`."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.services.central import LicenseCentral
from tests.unit.central.asking import Network, vendors


@pytest.fixture
def central(tmp_path: Path) -> LicenseCentral:
    return vendors(tmp_path / "central")


@pytest.fixture
def net(tmp_path: Path, central: LicenseCentral) -> Network:
    return Network(tmp_path / "central", central)
