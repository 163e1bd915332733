"""Alerts in the window: seen on every page, acknowledged, snoozed, followed to their cause."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from monitor_gui.feed.history import History
from monitor_gui.model.alerts import Alert
from monitor_gui.model.hosts import host_rows
from monitor_gui.model.remembered import Remembered
from monitor_gui.model.updates import Opened
from monitor_gui.model.verdict import Level
from monitor_gui.qt.alerts import AlertsPage
from monitor_gui.qt.hosts import HostsPage, _synchronised_tone
from monitor_gui.qt.tray import Tray
from tests.gui.conftest import Show, Shown
from tests.gui.test_window import page
from tests.unit.monitor.documents import ENDPOINTS, filled, with_report_in
from tests.unit.monitor.test_alerts import alert


def troubled(show: Show) -> Shown:
    """A window a few seconds after a clock was let go and a container was locked."""
    store = with_report_in(
        filled(), up1={"clock_synchronised": False}, up2={"locked": "reported lost"}
    )
    shown = show(store, page="alerts")
    for second in range(1, 5):
        shown.at(100.0 + second / 2)
    for endpoint in store.endpoints.values():
        endpoint.heard_at_s = 103.0
    shown.at(103.5)
    return shown


def alerts_page(shown: Shown) -> AlertsPage:
    """The page, seen."""
    found = page(shown, "alerts")
    assert isinstance(found, AlertsPage)
    return found


def state(found: AlertsPage, number: int) -> str:
    """An alert's state."""
    return str(found.open.model.index(number, 2).data())


def test_alerts_are_counted_beside_their_page_and_lead_to_the_cause(show: Show) -> None:
    shown = troubled(show)
    found = alerts_page(shown)
    assert shown.window.list.item(1).text() == "Alerts (2)"
    assert found.open.model.rowCount() == 2
    assert found.open.model.index(0, 1).data() == "The container of up2 is blocked: reported lost"
    found.open.view.selectRow(1)
    found.cause.click()
    hosts = shown.window.stack.currentWidget()
    assert isinstance(hosts, HostsPage)
    row = hosts.table.current()
    assert row is not None and row.name == "up1"


def test_keys_acknowledge_snooze_and_reopen(show: Show, qtbot: QtBot) -> None:
    shown = troubled(show)
    found = alerts_page(shown)
    shown.window.activateWindow()
    found.open.view.setFocus()
    qtbot.waitUntil(found.open.view.hasFocus, timeout=20_000)
    found.open.view.selectRow(0)
    qtbot.keyClick(found.open.view, Qt.Key.Key_A)
    assert state(found, 0) == "acknowledged"
    assert shown.window.list.item(1).text() == "Alerts (1)"
    (system, kept) = shown.desk.remembered[-1]
    assert system == "plant"
    assert {one.key: one.acknowledged for one in kept} == {
        "container-locked/up2": True,
        "clock-unsynchronised": False,
    }
    qtbot.keyClick(found.open.view, Qt.Key.Key_R)
    assert state(found, 0) == "new"
    found._snoozes.actions()[0].trigger()
    assert state(found, 0).startswith("snoozed")
    shown.window.acknowledge_all()
    assert shown.window.list.item(1).text() == "Alerts"
    assert [state(found, n).split(",")[0] for n in range(2)] == ["snoozed", "acknowledged"]


def test_what_was_acknowledged_before_is_so_after_a_restart(show: Show) -> None:
    store = filled()
    kept = (Remembered(key="clock-unsynchronised", since_unix_s=5.0, acknowledged=True, level=1),)
    store.apply(Opened("again", ENDPOINTS, "olga", "operate", "directly", alerts=kept))
    for heard in filled().endpoints.values():
        store.endpoints[heard.address] = heard
    with_report_in(store, up1={"clock_synchronised": False})
    shown = show(store, page="alerts")
    shown.at(100.9)
    assert state(alerts_page(shown), 0) == "acknowledged"
    assert shown.window.list.item(1).text() == "Alerts"


def test_an_alert_that_is_over_moves_below(show: Show) -> None:
    shown = troubled(show)
    with_report_in(shown.context.store)
    for second in range(104, 140):
        for endpoint in shown.context.store.endpoints.values():
            endpoint.heard_at_s = float(second)
        shown.at(float(second))
    found = alerts_page(shown)
    assert found.open.model.rowCount() == 0
    assert found.ended.model.rowCount() == 2
    assert found.open.nothing.isVisible()


@pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)  # the offscreen platform's
@pytest.mark.parametrize("count", [1, 3])
def test_a_new_alert_is_shown_outside_the_window(
    show: Show, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    shown = show()
    told: list[tuple[object, ...]] = []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _, *said: told.append(said))
    tray = Tray(shown.window, [("Show", lambda: told.append(("shown",)))])
    assert tray.icon is not None
    tray.show_state(shown.context.verdict(), count)
    assert f"Alerts: {count}" in tray.icon.toolTip()
    alerts: list[Alert] = [alert("a", Level.DOWN), alert("b"), alert("c")][:count]
    tray.ring(alerts)
    title, body = told[0][:2]
    assert title == "It is filling"
    assert ("Further new alerts: 2" in str(body)) == (count == 3)
    tray.icon.messageClicked.emit()
    assert told[-1] == ("shown",)
    tray.icon.hide()


def test_without_a_tray_the_task_bar_asks_for_attention(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = show()
    asked: list[object] = []
    monkeypatch.setattr(QApplication, "alert", asked.append)
    monkeypatch.setattr(type(shown.window), "isActiveWindow", lambda self: False)
    assert shown.window.tray.icon is None, "the offscreen platform has none"
    shown.window.bell.rang.emit([alert()])
    assert asked == [shown.window]


def test_hosts_tell_of_their_health(show: Show) -> None:
    store = with_report_in(
        filled(lost=("up3",)), up1={"disk_free_bytes": 5 << 30, "clock_synchronised": False}
    )
    shown = show(store, page="hosts")
    found = page(shown, "hosts")
    assert isinstance(found, HostsPage)
    lines = found.table.csv().splitlines()
    assert len(lines) == 6
    (line,) = [line for line in lines if line.startswith("up1")]
    for word in ("upstream", "0.1.0", "1 d 0 h", "5.0 GiB (8 %)", "in 300 d", "not synchronised"):
        assert word in line
    assert "ℹ not synchronised" in line and "▲" not in line, "a notice, as everywhere else"
    best = store.best(100.2)
    assert best is not None and best.document is not None
    (row,) = [row for row in host_rows(best.document) if row.name == "up1"]
    assert _synchronised_tone(row) == "notice"


async def _round_trip(directory: Path, *kept: Remembered) -> tuple[Remembered, ...]:
    await History(directory).save_alerts("plant", kept)
    return await History(directory).load_alerts("plant")


def test_alerts_are_kept_on_disk_and_a_damaged_file_forgets_them(tmp_path: Path) -> None:
    import asyncio

    kept = Remembered(key="a", since_unix_s=1.5, acknowledged=True)
    assert asyncio.run(_round_trip(tmp_path, kept)) == (kept,)
    (path,) = tmp_path.glob("*.alerts.json")
    path.write_bytes(b'[{"key": 1}]')
    assert asyncio.run(History(tmp_path).load_alerts("plant")) == ()
    assert asyncio.run(History(tmp_path / "no").load_alerts("plant")) == ()
    path.unlink()
    path.parent.joinpath("x").write_text("")
    blocked = History(tmp_path / "x")
    asyncio.run(blocked.save_alerts("plant", (kept,)))
    assert "cannot be written" in blocked.trouble
