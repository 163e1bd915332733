"""The model of every table: always what a dumb sort and filter give, and never long at it."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from monitor_gui.model.store import Store
from monitor_gui.qt import slices
from monitor_gui.qt.context import Context
from monitor_gui.qt.rows import AT_ONCE, Column, RowsModel
from monitor_gui.qt.slices import Slices
from monitor_gui.qt.tables import TablePanel
from tests.gui.conftest import FakeDesk

LONG = AT_ONCE * 3


class Row(NamedTuple):
    """A row with a name and a number, which may be of any kind."""

    name: str
    number: object


COLUMNS = (
    Column("name", "name", lambda row: row.name),
    Column("number", "number", lambda row: f"n{row.number}", lambda row: row.number),
)


def a_model() -> RowsModel:
    """A model of such rows."""
    return RowsModel(COLUMNS, lambda row: row.name, Context(Store(), FakeDesk()))


def texts(model: RowsModel) -> list[str]:
    """The first column, as Qt asks for it."""
    return [model.index(n, 0).data() for n in range(model.rowCount())]


def expected(rows: Sequence[Row], words: str, column: int, reverse: bool) -> list[str]:
    """The dumb way."""
    kept = [r for r in rows if all(w in f"{r.name} n{r.number}" for w in words.split())]
    key: list[Callable[[Row], object]] = [lambda r: r.name, lambda r: r.number]
    order = sorted(enumerate(kept), key=lambda x: (key[column](x[1]), x[0]), reverse=reverse)
    return [row.name for _, row in order]


names = st.lists(st.sampled_from("abcdefghij"), unique=True, max_size=10)
contents = names.flatmap(
    lambda found: st.lists(st.integers(0, 3), min_size=len(found), max_size=len(found)).map(
        lambda numbers: [Row(n, x) for n, x in zip(found, numbers, strict=True)]
    )
)
acts = st.lists(
    st.one_of(
        contents,
        st.tuples(st.integers(0, 1), st.booleans()),
        st.sampled_from(["", "a", "n1", "b n"]),
    ),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=acts)
def test_any_history_gives_what_a_dumb_sort_gives(qtbot: QtBot, steps: list[object]) -> None:
    model = a_model()
    # Qt's own judge of models: it fails the process's log for a signal out of place.
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning, model)
    rows: list[Row] = []
    words, column, reverse = "", 0, False
    for step in steps:
        if isinstance(step, str):
            words = step
            model.set_words(step)
        elif isinstance(step, tuple) and not isinstance(step, Row):
            column, reverse = step
            order = Qt.SortOrder.DescendingOrder if reverse else Qt.SortOrder.AscendingOrder
            model.sort(column, order)
        else:
            assert isinstance(step, list)
            rows = step
            model.set_rows(rows)
        assert texts(model) == expected(rows, words, column, reverse)
        assert [model.find(name) for name in texts(model)] == list(range(model.rowCount()))


def test_a_long_table_is_worked_out_in_slices_and_is_right(qtbot: QtBot) -> None:
    model = a_model()
    rows = [Row(f"{n * 7919 % LONG:05}", n % 10) for n in range(LONG)]
    model.set_rows(rows)
    qtbot.waitUntil(lambda: not model.busy, timeout=60_000)
    assert texts(model) == sorted(row.name for row in rows)
    model.sort(1, Qt.SortOrder.DescendingOrder)
    qtbot.waitUntil(lambda: not model.busy, timeout=60_000)
    assert texts(model) == expected(rows, "", 1, True)
    model.set_words("n3")
    qtbot.waitUntil(lambda: not model.busy, timeout=60_000)
    assert model.rowCount() == LONG // 10
    assert model.total == LONG


def test_newer_rows_wait_for_begun_work_and_are_shown_after_it(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is quicker than the table must not keep it empty."""
    model = a_model()
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    model.set_rows([Row(f"old{n:05}", n) for n in range(LONG)])
    model.set_rows([Row(f"new{n:05}", n) for n in range(LONG)])
    seen: list[str] = []
    model.modelReset.connect(lambda: seen.append(texts(model)[0]))
    monkeypatch.setattr(slices, "SLICE_S", 60.0)
    qtbot.waitUntil(lambda: not model.busy, timeout=60_000)
    assert seen == ["old00000", "new00000"]


@pytest.mark.parametrize("count", [4, LONG])
def test_values_of_unlike_kinds_are_ordered_as_text(qtbot: QtBot, count: int) -> None:
    model = a_model()
    model.set_rows([Row(f"{n}", (n, "x", None)[n % 3]) for n in range(count)])
    model.sort(1)
    qtbot.waitUntil(lambda: not model.busy, timeout=60_000)
    numbers = [str(model.row(n).number) for n in range(count)]
    assert numbers == sorted(numbers)


def test_rows_with_one_key_are_all_shown(qtbot: QtBot) -> None:
    """A server may list a lease twice."""
    model = a_model()
    model.set_rows([Row("a", 1), Row("a", 2), Row("b", 3)])
    assert texts(model) == ["a", "a", "b"]


def test_selection_and_place_survive_a_long_table_that_changes(qtbot: QtBot) -> None:
    panel = TablePanel("t", COLUMNS, lambda row: row.name, Context(Store(), FakeDesk()), "nothing")
    qtbot.addWidget(panel)
    panel.resize(600, 400)
    panel.show()
    rows = [Row(f"{n:05}", n) for n in range(LONG)]
    panel.set_rows(rows)
    qtbot.waitUntil(lambda: not panel.model.busy, timeout=60_000)
    panel.view.selectRow(1_000)
    panel.view.scrollTo(panel.model.index(1_000, 0))
    chosen, place = panel.current(), panel.view.verticalScrollBar().value()
    assert place > 0
    panel.set_rows([row for row in rows if row.number != 2_000])
    qtbot.waitUntil(lambda: panel.model.rowCount() == LONG - 1, timeout=60_000)
    assert (panel.current(), panel.view.verticalScrollBar().value()) == (chosen, place)
    panel.set_rows(rows[2_000:])
    qtbot.waitUntil(lambda: panel.model.rowCount() == LONG - 2_000, timeout=60_000)
    assert panel.current() is None, "what is gone is not selected"


def test_a_long_table_is_exported_whole(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = FakeDesk()
    panel = TablePanel("t", COLUMNS, lambda row: row.name, Context(Store(), desk), "nothing")
    qtbot.addWidget(panel)
    panel.set_rows([Row(f"{n:05}", n) for n in range(LONG)])
    qtbot.waitUntil(lambda: not panel.model.busy, timeout=60_000)
    chosen = lambda *_: ("/x.csv", "")  # noqa: E731
    monkeypatch.setattr("monitor_gui.qt.tables.QFileDialog.getSaveFileName", chosen)
    panel.export.click()
    qtbot.waitUntil(lambda: bool(desk.asked), timeout=60_000)
    (_, path, text) = desk.asked[0]
    assert path == "/x.csv"
    assert isinstance(text, str)
    lines = io.StringIO(text).read().splitlines()
    assert (len(lines), lines[0], lines[-1]) == (LONG + 1, "name,number", "02999,n2999")


def test_work_goes_on_a_slice_at_a_time_and_can_be_stopped(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    parent = QObject()
    runner, done = Slices(parent), []

    def work():
        for number in range(5):
            done.append(number)
            yield

    runner.start(work())
    assert done == [], "a slice without time does nothing"
    monkeypatch.setattr(slices, "SLICE_S", 60.0)
    qtbot.waitUntil(lambda: not runner.busy, timeout=60_000)
    assert done == [0, 1, 2, 3, 4]
    runner.start(work())
    runner.stop()
    assert not runner.busy
