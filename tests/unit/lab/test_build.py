"""A lab is refused where it could not run, and is "up" only if it serves."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import cast

import pytest
from click.testing import CliRunner

from appliance.cli import lab as lab_module
from appliance.cli.main import tmr
from appliance.lab.build import LabFiles, build
from appliance.lab.platform import HostState, LabPlatform, LabRefused, LabState, RunningProcess

AWKWARD = "a b&c"
TMR = "my tools/tmr"


@pytest.mark.parametrize("name", ["x" * 120, "with blanks & more", "w\u00fcst"])
def test_a_directory_in_which_the_address_process_could_not_run_is_refused_before_anything_is_made(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(LabRefused, match="--dir"):
        build(LabFiles(tmp_path / name, "network"))
    assert not (tmp_path / name).exists()


class _Running:
    """A lab of which one process ended at its start."""

    kind = "loopback"
    lab_id = "tmrlab"

    def __init__(self, directory: Path, alive: bool) -> None:
        self.directory = directory
        self._alive = alive

    def state(self) -> LabState:
        return LabState(kind="loopback", lab_id="x", hosts={"tmr1": HostState(powered=True)})

    def processes(self, host: str) -> list[RunningProcess]:
        return [RunningProcess(name="vip", pid=1, alive=self._alive)]


def test_a_lab_of_which_a_process_ended_is_not_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the process said last is the reason."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "tmr1-vip.log").write_text("started\ntmr: There is no interface eth7.\n")
    running = _Running(tmp_path, alive=False)
    monkeypatch.setattr(lab_module, "_start", lambda *_: running)
    done = CliRunner().invoke(tmr, ["lab", "up", "--dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "vip of tmr1 ended: tmr: There is no interface eth7." in done.output
    assert "The lab is up" not in done.output


def test_a_lab_that_never_serves_is_not_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = _Running(tmp_path, alive=True)
    monkeypatch.setattr(lab_module, "_start", lambda *_: running)
    monkeypatch.setattr(lab_module, "UP_WITHIN_S", 0.0)
    monkeypatch.setattr("appliance.lab.story.stage.Stage.statuses", lambda self: {})
    done = CliRunner().invoke(tmr, ["lab", "up", "--dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "does not serve" in done.output


def test_what_to_try_next_can_be_typed_whatever_the_directory_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each line is taken apart as a shell does it: every path and `--dir` stays one word."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr("sys.argv", [str(tmp_path / TMR)])
    running = _Running(tmp_path / AWKWARD, alive=True)
    lab_module._print_next(cast(LabPlatform, running))
    lines = capsys.readouterr().out.splitlines()
    people = f"{AWKWARD}/people"
    assert [shlex.split(line, comments=True) for line in lines if line.startswith("  ")] == [
        [TMR, "status", "--profile", f"{people}/view/profile.toml"],
        [TMR, "licences", "--profile", f"{people}/view/profile.toml"],
        [TMR, "monitor", "--profile", f"{people}/operate/profile.toml"],
        [
            *(TMR, "run", "--profile", f"{people}/client-01/profile.toml"),
            *("--product", "6000010:1", "--", "sleep", "60"),
        ],
        [TMR, "lab", "power-cut", "--dir", AWKWARD, "tmr1"],
        [TMR, "lab", "boot", "--dir", AWKWARD, "tmr1"],
        [TMR, "lab", "down", "--dir", AWKWARD],
    ]
