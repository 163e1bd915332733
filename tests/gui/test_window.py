"""The window against a fake feed: what it says, what it lets one do, and that it lets go."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from appliance.sentences import Sentence
from monitor_gui.model.connections import System
from monitor_gui.model.timeline import SWITCH, Entry
from monitor_gui.model.updates import (
    Acted,
    Happened,
    LeasesHeard,
    Question,
    Recorded,
    StatusHeard,
    Update,
)
from monitor_gui.model.updates import Event as FeedEvent
from monitor_gui.qt import dialogs, failover, licences, window
from monitor_gui.qt.bridge import QUEUE_MAX, Bridge
from monitor_gui.qt.connections import ConnectionsDialog, SystemForm
from monitor_gui.qt.licences import LicencesPage
from monitor_gui.qt.overview import OverviewPage
from monitor_gui.qt.pages import PAGES, make
from tests.gui.conftest import Show, Shown
from tests.unit.monitor.documents import ENDPOINTS, filled, licence, missed, opened, status

REFUSED = Sentence("Refused: {why}.", why="twin-not-ready")


def page(shown: Shown, name: str) -> QWidget:
    """The page of that name, seen."""
    shown.window.show_page(name)
    found = shown.window.stack.currentWidget()
    assert found is not None
    return found


def confirm(monkeypatch: pytest.MonkeyPatch, module: object, reason: str) -> list[str]:
    """Let every confirmation be accepted with this reason; gives what they said."""
    said: list[str] = []

    class Yes(dialogs.Confirm):
        def __init__(self, parent, title, question, consequences, verb):
            super().__init__(parent, title, question, consequences, verb)
            said.extend([question, *consequences])

        def exec(self) -> int:
            assert not self.go.isEnabled(), "nothing may be done without a reason"
            self.why.setText("   ")
            assert not self.go.isEnabled()
            self.why.setText(reason)
            assert self.go.isEnabled()
            return QDialog.DialogCode.Accepted.value

    monkeypatch.setattr(module, "Confirm", Yes)
    return said


def test_the_banner_tells_the_verdict_on_every_page(show: Show) -> None:
    shown = show(filled(lost=("up2",)))
    for spec in PAGES:
        page(shown, spec.name)
        assert shown.window.banner.headline.text() == (
            "Serving on two of three: up2 does not answer · for 4 min 0 s"
        )
        assert "Look whether up2 has power" in shown.window.banner.advice.text()
        assert shown.window.banner.accessibleName()


def test_a_failover_is_seen_happening(show: Show, qtbot: QtBot) -> None:
    shown = show()
    overview = page(shown, "overview")
    assert isinstance(overview, OverviewPage)
    scene = overview.scene
    before = scene.token.pos()
    missed(shown.context.store, "tmr1", 100.4)
    document = status("tmr2", "tmr2", term=2, twin="unreachable")
    shown.window.take([StatusHeard(ENDPOINTS[1], 100.5, document)])
    shown.at(100.6)
    assert [box.badge for box in scene.tmr] == ["unreachable", "active"]
    assert scene.tmr[1].strong and not scene.tmr[0].strong
    assert max(box.glow for box in scene.tmr) >= 0
    qtbot.waitUntil(lambda: scene.token.pos() != before, timeout=20_000)
    qtbot.waitUntil(lambda: scene.holder_line.end.y() > 300, timeout=20_000)


def test_old_numbers_look_old(show: Show) -> None:
    shown = show()
    overview = page(shown, "overview")
    assert isinstance(overview, OverviewPage)
    assert overview.cards["log"].number.isEnabled()
    shown.at(160.0)
    assert "STALE" in overview.heard.text()
    assert not overview.cards["log"].number.isEnabled()
    assert all(box.dim for box in overview.scene.tmr)
    assert "No TMR host answers" in shown.window.banner.headline.text()
    assert "1 min 0 s ago" in shown.window.banner.age.text()


def test_events_become_rates_and_denials(show: Show) -> None:
    shown = show()
    outcomes = ["granted"] * 5 + ["no-seat-free"] * 2
    events = tuple(FeedEvent("", "check-out", {"outcome": word}, 0.0) for word in outcomes)
    shown.window.take([Happened(100.1, events)])
    shown.at(102.0)
    overview = page(shown, "overview")
    assert isinstance(overview, OverviewPage)
    assert overview.cards["rate"].number.text() == "1.0"
    assert overview.cards["denials"].number.text() == "2"
    assert overview.cards["denials"].remark.text() == "last: no seat free"


def test_a_release_needs_a_lease_a_right_and_a_reason(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = show()
    said = confirm(monkeypatch, licences, "left for the day")
    leases = page(shown, "licences")
    assert isinstance(leases, LicencesPage)
    assert not leases.release.isEnabled()
    leases.leases.view.selectRow(0)
    assert leases.release.isEnabled()
    leases.release.click()
    assert shown.desk.asked == [("release", "cert:ws-2", "lease-2", 2, "left for the day")]
    assert "loses the seat" in said[1]
    shown.context.read_only = True
    shown.window.refresh()
    assert not leases.release.isEnabled()
    assert "read-only" in leases.release.toolTip()


def test_a_viewer_sees_everything_and_can_do_nothing(show: Show) -> None:
    store = filled()
    store.opened = opened(role="view")
    shown = show(store)
    failover_page = page(shown, "failover")
    assert isinstance(failover_page, failover.FailoverPage)
    buttons = [failover_page.switch, *failover_page.maintain]
    assert not any(button.isEnabled() for button in buttons)
    assert "operate is needed" in failover_page.switch.toolTip()


def test_switchover_and_maintenance_are_confirmed_with_a_forecast(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = show()
    said = confirm(monkeypatch, failover, "patches")
    entry = Entry(unix_s=1.0, kind=SWITCH, text="tmr1 took over", at_most_s=0.5)
    shown.window.take([Recorded((entry,))])
    failover_page = page(shown, "failover")
    assert isinstance(failover_page, failover.FailoverPage)
    failover_page.switch.click()
    failover_page.maintain[1].click()
    assert shown.desk.asked == [
        ("switchover", "tmr2", "patches"),
        ("maintenance", "tmr2", True, "patches"),
    ]
    assert any("500 ms" in text for text in said)
    assert any("there is no spare" in text for text in said)
    assert failover_page.table.model.rowCount() == 1


def test_a_table_is_filtered_sorted_and_exported(
    show: Show, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    rows = (licence(10, text="Drafter"), licence(20, text="=cmd()"), licence(30, text="Renderer"))
    shown = show(filled(licences=rows, leases=30))
    found = page(shown, "licences")
    assert isinstance(found, LicencesPage)
    table = found.leases
    table.filter.setText("ws-3 AIKO")
    assert table.model.rowCount() == 2, "ws-3 and ws-30"
    assert table.count.text() == "2 of 30"
    assert len(table.csv().splitlines()) == 3
    table.filter.setText("")
    table.view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert table.model.index(0, 1).data() == "ws-1"
    assert "'=cmd()" in found.licences.csv(), "a spreadsheet must not run a product's name"
    chosen = lambda *_: ("/tmp/x.csv", "")  # noqa: E731
    monkeypatch.setattr("monitor_gui.qt.tables.QFileDialog.getSaveFileName", chosen)
    table.export.click()
    assert shown.desk.asked[-1][:2] == ("save", "/tmp/x.csv")


def test_a_selection_survives_updates_of_other_rows(show: Show) -> None:
    shown = show(filled(leases=5))
    found = page(shown, "licences")
    assert isinstance(found, LicencesPage)
    found.leases.view.selectRow(2)
    chosen = found.leases.current()
    assert chosen is not None
    fewer = filled(leases=4).leases
    assert fewer is not None
    kept = tuple(lease for lease in fewer.leases if lease.lease_id != "lease-1")
    shown.window.take([LeasesHeard(100.1, type(fewer)(leases=kept))])
    assert found.leases.current() == chosen


def test_keys_choose_pages_and_read_only(show: Show, qtbot: QtBot) -> None:
    shown = show()
    shown.window.activateWindow()
    qtbot.waitUntil(shown.window.isActiveWindow, timeout=20_000)
    for number in range(len(PAGES)):
        qtbot.keyClick(
            shown.window,
            Qt.Key(Qt.Key.Key_0 + (number + 1) % 10),
            Qt.KeyboardModifier.ControlModifier if number < 10 else Qt.KeyboardModifier.AltModifier,
        )
        assert shown.window.stack.currentIndex() == number
    qtbot.keyClick(shown.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert shown.context.read_only


def test_every_control_has_a_name_for_a_screen_reader(show: Show) -> None:
    shown = show()
    for spec in PAGES:
        found = page(shown, spec.name)
        for kind in ("QPushButton", "QLineEdit", "QTableView", "QGraphicsView"):
            for child in found.findChildren(QWidget):
                if child.metaObject().className() == kind and child.isVisibleTo(found):
                    text = getattr(child, "text", lambda: "")()
                    assert child.accessibleName() or text, f"{kind} on {spec.name}"


def test_a_refusal_is_seen(show: Show) -> None:
    shown = show()
    shown.window.take([Acted("switchover", False, REFUSED)])
    assert shown.window.message.text() == "Refused: the other TMR host is not ready."
    assert shown.context.palette.down in shown.window.message.styleSheet()


@pytest.mark.parametrize("yes", [True, False])
def test_a_new_host_key_is_asked_about(
    show: Show, monkeypatch: pytest.MonkeyPatch, yes: bool
) -> None:
    shown = show()
    monkeypatch.setattr(window, "trust_host_key", lambda *_: yes)
    shown.window.take([Question(7, "host-key", "gate", "SHA256:abc")])
    assert shown.desk.asked == [("answer", 7, yes)]


def test_the_demos_faults_are_in_a_menu_and_only_there(show: Show) -> None:
    shown = show()
    assert not shown.window.faults.menuAction().isVisible()
    shown.window.take([opened(faults=("cut tmr1",))])
    assert shown.window.faults.menuAction().isVisible()
    shown.window.faults.actions()[0].trigger()
    assert shown.desk.asked == [("inject", "cut tmr1")]


def test_connections_are_chosen_and_changed(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = show()
    systems = [System(name="a", profile="/a.toml"), System(name="b", profile="/b.toml")]
    saved: list[list[System]] = []
    chosen: list[System | None] = []
    dialog = ConnectionsDialog(shown.window, systems, saved.append, chosen.append)
    dialog.list.setCurrentRow(1)
    dialog.connect_button.click()
    assert chosen == [systems[1]]
    monkeypatch.setattr(SystemForm, "exec", lambda self: QDialog.DialogCode.Accepted)
    dialog.edit.click()
    dialog.remove.click()
    assert [len(found) for found in saved] == [2, 1]


def test_a_form_says_what_is_wrong(show: Show) -> None:
    form = SystemForm(show().window, None, ["taken"])
    save = form.buttons.buttons()[0]
    for name, profile, ssh, word in (
        ("", "", "", "name"),
        ("taken", "p", "", "already"),
        ("new", "", "", "profile"),
        ("new", "p", "a b", "user@host"),
    ):
        form.name.setText(name)
        form.profile.setText(profile)
        form.ssh.setText(ssh)
        assert word in form.problem.text()
        assert not save.isEnabled()
    form.ssh.setText("ops@gate")
    assert save.isEnabled()
    assert form.system() == System(name="new", profile="p", ssh="ops@gate")


def test_layout_and_theme_are_remembered(show: Show) -> None:
    shown = show(theme="dark", page="clocks")
    settings = shown.window._settings
    shown.window.close()
    again = window.Window(shown.context, settings)
    again.timer.stop()
    assert again.context.palette.name == "dark"
    assert PAGES[again.list.currentRow()].name == "clocks"
    again.close()


def test_a_page_is_one_file_and_one_line(show: Show) -> None:
    context = show().context
    for spec in PAGES:
        assert make(spec, context).accessibleName() == spec.title
    with pytest.raises(TypeError):
        make(PAGES[0]._replace(target="monitor_gui.qt.scene:SystemView"), context)


def test_updates_cross_from_another_thread_and_a_flood_is_bounded(qtbot: QtBot) -> None:
    got: list[Update] = []
    calls: list[int] = []

    def deliver(updates: list[Update]) -> None:
        got.extend(updates)
        calls.append(len(updates))

    bridge = Bridge(deliver)
    count = QUEUE_MAX + 500

    def flood() -> None:
        for number in range(count):
            bridge.post(Acted("", True, str(number)))

    thread = threading.Thread(target=flood)
    thread.start()
    thread.join()
    qtbot.waitUntil(
        lambda: bool(got) and got[-1] == Acted("", True, str(count - 1)), timeout=20_000
    )
    assert len(got) <= count
    assert max(calls) <= QUEUE_MAX
