"""Wires feed and window, and runs until the window is closed."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from appliance.errors import ExitCode, UserError
from monitor_gui.feed.demo import DemoSource
from monitor_gui.feed.direct import DirectSource
from monitor_gui.feed.history import History, state_directory
from monitor_gui.feed.source import Source
from monitor_gui.feed.thread import Ask, Feed
from monitor_gui.model.connections import BadConnections, System, parse, render, trouble
from monitor_gui.model.store import Store
from monitor_gui.model.updates import Update
from monitor_gui.qt.bridge import Bridge
from monitor_gui.qt.context import Context
from monitor_gui.qt.window import Window

SIGNAL_MS: Final = 200


def config_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Where connection profiles and the window's layout are kept."""
    base = environment.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base else Path.home() / ".config") / "tmr"


def read_systems(path: Path) -> list[System]:
    """The connection profiles in a file, none if there is no file. Raises UserError."""
    try:
        return parse(path.read_text("utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, BadConnections) as error:
        raise UserError(
            f"{path} cannot be used ({error}): mend it or move it away, then start again.",
            ExitCode.USAGE,
        ) from error


async def open_source(system: System | None, ask: Ask) -> Source:
    """The way to a system; None is the demo. Raises ClientError."""
    if system is None:
        return DemoSource()
    if system.ssh:
        from monitor_gui.feed.ssh import open_through_ssh

        return await open_through_ssh(system, ask)
    return DirectSource(system)


class Monitor:
    """Feed, bridge and window, wired. `close` ends the feed's thread."""

    def __init__(
        self,
        settings: QSettings,
        systems: list[System],
        connections_path: Path | None,
        history: History,
    ) -> None:
        self.bridge = Bridge(self._deliver)
        self.feed = Feed(open_source, history, self._post)
        self.context = Context(Store(), self.feed)
        self._path = connections_path
        self.window = Window(self.context, settings, systems, self._save)

    def _post(self, update: Update) -> None:
        self.bridge.post(update)

    def _deliver(self, updates: list[Update]) -> None:
        self.window.take(updates)

    def _save(self, systems: list[System]) -> None:
        if self._path is not None:
            self.feed.save(str(self._path), render(systems))

    def close(self) -> None:
        """End the feed."""
        self.feed.close()


def run(
    profile: Path | None,
    demo: bool,
    hosts: tuple[str, ...] = (),
    through_ssh: str = "",
    read_only: bool = False,
) -> int:
    """Show the window until it is closed. Raises UserError. Gives the exit code."""
    named = None
    if profile is not None:
        named = System(
            name=f"{profile.resolve().parent.name}/{profile.name}",
            profile=str(profile.expanduser().absolute()),
            hosts=hosts,
            ssh=through_ssh,
            read_only=read_only,
        )
        if trouble(named):
            raise UserError(f"{trouble(named)}.", ExitCode.USAGE)
    path = config_directory() / "monitor.toml"
    systems = read_systems(path)
    application = QApplication.instance() or QApplication(["tmr monitor"])
    assert isinstance(application, QApplication)
    application.setApplicationName("TMR monitor")
    application.setDesktopFileName("tmr-monitor")
    application.setStyle("Fusion")
    settings = QSettings(str(config_directory() / "monitor-window.ini"), QSettings.Format.IniFormat)
    monitor = Monitor(settings, systems, path, History(state_directory()))
    _end_on_signals(application)
    monitor.window.show()
    if demo:
        monitor.window.connect_to(None)
    elif named is not None:
        monitor.window.connect_to(named)
    elif len(systems) == 1:
        monitor.window.connect_to(systems[0])
    else:
        QTimer.singleShot(0, monitor.window.show_connections)
    try:
        return application.exec()
    finally:
        monitor.close()


def _end_on_signals(application: QApplication) -> None:
    """Ctrl-C and SIGTERM close the window; the timer lets Python see them."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: application.quit())
    awake = QTimer(application)
    awake.setInterval(SIGNAL_MS)
    awake.timeout.connect(lambda: None)
    awake.start()
