"""Everything by keyboard: the palette, the pages, the focus; and a layout that is remembered."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QSplitter
from pytestqt.qtbot import QtBot

from monitor_gui.model.connections import System
from monitor_gui.qt import failover
from monitor_gui.qt.command_palette import CommandPalette
from monitor_gui.qt.commands import ACTS, commands, plain
from monitor_gui.qt.licences import LicencesPage
from monitor_gui.qt.pages import PAGES
from monitor_gui.qt.window import Window
from tests.gui.conftest import Show, Shown
from tests.gui.test_window import confirm, page
from tests.unit.monitor.documents import filled, opened


def choose(qtbot: QtBot, shown: Shown, typed: str, moves: int = 0) -> None:
    """Ctrl+K, these letters, so many times down, Enter; no mouse."""
    shown.window.activateWindow()
    qtbot.waitUntil(shown.window.isActiveWindow, timeout=20_000)

    def act() -> None:
        palette = QApplication.activeModalWidget()
        if not isinstance(palette, CommandPalette):
            QTimer.singleShot(10, act)
            return
        qtbot.keyClicks(palette.typed, typed)
        for _ in range(moves):
            qtbot.keyClick(palette.typed, Qt.Key.Key_Down)
        qtbot.keyClick(palette.typed, Qt.Key.Key_Return)

    QTimer.singleShot(0, act)
    qtbot.keyClick(shown.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)


def test_every_page_and_every_act_is_offered(show: Show) -> None:
    shown = show(filled(leases=3))
    shown.window.systems = [System(name="Plant 2", profile="/p.toml")]
    shown.window.take([opened(faults=("cut tmr1",))])
    titles = [command.title for command in commands(shown.window)]
    for spec in PAGES:
        assert f"View: {spec.title}" in titles
    for act in ACTS:
        assert act.title in titles
        widget = page(shown, act.page)
        assert hasattr(widget, act.button), act
    for title in ("Connect to Plant 2", "Start the demo", "Demo: cut tmr1", "View: Read-only"):
        assert title in titles
    assert sum(title.startswith("Lease of aiko") for title in titles) == 3
    assert len(titles) == len(set(titles)), "no two commands look alike"


def test_a_page_is_reached_and_an_act_done_without_a_mouse(
    show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = show()
    choose(qtbot, shown, "clocks")
    assert PAGES[shown.window.list.currentRow()].name == "clocks"
    confirm(monkeypatch, failover, "patches")
    choose(qtbot, shown, "switch over")
    assert shown.desk.asked == [("switchover", "tmr2", "patches")]
    assert PAGES[shown.window.list.currentRow()].name == "failover"
    choose(qtbot, shown, "")
    assert len(shown.desk.asked) == 2, "what was chosen last is offered first"


def test_an_act_that_is_out_of_reach_says_why(show: Show, qtbot: QtBot) -> None:
    shown = show()
    shown.context.read_only = True
    choose(qtbot, shown, "switch over")
    assert shown.desk.asked == []
    assert "read-only" in shown.window.message.text()


def test_a_lease_is_found_by_its_holder(show: Show, qtbot: QtBot) -> None:
    shown = show(filled(leases=40))
    choose(qtbot, shown, "lease ws-7:")
    found = shown.window.stack.currentWidget()
    assert isinstance(found, LicencesPage)
    row = found.leases.current()
    assert row is not None and row.lease.lease_id == "lease-7"


def test_escape_does_nothing(show: Show, qtbot: QtBot) -> None:
    shown = show()

    def act() -> None:
        palette = QApplication.activeModalWidget()
        assert isinstance(palette, CommandPalette)
        qtbot.keyClick(palette.typed, Qt.Key.Key_Escape)

    QTimer.singleShot(50, act)
    shown.window.show_commands()
    assert shown.window.list.currentRow() == 0


def test_keys_turn_pages_and_move_the_focus(show: Show, qtbot: QtBot) -> None:
    shown = show(page="hosts")
    window = shown.window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=20_000)
    control = Qt.KeyboardModifier.ControlModifier
    before = window.list.currentRow()
    qtbot.keyClick(window, Qt.Key.Key_PageDown, control)
    qtbot.keyClick(window, Qt.Key.Key_PageUp, control)
    assert window.list.currentRow() == before
    window.list.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: not window.list.hasFocus(), timeout=20_000)
    qtbot.keyClick(window, Qt.Key.Key_F6)
    qtbot.waitUntil(window.list.hasFocus, timeout=20_000)


def again(shown: Shown) -> tuple[Window, LicencesPage]:
    """The window closed, and opened with the same settings."""
    shown.window.close()
    window = Window(shown.context, shown.window._settings)
    window.timer.stop()
    window.resize(1280, 820)
    window.show_page("licences")
    window.show()
    window.refresh()
    found = window.stack.currentWidget()
    assert isinstance(found, LicencesPage)
    return window, found


def test_columns_order_and_splitters_are_remembered(show: Show, qtbot: QtBot) -> None:
    shown = show(filled(leases=9), page="licences")
    found = page(shown, "licences")
    assert isinstance(found, LicencesPage)
    header = found.leases.view.horizontalHeader()
    found.leases.columns.menu().actions()[4].trigger()
    header.resizeSection(0, 222)
    header.moveSection(2, 0)
    found.leases.view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    (splitter,) = found.findChildren(QSplitter)
    splitter.setSizes([300, 380])
    sizes = splitter.sizes()
    window, found = again(shown)
    header = found.leases.view.horizontalHeader()
    assert header.isSectionHidden(4)
    assert (header.sectionSize(0), header.visualIndex(2)) == (222, 0)
    assert found.leases.model.index(0, 1).data() == "ws-1"
    assert found.findChildren(QSplitter)[0].sizes() == sizes
    window.close()


def test_the_last_column_cannot_be_hidden(show: Show) -> None:
    shown = show(page="licences")
    found = page(shown, "licences")
    assert isinstance(found, LicencesPage)
    panel = found.licences
    last = panel.view.horizontalHeader().count() - 1
    for number in range(last):
        panel.columns.menu().actions()[number].trigger()
    assert panel.view.horizontalHeader().hiddenSectionCount() == last
    assert not panel.columns.menu().actions()[last].isEnabled()


def test_a_layout_that_fits_no_longer_is_left_out(show: Show) -> None:
    shown = show(page="licences")
    settings = shown.window._settings
    shown.window.close()
    for key in settings.allKeys():
        if key.startswith("layout/"):
            settings.setValue(key, settings.value("geometry"))
    window, found = again(shown)
    assert found.licences.view.isVisible()
    window.close()


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("&Connections…", "Connections…"),
        ("接続先(&C)…", "接続先…"),
        ("Save && quit", "Save & quit"),
    ],
)
def test_a_menus_title_is_offered_without_its_key(title: str, shown: str) -> None:
    assert plain(title) == shown
