"""The table of what can be sold, made by the command that a vendor types."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.lab.table import COLUMNS, ROWS, TMR
from tests.lab.conftest import unique_lab_id

PLAYED_S = 240

pytestmark = pytest.mark.timeout(PLAYED_S + 60)


def tmr(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "appliance.cli.main", "lab", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, timeout=PLAYED_S, check=False)


def test_each_kind_of_licence_goes_on_through_a_power_cut(tmp_path: Path) -> None:
    where = ("--dir", str(tmp_path / "lab"), "--id", unique_lab_id())
    try:
        done = tmr("table", "--json", *where)
    finally:
        tmr("down", *where)
    assert done.returncode == 0, done.stderr
    cells = json.loads(done.stdout)["cells"]
    assert [(c["row"], c["column"]) for c in cells] == [(r, c) for r in ROWS for c in COLUMNS]
    assert not [cell for cell in cells if cell["failed"]]
    ok = {cell["row"] for cell in cells if cell["column"] == "tmr" and cell["state"] == "ok"}
    assert ok == set(TMR)
    assert all(cell["seen"] for cell in cells if cell["state"] != "not yet")
