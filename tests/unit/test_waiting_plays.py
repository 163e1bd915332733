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
act = next((word for word in sys.argv if word in {acts}), None)
if act:
    counter.with_name("acts").open("a").write(" ".join(sys.argv[1:]) + "\\n")
    raise SystemExit(0)
looks = int(counter.read_text()) + 1 if counter.exists() else 1
counter.write_text(str(looks))
if looks <= {silent}:
    print("tmr: nobody answers", file=sys.stderr)
    raise SystemExit(4)
well = dict(phase="following", reachable=True, lag=0, votes=True)
upstreams = [dict(well, name=name) for name in ("a-up1", "a-up2", "a-up3")]
upstreams[2] |= {third}
roles = ["active", "passive"]
if {obeys} and counter.with_name("acts").exists():
    upstreams[2]["votes"] = True
    roles.reverse()
hosts = [dict(name=name, role=role) for name, role in zip(["a-tmr1", "a-tmr2"], roles)]
licences = [dict(available=True, constituents=[dict(host="a-up3", state={state!r})])]
said = dict(phase="serving", reason="", upstreams=upstreams, tmr_hosts=hosts, licences=licences)
print(json.dumps(said))
"""
ACTS = ("replace-upstream", "switchover")


def wait(
    tmp_path: Path,
    silent: int = 0,
    wait_s: int = 0,
    tasks: str = "playbooks/tasks/whole.yml",
    host: str = "a-up1",
    third: dict[str, Any] | None = None,
    obeys: bool = True,
    state: str = "ok",
    since: dict[str, int] | None = None,
) -> tuple[int, str]:
    """One host of several waits, then all say that they are there; exit code and what was said.

    The tool finds nobody at the first looks; `third` is what is wrong with up3, `state` how its
    share of a licence is. `obeys` says whether what is asked for comes about, `since` when a
    waiting that has no other bound began.
    """
    tool = tmp_path / "tmr"
    counter = str(tmp_path / "looks")
    tool.write_text(
        TOOL.format(
            python=sys.executable,
            counter=counter,
            silent=silent,
            third=third or {},
            acts=ACTS,
            obeys=obeys,
            state=state,
        )
    )
    tool.chmod(0o755)
    common = {"gather_facts": False, "any_errors_fatal": True, "connection": "local"}
    waiting = str(ROOT / tasks)
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
        **(since or {}),
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
    code, said = wait(tmp_path, tasks="playbooks/tasks/others_well.yml", host=host, third=third)
    assert (code == 0) is touched, said
    assert ("nobody would serve while this one restarts" in said) is not touched


def acts(tmp_path: Path) -> list[str]:
    """What the tool was asked to do."""
    told = tmp_path / "acts"
    return told.read_text().splitlines() if told.exists() else []


def test_a_new_store_is_admitted_once_it_is_seen(tmp_path: Path) -> None:
    new = {"votes": False, "store": "5" * 32}
    tasks = "playbooks/tasks/admit_store.yml"
    code, said = wait(tmp_path, silent=1, tasks=tasks, host="a-up3", third=new)
    assert (code, said.count(" is there")) == (0, 10), said
    (asked,) = acts(tmp_path)
    assert asked.startswith(f"replace-upstream a-up3 --with={'5' * 32} "), asked
    # A second run finds that it votes, and asks for nothing.
    again = tmp_path / "again"
    again.mkdir()
    assert wait(again, tasks=tasks, host="a-up3", third=new | {"votes": True})[0] == 0
    assert acts(again) == []


@pytest.mark.parametrize(
    ("tasks", "host", "given", "why"),
    [
        ("admit_store", "a-up3", {"silent": 10_000}, "two minutes: tmr: nobody answers."),
        (
            "admit_store",
            "a-up3",
            {"third": {"reachable": False}},
            "two minutes: it serves (look at a-up3).",
        ),
        # A host that does not serve does not know who votes.
        ("admit_store", "a-up3", {"third": {"store": "5", "votes": None}}, "is not admitted"),
        (
            "admit_store",
            "a-up3",
            {"third": {"store": "5", "votes": False}, "obeys": False},
            "admitted and does not vote yet",
        ),
        ("host_well", "a-up3", {"silent": 10_000}, "is not well two minutes after it was changed"),
        ("three_constituents", "a-up1", {"silent": 10_000}, "not told: tmr: nobody answers."),
        ("three_constituents", "a-up1", {"state": "differs"}, "agree on it: a-up3 has another"),
        ("hand_over", "a-tmr1", {"obeys": False}, "a-tmr2 was to serve meanwhile, and does not"),
    ],
)
def test_each_wait_has_an_end_and_says_what_it_waited_for(
    tmp_path: Path, tasks: str, host: str, given: dict[str, Any], why: str
) -> None:
    """Sixty looks of six seconds were six silent minutes, and then an unexplained failure."""
    over = dict.fromkeys(
        ("admit_since_s", "host_since_s", "constituents_since_s", "vip_since_s"), 0
    )
    where = "roles/vip" if tasks == "hand_over" else "playbooks"
    code, said = wait(tmp_path, tasks=f"{where}/tasks/{tasks}.yml", host=host, **given, since=over)
    assert (code, said.count(" is there")) == (2, 0), said
    assert why in said


def test_who_serves_hands_over_before_it_is_interrupted(tmp_path: Path) -> None:
    """Clients notice a tenth of a second then; and who is passive has nothing to hand over."""
    tasks = "roles/vip/tasks/hand_over.yml"
    passive = tmp_path / "passive"
    passive.mkdir()
    assert wait(passive, tasks=tasks, host="a-tmr2")[0] == 0
    assert acts(passive) == []
    code, said = wait(tmp_path, tasks=tasks, host="a-tmr1")
    assert (code, said.count(" is there")) == (0, 10), said
    (asked,) = acts(tmp_path)
    assert asked.startswith("switchover ") and "--to=a-tmr2" in asked
