"""What a person selected is that thing, and nothing else once it is gone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from appliance.codec.api import LeaseDocument, LeasesDocument
from monitor_gui.model.connections import System
from monitor_gui.model.store import ENTRIES_MAX
from monitor_gui.model.timeline import UPSTREAM, Entry
from monitor_gui.model.updates import LeasesHeard, Recorded
from monitor_gui.qt import dialogs
from monitor_gui.qt import licences as licences_page
from monitor_gui.qt.connections import ConnectionsDialog
from monitor_gui.qt.failover import FailoverPage
from monitor_gui.qt.licences import LicencesPage
from monitor_gui.qt.rows import AT_ONCE
from tests.gui.conftest import Show, Shown
from tests.gui.test_alerts import alerts_page, troubled
from tests.gui.test_streams import activity_page, denials
from tests.gui.test_window import page
from tests.unit.monitor.documents import filled, lease, with_report_in

LONG = AT_ONCE * 2


def licences(shown: Shown) -> LicencesPage:
    """The page, seen."""
    found = page(shown, "licences")
    assert isinstance(found, LicencesPage)
    return found


def without(shown: Shown, gone: LeaseDocument) -> LeasesHeard:
    """The list as it is once that lease has ended."""
    leases = shown.context.store.leases
    assert leases is not None
    kept = tuple(one for one in leases.leases if one.lease_id != gone.lease_id)
    return LeasesHeard(100.1, LeasesDocument(leases=kept))


def chosen(found: LicencesPage, row: int) -> LeaseDocument:
    """Select the lease in that row."""
    found.leases.view.selectRow(row)
    assert found.release.isEnabled()
    now = found.leases.current()
    assert now is not None
    selected: LeaseDocument = now.lease
    return selected


@pytest.mark.parametrize("count", [5, LONG])
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_when_a_lease_ends_no_other_one_is_selected(
    show: Show, qtbot: QtBot, count: int, place: str
) -> None:
    shown = show(filled(leases=count), page="licences")
    found = licences(shown)
    qtbot.waitUntil(lambda: found.leases.model.rowCount() == count, timeout=60_000)
    gone = chosen(found, {"first": 0, "middle": count // 2, "last": count - 1}[place])
    told: list[bool] = []
    found.leases.selected.connect(lambda: told.append(found.leases.current() is None))
    shown.window.take([without(shown, gone)])
    qtbot.waitUntil(lambda: found.leases.model.rowCount() == count - 1, timeout=60_000)
    assert found.leases.current() is None
    assert not found.leases.view.currentIndex().isValid(), "nor would a key select a neighbour"
    assert told and told[-1], "whoever acts on it hears of it at once, not at the next second"
    assert not found.release.isEnabled()
    found.release.click()
    assert shown.desk.asked == []


def test_a_lease_that_is_filtered_out_is_not_selected_in_secret(show: Show) -> None:
    shown = show(filled(leases=5), page="licences")
    found = licences(shown)
    chosen(found, 0)
    found.leases.filter.setText("ws-2")
    assert found.leases.current() is None and not found.release.isEnabled()
    found.leases.filter.clear()
    assert found.leases.current() is None and not found.release.isEnabled()


@pytest.mark.parametrize("change", ["sort", "earlier", "later", "both"])
def test_the_selection_goes_with_its_row(show: Show, change: str) -> None:
    shown = show(filled(leases=6), page="licences")
    found = licences(shown)
    mine = chosen(found, 3)
    if change == "sort":
        found.leases.view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    else:
        first, last = lease(90), lease(91)
        leases = shown.context.store.leases
        assert leases is not None
        others = [one for one in leases.leases if one != mine]
        before = [last, *others[:2]] if change in ("earlier", "both") else others[:1]
        after = [first] if change in ("later", "both") else others[3:]
        mixed = LeasesDocument(leases=(*before, mine, *after))
        shown.window.take([LeasesHeard(100.1, mixed)])
    row = found.leases.current()
    assert row is not None and row.lease == mine
    assert found.release.isEnabled()


def test_a_confirmation_acts_on_what_it_named(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list goes on while the question is open: that lease ends, and another one is selected."""
    shown = show(filled(leases=4), page="licences")
    found = licences(shown)
    mine = chosen(found, 1)

    def meanwhile() -> None:
        shown.window.take([without(shown, mine)])
        found.leases.view.selectRow(0)

    said: list[str] = []

    class Slow(dialogs.Confirm):
        def __init__(self, parent, title, question, consequences, verb):
            super().__init__(parent, title, question, consequences, verb)
            said.append(question)

        def exec(self) -> int:
            meanwhile()
            self.why.setText("left for the day")
            return QDialog.DialogCode.Accepted.value

    monkeypatch.setattr(licences_page, "Confirm", Slow)
    found.release.click()
    other = found.leases.current()
    assert other is not None and other.lease != mine
    assert said == [f"End the lease of {mine.holder.user}?"]
    assert shown.desk.asked == [
        ("release", mine.client, mine.lease_id, mine.generation, "left for the day")
    ]


def test_an_alert_that_is_over_hands_its_keys_to_no_other(show: Show) -> None:
    shown = troubled(show)
    found = alerts_page(shown)
    found.open.view.selectRow(0)
    (mine, other) = found.open.model.shown()
    with_report_in(shown.context.store, up1={"clock_synchronised": False})
    for second in range(104, 140):
        for endpoint in shown.context.store.endpoints.values():
            endpoint.heard_at_s = float(second)
        shown.at(float(second))
    assert [item.alert.key for item in found.open.model.shown()] == [other.alert.key]
    assert mine.alert.key != other.alert.key
    assert found.open.current() is None
    assert not any(
        button.isEnabled()
        for button in (found.acknowledge, found.snooze, found.reopen, found.cause)
    )
    found.acknowledge.click()
    found._snoozes.actions()[0].trigger()
    assert found.open.model.shown()[0].rings(shown.context.wall())


def test_a_line_of_a_full_timeline_stays_selected(show: Show, qtbot: QtBot) -> None:
    shown = show()
    entries = [
        Entry(unix_s=1.8e9 + n // 2, kind=UPSTREAM, text="up1 is lost") for n in range(ENTRIES_MAX)
    ]
    shown.window.take([Recorded(tuple(entries))])
    found = page(shown, "failover")
    assert isinstance(found, FailoverPage)
    model = found.table.model
    qtbot.waitUntil(lambda: model.rowCount() == ENTRIES_MAX, timeout=60_000)  # two alike are two
    found.table.view.selectRow(3)
    mine = found.table.current()
    assert mine is not None
    shown.window.take([Recorded((Entry(unix_s=1.9e9, kind=UPSTREAM, text="up2 is lost"),))])
    qtbot.waitUntil(lambda: not model.busy and model.row(0)[1].unix_s == 1.9e9, timeout=60_000)
    now = found.table.current()
    assert now is not None and now[1] == mine[1]


def test_a_line_that_fell_out_of_a_stream_is_not_copied_as_another(
    show: Show, qtbot: QtBot
) -> None:
    shown = show()
    found = activity_page(shown)
    shown.window.take([denials(1_500)])
    found.panel.follow.setChecked(False)
    found.panel.view.selectRow(3)
    QGuiApplication.clipboard().setText("before")
    for _ in range(3):
        shown.window.take([denials(1_000)])
    assert found.panel.view.selectionModel().selectedRows() == []
    found.panel.copy()
    assert QGuiApplication.clipboard().text() == "before"


def test_removing_a_connection_selects_no_other(show: Show, qtbot: QtBot) -> None:
    systems = [System(name=name, profile=f"/{name}.toml") for name in "abc"]
    saved: list[list[System]] = []
    dialog = ConnectionsDialog(show().window, systems, saved.append, lambda _: None)
    qtbot.addWidget(dialog)
    dialog.list.setCurrentRow(1)
    dialog.remove.click()
    assert not any(
        button.isEnabled() for button in (dialog.remove, dialog.edit, dialog.connect_button)
    )
    dialog.remove.click()
    assert [[system.name for system in found] for found in saved] == [["a", "c"]]
    assert dialog.list.count() == 2
