"""The two lists that grow by themselves: activity and logs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from monitor_gui.model import activity
from monitor_gui.model.store import EVENTS_MAX
from monitor_gui.model.updates import Happened, LogsHeard
from monitor_gui.qt.activity import ActivityPage
from monitor_gui.qt.logs import LogsPage
from monitor_gui.qt.streams import SPARE, StreamPanel
from tests.gui.conftest import Show, Shown
from tests.unit.monitor.documents import filled, opened
from tests.unit.monitor.test_activity import event, line


def denials(count: int, reason: str = "no-seat-free") -> Happened:
    """So many at once."""
    made = (
        event("check-out", outcome=reason, client=f"c{n}", firm_code=100, product_code=10)
        for n in range(count)
    )
    return Happened(100.0, tuple(made))


def cell(panel: StreamPanel, row: int, column: int) -> str:
    """What stands there."""
    return str(panel.model.index(row, column).data())


def activity_page(shown: Shown) -> ActivityPage:
    """The page, seen."""
    shown.window.show_page("activity")
    found = shown.window.stack.currentWidget()
    assert isinstance(found, ActivityPage)
    return found


def logs_page(shown: Shown) -> LogsPage:
    """The page, seen."""
    shown.window.show_page("logs")
    found = shown.window.stack.currentWidget()
    assert isinstance(found, LogsPage)
    return found


def test_events_appear_with_their_reason_and_are_filtered(show: Show) -> None:
    shown = show()
    page = activity_page(shown)
    assert page.panel.nothing.isVisible()
    shown.window.take([Happened(99.0, (event("check-out", outcome="granted", client="ada"),))])
    shown.window.take([denials(3)])
    assert page.panel.model.rowCount() == 4
    assert cell(page.panel, 1, 2) == "check-out denied"
    assert cell(page.panel, 1, 4) == "Drafter"
    assert cell(page.panel, 1, 5) == "no seat free"
    page.kinds.setCurrentIndex(page.kinds.findData(activity.DENIAL))
    assert page.panel.model.rowCount() == 3
    page.panel.filter.setText("C1 drafter")
    assert page.panel.model.rowCount() == 1
    assert page.panel.count.text() == "1 of 4"
    shown.window.take([denials(2)])
    assert page.panel.model.rowCount() == 2, "the filter holds for what comes later"
    assert len(page.panel.csv().splitlines()) == 3
    page.kinds.setCurrentIndex(0)
    page.panel.filter.setText("")
    assert page.panel.model.rowCount() == 6


def test_a_flood_is_bounded_and_a_look_back_stays(show: Show, qtbot: QtBot) -> None:
    shown = show()
    page = activity_page(shown)
    shown.window.take([denials(1_500)])
    bar = page.panel.view.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0, "the end is in sight"
    page.panel.follow.setChecked(False)
    bar.setValue(700)
    seen = cell(page.panel, 700, 3)
    for _ in range(3):
        shown.window.take([denials(300)])
    assert bar.maximum() > bar.value()
    assert cell(page.panel, bar.value(), 3) == seen
    for _ in range(12):
        shown.window.take([denials(1_000)])
    assert page.panel.model.rowCount() <= EVENTS_MAX * (1 + SPARE)
    page.panel.follow.setChecked(True)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum(), timeout=20_000)


def test_events_of_another_system_are_not_shown(show: Show) -> None:
    shown = show()
    page = activity_page(shown)
    shown.window.take([denials(5)])
    shown.window.take([type(opened())("other", ("x:1",), "olga", "view", "directly")])
    assert page.panel.model.rowCount() == 0
    shown.window.take([denials(7)])
    assert page.panel.model.rowCount() == 7


def test_logs_are_chosen_by_level_host_and_text(show: Show) -> None:
    shown = show()
    page = logs_page(shown)
    lines = (
        line("up1", 1, 10, "debug"),
        line("up2", 1, 20, "warning"),
        line("tmr1", 1, 30, "error"),
        line("up1", 2, 40, "info"),
    )
    shown.window.take([LogsHeard(100.0, lines)])
    assert [cell(page.panel, n, 1) for n in range(4)] == ["up1", "up2", "tmr1", "up1"]
    page.levels.setCurrentIndex(2)
    assert [cell(page.panel, n, 2) for n in range(page.panel.model.rowCount())] == [
        "warning",
        "error",
    ]
    page.hosts.setCurrentIndex(page.hosts.findData("up2"))
    assert page.panel.model.rowCount() == 1
    page.levels.setCurrentIndex(0)
    page.hosts.setCurrentIndex(0)
    shown.window.take([LogsHeard(101.0, (line("up3", 1, 25),))])
    assert [cell(page.panel, n, 1) for n in range(5)] == ["up1", "up2", "up3", "tmr1", "up1"]
    shown.window.take([LogsHeard(102.0, (), "it does not answer")])
    assert "STALE" in page.note.text()


def test_lines_are_copied_as_text(show: Show, qtbot: QtBot) -> None:
    shown = show()
    page = logs_page(shown)
    shown.window.take([LogsHeard(100.0, (line("up1", 1, 10), line("up2", 1, 20)))])
    page.panel.view.selectAll()
    page.panel.view.setFocus()
    qtbot.waitUntil(page.panel.view.hasFocus, timeout=20_000)
    qtbot.keyClick(page.panel.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [text.split("\t")[1] for text in lines] == ["up1", "up2"]


def test_an_export_goes_to_the_desk(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = show(filled())
    page = activity_page(shown)
    shown.window.take([Happened(99.0, (event("x", why="=cmd()"),))])
    chosen = lambda *_: ("/tmp/x.csv", "")  # noqa: E731
    monkeypatch.setattr("monitor_gui.qt.streams.QFileDialog.getSaveFileName", chosen)
    page.panel.export.click()
    assert shown.desk.asked[-1][:2] == ("save", "/tmp/x.csv")
    assert "'=cmd()" in str(shown.desk.asked[-1][2])
