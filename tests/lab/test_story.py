"""The story of `make lab`, played by the command that a newcomer types, in both kinds of lab."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.lab.open import open_lab
from appliance.lab.platform import LabPlatform
from appliance.lab.story import CHAPTERS
from tests.lab.conftest import unique_lab_id

STORY_S = 240
NAMES = [name for name, _ in CHAPTERS]

pytestmark = pytest.mark.timeout(STORY_S + 60)


def tmr(*arguments: str, within: LabPlatform | None = None) -> subprocess.CompletedProcess[str]:
    """Run a verb, in the clients' network if a lab is given."""
    argv = [sys.executable, "-m", "appliance.cli.main", *arguments]
    return subprocess.run(
        within.command("clients", argv) if within else argv,
        capture_output=True,
        text=True,
        timeout=STORY_S,
        check=False,
        stdin=subprocess.DEVNULL,
    )


class Played:
    """A lab in which the story was played, and what the command printed."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.directory = directory
        self.id = unique_lab_id()
        done = tmr("lab", "demo", "--json", "--dir", str(directory), "--id", self.id, *options)
        self.document: dict[str, Any] = json.loads(done.stdout) if done.stdout else {}
        self.errors = done.stderr
        self.code = done.returncode
        self.lab = open_lab(directory)

    def profile(self, name: str) -> str:
        """A person's profile."""
        return str(self.directory / "people" / name / "profile.toml")

    def down(self) -> subprocess.CompletedProcess[str]:
        """End the lab."""
        return tmr("lab", "down", "--dir", str(self.directory), "--id", self.id)


@pytest.fixture(scope="module", params=["network", "loopback"])
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The story, once for each kind of lab."""
    directory = tmp_path_factory.mktemp("story") / "lab"
    options = ("--loopback",) if request.param == "loopback" else ()
    story = Played(directory, *options)
    yield story
    story.down()


def test_every_step_is_told_and_went_well(played: Played) -> None:
    assert played.document, played.errors
    steps = played.document["steps"]
    assert [(step["name"], step["ok"]) for step in steps] == [(name, True) for name in NAMES], (
        played.errors + steps[-1]["detail"]
    )
    assert played.code == 0
    assert all(step["detail"] for step in steps)


def test_the_lab_is_left_running_and_serves(played: Played) -> None:
    done = tmr("status", "--json", "--profile", played.profile("view"), within=played.lab)
    assert done.returncode == 0, done.stderr
    done = tmr("licences", "--json", "--profile", played.profile("client-01"), within=played.lab)
    assert len(json.loads(done.stdout)["licences"]) == 3, done.stderr


@pytest.mark.parametrize("code", [0, 7])
def test_a_command_runs_with_a_seat_and_its_exit_code_is_kept(played: Played, code: int) -> None:
    script = f"import os, sys; print(os.environ['TMR_LEASE_ID']); sys.exit({code})"
    product = ("--product", "6000010:1", "--profile", played.profile("client-02"))
    done = tmr("run", *product, "--", sys.executable, "-c", script, within=played.lab)
    assert done.returncode == code, done.stderr
    lease_id = done.stdout.strip()
    assert lease_id
    leases = tmr("leases", "--json", "--profile", played.profile("view"), within=played.lab)
    assert lease_id not in leases.stdout


def test_a_seat_is_taken_and_given_back_by_hand(played: Played, tmp_path: Path) -> None:
    seat = tmp_path / "seat"
    who = ("--profile", played.profile("client-03"), "--state", str(seat))
    done = tmr("checkout", "6000010:1", *who, within=played.lab)
    assert done.returncode == 0, done.stderr
    assert seat.stat().st_mode & 0o077 == 0
    done = tmr("checkin", *who, within=played.lab)
    assert done.returncode == 0, done.stderr


def test_an_operator_switches_over(played: Played) -> None:
    def active() -> str:
        done = tmr("status", "--json", "--profile", played.profile("view"), within=played.lab)
        hosts = json.loads(done.stdout)["tmr_hosts"] if done.returncode in (0, 5) else []
        return next((host["name"] for host in hosts if host["role"] == "active"), "")

    before = active()
    assert before in ("tmr1", "tmr2")
    why = ("--why", "a test")
    refused = tmr("switchover", *why, "--profile", played.profile("view"), within=played.lab)
    assert refused.returncode != 0
    assert "operate" in refused.stderr
    done = tmr("switchover", *why, "--profile", played.profile("operate"), within=played.lab)
    assert done.returncode == 0, done.stderr
    for _ in range(100):
        if active() not in ("", before):
            break
    assert active() not in ("", before)


def test_the_lab_says_what_runs(played: Played) -> None:
    done = tmr("lab", "status", "--json", "--dir", str(played.directory))
    hosts = {host["host"]: host for host in json.loads(done.stdout)["hosts"]}
    assert all(hosts[name]["processes"] for name in ("up1", "up2", "up3", "tmr1", "tmr2"))


def test_a_second_lab_in_the_same_place_is_the_first(played: Played) -> None:
    done = tmr("lab", "up", "--json", "--dir", str(played.directory))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["kind"] == played.lab.kind


def test_down_leaves_nothing(played: Played) -> None:
    pids = [p.pid for host in ("up1", "tmr1") for p in played.lab.processes(host)]
    assert pids
    done = played.down()
    assert done.returncode == 0, done.stderr
    assert not [pid for pid in pids if is_running(pid)]
    assert not played.directory.exists()
    assert not list(Path("/run/netns").glob(f"{played.id}-*"))


def test_what_is_not_there_is_said_in_one_sentence(tmp_path: Path) -> None:
    done = tmr("lab", "power-cut", "up1", "--dir", str(tmp_path / "none"))
    assert done.returncode == 1
    assert done.stderr.startswith("tmr: No lab is up in ")
    assert "Traceback" not in done.stderr


def is_running(pid: int) -> bool:
    """Whether a process runs; one that only waits for its parent to notice its end does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever the tests run must not ask a person."""
    monkeypatch.delenv("TMR_PROFILE", raising=False)
    yield
