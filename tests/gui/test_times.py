"""Clocks, and time servers and blocking: what they say, and certified time asked for."""

from __future__ import annotations

import pytest

from monitor_gui.qt import certify
from monitor_gui.qt.clocks import ClocksPage
from monitor_gui.qt.timeservers import TimeServersPage
from tests.gui.conftest import Show
from tests.gui.test_window import confirm, page
from tests.unit.monitor.documents import filled, opened, with_report_in


def test_three_times_with_their_ages_and_an_outvoted_clock_marked(show: Show) -> None:
    shown = show(with_report_in(filled(times_ms={"up3": 42_000})))
    found = page(shown, "clocks")
    assert isinstance(found, ClocksPage)
    lines = {line.split(",")[0]: line for line in found.table.csv().splitlines()}
    assert "2 h 0 min old" in lines["up1"]
    assert "40 s old" in lines["up1"]
    assert "outvoted" in lines["up3"]
    assert "+42.0 s" in lines["up3"]
    assert "the vote" in lines["(virtual)"]
    assert found.legend.getLabel(found.curves["up3"]).text == "up3, outvoted"


def test_certified_time_is_asked_for_one_or_all(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = show(with_report_in(filled()))
    said = confirm(monkeypatch, certify, "drifted")
    clocks = page(shown, "clocks")
    assert isinstance(clocks, ClocksPage)
    clocks.certify.click()
    clocks.table.view.selectRow(1)
    clocks.certify.click()
    servers = page(shown, "timeservers")
    assert isinstance(servers, TimeServersPage)
    servers.containers.view.selectRow(2)
    servers.certify.click()
    assert shown.desk.asked == [
        ("time", "", "drifted"),
        ("time", "130-2", "drifted"),
        ("time", "130-3", "drifted"),
    ]
    assert any("locks itself" in text for text in said)


def test_who_may_not_operate_is_told_why(show: Show) -> None:
    store = filled()
    store.opened = opened(role="view")
    shown = show(store)
    found = page(shown, "timeservers")
    assert isinstance(found, TimeServersPage)
    assert not found.certify.isEnabled()
    assert "operate is needed" in found.certify.toolTip()
    assert found.servers.nothing.isVisible()


def test_locked_containers_and_failing_servers_are_told(show: Show) -> None:
    store = with_report_in(
        filled(lost=("up3",)),
        up1={"locked": "reported lost"},
        up2={"server_states": ("good", "failed")},
    )
    shown = show(store)
    found = page(shown, "timeservers")
    assert isinstance(found, TimeServersPage)
    containers = found.containers.csv()
    assert "locked,reported lost" in containers
    assert "? unreachable" in containers
    servers = found.servers.csv()
    assert "▲ failed" in servers
    assert "no answer within 5 s" in servers
