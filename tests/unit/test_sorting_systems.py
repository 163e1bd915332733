"""How site.yml decides, for each system of an inventory, whether it is changed at once.

The playbook's own tasks are played with what the hosts would have said; no host is reached. The
tool is a stand-in that answers for each system as the test wants.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.unit.playing import ROOT, played
from tests.unit.test_inventories import two_systems

RUNS, SET_UP = "LoadState=loaded\nActiveState=active", "LoadState=loaded\nActiveState=inactive"
BARE = "LoadState=not-found\nActiveState=inactive"
SERVES, DOWN, SILENT = "serves", "down", "silent"
TOOL = """\
#!{python}
import json, sys
system = next(word for word in sys.argv if word.startswith("--profile=")).split("/")[-4]
answer = json.load(open({answers!r}))[system]
roles = {{
    "serves": ["active", "passive"], "down": ["passive"] * 2, "half": ["passive", "unreachable"]
}}
if answer == "silent":
    print("tmr: nobody answers", file=sys.stderr)
    raise SystemExit(4)
print(json.dumps({{"tmr_hosts": [{{"name": "x", "role": role}} for role in roles[answer]]}}))
raise SystemExit(0 if answer == "serves" else 1)
"""


def decide(
    tmp_path: Path,
    units: dict[str, str],
    answers: dict[str, str],
    *words: str,
    **variables: object,
) -> tuple[dict[str, str], str]:
    """Which host was sorted where, and all that was said. `units` and `answers` are by system."""
    inventory = two_systems(tmp_path)
    (tmp_path / "answers.json").write_text(json.dumps(answers))
    tool = tmp_path / "tmr"
    tool.write_text(TOOL.format(python=sys.executable, answers=str(tmp_path / "answers.json")))
    tool.chmod(0o755)
    said = (
        "sorted {{ inventory_hostname }} {{ group_names | select('match', 'site_') | join(',') }}."
    )
    tasks: list[dict[str, Any]] = [
        {"ansible.builtin.set_fact": {"site_unit": {"stdout": "{{ units[tmr_system] }}"}}},
        {"ansible.builtin.include_tasks": str(ROOT / "playbooks" / "tasks" / "sort_systems.yml")},
        {"ansible.builtin.debug": {"msg": said}},
    ]
    play = {
        "hosts": "upstream:tmr",
        "gather_facts": False,
        "any_errors_fatal": True,
        "connection": "local",
        "vars_files": [str(ROOT / "playbooks" / "vars" / "system.yml")],
        "tasks": tasks,
    }
    (tmp_path / "sort.yml").write_text(yaml.safe_dump([play]))
    given = {
        "units": units,
        "tmr_controller_command": str(tool),
        "vault_become_password": "x",
        "pki_directory": str(tmp_path / "{{ tmr_system }}"),
    }
    done = played(
        *(f"--inventory={inventory}", str(tmp_path / "sort.yml")),
        *("--extra-vars", json.dumps(given | variables), *words),
    )
    text = " ".join((done.stdout + done.stderr).split())
    return dict(re.findall(r"sorted (\S+) (\S*?)\.", text)), text


def systems(found: dict[str, str]) -> dict[str, set[str]]:
    """What was decided, by the first letter of a host's name."""
    decided: dict[str, set[str]] = {}
    for host, group in found.items():
        decided.setdefault(host[0], set()).add(group)
    return decided


def test_each_system_of_an_inventory_is_sorted_by_itself(tmp_path):
    units = {"plant_a": RUNS, "plant_b": BARE}
    found, said = decide(tmp_path, units, {"plant_a": SERVES, "plant_b": SILENT})
    assert len(found) == 10, said
    assert systems(found) == {"a": {"site_serves"}, "b": {"site_fresh"}}


def test_what_serves_nobody_is_set_up_at_once(tmp_path):
    """Both TMR hosts say that it is down; or it does not run anywhere, whatever is heard of it."""
    units = {"plant_a": RUNS, "plant_b": SET_UP}
    found, said = decide(tmp_path, units, {"plant_a": DOWN, "plant_b": SILENT})
    assert systems(found) == {"a": {"site_fresh"}, "b": {"site_fresh"}}, said


def test_a_system_that_runs_out_of_sight_is_not_restarted(tmp_path):
    """The packet filter keeps this computer out, a certificate has ended, a VPN is down; and that
    it is down is not believed of one TMR host alone."""
    units = {"plant_a": RUNS, "plant_b": RUNS}
    found, said = decide(tmp_path, units, {"plant_a": SILENT, "plant_b": "half"})
    assert found == {}
    assert "plant_a runs, but this computer gets no answer from it (tmr: nobody answers)" in said
    assert "plant_b runs, but this computer gets no answer from it" in said
    assert "7200 of 192.0.2.21 and 192.0.2.22" in said


def test_a_limit_to_hosts_that_serve_is_kept_and_another_one_refused(tmp_path):
    units = {"plant_a": RUNS, "plant_b": BARE}
    answers = {"plant_a": SERVES, "plant_b": SILENT}
    found, said = decide(tmp_path, units, answers, "--limit=a-up2")
    assert found == {"a-up2": "site_serves"}, said
    (tmp_path / "again").mkdir()
    found, said = decide(tmp_path / "again", units, answers, "--limit=a-tmr2,b-up1")
    assert found == {}
    assert "plant_b runs, as far as is known with --limit, but this computer gets no answer" in said
    assert "If it was never set up, do so as a whole" in said
    assert "plant_a does not serve" not in said


def test_who_wants_another_authority_is_not_held_up(tmp_path):
    units = {"plant_a": RUNS, "plant_b": BARE}
    answers = {"plant_a": SILENT, "plant_b": SILENT}
    words = ("--limit=plant_a",)
    found, said = decide(tmp_path, units, answers, *words, tmr_new_authority=True)
    assert systems(found) == {"a": {"site_fresh"}}, said
