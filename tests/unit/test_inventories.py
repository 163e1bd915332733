"""The inventories in the tree are sound, as ansible-playbook reads them; no host is reached."""

from __future__ import annotations

import atexit
import json
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.unit.playing import PROGRAM, ROOT, played


@cache
def licence_root() -> Path:
    """A genuine licence root, as a vendor would have given it."""
    home = Path(tempfile.mkdtemp(prefix="tmr-root-"))
    atexit.register(shutil.rmtree, home)
    words = ["central", f"--dir={home / 'central'}", "init"]
    subprocess.run([str(PROGRAM.with_name("tmr")), *words], check=True, capture_output=True)
    return home / "central" / "root" / "root.cert.der"


def play_nothing(
    inventory: str, tmp_path: Path, *options: str, **variables: object
) -> tuple[int, str]:
    """site.yml up to the validation of inventory and arguments, by a tag that no task has."""
    values = {
        "vault_become_password": "none",
        "tmr_wheelhouse": str(ROOT / "README.md"),
        "pki_directory": str(tmp_path),
        "tmr_licence_root": str(licence_root()),
    }
    words = [f"--extra-vars={name}={value}" for name, value in (values | variables).items()]
    # What has to be asked of the hosts in any case has a tag for it.
    words.append("--skip-tags=look")
    done = played(
        f"--inventory={inventory}", "playbooks/site.yml", "--tags=nothing", *words, *options
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


def test_a_licence_root_is_missed_before_a_host_is_touched(tmp_path):
    """Unless the vendor's side makes it, which it does only within --limit."""
    missing = {"tmr_licence_root": "/nowhere/root.pem"}
    code, said = play_nothing("inventory/lab", tmp_path, "--limit=lab", **missing)
    assert code != 0
    assert "Cannot read the licence root /nowhere/root.pem" in " ".join(said.split())
    code, said = play_nothing("inventory/lab", tmp_path, **missing)
    assert code == 0, said


def two_systems(tmp_path: Path) -> Path:
    """The production example with a second system, in a network of its own."""
    inventory = tmp_path / "inventory"
    shutil.copytree(ROOT / "inventory" / "production.example", inventory)
    hosts = yaml.safe_load((inventory / "hosts.yml").read_text())
    children = hosts["all"]["children"]
    for group in ("plant_a", "upstream", "tmr"):
        names = [name.replace("a-", "b-") for name in children[group]["hosts"]]
        into = children.setdefault(group.replace("_a", "_b"), {"hosts": {}})
        into["hosts"].update(dict.fromkeys(names))
    (inventory / "hosts.yml").write_text(yaml.safe_dump(hosts))
    for kind in ("host_vars", "group_vars"):
        for path in (inventory / kind).glob("*a*.yml"):
            text = path.read_text().replace("192.0.2.", "198.51.100.").replace("plant_a", "plant_b")
            path.with_name(path.name.replace("plant_a", "plant_b").replace("a-", "b-")).write_text(
                text
            )
    return inventory


def test_several_systems_stand_in_one_inventory(tmp_path):
    """Each system's hosts, names and addresses follow from its own five hosts alone."""
    inventory = two_systems(tmp_path)
    code, said = play_nothing(str(inventory), tmp_path / "pki")
    assert code == 0, said
    play = tmp_path / "say.yml"
    what = (
        "{{ [tmr_upstreams, tmr_hosts, tmr_twin, tmr_bare_virtual_ip, tmr_pki, tmr_address,"
        " tmr_addresses['b-tmr2'] | default(''), tmr_release, tmr_admins | last] | to_json }}."
    )
    host = inventory / "host_vars" / "b-tmr2.yml"
    reached = host.read_text().replace("ansible_host: 198.51.100.22", "ansible_host: b2.example")
    host.write_text(reached + "tmr_address: 198.51.100.22\n")
    settings = inventory / "group_vars" / "plant_b.yml"
    settings.write_text(settings.read_text() + "tmr_release: 0.0.7-pinned\n")
    tasks = [{"ansible.builtin.debug": {"msg": f"said {{{{ inventory_hostname }}}} {what}"}}]
    variables = str(ROOT / "playbooks" / "vars" / "system.yml")
    play.write_text(
        yaml.safe_dump(
            [{"hosts": "tmr", "gather_facts": False, "vars_files": [variables], "tasks": tasks}]
        )
    )
    done = played(f"--inventory={inventory}", str(play), "--extra-vars=vault_become_password=x")
    pairs = re.findall(r"said (\S+) (\[.*?\])\.(?!\d)", " ".join(done.stdout.split()))
    found = dict(pairs)
    assert found.keys() == {"a-tmr1", "a-tmr2", "b-tmr1", "b-tmr2"}, done.stdout + done.stderr
    assert json.loads(found["b-tmr1"]) == [
        ["b-up1", "b-up2", "b-up3"],
        ["b-tmr1", "b-tmr2"],
        "b-tmr2",
        "198.51.100.100",
        f"{inventory}/pki/plant_b",
        "198.51.100.21",
        "198.51.100.22",
        "0.0.7-pinned",
        "--admin=https://198.51.100.13:7102",
    ]
    assert json.loads(found["b-tmr2"])[5] == "198.51.100.22"


def test_two_systems_that_would_fight_are_refused(tmp_path):
    inventory = two_systems(tmp_path)
    settings = inventory / "group_vars" / "plant_b.yml"
    settings.write_text(settings.read_text().replace("198.51.100.100", "192.0.2.100"))
    code, said = play_nothing(str(inventory), tmp_path / "pki")
    assert code != 0
    assert "plant_a and plant_b have the same virtual IP." in " ".join(said.split())


def test_keys_and_backups_beside_an_inventory_are_no_part_of_it(tmp_path):
    """The documented places lie within the inventory's directory."""
    inventory = tmp_path / "inventory"
    shutil.copytree(ROOT / "inventory" / "production.example", inventory)
    for name in (
        *("pki/plant_a/ca.key.pem", "pki/plant_a/people/deploy/profile.toml", "licence-root.pem"),
        *("backups/plant_a/plant_a-1.tmr-backup", "timeservers/block-list.crl", "central/a.json"),
    ):
        (inventory / name).parent.mkdir(parents=True, exist_ok=True)
        (inventory / name).write_text('addresses = ["192.0.2.21:7200"]\n')
    done = played(
        f"--inventory={inventory}",
        "--graph",
        program="ansible-inventory",
        ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="1",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "addresses" not in done.stdout
    assert done.stdout.count("a-up1") == 2


def test_what_an_inventory_sets_is_in_force_or_refused(tmp_path):
    inventory = two_systems(tmp_path)
    settings = inventory / "group_vars" / "plant_b.yml"
    settings.write_text(settings.read_text() + "tmr_api_port: 8443\n")
    code, said = play_nothing(str(inventory), tmp_path / "pki")
    assert code != 0
    assert "b-up3: tmr_api_port follows from the inventory or is fixed" in " ".join(said.split())


def test_the_vaults_example_can_be_encrypted_and_read(tmp_path):
    """What vault.yml.example says to do, done: the password reaches the hosts' settings."""
    inventory = tmp_path / "inventory"
    shutil.copytree(ROOT / "inventory" / "production.example", inventory)
    vault = inventory / "group_vars" / "all" / "vault.yml"
    vault.write_text((vault.with_name("vault.yml.example")).read_text())
    password = tmp_path / "password"
    password.write_text("of the vault\n")

    def run(program: str, *words: str) -> str:
        done = subprocess.run(
            [str(PROGRAM.with_name(program)), *words, f"--vault-password-file={password}"],
            cwd=ROOT,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("ansible-vault", "encrypt", str(vault))
    assert vault.read_text().startswith("$ANSIBLE_VAULT;")
    said = run(
        *("ansible", f"--inventory={inventory}", "a-tmr1", "--connection=local"),
        *("--module-name=ansible.builtin.debug", "--args=var=ansible_become_password"),
    )
    assert "change-me" in said
