"""`scripts/setup`: from which Python .venv is made."""

from __future__ import annotations

import os
import subprocess
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_an_activated_venv_is_not_made_anew_from_itself(tmp_path: Path) -> None:
    """Else `. .venv/bin/activate` and any `make` after it would throw all of .venv away."""
    text = (ROOT / "scripts" / "setup").read_text("utf-8")
    head, separator, _ = text.partition("# --- Debian packages")
    assert separator
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "head").write_text(f"{head}\nfind_python\n")
    own, machine = tmp_path / ".venv" / "bin", tmp_path / "machine"
    for folder in (own, machine):
        folder.mkdir(parents=True)
        program = folder / "python3.11"
        program.write_text("#!/bin/sh\nexit 0\n")
        program.chmod(0o755)
    found = subprocess.run(
        ["bash", str(tmp_path / "scripts" / "head")],
        env={"PATH": f"{own}:{machine}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert found.stdout == f"{machine}/python3.11\n"


@pytest.mark.parametrize(
    ("in_path", "where_debian_keeps_it"), list(product((False, True), repeat=2))
)
def test_a_database_server_is_installed_where_none_is(
    tmp_path: Path, in_path: bool, where_debian_keeps_it: bool
) -> None:
    """Else the tests of License Central's records are skipped, which CI forbids."""
    text = (ROOT / "scripts" / "setup").read_text("utf-8")
    _, separator, rest = text.partition("# --- Debian packages")
    part, another, _ = rest.partition("install_packages() {")
    assert separator
    assert another
    if in_path:
        (tmp_path / "initdb").write_text("#!/bin/sh\n")
        (tmp_path / "initdb").chmod(0o755)
    # No file system but the test's own says what is there.
    there = f"compgen() {{ {str(where_debian_keeps_it).lower()}; }}"
    asked = subprocess.run(
        ["/bin/bash", "-c", f"can_make_venv() {{ true; }}\n#{part}\n{there}\nmissing_packages"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    packages = asked.stdout.split()
    assert "keepalived" in packages
    assert ("postgresql" in packages) is not (in_path or where_debian_keeps_it)
