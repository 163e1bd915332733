"""Columns: what comes later is read whole, in any language and font; what was dragged stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from appliance.codec.api import HolderDocument, LeasesDocument, LicencesDocument
from monitor_gui.model.store import Store
from monitor_gui.model.updates import LeasesHeard, LicencesHeard
from monitor_gui.qt.columns import DRAGGED_MAX, Look, Wish, divided
from monitor_gui.qt.context import Context
from monitor_gui.qt.language import install
from monitor_gui.qt.licences import LicencesPage
from monitor_gui.qt.rows import Column
from monitor_gui.qt.tables import TablePanel
from monitor_gui.qt.window import Window
from tests.gui.conftest import FakeDesk, Show, Shown
from tests.gui.gallery import settled
from tests.gui.stores import degraded
from tests.unit.monitor.documents import filled, lease, licence

TITLES = {"a": "First", "b": "Second", "c": "A third one"}


@pytest.fixture
def german() -> Iterator[None]:
    """Whatever language a test installs, the next one speaks English."""
    yield
    install("en")


def licences(shown: Shown) -> LicencesPage:
    """The page, seen."""
    shown.window.show_page("licences")
    found = shown.window.stack.currentWidget()
    assert isinstance(found, LicencesPage)
    return found


def a_panel(qtbot: QtBot, rows: list[tuple[str, str, str]], width: int = 500) -> TablePanel:
    """A table of three columns of text: the second stretches, the third may step aside."""
    columns = [
        Column("a", TITLES["a"], lambda row: row[0]),
        Column("b", TITLES["b"], lambda row: row[1], stretch=True),
        Column("c", TITLES["c"], lambda row: row[2], rank=1),
    ]
    panel = TablePanel("t", columns, lambda row: row[0], Context(Store(), FakeDesk()), "nothing")
    qtbot.addWidget(panel)
    panel.resize(width, 400)
    panel.set_rows(rows)
    panel.show()
    return panel


def width(panel: TablePanel, number: int) -> int:
    """A column's width, 0 if it is hidden."""
    return panel.view.horizontalHeader().sectionSize(number)


# --- what comes later ---


def test_words_that_come_later_are_read_whole(show: Show) -> None:
    shown = show(filled(licences=(licence(10, text="A"),), leases=1), page="licences")
    assert settled(shown.window) == []
    worse = tuple(
        licence(10 * n, states, in_use=1, text="A product of 24 letters."[: 8 * n])
        for n, states in enumerate(
            (("ok", "differs", "ok"), ("ok", "ok", "locked"), ("unreachable", "ok", "ok")), 1
        )
    )
    holder = HolderDocument(user="maximiliane.oberhuber", host="workstation-9", application="cad")
    later = LeasesDocument(leases=(replace(lease(2), holder=holder, client="cert:some-desk"),))
    products = LicencesDocument(virtual_serial="131-9", licences=worse)
    shown.window.take([LicencesHeard(100.1, products)])
    shown.window.take([LeasesHeard(100.1, later)])
    assert settled(shown.window) == []


def test_a_wide_row_far_below_is_read_whole_when_it_is_seen(qtbot: QtBot) -> None:
    rows = [(f"{n:03}", "x", "y") for n in range(300)]
    rows[290] = ("290 is a longer name", "x", "y")
    panel = a_panel(qtbot, rows)
    before = width(panel, 0)
    panel.view.scrollToBottom()
    qtbot.waitUntil(lambda: width(panel, 0) > before, timeout=20_000)
    assert settled(panel) == []
    panel.view.scrollToTop()
    assert width(panel, 0) > before, "columns do not move to and fro"


def test_what_comes_after_nothing_is_measured_anew(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, [("a name of twenty chars", "x", "y")])
    before = width(panel, 0)
    panel.set_rows([])
    panel.set_rows([("short", "x", "y")])
    assert width(panel, 0) < before


def test_a_larger_font_gets_more_room(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, [("2026-11-22 03:04:05", "x", "y")])
    assert settled(panel) == []
    before = width(panel, 0)
    font = panel.view.font()
    font.setPointSizeF(font.pointSizeF() * 1.3)
    panel.view.setFont(font)
    qtbot.waitUntil(lambda: width(panel, 0) > before)
    assert settled(panel) == []


# --- room ---

wishes = st.builds(
    lambda title, more, most, rank, stretch, fixed, pinned: Wish(
        title, title + more, title + more + most, rank, stretch, fixed and title + fixed, pinned
    ),
    *(st.integers(20, 90), st.integers(0, 90), st.integers(0, 200), st.integers(0, 4)),
    *(st.booleans(), st.just(0), st.booleans()),
)


@given(st.integers(0, 1_500), st.lists(st.one_of(st.none(), wishes), min_size=1, max_size=9))
def test_room_is_divided_so_that_titles_are_whole_and_nothing_is_pushed(
    room: int, asked: list[Wish | None]
) -> None:
    widths = divided(room, asked)
    there = [(w, wish) for w, wish in zip(widths, asked, strict=True) if wish is not None]
    for found, wish in there:
        assert found == 0 or found >= wish.title
        assert found or (wish.rank and not wish.pinned), "only what has a rank steps aside"
    assert [w for w, wish in zip(widths, asked, strict=True) if wish is None and w] == []
    seen = [(w, wish) for w, wish in there if w]
    assert bool(seen) == bool(there)
    left = {wish.rank for w, wish in there if not w}
    kept = {wish.rank for w, wish in seen if not wish.pinned}
    assert not left or not kept or max(kept) <= min(left), "what matters less goes first"
    if sum(widths) > room:
        assert len(seen) == 1 or all(wish.pinned or not wish.rank for _, wish in seen)
        stretching = [(w, wish) for w, wish in seen if wish.stretch]
        assert not stretching or stretching[0][0] == stretching[0][1].title
    elif any(wish.stretch for _, wish in seen):
        assert sum(widths) == room, "no room is left over"


def test_what_matters_least_steps_aside_and_can_be_had(qtbot: QtBot) -> None:
    rows = [("a" * 20, "b" * 20, "c" * 20)]
    panel = a_panel(qtbot, rows, 900)
    assert width(panel, 2) and not panel.more.isVisible()
    panel.resize(420, 400)
    qtbot.waitUntil(lambda: not width(panel, 2), timeout=20_000)
    assert (panel.more.text(), panel.more.toolTip()) == ("+1", "A third one")
    assert settled(panel) == []
    (action,) = [a for a in panel.columns.menu().actions() if a.text() == TITLES["c"]]
    assert not action.isChecked()
    action.trigger()
    assert width(panel, 2) and not panel.more.isVisible(), "a person's wish comes first"
    panel.resize(900, 400)
    panel.resize(420, 400)
    assert width(panel, 2)


# --- what a person has dragged ---


def test_what_was_dragged_stays_and_a_double_click_lets_it_go(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, [("x", "y", "z")])
    header = panel.view.horizontalHeader()
    by_itself = width(panel, 0)
    header.resizeSection(0, 150)
    panel.set_rows([("a name of twenty chars", "y" * 60, "z")])
    panel.resize(700, 400)
    assert width(panel, 0) == 150
    header.sectionHandleDoubleClicked.emit(0)
    assert by_itself < width(panel, 0) != 150
    assert settled(panel) == []


def test_a_title_is_never_cut_not_even_by_hand(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, [("x", "y", "z")])
    panel.view.horizontalHeader().resizeSection(2, 25)
    panel.view.horizontalHeader().resizeSection(0, 25)
    assert settled(panel) == []
    panel.view.horizontalHeader().resizeSection(0, 9 * DRAGGED_MAX)
    assert width(panel, 0) == DRAGGED_MAX


def opened_again(shown: Shown, language: str) -> Window:
    """The same settings, another start, in that language."""
    shown.window.close()
    install(language)
    window = Window(shown.context, shown.window._settings)
    window.timer.stop()
    window.resize(1280, 820)
    window.show_page("licences")
    window.show()
    window.refresh()
    return window


def head(window: QWidget) -> int:
    """The width of the first column of the leases."""
    page = window.findChild(LicencesPage)
    assert page is not None
    return page.leases.view.horizontalHeader().sectionSize(0)


@pytest.mark.usefixtures("german")
def test_widths_of_another_language_are_not_taken_over(show: Show) -> None:
    shown = show(degraded(), page="licences")
    assert settled(shown.window) == []
    header = licences(shown).leases.view.horizontalHeader()
    by_itself = header.sectionSize(0)
    header.resizeSection(0, 222)
    header.moveSection(1, 0)
    for language, wanted in (("de", False), ("en", True), ("de", False)):
        window = opened_again(shown, language)
        shown.window = window
        assert settled(window) == []
        assert (head(window) == 222) == wanted
        assert head(window) >= min(by_itself, 222)
        found = window.findChild(LicencesPage)
        assert found is not None
        assert found.leases.view.horizontalHeader().visualIndex(1) == 0, "an order has no language"
    shown.window.close()


def test_a_column_is_remembered_by_its_name(qtbot: QtBot) -> None:
    panel = a_panel(qtbot, [("x", "y", "z")])
    columns = panel.columns
    before = [width(panel, number) for number in range(3)]
    columns.put_back(
        Look(order=("gone", "b", "b", "a"), hidden=("gone",), pinned=("?",), sort="gone"),
        {"gone": 300, "a": -5, "c": 10**12},
    )
    header = panel.view.horizontalHeader()
    assert [header.visualIndex(number) for number in range(3)] == [1, 0, 2]
    assert (width(panel, 0), width(panel, 2)) == (before[0], DRAGGED_MAX)
    assert columns.widths() == {"c": DRAGGED_MAX}
    columns.put_back(Look(hidden=("a", "b", "c")), {})
    assert header.hiddenSectionCount() == 0, "a table without columns shows nothing"
    assert [width(panel, number) for number in range(3)] == before


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"order":[1]}', '{"order":["' + "x" * 20_000 + '"]}', "[" * 9_000]
)
def test_what_cannot_be_understood_is_as_if_nothing_was_remembered(show: Show, text: str) -> None:
    shown = show(filled(leases=3), page="licences")
    settings: QSettings = shown.window._settings
    shown.window.close()
    for key in settings.allKeys():
        if key.startswith("layout/"):
            settings.setValue(key, text)
    window = opened_again(shown, "en")
    assert settled(window) == []
    window.close()


def test_old_widths_are_swept_out(show: Show) -> None:
    """They stood under one key for all languages, and were measured on the first words ever."""
    shown = show(filled(leases=3), page="licences")
    settings: QSettings = shown.window._settings
    header = licences(shown).leases.view.horizontalHeader()
    settings.setValue("layout/licences/table1", header.saveState())
    shown.window.close()
    assert [key for key in settings.allKeys() if key.endswith(("/table0", "/table1"))] == []
    assert [key for key in settings.allKeys() if key.startswith("layout/licences/table1-")]


def test_a_mark_for_sorting_is_remembered(show: Show) -> None:
    shown = show(filled(leases=9), page="licences")
    licences(shown).leases.view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    window = opened_again(shown, "en")
    found = window.findChild(LicencesPage)
    assert found is not None
    assert found.leases.model.index(0, 1).data() == "ws-9"
    window.close()
    QApplication.processEvents()


def test_every_column_has_a_name_of_its_own(show: Show) -> None:
    shown = show()
    for number in range(10):
        page = shown.window.page(number)
        for panel in page.findChildren(TablePanel):
            names = [column.name for column in panel._columns]
            assert len(names) == len(set(names)), panel.title
