"""Wires feed and window, and runs until the window is closed.

The window comes first: what the feed needs (TLS, SSH, in the demo five hosts) is imported on a
thread of its own while the person already sees something. What is asked for meanwhile waits.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from appliance.errors import ExitCode, UserError
from appliance.sentences import Sentence
from monitor_gui.late import LateDesk
from monitor_gui.model.connections import (
    BadConnections,
    System,
    parse,
    parse_limits,
    render,
    trouble,
)
from monitor_gui.model.desk import Desk
from monitor_gui.model.limits import AlertLimits
from monitor_gui.model.store import Store
from monitor_gui.model.updates import Closed, Update
from monitor_gui.qt.bridge import Bridge
from monitor_gui.qt.context import Context
from monitor_gui.qt.garbage import Collector
from monitor_gui.qt.language import SYSTEM, install
from monitor_gui.qt.window import Window

if TYPE_CHECKING:
    from monitor_gui.feed.source import Source
    from monitor_gui.feed.thread import Ask, Feed, Open

SIGNAL_MS: Final = 200
SWITCH_S: Final = 0.001
"""How long the feed may keep the interpreter from the thread that draws; Python's own is 5 ms, and
one picture of a table asks Python a thousand times."""


def config_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Where connection profiles and the window's layout are kept."""
    base = environment.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base else _home("XDG_CONFIG_HOME") / ".config") / "tmr"


def state_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the monitor keeps what it remembers."""
    base = environment.get("XDG_STATE_HOME", "")
    state = Path(base) if base else _home("XDG_STATE_HOME") / ".local" / "state"
    return state / "tmr" / "monitor"


def _home(variable: str) -> Path:
    """This person's home directory. Raises UserError; `variable` is what to set instead."""
    try:
        return Path.home()
    except (RuntimeError, OSError) as error:
        raise UserError(
            f"this user has no home directory to keep the monitor's files in: set {variable}, or "
            "HOME.",
            ExitCode.USAGE,
        ) from error


def read_systems(path: Path) -> tuple[list[System], AlertLimits]:
    """The connection profiles in a file and when to alert; none, and the usual limits, if there is
    no file. Raises UserError."""
    try:
        text = path.read_text("utf-8")
        return parse(text), parse_limits(text)
    except FileNotFoundError:
        return [], AlertLimits()
    except (OSError, UnicodeDecodeError, BadConnections) as error:
        raise UserError(
            f"{path} cannot be used ({error}): mend it or move it away, then start again.",
            ExitCode.USAGE,
        ) from error


async def open_source(system: System | None, ask: Ask) -> Source:
    """The way to a system; None is the demo. Raises ClientError."""
    if system is None:
        from monitor_gui.feed.demo import DemoSource

        return DemoSource()
    if system.ssh:
        from monitor_gui.feed.ssh import open_through_ssh

        return await open_through_ssh(system, ask)
    from monitor_gui.feed.direct import DirectSource

    return DirectSource(system)


def check_profile(system: System) -> str:
    """Why nobody can connect by this system's profile, "" if it can be used."""
    from monitor_gui.feed.direct import profile_trouble

    return profile_trouble(system)


class Monitor:
    """Feed, bridge and window, wired. `state` is where the history is kept, None for nowhere.

    `begin` starts the feed, once the window is seen; `close` ends its thread. Meanwhile garbage is
    collected on this thread alone.
    """

    def __init__(
        self,
        settings: QSettings,
        systems: list[System],
        connections_path: Path | None,
        state: Path | None,
        opener: Open = open_source,
        limits: AlertLimits | None = None,
    ) -> None:
        self._collector = Collector()
        self.bridge = Bridge(self._deliver)
        self._late = LateDesk()
        self._limits = limits or AlertLimits()
        self.context = Context(Store(), cast(Desk, self._late), limits=self._limits)
        self._state, self._opener = state, opener
        self._feed: Feed | None = None
        self._opening: threading.Thread | None = None
        self._path = connections_path
        self.window = Window(self.context, settings, systems, self._save, check_profile)

    def begin(self) -> None:
        """Start the feed aside; the window goes on meanwhile."""
        if self._opening is None:
            self._opening = threading.Thread(target=self._open, name="tmr-monitor-opening")
            self._opening.start()

    def _open(self) -> None:
        try:
            from monitor_gui.feed.history import History
            from monitor_gui.feed.thread import Feed
        except ImportError as error:
            self._post(
                Closed(Sentence("this program is not installed completely ({why})", why=error))
            )
            return
        self._feed = Feed(self._opener, History(self._state), self._post)
        self._late.be(self._feed)
        # The first plot that is looked at needs it, and would hold the window up for its import.
        importlib.import_module("pyqtgraph")
        # What is imported by now stays for ever: a hundred thousand objects that the collector need
        # not walk through again and again.
        gc.freeze()

    @property
    def feed(self) -> Feed:
        """The feed, as soon as it is there."""
        self.begin()
        assert self._opening is not None
        self._opening.join()
        assert self._feed is not None
        return self._feed

    def _post(self, update: Update) -> None:
        self.bridge.post(update)

    def _deliver(self, updates: list[Update]) -> None:
        self.window.take(updates)

    def _save(self, systems: list[System]) -> None:
        if self._path is not None:
            self.context.desk.save(str(self._path), render(systems, self._limits))

    def close(self) -> None:
        """End the feed."""
        if self._opening is not None:
            self._opening.join()
        if self._feed is not None:
            self._feed.close()
        self._collector.end()


def run(
    profile: Path | None,
    demo: bool,
    hosts: tuple[str, ...] = (),
    through_ssh: str = "",
    read_only: bool = False,
    ssh_jump: str = "",
) -> int:
    """Show the window until it is closed. Raises UserError. Gives the exit code."""
    named = None
    if profile is not None:
        named = System(
            name=f"{profile.resolve().parent.name}/{profile.name}",
            profile=str(profile.absolute()),
            hosts=hosts,
            ssh=through_ssh,
            ssh_jump=ssh_jump,
            read_only=read_only,
        )
        if trouble(named):
            raise UserError(f"{trouble(named)}.", ExitCode.USAGE)
    if sys.stderr is not None:  # A program without a console has none.
        faulthandler.enable()
    path = config_directory() / "monitor.toml"
    systems, limits = read_systems(path)
    application = make_application()
    settings = QSettings(str(config_directory() / "monitor-window.ini"), QSettings.Format.IniFormat)
    install(str(settings.value("language", SYSTEM)))
    monitor = Monitor(settings, systems, path, state_directory(), limits=limits)
    _end_on_signals(application)
    monitor.window.show()
    QTimer.singleShot(0, monitor.begin)
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


def make_application() -> QApplication:
    """Qt's application object, named as the desktop is to know it."""
    application = QApplication.instance() or QApplication(["tmr monitor"])
    assert isinstance(application, QApplication)
    application.setApplicationName("TMR monitor")
    application.setDesktopFileName("tmr-monitor")
    application.setStyle("Fusion")
    sys.setswitchinterval(SWITCH_S)
    return application


def _end_on_signals(application: QApplication) -> None:
    """Ctrl-C and SIGTERM close the window; the timer lets Python see them."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: application.quit())
    awake = QTimer(application)
    awake.setInterval(SIGNAL_MS)
    awake.timeout.connect(lambda: None)
    awake.start()
