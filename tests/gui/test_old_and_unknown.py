"""What is old looks weak on every page, what is not known is no number, a switch leaves nothing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from appliance.sentences import Sentence
from monitor_gui.model.connections import DEMO, System
from monitor_gui.model.store import Store
from monitor_gui.model.updates import Acted, Closed, LeasesHeard, Opened, StatusHeard
from monitor_gui.qt.connections import SystemForm
from monitor_gui.qt.licences import LicencesPage
from monitor_gui.qt.overview import OverviewPage
from monitor_gui.qt.page import Page
from monitor_gui.qt.palette import tone
from monitor_gui.qt.tables import TablePanel
from tests.gui.conftest import Show, Shown
from tests.gui.stores import well
from tests.gui.test_window import page
from tests.unit.monitor.documents import filled, opened, status
from tests.unit.monitor.test_model import through_the_virtual_ip

TABLES = {"hosts": 1, "clocks": 1, "timeservers": 2, "licences": 2, "usage": 2}
"""Pages, and how many of their tables show what hosts told."""

REFUSED = Sentence("Refused: {why}.", why="twin-not-ready")


def colours(shown: Shown, name: str) -> list[set[str]]:
    """The colours of the cells of each table of that page that has rows; "" is the usual one."""
    found = []
    for panel in page(shown, name).findChildren(TablePanel):
        model = panel.model
        cells = [
            model.data(model.index(row, column), Qt.ItemDataRole.ForegroundRole)
            for row in range(model.rowCount())
            for column in range(model.columnCount())
        ]
        if cells:
            found.append({brush.color().name() if brush is not None else "" for brush in cells})
    return found


def said(shown: Shown, name: str) -> str:
    """All that the labels of that page say."""
    return "\n".join(label.text() for label in page(shown, name).findChildren(QLabel))


@pytest.mark.parametrize("name", list(TABLES))
def test_what_is_old_has_no_colour_on_any_page(show: Show, name: str) -> None:
    shown = show(well(), page=name)
    weak = tone(shown.context.palette, "unknown").name()
    fresh = colours(shown, name)
    assert len(fresh) >= TABLES[name]
    assert {weak} not in fresh, "as long as they are heard"
    shown.at(160.0)
    old = colours(shown, name)
    assert old.count({weak}) == TABLES[name]
    if name != "usage":
        assert "STALE" in said(shown, name)


def test_lists_that_cannot_be_had_stay_with_their_age(show: Show) -> None:
    shown = show(page="licences")
    found = page(shown, "licences")
    assert isinstance(found, LicencesPage)
    shown.window.take([LeasesHeard(100.3, None, "not-active: this host does not serve: tmr2 is")])
    shown.at(102.0)
    assert found.leases.model.rowCount() == 2
    assert "STALE: licences and leases as of 2 s ago" in found.note.text()
    weak = tone(shown.context.palette, "unknown").name()
    assert colours(shown, "licences") == [{weak}, {weak}]
    overview = page(shown, "overview")
    assert isinstance(overview, OverviewPage)
    assert not overview.cards["seats"].number.isEnabled()
    assert overview.cards["seats"].remark.text() == "as of 2 s ago"


def test_lists_that_nobody_told_yet_are_not_said_to_be_empty(show: Show) -> None:
    store = Store()
    store.apply(opened())
    store.apply(StatusHeard("tmr1:7200", 100.0, status()))
    shown = show(store, page="licences")
    found = page(shown, "licences")
    assert isinstance(found, LicencesPage)
    for table in (found.licences, found.leases):
        assert table.nothing.text() == "Not known yet: no TMR host has told them."
    empty = filled(licences=(), leases=0)
    shown = show(empty, page="licences")
    found = page(shown, "licences")
    assert isinstance(found, LicencesPage)
    assert found.licences.nothing.text() == "No licence was imported."
    assert found.leases.nothing.text() == "Nobody holds a lease."


def test_nobody_ends_a_lease_where_nobody_would_record_it(show: Show) -> None:
    shown = show(filled(active=""), page="licences")
    found = page(shown, "licences")
    assert isinstance(found, LicencesPage)
    found.leases.view.selectRow(0)
    assert not found.release.isEnabled()
    assert "No TMR host serves" in found.release.toolTip()


def test_the_overview_shows_no_number_that_it_does_not_know(show: Show) -> None:
    overview = page(show(Store()), "overview")
    assert isinstance(overview, OverviewPage)
    assert {card.number.text() for card in overview.cards.values()} == {"–"}
    texts = [text for box in overview.scene.boxes for text, _ in box.lines]
    assert not [text for text in texts if any(letter.isdigit() for letter in text)]


def test_a_host_that_the_profile_does_not_name_is_not_red(show: Show) -> None:
    overview = page(show(through_the_virtual_ip("tmr1")), "overview")
    assert isinstance(overview, OverviewPage)
    first, second = overview.scene.tmr
    assert second.lines == [("not asked directly", "muted"), ("as its twin says", "muted")]
    assert (second.badge, second.colour) == ("passive", "accent")
    assert (first.badge, first.colour) == ("active", "ok")


def test_a_silent_host_is_not_green(show: Show) -> None:
    """By its twin's word it serves, but here it does not answer."""
    store = Store()
    store.apply(opened())
    store.apply(StatusHeard("tmr2:7200", 100.0, status("tmr2", "tmr1")))
    overview = page(show(store), "overview")
    assert isinstance(overview, OverviewPage)
    assert (overview.scene.tmr[0].badge, overview.scene.tmr[0].colour) == ("active", "unknown")
    assert ("does not answer this monitor", "down") in overview.scene.tmr[0].lines


# --- another system ---


def test_a_switch_that_fails_leaves_nothing_of_the_system_before(show: Show) -> None:
    shown = show(well())
    names = ["licences", "hosts", "clocks", "timeservers", "usage", "failover", "overview"]
    for name in names:
        page(shown, name)
    other = System(name="Plant 2", profile="/nowhere.toml")
    shown.window.connect_to(other)
    assert shown.desk.asked == [("connect", other)]
    assert shown.window.connection.text() == "not connected to Plant 2"
    shown.window.take([Closed("there is no file /nowhere.toml; name a client profile (TOML)")])
    assert shown.window.banner.headline.text().startswith("Not connected to Plant 2: there is no")
    assert shown.window.connection.text() == "not connected to Plant 2"
    for name in names:
        found = page(shown, name)
        assert isinstance(found, Page)
        assert colours(shown, name) == [], name
        assert "tmr1" not in said(shown, name), name
    assert not page(shown, "clocks").curves  # type: ignore[attr-defined]
    overview = page(shown, "overview")
    assert isinstance(overview, OverviewPage)
    lines = overview.scene.lines.values()
    assert {(line.state, line.used) for line in lines} == {("unknown", False)}
    shown.window.take([Opened("Plant 2", ("a:1",), "olga", "view", "directly")])
    assert shown.window.connection.text().startswith("Plant 2 · directly · olga")


def test_the_demos_faults_go_with_the_demo(show: Show) -> None:
    shown = show()
    shown.window.take([opened(faults=("cut tmr1",))])
    shown.window.connect_to(System(name="Plant 2", profile="/p.toml"))
    assert not shown.window.faults.menuAction().isVisible()
    assert not shown.window.faults.actions()


def test_what_is_followed_is_in_the_list_though_it_is_not_saved(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = show()
    saved = System(name="Plant 1", profile="/1.toml")
    named = System(name="operate/profile.toml", profile="/o.toml")
    shown.window.systems = [saved]
    shown.window.connect_to(named)
    shown.window.connect_to(saved)
    dialog = shown.window.connections()
    texts = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert texts == ["Plant 1: followed now", "operate/profile.toml (not saved)"]
    dialog.list.setCurrentRow(1)
    assert not dialog.remove.isEnabled()
    dialog.connect_button.click()
    assert shown.desk.asked[-1] == ("connect", named), "there is a way back"
    dialog = shown.window.connections()
    assert dialog.list.currentItem().text() == "operate/profile.toml (not saved): followed now"
    monkeypatch.setattr(SystemForm, "exec", lambda self: QDialog.DialogCode.Accepted)
    dialog.edit.click()
    assert shown.window.systems == [saved, named], "so it is saved"
    dialog.list.setCurrentRow(1)
    dialog.remove.click()
    assert shown.window.systems == [saved]
    assert dialog.list.item(1).text() == "operate/profile.toml (not saved): followed now"
    shown.window.connect_to(None)
    shown.window.systems, shown.window._unsaved = [], []
    assert shown.window.connections().detail.text().startswith(f"{DEMO} is followed now.")


def test_a_profile_that_cannot_be_used_is_told_before_it_is_saved(show: Show, qtbot: QtBot) -> None:
    found = ["there is no file /new.toml; name a client profile (TOML)"]
    form = SystemForm(show().window, None, [], lambda system: found[0])
    form.name.setText("Plant 2")
    form.profile.setText("/new.toml")
    form.save.click()
    assert form.result() != QDialog.DialogCode.Accepted
    assert "Nobody can connect by this: there is no file /new.toml" in form.problem.text()
    assert form.save.text() == "Save all the same"
    form.profile.setText("/newer.toml")
    assert form.save.text() != "Save all the same"
    found[0] = ""
    form.save.click()
    assert form.result() == QDialog.DialogCode.Accepted


def test_what_went_well_is_old_news_and_a_refusal_is_not(show: Show) -> None:
    shown = show()
    shown.window.take([Acted("switchover", True, "Recorded; tmr1 is taking over.")])
    shown.at(120.0)
    assert shown.window.message.text() == "Recorded; tmr1 is taking over."
    shown.at(140.0)
    assert shown.window.message.text() == ""
    shown.window.take([Acted("switchover", False, REFUSED)])
    shown.at(400.0)
    assert shown.window.message.text() == "Refused: the other TMR host is not ready."
