"""The monitor's table of licences shows every option that a licence can have."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from appliance.codec.api import LeaseLine, LeasesDocument
from appliance.licences.model import ProductItem
from appliance.licences.options import OPTIONS
from appliance.licences.options.row import Kind, Option
from appliance.services.tmr.licence_lists import Seen, licences
from appliance.watch.facts import Facts
from appliance.watch.verdict import Verdict, judge
from monitor_gui.model import alerts
from monitor_gui.model.store import Store
from monitor_gui.model.updates import LeasesHeard, LicencesHeard
from monitor_gui.qt import licences as licences_page
from monitor_gui.qt.licences import LicencesPage
from monitor_gui.qt.options import SHOWN
from tests.gui.conftest import Show
from tests.gui.test_window import confirm
from tests.unit.licences.builders import NOW_S, founded, product
from tests.unit.licences.option_samples import DAY_S, sampled
from tests.unit.monitor.documents import filled, lease, licence

SAMPLED = {option.name: sampled(option) for option in OPTIONS}


def a_store(*items: ProductItem) -> Store:
    """A store that heard of these licences."""
    store = filled()
    document = licences(founded(*items).state, Seen((), {}))
    store.apply(LicencesHeard(100.0, document))
    return store


@pytest.fixture
def page(show: Show) -> LicencesPage:
    """The page with a licence for each option, and under code 1 one that uses none."""
    items = [product(quantity=1, product_code=1)]
    for number, option in enumerate(OPTIONS, 2):
        items.append(sampled(option, product_code=number, tmr_id=number))
    shown = show(a_store(*items), page="licences")
    found = shown.window.stack.currentWidget()
    assert isinstance(found, LicencesPage)
    return found


def test_each_option_changes_what_its_licence_shows(page: LicencesPage) -> None:
    panel = page.licences
    every = [panel.model.row(number) for number in range(panel.model.rowCount())]
    rows = {row.licence.product_code: row for row in every}
    columns = [one for one in panel._columns if one.name not in ("code", "tmr-id", "usable")]

    def said(code: int) -> list[str]:
        return [column.text(rows[code]) for column in columns]

    assert len(rows) == len(OPTIONS) + 1
    for number, option in enumerate(OPTIONS, 2):
        assert said(number) != said(1), option.name


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name.en)
def test_every_kind_of_value_can_be_written(option: Option) -> None:
    assert set(SHOWN) == set(Kind)
    assert option.shown(SAMPLED[option.name], SHOWN)


def test_an_end_is_judged_by_the_ledgers_time(show: Show) -> None:
    """The computer on the desk may be years off."""
    desk = founded(product(expires_at_s=NOW_S + 3 * DAY_S))
    store = filled()
    for days, said in ((0, "in 3 d 0 h"), (4, "expired")):
        desk.state.log_time_ms = (NOW_S + days * DAY_S) * 1000
        document = licences(desk.state, Seen((), {}))
        store.apply(LicencesHeard(100.0 + days, document))
        page = show(store, page="licences").window.stack.currentWidget()
        assert isinstance(page, LicencesPage)
        columns = {column.name: column for column in page.licences._columns}
        assert columns["expires"].text(page.licences.model.row(0)) == said


def test_ten_thousand_licences_are_judged_twice_a_look(
    show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for the bell, and once for all that show the verdict."""
    one = licence(10)
    many = tuple(replace(one, product_code=n, tmr_id=n) for n in range(1, 10_001))
    shown = show(filled(licences=many), page="licences")
    page = shown.window.stack.currentWidget()
    assert isinstance(page, LicencesPage)
    qtbot.waitUntil(lambda: page.licences.model.rowCount() == len(many), timeout=30_000)
    judged: list[int] = []

    def counted(facts: Facts) -> Verdict:
        judged.append(len(facts.licences.licences if facts.licences is not None else ()))
        return judge(facts)

    monkeypatch.setattr(alerts, "judge", counted)
    shown.at(101.2)
    assert judged == [len(many)] * 2


def test_modes_stations_and_lingering_seats_are_shown(show: Show) -> None:
    some = replace(licence(10, in_use=1, quantity=4), lingering=2, units_left=7, units_reserved=5)
    store = filled(licences=(some,))
    shared = replace(lease(), mode="station-share", station="01234567")
    shared = replace(shared, units_taken=6, units_reserved=5)
    store.apply(LeasesHeard(100.0, LeasesDocument(leases=(shared,))))
    shown = show(store, page="licences")
    page = shown.window.stack.currentWidget()
    assert isinstance(page, LicencesPage)
    row = page.licences.model.row(0)
    seats = next(one for one in page.licences._columns if one.name == "seats-used")
    assert seats.tip is not None
    assert (seats.text(row), seats.tip(row)) == (
        "1 (+2) / 4",
        "Given back, and kept for their users for a while: 2",
    )
    assert row.free == 1
    units = next(one for one in page.licences._columns if one.name == "units-left")
    assert units.tip is not None
    said = "Reserved, and given back if they are not used: 5"
    assert (units.text(row), units.tip(row)) == ("7 (+5)", said)
    held = page.leases.model.row(0)
    texts = {one.name: one.text(held) for one in page.leases._columns}
    assert (texts["mode"], texts["station"]) == ("station share", "01234567")
    assert texts["units"] == "6 (5)"


def test_what_is_borrowed_is_shown_until_when_and_by_whom(show: Show) -> None:
    out = replace(lease(1), borrowed_until_ms=(NOW_S + DAY_S) * 1000, heartbeat_age_s=None)
    lost = replace(out, lease_id="lost", generation=2, lost_at_ms=NOW_S * 1000)
    store = filled()
    store.apply(LeasesHeard(100.0, LeasesDocument(leases=(out, lost, lease(3)))))
    page = show(store, page="licences").window.stack.currentWidget()
    assert isinstance(page, LicencesPage)
    columns = {one.name: one for one in page.leases._columns}
    model = page.leases.model
    rows = sorted((model.row(n) for n in range(model.rowCount())), key=lambda row: row.key)
    heard = columns["last-heartbeat"]
    assert heard.tip is not None and heard.tone is not None
    by_id = {row.lease.lease_id: row for row in rows}
    one, gone = by_id[out.lease_id], by_id["lost"]
    assert heard.text(one).startswith("borrowed until 20")
    assert columns["user"].text(one) == out.holder.user
    assert (heard.tone(one), heard.tone(gone)) == ("", "degraded")
    assert "written off as lost at" in heard.tip(gone)
    assert heard.tip(by_id[lease(3).lease_id]) == ""


def test_what_is_borrowed_is_written_off_and_not_released(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = replace(lease(1), borrowed_until_ms=(NOW_S + DAY_S) * 1000, heartbeat_age_s=None)
    store = filled()
    store.apply(LeasesHeard(100.0, LeasesDocument(leases=(out,))))
    shown = show(store, page="licences")
    said = confirm(monkeypatch, licences_page, "left in a train")
    page = shown.window.stack.currentWidget()
    assert isinstance(page, LicencesPage)
    page.leases.view.selectRow(0)
    assert (page.release.isEnabled(), page.release.text()) == (True, "Write off…")
    page.release.click()
    assert shown.desk.asked == [("write-off", out.client, out.lease_id, "left in a train")]
    assert "free before the loan ends" in said[1]
    lost = replace(out, lost_at_ms=NOW_S * 1000)
    store.apply(LeasesHeard(101.0, LeasesDocument(leases=(lost,))))
    shown.window.refresh()
    page.leases.view.selectRow(0)
    assert not page.release.isEnabled()
    assert "already" in page.release.toolTip()


def test_seats_and_roles_of_leases_are_shown(show: Show) -> None:
    lines = (LeaseLine(product_code=10, tmr_id=1), LeaseLine(product_code=11, tmr_id=2, seats=2))
    several = replace(lease(2), seats=3, role="emergency", lines=lines)
    gone = replace(lease(3), role="")
    store = filled()
    store.apply(LeasesHeard(100.0, LeasesDocument(leases=(lease(1), several, gone))))
    page = show(store, page="licences").window.stack.currentWidget()
    assert isinstance(page, LicencesPage)
    columns = {one.name: one for one in page.leases._columns}
    model = page.leases.model
    rows = sorted((model.row(n) for n in range(model.rowCount())), key=lambda row: row.key)
    said = [tuple(columns[name].text(row) for name in ("seats", "role")) for row in rows]
    assert said == [("1", "main"), ("3", "emergency"), ("1", "–")]
    tip, tone = columns["seats"].tip, columns["role"].tone
    assert tip is not None and tone is not None
    assert [tip(row) for row in rows] == ["", "10#1: 1, 11#2: 2", ""]
    assert [tone(row) for row in rows] == ["", "degraded", ""]
