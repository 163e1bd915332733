"""`vagrant up`, from a box to a licence that outlives the machine which served it.

`make test-vagrant` runs this beside a libvirtd of its own (tests/vagrant/machines). Without KVM the
machines are emulated, which takes half an hour or more.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hosts.plant import FIRM, PRODUCT, ROOT, TMR_HOSTS, Plant

pytestmark = [
    pytest.mark.skipif(
        "TMR_VAGRANT_BOX" not in os.environ, reason="needs libvirt: run `make test-vagrant` as root"
    ),
    pytest.mark.timeout(4 * 3600),
]
CONTROLLER = "10.77.0.1"
# What an emulated machine may take for anything that a real one does in a moment.
PATIENCE_S = 600


class Machines:
    """This tree at a place of its own, and Vagrant in it."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.started_s = time.monotonic()
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, tree / name)
        (tree / ".venv").symlink_to(ROOT / ".venv")
        (tree / "build").symlink_to(ROOT / "build")

    def say(self, what: str) -> None:
        """A line of the report, with the minutes since the beginning."""
        print(f"vagrant: {(time.monotonic() - self.started_s) / 60:5.1f} min  {what}", flush=True)

    def vagrant(self, *words: str) -> list[str]:
        """Run Vagrant, whose lines are shown as they come; gives them. A failure fails the test."""
        environment = os.environ | {
            "TMR_BOX": "tmr/bookworm",
            "TMR_ANSIBLE_ARGS": f'--extra-vars=\'{{"time_servers": ["{CONTROLLER}"]}}\'',
            "VAGRANT_CHECKPOINT_DISABLE": "1",
            "VAGRANT_DEFAULT_PROVIDER": "libvirt",
            "VAGRANT_NO_COLOR": "1",
        }
        self.say(f"$ vagrant {' '.join(words)}")
        lines = []
        with subprocess.Popen(
            ["vagrant", *words],
            cwd=self.tree,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as running:
            assert running.stdout is not None
            for line in map(str.rstrip, running.stdout):
                if line and "Progress: " not in line:
                    lines.append(line)
                    self.say(line)
        assert running.returncode == 0, "\n".join(lines[-50:])
        return lines


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """Five machines by `vagrant up`, which are destroyed at the end."""
    machines = Machines(tmp_path)
    machines.vagrant(
        "box", "add", "--force", "--name", "tmr/bookworm", os.environ["TMR_VAGRANT_BOX"]
    )
    try:
        yield machines
    finally:
        # One after the other: Debian's vagrant-libvirt loads code in threads that race here.
        machines.vagrant("destroy", "--force")


def test_vagrant_up_a_licence_a_halt_and_another_licence(machines: Machines) -> None:
    said = machines.vagrant("up")
    recap = [line for line in said if " failed=" in line]
    assert len(recap) == 6, "five hosts and the vendor"
    assert all(" unreachable=0 " in line and " failed=0 " in line for line in recap)

    plant = Plant(machines.tree / "test", patience_s=PATIENCE_S)
    plant.directory.mkdir()
    plant.pki = machines.tree / "inventory" / "lab" / "pki" / "lab"
    plant.central = machines.tree / "inventory" / "lab" / "central"
    plant.wait_until_whole()
    machines.say("five hosts, one serves")
    plant.issue_licence()
    with plant.client("first") as client:
        plant.wait_until_available(client)
        held = client.lease(FIRM, PRODUCT)
        held.check_out()
        machines.say("a licence was taken through the virtual IP, and is held")

        active = plant.active()
        machines.vagrant("halt", active)
        with plant.client("second") as other, other.lease(FIRM, PRODUCT) as lease:
            assert lease.usable
            survivor = plant.active()
            machines.say(f"{survivor} serves since {active} was halted; another licence was taken")
        assert {active, survivor} == set(TMR_HOSTS)
        assert held.usable, "the lease did not outlive the machine that granted it"
        held.check_in()
    machines.say("the first licence was held all the time, and was given back to the other host")
