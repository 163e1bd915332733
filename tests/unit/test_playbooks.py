"""What the playbooks have to have in common, as YAML; nothing is played."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.unit.playing import PROGRAM, ROOT

PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))


def tasks(items: list[dict[str, Any]] | None) -> Iterator[dict[str, Any]]:
    """All tasks, those within blocks too."""
    for item in items or ():
        yield item
        for inner in ("block", "rescue", "always"):
            yield from tasks(item.get(inner))


def role_tasks() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((ROOT / "roles").glob("*/tasks/*.yml")):
        for task in tasks(yaml.safe_load(path.read_text())):
            yield f"{path.parents[1].name}: {task.get('name')}", task


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.name)
def test_a_play_is_as_careful_from_anywhere(path):
    """One host's trouble stops the play and no facts are gathered, whatever ansible.cfg is read."""
    for play in yaml.safe_load(path.read_text()):
        if "hosts" in play:
            assert play.get("any_errors_fatal") is True, play["name"]
            assert play.get("gather_facts") is False, play["name"]


def test_the_roles_are_found_from_anywhere_by_the_trees_settings(tmp_path):
    """As docs/deployment.md says."""
    words = ["--syntax-check", f"--inventory={ROOT}/inventory/lab"]
    words += [str(ROOT / "playbooks" / "site.yml"), "--extra-vars=vault_become_password=x"]
    done = subprocess.run(
        [str(PROGRAM), *words],
        cwd=tmp_path,
        env=os.environ | {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.name)
def test_a_limit_is_looked_at_by_whatever_is_played(path):
    """rc 0 with nothing done is the worst answer to a --limit that cannot be kept."""
    if path.name == "site_hosts.yml":  # Only a part.
        return
    text = path.read_text()
    asking = ("tasks_from: limit.yml", "tasks_from: timeservers.yml", "outside of --limit")
    assert any(words in text for words in asking)


def test_no_system_hides_behind_the_first_of_an_inventory():
    """Modules that run once for a play sort one system's hosts only; run_once asks one of them."""
    for path in (ROOT / "playbooks").rglob("*.yml"):
        assert "add_host" not in path.read_text(), path


def test_a_wait_is_short_or_bounded_by_the_time():
    """Each look at a system that does not answer takes 5 s: sixty of them are no minute."""
    files = [*(ROOT / "playbooks").rglob("*.yml"), *(ROOT / "roles").glob("*/tasks/*.yml")]
    waits, long = 0, []
    for path in files:
        text = yaml.safe_load(path.read_text())
        for item in text if isinstance(text, list) else ():
            parts = [item.get(part) for part in ("pre_tasks", "tasks", "post_tasks")]
            for task in tasks([item, *(one for part in parts for one in part or ())]):
                if "until" not in task:
                    continue
                waits += 1
                looks_s = 5 + int(task.get("delay", 5))
                short = str(task["retries"]).isdigit() and int(task["retries"]) * looks_s <= 40
                variables = {**item.get("vars", {}), **task.get("vars", {})}
                ends = f"{task['until']} {variables}"
                if not short and "now(utc=true).timestamp()" not in ends:
                    long.append(f"{path.name}: {task['name']}")
    assert waits >= 6
    assert long == []


@pytest.mark.parametrize("role", ["pki", "vip", "tmr_server"])
def test_whatever_interrupts_who_serves_hands_over_first(role):
    """A change of settings then costs clients a switchover and not a failover."""
    steps = list(tasks(yaml.safe_load((ROOT / f"roles/{role}/tasks/main.yml").read_text())))

    def hands_over(task: dict[str, Any]) -> bool:
        asked = [task.get(f"ansible.builtin.include_{kind}") for kind in ("role", "tasks")]
        return "hand_over.yml" in str(asked)

    (handing,) = (number for number, task in enumerate(steps) if hands_over(task))
    when = str(steps[handing]["when"])
    restarting = [task for task in steps if "Restart" in str(task.get("notify"))]
    assert restarting
    for task in restarting:
        assert steps.index(task) < handing, task["name"]
        # Only pki has a restart without a result: it issues a certificate, and says why.
        known = f"{task['register']} is changed" if "register" in task else "pki_due_now"
        assert known in when, task["name"]
    # Handlers run at once where they are flushed, and else after the role.
    flushed = [n for n, task in enumerate(steps) if task.get("ansible.builtin.meta")]
    assert all(handing < number for number in flushed)


def test_no_key_and_no_secret_is_shown_by_diff():
    """--diff prints what a file is to hold."""
    shown = []
    for where, task in role_tasks():
        module = next(
            (
                task[f"ansible.builtin.{kind}"]
                for kind in ("copy", "template")
                if f"ansible.builtin.{kind}" in task
            ),
            None,
        )
        if module is None:
            continue
        words = " ".join(str(module.get(key, "")) for key in ("src", "dest", "content"))
        of_keys = "key" in words.replace("key.pem.j2", "") or "{{ item }}.pem" in words
        secret = of_keys or "alert.toml" in words
        if secret and task.get("diff") is not False:
            shown.append(where)
    assert shown == []


def test_packages_come_from_one_place():
    """Which asks the mirror only for what is missing."""
    asking = [where for where, task in role_tasks() if "ansible.builtin.apt" in task]
    assert len(asking) == 1
    assert asking[0].startswith("common: Install")


def test_no_service_is_started_in_check_mode_before_it_is_there():
    for where, task in role_tasks():
        module = task.get("ansible.builtin.systemd_service")
        if (
            module
            and module.get("state") in ("started", "restarted")
            and where.split(":")[0] != "common"
        ):
            assert "ansible_check_mode" in str(task.get("when")), where
