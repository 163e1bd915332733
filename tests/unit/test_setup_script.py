"""`scripts/setup`: from which Python .venv is made."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

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
