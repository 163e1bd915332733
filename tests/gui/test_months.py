"""The page of usage over months: a picture, the same numbers as a table, earlier and later."""

from __future__ import annotations

from monitor_gui.model.queries import Answered, UsageQuery
from monitor_gui.qt.months import MonthsPage
from tests.gui.conftest import Show
from tests.gui.stores import months
from tests.gui.test_window import page
from tests.unit.monitor.documents import filled, licence


def test_picture_and_table_have_the_same_numbers(show: Show) -> None:
    licences = (licence(10, quantity=10), licence(50, text="Mesher"))
    shown = show(filled(licences=licences))
    found = page(shown, "months")
    assert isinstance(found, MonthsPage)
    assert shown.desk.queries == [UsageQuery("month")]
    assert found.note.text() == "The usage record is being read…"
    shown.window.take([Answered(UsageQuery("month"), 100.2, 0.5, months())])
    newest, *_, before = found.table.csv().splitlines()[1:]
    assert newest == "2027-01,5,2.50,1550,0,5,7 min 55 s,0,–"
    assert before == "2026-02,–,–,–,–,–,–,–,–", "the record begins later"
    assert "Entries that no upstream has: 12." in found.note.text()
    heights = found.plot.peaks.opts["height"], found.plot.denials.opts["height"]
    assert [max(of) for of in heights] == [9, 9]
    assert found.plot.bound.value() == 13, "all seats of both"
    found.seek("Mesher")
    assert found.title.text() == "Mesher, 2026-02 to 2027-01"
    assert max(found.plot.peaks.opts["height"]) == 4
    found.table.seek("2026-08")
    assert found.plot.chosen[0].isVisible() and found.plot.chosen[0].value() == 6
    assert "highest peak is 4, in 2026-10" in found.plot.accessibleDescription()


def test_another_stretch_is_another_question(show: Show) -> None:
    shown = show(filled())
    found = page(shown, "months")
    assert isinstance(found, MonthsPage)
    shown.window.take([Answered(UsageQuery("month"), 100.2, 0.5, months())])
    assert not found.later.isEnabled()
    found.earlier.click()
    assert shown.desk.queries[-1] == UsageQuery("month", 1)
    assert found.table.model.total == 0, "the other stretch is not shown under this name"
    found.period.setCurrentIndex(2)
    assert shown.desk.queries[-1] == UsageQuery("hour", 0)
    shown.window.take([Answered(UsageQuery("hour"), 100.2, 0.5, None, "forbidden")])
    assert found.note.text() == "The usage is not known: not permitted."
