"""The whole program: `tmr monitor` as a user calls it, and the demo in a real window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

import monitor_gui.app as app
from appliance.cli.main import tmr
from appliance.errors import ExitCode, UserError
from monitor_gui.app import Monitor, read_systems
from monitor_gui.model.connections import System, parse
from monitor_gui.model.limits import AlertLimits

WAIT_MS = 60_000


def test_a_failover_in_the_demo_is_told_by_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat)
    monitor = Monitor(settings, [], tmp_path / "monitor.toml", tmp_path)
    try:
        window = monitor.window
        qtbot.addWidget(window)
        window.show()
        window.connect_to(None)  # before there is a feed: it waits
        monitor.begin()
        head = window.banner.headline
        qtbot.waitUntil(lambda: head.text().startswith("Serving: tmr1"), timeout=WAIT_MS)
        monitor.feed.inject("cut tmr1")
        store = monitor.context.store
        qtbot.waitUntil(lambda: store.active(time.monotonic()) == "tmr2", timeout=WAIT_MS)
        qtbot.waitUntil(lambda: "nobody could take over" in head.text(), timeout=WAIT_MS)
        qtbot.waitUntil(lambda: store.last_switch() is not None, timeout=WAIT_MS)
        window._systems_changed([System(name="a", profile="/p.toml")])
        qtbot.waitUntil(lambda: "Written" in window.message.text(), timeout=WAIT_MS)
        assert [system.name for system in parse((tmp_path / "monitor.toml").read_text())] == ["a"]
        window.close()
    finally:
        monitor.close()
    assert not any(thread.name == "tmr-monitor-feed" for thread in threading.enumerate())


def test_the_verb_runs_until_it_is_told_to_end(tmp_path: Path) -> None:
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
        "PYTHONPATH": str(Path(app.__file__).parents[1]),
    }
    command = [sys.executable, "-m", "appliance.cli.main", "monitor", "--demo"]
    remembered = tmp_path / "tmr" / "monitor-window.ini"
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
        give_up_at_s = time.monotonic() + WAIT_MS / 1000
        while not remembered.is_file() and process.poll() is None:
            assert time.monotonic() < give_up_at_s, "the window never came"
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=WAIT_MS / 1000)
    assert process.returncode == ExitCode.OK, said.decode()
    assert b"Traceback" not in said
    assert "geometry" in remembered.read_text()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--demo", "--profile", "x.toml"], "--demo needs no profile"),
        (["--ssh", "gate"], "--ssh goes with --profile"),
        (["--host", "h:1"], "--host goes with --profile"),
        (["--profile", "nowhere.toml"], "nowhere.toml, which does not exist or is not a file"),
        (["--profile", "there.toml", "--ssh", "a b"], "user@host"),
        (["--profile", "there.toml", "--host", "nowhere"], "host:port"),
    ],
)
def test_wrong_usage_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.toml").write_text("")
    result = CliRunner().invoke(tmr, ["monitor", *arguments])
    assert result.exit_code == ExitCode.USAGE
    (sentence,) = result.stderr.splitlines()
    assert why in sentence


def test_a_damaged_list_of_connections_is_named(tmp_path: Path) -> None:
    path = tmp_path / "monitor.toml"
    assert read_systems(path) == ([], AlertLimits())
    path.write_text("[[system]")
    with pytest.raises(UserError, match="mend it or move it away"):
        read_systems(path)
