"""Windows without a screen: a fake desk, a clock by hand, and no Qt warning goes unseen."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from monitor_gui.model.connections import System
from monitor_gui.model.remembered import Remembered
from monitor_gui.model.store import Store
from monitor_gui.qt.context import Context
from monitor_gui.qt.garbage import Collector
from monitor_gui.qt.window import Window
from tests.unit.monitor.documents import filled


@dataclass
class FakeDesk:
    """Writes down what it is asked for."""

    asked: list[tuple[object, ...]] = field(default_factory=list)
    remembered: list[tuple[str, tuple[Remembered, ...]]] = field(default_factory=list)

    def connect(self, system: System | None) -> None:
        """As in `Desk`."""
        self.asked.append(("connect", system))

    def release(self, client: str, lease_id: str, generation: int, why: str) -> None:
        """As in `Desk`."""
        self.asked.append(("release", client, lease_id, generation, why))

    def write_off(self, client: str, lease_id: str, why: str) -> None:
        """As in `Desk`."""
        self.asked.append(("write-off", client, lease_id, why))

    def switchover(self, host: str, why: str) -> None:
        """As in `Desk`."""
        self.asked.append(("switchover", host, why))

    def maintenance(self, host: str, on: bool, why: str) -> None:
        """As in `Desk`."""
        self.asked.append(("maintenance", host, on, why))

    def update_time(self, container: str, why: str) -> None:
        """As in `Desk`."""
        self.asked.append(("time", container, why))

    def inject(self, fault: str) -> None:
        """As in `Desk`."""
        self.asked.append(("inject", fault))

    def remember(self, system: str, alerts: tuple[Remembered, ...]) -> None:
        """As in `Desk`."""
        self.remembered.append((system, alerts))

    def save(self, path: str, text: str | bytes) -> None:
        """As in `Desk`."""
        self.asked.append(("save", path, text))

    def answer(self, number: int, yes: bool) -> None:
        """As in `Desk`."""
        self.asked.append(("answer", number, yes))


@dataclass
class Shown:
    """A window with its surroundings; `now_s` may be moved."""

    window: Window
    context: Context
    desk: FakeDesk
    clock: list[float]

    def at(self, now_s: float) -> None:
        """Let it be that time, and look."""
        self.clock[0] = now_s
        self.window.refresh()


Show = Callable[..., Shown]


@pytest.fixture(scope="session", autouse=True)
def collector(qapp: QApplication) -> Iterator[Collector]:
    """As in the program: no thread of a test frees a window of an earlier one."""
    made = Collector()
    yield made
    made.end()


@pytest.fixture
def show(qtbot: QtBot, tmp_path: Path) -> Iterator[Show]:
    """Makes windows, and closes them. A warning of Qt fails the test (pyproject.toml)."""
    made: list[Window] = []

    def make(store: Store | None = None, theme: str = "light", page: str = "overview") -> Shown:
        desk, clock = FakeDesk(), [100.2]
        context = Context(filled() if store is None else store, desk, lambda: clock[0])
        ini = str(tmp_path / f"window{len(made)}.ini")
        window = Window(context, QSettings(ini, QSettings.Format.IniFormat))
        qtbot.addWidget(window)
        made.append(window)
        window.timer.stop()
        window.resize(1280, 820)
        window.set_theme(theme)
        window.show_page(page)
        window.show()
        qtbot.waitExposed(window)
        window.refresh()
        return Shown(window, context, desk, clock)

    yield make
    for window in made:
        window.close()
