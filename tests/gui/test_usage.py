"""The usage page: a plot of all or one licence, denials in words, who holds longest."""

from __future__ import annotations

from monitor_gui.model.updates import Happened
from monitor_gui.qt.usage import UsagePage
from tests.gui.conftest import Show
from tests.gui.test_window import page
from tests.unit.monitor.documents import filled, licence
from tests.unit.monitor.test_activity import event


def test_seats_denials_and_the_longest_leases_are_told(show: Show) -> None:
    rows = (licence(10, in_use=2), licence(20, in_use=1, text="Renderer"))
    shown = show(filled(licences=rows, leases=4))
    denied = event("check-out", outcome="no-seat-free", firm_code=100, product_code=20)
    shown.window.take([Happened(100.1, (denied, denied))])
    found = page(shown, "usage")
    assert isinstance(found, UsagePage)
    assert found.title.text() == "Seats in use of all licences"
    assert list(found.curve.getData()[1]) == [3, 3]
    assert found.denials.csv().splitlines()[1] == "Renderer,no seat free,2"
    assert len(found.longest.csv().splitlines()) == 5
    found.licences.seek("Renderer")
    assert found.title.text() == "Seats in use of Renderer"
    assert list(found.curve.getData()[1]) == [1, 1]
