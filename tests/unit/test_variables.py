"""Every variable of a role is documented, and docs/variables.md says what the roles say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())


def load(path: Path) -> dict[str, Any]:
    return (yaml.safe_load(path.read_text()) or {}) if path.exists() else {}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_each_default_is_specified_and_each_option_has_a_value(role):
    specs = load(role / "meta" / "argument_specs.yml")["argument_specs"].values()
    options = {
        name: option for spec in specs for name, option in (spec.get("options") or {}).items()
    }
    defaults = load(role / "defaults" / "main.yml")
    assert defaults.keys() <= options.keys()
    own = {name for name in options if name.startswith(f"{role.name}_")}
    assert own <= defaults.keys(), "a role's own variable needs a default"
    assert all(option["description"].endswith(".") for option in options.values())


def test_the_reference_is_up_to_date():
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "variables-reference"), "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_check_notices_a_reference_that_is_not(tmp_path):
    for name in ("scripts/variables-reference", "docs/variables.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text())
    (tmp_path / "roles").symlink_to(ROOT / "roles")
    command = [sys.executable, str(tmp_path / "scripts" / "variables-reference"), "--check"]
    assert subprocess.run(command, check=False, timeout=30).returncode == 0
    reference = tmp_path / "docs" / "variables.md"
    reference.write_text(reference.read_text().replace("4096", "4097"))
    assert subprocess.run(command, check=False, timeout=30, stderr=-3).returncode == 1
