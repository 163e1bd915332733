"""Ansible's own programs, played in the tree without asking anybody anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).with_name("ansible-playbook")


def played(*words: str, program: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ansible-playbook, or another of its programs, with these words."""
    return subprocess.run(
        [str(PROGRAM.with_name(program) if program else PROGRAM), *words],
        cwd=ROOT,
        env=os.environ | {"ANSIBLE_NOCOLOR": "1"} | environment,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        timeout=100,
    )
