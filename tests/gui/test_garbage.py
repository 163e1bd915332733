"""Windows that nobody uses any more are freed on Qt's thread, whoever allocates."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from monitor_gui.qt.garbage import Collector


def lost_widget(freed_on: list[threading.Thread]) -> None:
    """A widget that only a circle of references holds."""
    widget = QWidget()
    widget.circle = widget  # type: ignore[attr-defined]
    weakref.finalize(widget, lambda: freed_on.append(threading.current_thread()))


def allocate() -> None:
    """What the feed does: enough objects for Python to collect all generations."""
    kept: list[object] = []
    for _ in range(200_000):
        kept.append([kept])


def test_a_thread_that_allocates_frees_no_widget(collector: Collector, qtbot: QtBot) -> None:
    freed_on: list[threading.Thread] = []
    lost_widget(freed_on)
    feed = threading.Thread(target=allocate)
    feed.start()
    feed.join()
    assert not freed_on
    qtbot.waitUntil(lambda: bool(freed_on))
    assert freed_on == [threading.current_thread()]


def test_the_old_ones_are_gone_through_when_there_are_a_quarter_more(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda generation=2: collected.append(generation))
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    monkeypatch.setattr(collector, "_old_after", 0)
    old = list(range(100))
    monkeypatch.setattr(gc, "get_objects", lambda generation: old)
    for counts in ((700, 99, 99), (701, 10, 99), (701, 11, 10), (701, 11, 11), (701, 11, 11)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        collector.look()
    assert collected == [0, 1, 2, 1]
    old += range(25)
    collector.look()
    assert collected == [0, 1, 2, 1, 2]


@pytest.mark.parametrize("before", [True, False])
def test_afterwards_it_is_as_it_was_before(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    automatic = [before]
    monkeypatch.setattr(gc, "isenabled", lambda: automatic[-1])
    monkeypatch.setattr(gc, "disable", lambda: automatic.append(False))
    monkeypatch.setattr(gc, "enable", lambda: automatic.append(True))
    collector = Collector()
    assert not automatic[-1]
    collector.end()
    assert automatic[-1] == before
