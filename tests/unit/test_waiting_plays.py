"""How a play waits until all five hosts are well: by a stand-in for the tool, without hosts."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.playing import ROOT, played
from tests.unit.test_inventories import two_systems

TOOL = """\
#!{python}
import json, pathlib, sys
counter = pathlib.Path({counter!r})
looks = int(counter.read_text()) + 1 if counter.exists() else 1
counter.write_text(str(looks))
if looks <= {silent}:
    print("tmr: nobody answers", file=sys.stderr)
    raise SystemExit(4)
well = dict(phase="following", reachable=True, lag=0, votes=True)
upstreams = [dict(well, name=name) for name in ("a-up1", "a-up2", "a-up3")]
upstreams[2] |= {third}
hosts = [dict(name="tmr1", role="active"), dict(name="tmr2", role="passive")]
print(json.dumps(dict(phase="serving", reason="", upstreams=upstreams, tmr_hosts=hosts)))
"""


def wait(
    tmp_path: Path,
    silent: int = 0,
    wait_s: int = 0,
    tasks: str = "whole",
    host: str = "a-up1",
    third: dict[str, Any] | None = None,
) -> tuple[int, str]:
    """One host of several waits, then all say that they are there; exit code and what was said.

    The tool finds nobody at the first looks; `third` is what is wrong with up3.
    """
    tool = tmp_path / "tmr"
    counter = str(tmp_path / "looks")
    tool.write_text(
        TOOL.format(python=sys.executable, counter=counter, silent=silent, third=third or {})
    )
    tool.chmod(0o755)
    common = {"gather_facts": False, "any_errors_fatal": True, "connection": "local"}
    waiting = str(ROOT / "playbooks" / "tasks" / f"{tasks}.yml")
    plays = [
        common
        | {
            "hosts": "upstream:tmr",
            "vars_files": [str(ROOT / "playbooks" / "vars" / "system.yml")],
            "tasks": [
                {
                    "ansible.builtin.include_tasks": waiting,
                    "when": f"inventory_hostname == {host!r}",
                }
            ],
        },
        common
        | {
            "hosts": "upstream:tmr",
            "tasks": [{"ansible.builtin.debug": {"msg": "{{ inventory_hostname }} is there"}}],
        },
    ]
    (tmp_path / "wait.yml").write_text(yaml.safe_dump(plays))
    given = {
        "tmr_controller_command": str(tool),
        "vault_become_password": "x",
        "pki_directory": str(tmp_path / "{{ tmr_system }}"),
        "whole_wait_s": wait_s,
        "others_wait_s": wait_s,
    }
    done = played(
        *(f"--inventory={two_systems(tmp_path)}", str(tmp_path / "wait.yml")),
        *("--extra-vars", json.dumps(given)),
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_a_wait_that_ends_well_leaves_no_host_behind(tmp_path: Path) -> None:
    """A first round in vain was rescued, which Ansible held against all other hosts of the play:
    they were left out of the plays that followed."""
    code, said = wait(tmp_path, silent=6, wait_s=60)
    assert (code, said.count(" is there")) == (0, 10), said
    assert "Not yet, after" in said
    assert "tmr: nobody answers" in said


def test_a_wait_in_vain_says_what_is_wrong_and_touches_nobody(tmp_path: Path) -> None:
    code, said = wait(tmp_path, silent=10_000, wait_s=0)
    assert (code, said.count(" is there")) == (2, 0), said
    assert "Not all five hosts are well: tmr: nobody answers." in said


@pytest.mark.parametrize(
    ("third", "host", "touched"),
    [
        ({}, "a-up1", True),
        ({"damage": "a flipped bit"}, "a-up1", False),
        ({"damage": "a flipped bit"}, "a-up3", True),
        ({"votes": False}, "a-up1", False),
        ({"lag": 3}, "a-up1", False),
        ({"reachable": False}, "a-up2", False),
    ],
)
def test_an_upstream_is_restarted_only_while_both_others_take_part(
    tmp_path: Path, third: dict[str, Any], host: str, touched: bool
) -> None:
    """Else a changed setting stopped a system that went on without its third upstream."""
    code, said = wait(tmp_path, tasks="others_well", host=host, third=third)
    assert (code == 0) is touched, said
    assert ("nobody would serve while this one restarts" in said) is not touched
