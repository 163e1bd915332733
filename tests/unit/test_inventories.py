"""The inventories in the tree are sound, as ansible-playbook reads them; no host is reached."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).parent / "ansible-playbook"


def play_nothing(inventory: str, tmp_path: Path, **variables: object) -> tuple[int, str]:
    """site.yml up to the validation of inventory and arguments, by a tag that no task has."""
    values = {
        "vault_become_password": "none",
        "tmr_wheelhouse": str(ROOT / "README.md"),
        "pki_directory": str(tmp_path),
    }
    words = [f"--extra-vars={name}={value}" for name, value in (values | variables).items()]
    done = subprocess.run(
        [str(PROGRAM), f"--inventory={inventory}", "playbooks/site.yml", "--tags=nothing", *words],
        cwd=ROOT,
        env=os.environ | {"ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        timeout=100,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("inventory", ["inventory/lab", "inventory/production.example"])
def test_an_inventory_of_ours_is_sound(inventory, tmp_path):
    code, said = play_nothing(inventory, tmp_path)
    assert code == 0, said
    assert "changed=0" in said
    assert list(tmp_path.iterdir()) == []


def test_the_same_run_notices_a_mistake(tmp_path):
    code, said = play_nothing("inventory/lab", tmp_path, tmr_failure_domain="cellar")
    assert code != 0
    assert "share the failure domain cellar" in " ".join(said.split())
