"""The keyboard: where it is, what a filter leaves to the window, what a habit may not do."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenuBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from appliance.codec.api import LeasesDocument
from monitor_gui.model.alerting import AlertItem
from monitor_gui.model.updates import LeasesHeard
from monitor_gui.qt import certify
from monitor_gui.qt import licences as licences_page
from monitor_gui.qt.command_palette import CommandPalette
from monitor_gui.qt.commands import ACTS, commands
from monitor_gui.qt.licences import LicencesPage
from monitor_gui.qt.pages import PAGES
from tests.gui.conftest import Show, Shown
from tests.gui.stores import degraded
from tests.gui.test_alerts import alerts_page, state, troubled
from tests.gui.test_window import confirm, page
from tests.unit.monitor.documents import filled

CONTROL = Qt.KeyboardModifier.ControlModifier


def active(shown: Shown, qtbot: QtBot) -> None:
    """The window has the keyboard."""
    shown.window.activateWindow()
    qtbot.waitUntil(shown.window.isActiveWindow, timeout=20_000)


def licences(shown: Shown) -> LicencesPage:
    """The page, seen."""
    found = page(shown, "licences")
    assert isinstance(found, LicencesPage)
    return found


def press(qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    """A key for whatever has the keyboard."""
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, key, modifier or Qt.KeyboardModifier.NoModifier)


# --- where the keyboard is ---


@pytest.mark.parametrize("come", ["key", "click", "palette", "turn"])
def test_on_entering_a_page_the_keyboard_is_in_its_table(
    show: Show, qtbot: QtBot, come: str
) -> None:
    shown = troubled(show)
    shown.window.show_page("activity")
    found = alerts_page(shown)
    shown.window.show_page("activity")
    active(shown, qtbot)
    activity = shown.window.stack.currentWidget()
    assert activity is not None
    activity.findChildren(QLineEdit)[0].setFocus()
    if come == "key":
        press(qtbot, Qt.Key.Key_2, CONTROL)
    elif come == "click":
        seen = shown.window.list.visualItemRect(shown.window.list.item(1))
        qtbot.mouseClick(shown.window.list.viewport(), Qt.MouseButton.LeftButton, pos=seen.center())
    elif come == "palette":
        shown.window.go("alerts")
    else:
        press(qtbot, Qt.Key.Key_PageUp, CONTROL)
        press(qtbot, Qt.Key.Key_PageUp, CONTROL)
    assert shown.window.stack.currentWidget() is found
    assert QApplication.focusWidget() is found.open.view
    found.open.view.selectRow(0)
    press(qtbot, Qt.Key.Key_A)
    assert (state(found, 0), found.open.filter.text()) == ("acknowledged", "")


def test_the_keys_of_a_page_hold_wherever_one_does_not_write(show: Show, qtbot: QtBot) -> None:
    shown = troubled(show)
    found = alerts_page(shown)
    active(shown, qtbot)
    found.open.view.selectRow(0)
    found.cause.setFocus()
    press(qtbot, Qt.Key.Key_A)
    assert state(found, 0) == "acknowledged"
    found.open.filter.setFocus()
    press(qtbot, Qt.Key.Key_R)
    assert found.open.filter.text() == "r"
    assert [item.acknowledged for item in found.open.model.shown() if isinstance(item, AlertItem)]
    assert shown.context.book.open()[0].acknowledged


def test_the_keyboard_stays_where_rows_were_when_the_last_one_goes(
    show: Show, qtbot: QtBot
) -> None:
    shown = show(filled(leases=1), page="licences")
    found = licences(shown)
    active(shown, qtbot)
    found.leases.view.setFocus()
    leases = shown.context.store.leases
    assert leases is not None
    shown.window.take([LeasesHeard(100.1, LeasesDocument(leases=()))])
    press(qtbot, Qt.Key.Key_A)
    assert (found.licences.filter.text(), found.leases.filter.text()) == ("", "")
    shown.window.take([LeasesHeard(100.2, leases)])
    assert QApplication.focusWidget() is found.leases.view


def test_whoever_goes_through_the_list_of_pages_stays_in_it(show: Show, qtbot: QtBot) -> None:
    shown = show()
    active(shown, qtbot)
    shown.window.list.setFocus()
    press(qtbot, Qt.Key.Key_Down)
    press(qtbot, Qt.Key.Key_Down)
    assert PAGES[shown.window.stack.currentIndex()].name == "licences"
    assert shown.window.list.hasFocus()
    press(qtbot, Qt.Key.Key_F6)
    assert QApplication.focusWidget() is licences(shown).licences.view


@pytest.mark.parametrize(
    ("name", "theme"), [(spec.name, ("light", "dark")[n % 2]) for n, spec in enumerate(PAGES)]
)
def test_where_the_keyboard_is_is_seen(show: Show, qtbot: QtBot, name: str, theme: str) -> None:
    """Each thing that the Tab key comes by looks another way when it has the keyboard."""
    shown = show(degraded(), theme, name)
    active(shown, qtbot)
    found = [
        widget
        for widget in shown.window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(widget, QMenuBar)
    ]
    assert shown.window.list in found
    for widget in found:
        shown.window.setFocus()
        without = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        assert widget.hasFocus(), widget
        assert widget.grab().toImage() != without, f"{type(widget).__name__} on {name}"


# --- what a filter leaves to the window ---


def wanted_by(field: QLineEdit, keys: str) -> bool:
    """Whether the field would use these keys instead of the window."""
    (*held, key) = keys.split("+")
    modifier = CONTROL if held else Qt.KeyboardModifier.NoModifier
    event = QKeyEvent(QEvent.Type.ShortcutOverride, getattr(Qt.Key, f"Key_{key}"), modifier)
    event.ignore()
    QApplication.sendEvent(field, event)
    return event.isAccepted()


def test_every_filter_leaves_the_windows_keys_to_it(show: Show) -> None:
    """A desktop's fields empty themselves by Ctrl+U, and cut the rest off by Ctrl+K; here they go
    a word further by Ctrl+Right."""
    shown = show(degraded())
    fields = [
        field
        for spec in PAGES
        for field in page(shown, spec.name).findChildren(QLineEdit)
        if not isinstance(field.parent(), QComboBox)
    ]
    assert len(fields) > 10
    assert all(wanted_by(field, "Ctrl+Right") for field in fields), "nobody else wants it"
    used = QAction("A word further", shown.window)
    used.setShortcut("Ctrl+Right")
    shown.window.addAction(used)
    for field in fields:
        assert not wanted_by(field, "Ctrl+Right")
        assert all(wanted_by(field, keys) for keys in ("Ctrl+C", "Ctrl+Left", "U"))


def test_a_page_is_left_and_an_act_begun_from_within_a_filter(
    show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = show(degraded(), page="timeservers")
    active(shown, qtbot)
    said = confirm(monkeypatch, certify, "audit")
    press(qtbot, Qt.Key.Key_F, CONTROL)
    focus = QApplication.focusWidget()
    assert isinstance(focus, QLineEdit)
    press(qtbot, Qt.Key.Key_U, CONTROL)
    qtbot.waitUntil(lambda: bool(shown.desk.asked), timeout=20_000)  # the button goes down first
    assert shown.desk.asked == [("time", "", "audit")] and said
    press(qtbot, Qt.Key.Key_1, CONTROL)
    assert PAGES[shown.window.stack.currentIndex()].name == "overview"


def test_ctrl_f_finds_the_filter_from_anywhere(show: Show, qtbot: QtBot) -> None:
    shown = show(filled(leases=3), page="licences")
    found = licences(shown)
    active(shown, qtbot)
    for start, wanted in (
        (shown.window.list, found.licences.filter),
        (found.leases.view, found.leases.filter),
        (found.leases.filter, found.leases.filter),
        (found.licences.view, found.licences.filter),
    ):
        start.setFocus()
        press(qtbot, Qt.Key.Key_F, CONTROL)
        assert QApplication.focusWidget() is wanted


def test_escape_empties_a_filter_and_goes_back_to_the_rows(show: Show, qtbot: QtBot) -> None:
    shown = show(filled(leases=3), page="licences")
    found = licences(shown)
    active(shown, qtbot)
    found.leases.filter.setFocus()
    qtbot.keyClicks(found.leases.filter, "ws-2")
    assert found.leases.model.rowCount() == 1
    press(qtbot, Qt.Key.Key_Escape)
    assert found.leases.model.rowCount() == 3
    assert QApplication.focusWidget() is found.leases.view
    found.leases.view.selectRow(1)
    found.leases.filter.setText("ws")
    press(qtbot, Qt.Key.Key_Escape)
    assert (found.leases.filter.text(), found.leases.current() is None) == ("", False)
    press(qtbot, Qt.Key.Key_Escape)
    assert found.leases.current() is None and not found.release.isEnabled()
    logs = page(shown, "logs")
    (field,) = logs.findChildren(QLineEdit)
    field.setFocus()
    qtbot.keyClicks(field, "x")
    press(qtbot, Qt.Key.Key_Escape)
    assert field.text() == ""


# --- what a habit may not do ---


def test_no_key_that_saves_or_loads_elsewhere_begins_an_act(show: Show) -> None:
    shown = show(degraded())
    for spec in PAGES:
        found = page(shown, spec.name)
        for button in found.findChildren(QAbstractButton):
            keys = button.shortcut().toString()
            assert keys in ("", "Ctrl+U"), f"{button.text()} on {spec.name}: {keys}"


def test_a_lease_is_released_by_the_delete_key_in_its_table_alone(
    show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = show(filled(leases=3), page="licences")
    found = licences(shown)
    confirm(monkeypatch, licences_page, "left")
    active(shown, qtbot)
    found.leases.view.setFocus()
    press(qtbot, Qt.Key.Key_Delete)
    assert shown.desk.asked == [], "nothing is selected"
    found.leases.view.selectRow(0)
    found.leases.filter.setFocus()
    press(qtbot, Qt.Key.Key_Delete)
    found.licences.view.setFocus()
    press(qtbot, Qt.Key.Key_Delete)
    assert shown.desk.asked == []
    found.leases.view.setFocus()
    press(qtbot, Qt.Key.Key_Delete)
    assert shown.desk.asked == [("release", "cert:ws-3", "lease-3", 3, "left")]


# --- the palette ---


def test_acts_are_offered_first_and_none_that_acts_at_once_is_the_very_first(show: Show) -> None:
    shown = show()
    titles = [command.title for command in commands(shown.window)]
    acts = {act.title for act in ACTS} | {"Acknowledge all alerts"}
    assert set(titles[: len(acts)]) == acts
    assert titles[0] == "Switch over…", "it asks"


def test_the_palette_says_that_nothing_is_found(show: Show, qtbot: QtBot) -> None:
    shown = show()
    palette = CommandPalette(shown.window, commands(shown.window), [])
    qtbot.addWidget(palette)
    palette.show()
    qtbot.keyClicks(palette.typed, "qqqqzzzz")
    assert palette.titles() == []
    (item,) = [palette.list.topLevelItem(n) for n in range(palette.list.topLevelItemCount())]
    assert item is not None and item.text(0) == "Nothing is found for this."
    qtbot.keyClick(palette.typed, Qt.Key.Key_Down)
    qtbot.keyClick(palette.typed, Qt.Key.Key_Return)
    assert palette.isVisible() and palette.chosen is None
    palette.typed.clear()
    assert palette.titles() and palette.list.currentIndex().row() == 0
