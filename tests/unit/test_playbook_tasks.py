"""Single tasks of playbooks and roles, played on this computer with what hosts would have said."""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from pathlib import Path
from typing import Any

import yaml

from tests.unit.playing import ROOT, played
from tests.unit.test_inventories import two_systems
from tests.unit.test_playbooks import tasks


def find(path: str, name: str) -> dict[str, Any]:
    """The one task or play of a file whose name begins like this, wherever it stands."""
    items = yaml.safe_load((ROOT / path).read_text())
    within = [*items]
    for play in items:
        for part in ("pre_tasks", "tasks", "post_tasks"):
            within += tasks(play.get(part))
    (found,) = [item for item in within if item.get("name", "").startswith(name)]
    return dict(found)


def run(inventory: str, play: str, *words: str) -> str:
    done = played(f"--inventory={inventory}", play, *words)
    return done.stdout + done.stderr


def play_each(
    tmp_path: Path,
    cases: list[tuple[dict[str, Any], dict[str, Any]]],
    *words: str,
    inventory: str = "tmr1,",
) -> list[str]:
    """What became of each task with these variables on the host tmr1: skipped, refused or done."""
    # Results are noted without registering, since some of the tasks are about what is registered.
    steps: list[dict[str, Any]] = []
    for number, (task, variables) in enumerate(cases):
        told = f"told_{number}"
        with_them = {"vars": task.get("vars", {}) | variables, "ignore_errors": True}
        steps.append(task | with_them | {"register": told})
    told = ", ".join(f"told_{number}" for number in range(len(cases)))
    steps.append(
        {
            "ansible.builtin.copy": {
                "content": "{{ [" + told + "] | to_json }}",
                "dest": str(tmp_path / "told.json"),
            },
            "check_mode": False,
            "diff": False,
        }
    )
    play = {"hosts": "tmr1", "gather_facts": False, "connection": "local", "tasks": steps}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    said = run(inventory, str(tmp_path / "play.yml"), *words)
    assert (tmp_path / "told.json").exists(), said
    found = json.loads((tmp_path / "told.json").read_text())
    return [
        "skipped" if one.get("skipped") else "refused" if one.get("failed") else "done"
        for one in found
    ]


def upgrade(running: str, other: str, *, there: bool) -> dict[str, Any]:
    results = [{"stdout": running}, {"stdout": other}]
    return {
        "upgrade_formats": {"results": results},
        "release_complete": {"stat": {"exists": there}},
        "tmr_release": "0.2.0-x",
    }


def test_an_upgrade_in_check_mode_refuses_no_release_that_is_not_there_yet(tmp_path):
    refuse = find("playbooks/rolling_upgrade.yml", "Refuse to cross a change of the formats")
    say = find("playbooks/rolling_upgrade.yml", "Say what cannot be foretold")
    absent, differs = upgrade("5", "", there=False), upgrade("5", "4", there=True)
    cases = [(refuse, absent), (say, absent), (refuse, differs), (say, differs)]
    assert play_each(tmp_path, cases, "--check") == ["skipped", "done", "refused", "skipped"]


def restore(rc: int, unit: str, **roles: str) -> dict[str, Any]:
    rows = [{"name": name, "role": role} for name, role in roles.items()]
    return {
        "restore_status": {"rc": rc, "stdout": json.dumps({"tmr_hosts": rows}), "stderr": "nobody"},
        "restore_unit": {"stdout": unit},
    }


def test_what_a_run_believes_and_whom_it_asks(tmp_path):
    """A TMR host that runs and cannot be reached may serve, whatever its twin says; packages are
    asked of the mirror only when one is missing."""
    served = find("playbooks/restore.yml", "Refuse to restore over a ledger that may be served")
    install = find("roles/common/tasks/packages.yml", "Install ")
    install.pop("ansible.builtin.apt")
    install["ansible.builtin.debug"] = {"msg": "{{ common_packages_lacking }}"}
    install["name"] = "Install"
    lacking = yaml.safe_load((ROOT / "roles/common/vars/main.yml").read_text())
    here = {"stdout_lines": ["installed nftables", "not-installed chrony"]}
    lacking["common_packages_here"] = here
    cases = [
        (served, restore(1, "active", tmr1="passive", tmr2="passive")),
        (served, restore(1, "active", tmr1="unreachable", tmr2="passive")),
        (served, restore(1, "inactive", tmr1="unreachable", tmr2="passive")),
        (served, restore(4, "active")),
        (served, restore(4, "inactive")),
        (install, lacking | {"common_packages": ["nftables"]}),
        (install, lacking | {"common_packages": ["nftables", "chrony"]}),
    ]
    assert play_each(tmp_path, cases) == [
        *("done", "refused", "done", "refused", "done"),
        *("skipped", "done"),
    ]


VIRTUAL = {"tmr_virtual_ip": "192.0.2.100/24", "tmr_vrid": 51, "tmr_interface": "eth0"}
LINKS = {"tmr1": "02:00:00:00:00:21", "tmr2": "02:00:00:00:00:22"}
PRINTER = "02:00:00:00:00:99"


def found_near(*holders: str, routers: tuple[str, ...] = ()) -> dict[str, Any]:
    """What tmr1 has heard on its network."""
    near = {"holders": [*holders], "routers": [*routers], "link": LINKS["tmr1"]}
    return {"vip_neighbours": near, "tmr_bare_virtual_ip": "192.0.2.100"}


def vip_toml(address: str, vrid: int) -> dict[str, Any]:
    text = f'# Ansible\ninterface = "eth0"\naddress = "{address}"\nvrid = {vrid}\npriority = 250\n'
    return {"content": b64encode(text.encode()).decode()}


FIVE = {
    "tmr_hosts": ["tmr1", "tmr2"],
    "tmr_five": ["tmr1", "tmr2"],
    "tmr_addresses": {"tmr1": "192.0.2.21", "tmr2": "192.0.2.22"},
    **VIRTUAL,
}


def test_an_address_of_somebody_else_is_refused_and_the_twins_is_not(tmp_path):
    """When another one is wanted of a system that serves, or five hosts are restored, the twin may
    hold it already."""
    address = find("roles/vip/tasks/free_address.yml", "Refuse an address that somebody has")
    router = find("roles/vip/tasks/free_address.yml", "Refuse a router id that somebody uses")
    cases = [
        (address, FIVE | found_near()),
        (address, FIVE | found_near(LINKS["tmr2"])),
        (address, FIVE | found_near(LINKS["tmr2"], PRINTER)),
        (router, FIVE | found_near(routers=("192.0.2.22",))),
        (router, FIVE | found_near(routers=("192.0.2.9",))),
    ]
    twin = {"vip_neighbours": {"holders": [], "routers": [], "link": LINKS["tmr2"]}}
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": {"tmr1": {}, "tmr2": twin}}}))
    assert play_each(tmp_path, cases, inventory=str(inventory)) == [
        *("done", "done", "refused"),
        *("done", "refused"),
    ]


def test_whether_the_address_is_free_is_asked_when_it_is_new(tmp_path):
    """On bare hosts, and where a system that serves gets another one; not at each change."""
    ask = find("playbooks/site.yml", "Make sure that nobody else has the virtual IP")
    del ask["ansible.builtin.include_role"]
    ask["ansible.builtin.debug"] = {"msg": "asked"}
    ask["when"] = [one for one in ask["when"] if "ansible_play_hosts_all" not in one]
    serves, bare = {"stdout": "LoadState=loaded"}, {"stdout": "LoadState=not-found"}
    before = {
        "bare": {"site_unit": bare, "site_vip": {"failed": True}},
        "same": {"site_unit": serves, "site_vip": vip_toml("192.0.2.100/24", 51)},
        "address": {"site_unit": serves, "site_vip": vip_toml("192.0.2.10/24", 51)},
        "router": {"site_unit": serves, "site_vip": vip_toml("192.0.2.100/24", 5)},
    }
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": {"tmr1": {}, **before}}}))
    cases = [(ask, FIVE | {"tmr_hosts": ["tmr1", twin], "tmr_five": [twin]}) for twin in before]
    outcomes = play_each(tmp_path, cases, inventory=str(inventory))
    assert outcomes == ["done", "skipped", "done", "done"]


def test_a_restore_asks_whether_the_address_is_still_free():
    """The system is down, so whoever answers has taken it meanwhile; before anything is changed."""
    play = yaml.safe_load((ROOT / "playbooks" / "restore.yml").read_text())[1]
    (ask,) = [
        task
        for task in play["post_tasks"]
        if task.get("ansible.builtin.include_role", {}).get("tasks_from") == "free_address.yml"
    ]
    assert ask["when"] == "inventory_hostname in tmr_hosts"
    assert ask["ansible.builtin.include_role"]["apply"]["become"] is True


def release(mark: str | None, runs: int | None = None) -> dict[str, Any]:
    """What the role found: the mark of the release, None for no mark, and how the tool ended."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "roles/release/vars/main.yml").read_text())
    found |= {"release_python": {"stdout": "3.13"}, "tmr_release": "0.1.0-x"}
    found["release_complete"] = {"stat": {"exists": mark is not None}}
    found["release_installed"] = (
        {"content": b64encode(mark.encode()).decode()} if mark is not None else {"skipped": True}
    )
    # A module that finds no program says so without more ado.
    found["release_runs"] = {"skipped": True} if runs is None else {"rc": runs}
    return found


def test_a_release_is_installed_again_unless_it_is_known_to_run(tmp_path):
    """Debian was upgraded in place: the mark names a Python that is gone, or, of earlier playbooks
    and after a power cut, none at all."""
    ask = find("roles/release/tasks/main.yml", "Ask the release itself") | {"name": "Ask"}
    install = find("roles/release/tasks/main.yml", "Install the release beside")
    for task, module in ((ask, "ansible.builtin.command"), (install, "block")):
        del task[module]
        task["ansible.builtin.debug"] = {"msg": "done"}
    cases = [
        (ask, release(None)),
        (ask, release("3.13\n")),
        (ask, release("")),
        (install, release(None)),
        (install, release("3.13\n")),
        (install, release("3.11\n")),
        (install, release("", 0)),
        (install, release("\n", 1)),
        (install, release("", 2)),
    ]
    assert play_each(tmp_path, cases) == [
        *("skipped", "skipped", "done"),
        *("done", "skipped", "done", "skipped", "done", "done"),
    ]


def test_the_vendors_side_makes_what_each_time_server_looks_for(tmp_path):
    """Wherever the inventory says that it lies, and for the hosts that it says nothing of."""
    tool = tmp_path / "tmr"
    tool.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    tool.chmod(0o755)
    local = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    }
    vendor = local | {"central_directory": str(tmp_path / "c"), "central_command": str(tool)}
    servers = {
        "ts1": {"timeserver_directory": "/srv/{{ inventory_hostname }}"},
        "ts2": {"timeserver_block_list": "/srv/list.crl"},
        "ts3": {},
    }
    groups = {"central": {"hosts": {"vendor": vendor}}, "timeserver": {"hosts": servers}}
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(yaml.safe_dump({"all": {"children": groups}}))
    playbook = yaml.safe_load((ROOT / "playbooks" / "timeserver.yml").read_text())
    (central,) = [play for play in playbook if play["hosts"] == "central"]
    central["vars_files"] = [str(ROOT / "playbooks" / "vars" / "system.yml")]
    (tmp_path / "central.yml").write_text(yaml.safe_dump([central]))
    said = run(str(inventory), str(tmp_path / "central.yml"))
    asked = (tmp_path / "asked").read_text().splitlines() if (tmp_path / "asked").exists() else []
    outs = [line.partition("--out=")[2].split()[0] for line in asked if "--out=" in line]
    home = f"{tmp_path}/timeservers"
    assert outs == [
        *("/srv/ts1/ts1", f"{home}/ts2", f"{home}/ts3"),
        *("/srv/ts1/block-list.crl", "/srv/list.crl", f"{home}/block-list.crl"),
    ], said


def test_several_systems_have_one_prometheus(tmp_path):
    """Each has files of its own; the same names were changed by every run, and the last one won."""
    files = find("roles/monitoring/tasks/main.yml", "Files for Prometheus")
    template = dict(files["ansible.builtin.template"])
    template["src"] = f"{ROOT}/roles/monitoring/templates/{template['src']}"
    files["ansible.builtin.template"] = template
    play = {
        "hosts": "tmr",
        "gather_facts": False,
        "connection": "local",
        "vars_files": [str(ROOT / "playbooks" / "vars" / "system.yml")],
        "tasks": [files, files | {"name": "A second run"}],
    }
    (tmp_path / "files.yml").write_text(yaml.safe_dump([play]))
    (tmp_path / "prometheus").mkdir()
    given = ("vault_become_password=x", f"monitoring_prometheus_dir={tmp_path}/prometheus")
    words = [f"--extra-vars={value}" for value in given]
    said = run(str(two_systems(tmp_path)), str(tmp_path / "files.yml"), *words)
    written = {path.name: path.read_text() for path in (tmp_path / "prometheus").iterdir()}
    assert written.keys() == {
        f"tmr-plant_{system}{kind}" for system in "ab" for kind in (".yml", ".rules.yml")
    }, said
    jobs = yaml.safe_load(written["tmr-plant_b.yml"])["scrape_configs"]
    assert [job["job_name"] for job in jobs] == ["tmr-plant_b", "tmr-upstream-plant_b"]
    asked = [target for job in jobs for one in job["static_configs"] for target in one["targets"]]
    assert len(asked) == 5
    assert all(target.startswith("198.51.100.") for target in asked)
    # The loop's two files of each system, once.
    assert said.count("changed: [") == 4, said


def test_no_template_takes_the_managements_address_for_the_services():
    """ansible_host is where Ansible comes in; the service is at tmr_address (playbooks/vars)."""
    reading = [
        str(path.relative_to(ROOT))
        for folder in ("roles", "playbooks")
        for path in (ROOT / folder).rglob("*.j2")
        if "ansible_host" in path.read_text()
    ]
    assert reading == []


def test_a_run_that_would_do_less_than_was_said_is_refused(tmp_path):
    """A block list that no server gets, or copies that a misspelt bound lets be removed."""
    lab = "inventory/lab"
    said = run(lab, "playbooks/timeserver.yml", "--limit=ts1")
    assert "--limit leaves out vendor, which makes" in " ".join(said.split()), said
    assert "PLAY [Time servers]" not in said
    said = run(lab, "playbooks/timeserver.yml", "--extra-vars=timeserver_blocklist=/x")
    assert "timeserver_block_list is meant?" in " ".join(said.split()), said
    said = run(lab, "playbooks/backup.yml", "--extra-vars=backup_kep=90")
    assert "backup_kep is no option of this playbook" in " ".join(said.split()), said
    assert "PLAY [Take a backup" not in said


def test_a_value_that_a_later_step_cannot_do_with_is_refused_first(tmp_path):
    """Of a time server, where nobody else looked before; of options, also where the inventory has
    them: what a restore is to lose was read when five hosts had been set up."""
    inventory = tmp_path / "lab"
    for name in ("hosts.yml", "group_vars/lab.yml", "group_vars/timeserver.yml"):
        (inventory / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "inventory" / "lab" / name, inventory / name)
    said = run(str(inventory), "playbooks/timeserver.yml", "--extra-vars=timeserver_accuracy_ms=0")
    assert "ts1: timeserver_accuracy_ms must be from 1 to 10000" in " ".join(said.split()), said
    assert "PLAY [The vendor's side]" not in said
    with (inventory / "group_vars" / "lab.yml").open("a") as file:
        file.write("backup_keep: many\nrestore_losing: five\n")
    for playbook, fault in (
        ("backup.yml", "backup_keep is a whole number, not 'many'."),
        ("restore.yml", "restore_losing is a whole number, not 'five'."),
    ):
        said = run(str(inventory), f"playbooks/{playbook}", "--extra-vars=restore_confirm=lab")
        assert fault in " ".join(said.split()), said
        assert said.count("PLAY [") == 1, said
