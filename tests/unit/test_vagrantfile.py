"""The Vagrantfile as Vagrant reads it, for both providers; where there is no Vagrant, nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    shutil.which("vagrant") is None, reason="there is no vagrant: install Debian's package"
)


def validate(tree: Path) -> tuple[int, str]:
    done = subprocess.run(
        [str(ROOT / "scripts" / "validate-vagrant"), str(tree)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=100,
    )
    return done.returncode, done.stdout


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What the Vagrantfile reads, and nothing else."""
    shutil.copy(ROOT / "Vagrantfile", tmp_path)
    shutil.copytree(ROOT / "inventory" / "lab", tmp_path / "inventory" / "lab")
    return tmp_path


def test_virtualbox_and_libvirt_settings_are_known_to_vagrant():
    code, said = validate(ROOT)
    assert (code, "validated successfully" in said) == (0, True), said


@pytest.mark.parametrize("name", ["virtualbox.cpus", "vm.boot_timeout"])
def test_a_setting_that_vagrant_does_not_know_is_noticed(tree, name):
    vagrantfile = tree / "Vagrantfile"
    vagrantfile.write_text(vagrantfile.read_text().replace(name, f"{name}_typo"))
    code, said = validate(tree)
    assert code != 0
    assert "_typo" in said


def test_sizes_stand_in_the_one_inventory(tree):
    """A machine's size is read from inventory/lab: without it nothing can be started."""
    settings = tree / "inventory" / "lab" / "group_vars" / "lab.yml"
    settings.write_text(settings.read_text().replace("vagrant_memory_mb", "other"))
    code, said = validate(tree)
    assert code != 0
    assert "vagrant_memory_mb" in said


def test_nothing_boots_before_ansible_and_the_wheelhouse_are_there(tree, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    done = subprocess.run(
        ["vagrant", "up", "up1", "--provider", "libvirt"],
        cwd=tree,
        env=os.environ | {"VAGRANT_HOME": str(home), "VAGRANT_CHECKPOINT_DISABLE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    said = done.stdout + done.stderr
    if "could not be found" in said:
        pytest.skip("there is no vagrant-libvirt: install Debian's package")
    assert done.returncode != 0
    assert "run `make setup wheelhouse` first" in said


@pytest.mark.parametrize(
    ("networks", "allowed"),
    [
        (None, False),
        ("* 10.0.0.0/8 192.168.56.0/21\n", True),
        ("* 192.168.56.0/21\n* 10.77.0.0/24\n", True),
        ("* 192.168.56.0/21\n", False),
    ],
)
def test_virtualbox_is_asked_for_its_networks_before_a_machine_is_made(
    tree, tmp_path_factory, networks, allowed
):
    """VirtualBox is in no Debian; Vagrant asks only its tool, which here says its version."""
    home = tmp_path_factory.mktemp("home")
    for name in ("tree/.venv/bin/ansible-playbook", "bin/VBoxManage"):
        path = tree / name.removeprefix("tree/") if name.startswith("tree/") else home / name
        path.parent.mkdir(parents=True)
        path.write_text("#!/bin/sh\necho 6.1.50r161033\n")
        path.chmod(0o755)
    (tree / "build" / "wheelhouse").mkdir(parents=True)
    (tree / "build" / "wheelhouse" / "newest").write_text("0.1.0\n")
    if networks is not None:
        (home / "networks.conf").write_text(networks)
    done = subprocess.run(
        ["vagrant", "up", "up1", "--provider", "virtualbox"],
        cwd=tree,
        env=os.environ
        | {
            "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
            "VAGRANT_HOME": str(home),
            "VAGRANT_CHECKPOINT_DISABLE": "1",
            # Where no box can be had: a box that is none ends the attempt at once.
            "TMR_BOX": "/nowhere.box",
            "TMR_VBOX_NETWORKS": str(home / "networks.conf"),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    refused = "VirtualBox allows no host-only network with 10.77.0.11"
    assert (refused in said) is not allowed, said
    if not allowed:
        assert "`* 10.77.0.0/24`" in said
