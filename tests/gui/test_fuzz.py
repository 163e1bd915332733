"""A window before servers that lie: whatever they send, it goes on, and every page can be seen."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from monitor_gui.model.store import Store
from monitor_gui.model.updates import StatusHeard, Update
from monitor_gui.qt.pages import PAGES, PageSpec
from tests.gui.conftest import Show
from tests.unit.monitor.documents import ENDPOINTS, filled, status
from tests.unit.monitor.wild import updates


def test_no_document_stops_the_window(show: Show) -> None:
    """What goes wrong inside Qt's calls is an error of the test, too (pytest-qt sees to it)."""
    shown = show(filled())

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(told=updates(), pages=st.lists(st.sampled_from(PAGES), min_size=3, max_size=3))
    def try_it(told: list[Update], pages: list[PageSpec]) -> None:
        fresh = filled()
        for name in Store.__slots__:
            setattr(shown.context.store, name, getattr(fresh, name))
        shown.window.take(list(told))
        for spec in pages:
            shown.window.show_page(spec.name)
            shown.window.grab()
        assert shown.window.banner.headline.text(), "there is always a verdict"

    try_it()


def test_what_a_server_says_is_shown_as_it_is(show: Show) -> None:
    """Names are no markup: a server must not draw pictures, links or bold letters here."""
    document = status("<b>tmr1</b>", "<b>tmr1</b>", lost=("up2",))
    store = filled()
    store.apply(StatusHeard(ENDPOINTS[0], 100.1, document))
    shown = show(store)
    for spec in PAGES:
        shown.window.show_page(spec.name)
        for label in shown.window.findChildren(QLabel):
            if "<b>tmr1" in label.text():
                assert label.textFormat() == Qt.TextFormat.PlainText, label.text()
