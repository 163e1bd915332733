"""About, the diagnostics bundle, the language menu, and the entry in the desktop's menu."""

from __future__ import annotations

import io
import shlex
import sys
import xml.etree.ElementTree as ET
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.cli.main import tmr
from appliance.codec.api import LogRecord
from monitor_gui import entry
from monitor_gui.model.connections import System
from monitor_gui.model.diagnostics import REMOVED, without_secrets
from monitor_gui.model.timeline import OPERATOR, Entry
from monitor_gui.model.updates import Event, Happened, LogsHeard
from monitor_gui.qt.help import About, Help, libraries
from tests.gui.conftest import Show

SECRETS = (
    "hunter2hunter2",
    "eyJhbGciOiJFZERTQSJ9abcdefghij0123456789ABCDEFGHIJ",
    "MC4CAQAwBQYDK2VwBCIEIFw",
    "s3cr3t-token-of-batch",
    "p4ssw0rd-in-url",
)


def test_the_bundle_tells_all_but_secrets(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = show()
    key = f"-----BEGIN PRIVATE KEY-----\n{SECRETS[2]}\n-----END PRIVATE KEY-----"
    told = Event("tmr1:7200", "operator", {"why": f"password: {SECRETS[0]}", "by": "olga"}, 1.0)
    line = LogRecord(
        host="up1",
        number=1,
        at_ms=1,
        level="INFO",
        logger="api",
        text=f"Authorization: Bearer {SECRETS[1]} {key} from https://u:{SECRETS[4]}@proxy/",
    )
    store = shown.context.store
    store.entries.append(Entry(unix_s=1.0, kind=OPERATOR, text=f"token={SECRETS[3]} was shown"))
    shown.window.take([Happened(100.1, (told,)), LogsHeard(100.1, (line,))])
    shown.window.systems[:] = [System(name="plant", profile="/home/olga/profile.toml")]
    chosen = lambda *_: ("/tmp/bundle.zip", "")  # noqa: E731
    monkeypatch.setattr("monitor_gui.qt.help.QFileDialog.getSaveFileName", chosen)
    help_menu: Help = shown.window._help
    help_menu.save()
    what, path, content = shown.desk.asked[-1]
    assert (what, path) == ("save", "/tmp/bundle.zip")
    assert isinstance(content, bytes)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    everything = "\n".join(files.values())
    assert [secret for secret in SECRETS if secret in everything] == []
    assert everything.count(REMOVED) >= len(SECRETS)
    assert {"versions.txt", "verdict.txt", "events.jsonl", "logs.txt", "timeline.jsonl"} <= set(
        files
    )
    assert "Serving: tmr1" in files["verdict.txt"]
    assert '"virtual_serial": "131-9"' in files["status-1.json"]
    assert "olga" in files["events.jsonl"], "what is no secret stays"
    assert "PySide6-Essentials" in files["versions.txt"]
    assert "/home/olga/profile.toml" in files["connections.json"]
    assert "theme = light" in files["settings.txt"]


@pytest.mark.parametrize(
    "harmless",
    [
        "Serving on two of three: up2 unreachable · for 4 min 0 s",
        "lease-0000abcd of cert:workstation-17 ended",
        "the key of gate has CHANGED (now ssh-ed25519",
        "131-9 130-1 firm 100001:10#4",
        "2026-11-22T01:00:00 up1 INFO appliance.services.upstream: listening on 10.77.0.11:7101",
    ],
)
def test_what_is_no_secret_is_left_alone(harmless: str) -> None:
    assert without_secrets(harmless) == harmless


def test_about_names_every_library_with_its_licence(show: Show) -> None:
    shown = show()
    box = shown.window._help.about()
    assert isinstance(box, About)
    rows = [box.table.item(n, 0).text() for n in range(box.table.rowCount())]  # type: ignore[union-attr]
    assert {"PySide6-Essentials", "pyqtgraph", "paramiko"} <= set(rows)
    assert all(version and licence for _, version, licence in libraries())
    box.close()


def test_the_language_is_remembered(show: Show) -> None:
    shown = show()
    actions = {action.text(): action for action in shown.window._help._group.actions()}
    assert set(actions) == {"Language of the desktop", "English", "Deutsch", "日本語"}
    actions["日本語"].trigger()
    assert shown.window._help._settings.value("language") == "ja"


def test_the_entry_names_a_command_that_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    result = CliRunner().invoke(tmr, ["monitor", "--desktop-entry"])
    assert result.exit_code == 0, result.output
    parser = ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(tmp_path / "applications" / "tmr-monitor.desktop", "utf-8")
    told = parser["Desktop Entry"]
    assert told["Type"] == "Application"
    assert shlex.split(told["Exec"]) == [sys.executable, "-m", "appliance.cli.main", "monitor"]
    icon = tmp_path / "icons/hicolor/scalable/apps" / f"{told['Icon']}.svg"
    assert ET.parse(icon).getroot().tag.endswith("svg")


def test_an_entry_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "applications").write_text("a file where a folder belongs")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    result = CliRunner().invoke(tmr, ["monitor", "--desktop-entry"])
    assert result.exit_code != 0
    assert "cannot be written" in result.stderr


def test_odd_paths_are_quoted_as_the_specification_wants() -> None:
    assert entry._quoted("/a b/100%/$x`") == '"/a b/100%%/\\\\$x\\\\`"'
