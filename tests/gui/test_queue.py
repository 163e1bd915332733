"""The queue page: asks while it is seen, shows places by product, ends one with a reason."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from monitor_gui.model.queries import Answered, QueueQuery
from monitor_gui.qt import queue as queue_page
from monitor_gui.qt.queue import QueuePage
from tests.gui.conftest import Show
from tests.gui.test_keys import active
from tests.gui.test_window import confirm, page
from tests.unit.monitor.documents import filled, licence, place, queue_of


def test_the_queue_is_asked_for_shown_by_product_and_a_place_is_ended(
    show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = show(filled(licences=(licence(10, in_use=3), licence(20, text="Renderer"))))
    assert shown.desk.queries == [], "not while it is not seen"
    found = page(shown, "queue")
    assert isinstance(found, QueuePage)
    assert shown.desk.queries == [QueueQuery()]
    assert found.note.text() == "The queue is not known yet."
    document = queue_of(place(1, 10, 30.0, 41.0), place(2, 10, 5.0), place(3, 20, 1.0))
    shown.window.take([Answered(QueueQuery(), 100.2, 0.01, document)])
    assert found.products.csv().splitlines()[1:] == [
        "Drafter,2,2,30 s,1,3 / 3",
        "Renderer,1,1,1 s,0,1 / 3",
    ]
    assert found.places.csv().splitlines()[1] == (
        "next,ben@ws-1,Drafter,30 s,held for 41 s,0,cert:ws-1,wait-1"
    )
    assert "at most so often: 3" in found.note.text()
    assert not found.end.isEnabled()
    found.products.seek("Renderer")
    assert [row.place.place for row in found.places.model.shown()] == [3]
    found.places.seek("ben@ws-3")
    confirm(monkeypatch, queue_page, "he went home")
    active(shown, qtbot)
    found.places.view.setFocus()
    qtbot.keyClick(found.places.view, Qt.Key.Key_Delete)
    assert shown.desk.asked[-1] == ("release", "cert:ws-3", "wait-3", 3, "he went home")
    shown.window.take([Answered(QueueQuery(), 100.2, 0.01, None, "quorum lost")])
    assert "quorum lost" in found.note.text()
    assert found.places.model.total == 1, "the last answer stays"
