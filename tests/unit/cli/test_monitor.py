"""`tmr monitor` where no window can be opened: one sentence, before Qt would abort."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from appliance.cli.main import tmr
from appliance.cli.monitor import no_display

pytest.importorskip("PySide6")


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "neither DISPLAY nor WAYLAND_DISPLAY"),
        ({"DISPLAY": ""}, "neither DISPLAY nor WAYLAND_DISPLAY"),
        ({"QT_QPA_PLATFORM": "xcb"}, "neither DISPLAY"),
        ({"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": "/nowhere"}, "no Wayland display"),
        ({"QT_QPA_PLATFORM": "offscreen"}, ""),
        ({"QT_QPA_PLATFORM": "vnc:size=800x600"}, ""),
    ],
)
def test_where_there_is_no_display_it_is_said(environ: dict[str, str], said: str) -> None:
    why = no_display(environ)
    assert said in why
    assert bool(why) == bool(said)


@pytest.mark.parametrize("display", [None, ":4711"])
def test_the_program_ends_with_a_sentence_and_not_by_a_signal(display: str | None) -> None:
    left_out = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environ = {name: value for name, value in os.environ.items() if name not in left_out}
    if display is not None:
        environ["DISPLAY"] = display
    done = subprocess.run(
        [sys.executable, "-m", "appliance.cli.main", "monitor", "--demo"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, f"{done.returncode} ({-signal.SIGABRT} is an abort): {done.stderr}"
    assert done.stderr.startswith("tmr: ")
    assert "--ssh" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_wrong_call_is_told_first() -> None:
    done = CliRunner().invoke(tmr, ["monitor", "--ssh", "host"])
    assert done.exit_code == 2
