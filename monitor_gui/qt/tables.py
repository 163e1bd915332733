"""Tables as every page has them: sorted, filtered, updated in place, exported as CSV.

Rows are immutable values with a `key`; selection and scroll position survive each poll.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from monitor_gui.qt.context import Context
from monitor_gui.qt.language import tr
from monitor_gui.qt.page import heading, quiet
from monitor_gui.qt.rows import Column, RowsModel
from monitor_gui.qt.slices import Slices

__all__ = ["Column", "TablePanel"]

COLUMN_MAX: Final = 320
MEASURED: Final = 50
"""So many rows tell how wide a column has to be; more would hold the window up."""
EXPORT_STEP: Final = 64
FILTER_LEAST: Final = 84
FILTER_MOST: Final = 260
PADDING: Final = 12
TITLE_EDGES: Final = 18
ROWS_LEAST: Final = 4
"""A table is at least so many lines high; where there is less room, its page is scrolled."""
SOUGHT_MAX: Final = 5_000


class _View(QTableView):
    """A table that tells when its viewport's size changed, be it by a scroll bar."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class TablePanel(QWidget):
    """A heading, a filter, an export and the table."""

    selected = Signal()

    def __init__(
        self,
        title: str,
        columns: Sequence[Column],
        key: Callable[[Any], Any],
        context: Context,
        empty: str,
        sort: tuple[int, bool] = (0, False),
    ) -> None:
        super().__init__()
        self._context = context
        self.title, self._columns = title, columns
        self._least: list[int] = []
        self.fitted = False
        self._held: tuple[Any, int] | None = None
        self.model = RowsModel(columns, key, context)
        # Else Python's collector would end it, with its timers, on whatever thread it runs.
        self.model.setParent(self)
        self.model.settled.connect(self._settled)
        self.model.modelAboutToBeReset.connect(self._hold)
        self._exporting = Slices(self)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(tr("Filter"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName(tr("Filter of the table {title}", title=title))
        self.filter.setMinimumWidth(FILTER_LEAST)
        self.filter.setMaximumWidth(FILTER_MOST)
        self.filter.textChanged.connect(self._filtered)
        self.count = quiet("")
        self.export = QPushButton(tr("Export CSV…"))
        self.export.clicked.connect(self.export_csv)
        self.buttons = QHBoxLayout()
        top = QHBoxLayout()
        for widget in (heading(title), self.count):
            top.addWidget(widget)
        top.addStretch(1)
        top.addLayout(self.buttons)
        top.addWidget(self.filter)
        top.addWidget(self.export)
        self.view = self._make_view(sort)
        self.model.modelReset.connect(self._put_back)
        self.nothing = quiet(empty)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.nothing)
        layout.addWidget(self.view, 1)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.filter.setFocus)

    def add_below(self, widget: QWidget) -> None:
        """Put something below the table that belongs to it."""
        self._layout.addWidget(widget)

    def _make_view(self, sort: tuple[int, bool]) -> QTableView:
        view = _View()
        view.resized.connect(self._stretch)
        view.setModel(self.model)
        view.setAccessibleName(self.title)
        view.setMinimumHeight(ROWS_LEAST * (view.fontMetrics().height() + 2 * PADDING))
        view.setSortingEnabled(True)
        order = Qt.SortOrder.DescendingOrder if sort[1] else Qt.SortOrder.AscendingOrder
        view.sortByColumn(sort[0], order)
        view.setAlternatingRowColors(True)
        view.setShowGrid(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setTabKeyNavigation(False)
        view.verticalHeader().setVisible(False)
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setResizeContentsPrecision(MEASURED)
        header.setSectionsMovable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(lambda _: self.choose_columns())
        view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        view.setWordWrap(False)
        copy = QShortcut(QKeySequence.StandardKey.Copy, view)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy)
        view.selectionModel().selectionChanged.connect(lambda *_: self.selected.emit())
        return view

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show these rows; a long list is read bit by bit, so it must not change."""
        self.model.set_rows(rows)
        self.nothing.setVisible(not rows)
        self.view.setVisible(bool(rows))
        self._count()

    def set_stale(self, stale: bool) -> None:
        """Whether these rows are old: they then look weak, whatever they say."""
        self.model.set_stale(stale)

    def _settled(self) -> None:
        if not self.fitted and self.model.rowCount():
            self.fitted = True
            self.fit()
        self._count()

    def _hold(self) -> None:
        """A reset forgets what was selected and what was in sight."""
        indexes = self.view.selectionModel().selectedRows()
        key = self.model.key(indexes[0].row()) if indexes else None
        self._held = key, self.view.verticalScrollBar().value()

    def _put_back(self) -> None:
        key, scrolled = self._held or (None, 0)
        number = self.model.find(key) if key is not None else -1
        if number >= 0:
            self.view.selectRow(number)
        self.view.verticalScrollBar().setValue(scrolled)

    def fit(self) -> None:
        """Make every column as wide as its content wants."""
        header = self.view.horizontalHeader()
        metrics = self.view.fontMetrics()
        bold = QFont(header.font())
        bold.setWeight(QFont.Weight.DemiBold)
        titles = QFontMetrics(bold)  # The mark for sorting stands above, and wants no width.
        self._least = [
            max(
                min(COLUMN_MAX, self.view.sizeHintForColumn(number)),
                titles.horizontalAdvance(column.title) + TITLE_EDGES,
                metrics.horizontalAdvance(column.widest) + 2 * PADDING if column.widest else 0,
            )
            for number, column in enumerate(self._columns)
        ]
        for number, width in enumerate(self._least):
            header.resizeSection(number, width)
        self._stretch()

    def _stretch(self) -> None:
        """What is left of the width goes to one column; what a person has set, stays."""
        header = self.view.horizontalHeader()
        for number, column in enumerate(self._columns):
            if column.stretch and self._least:
                others = header.length() - header.sectionSize(number)
                left = self.view.viewport().width() - others
                header.resizeSection(number, max(self._least[number], left))
                return

    def choose_columns(self) -> None:
        """Offer to show and hide columns; the last one stays."""
        self.column_menu().popup(self.view.mapToGlobal(self.view.rect().topLeft()))

    def column_menu(self) -> QMenu:
        """A menu with a mark at each column that is shown."""
        header, menu = self.view.horizontalHeader(), QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        shown = len(self._columns) - header.hiddenSectionCount()
        for number, column in enumerate(self._columns):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not header.isSectionHidden(number))
            action.setEnabled(shown > 1 or header.isSectionHidden(number))
            action.toggled.connect(lambda on, n=number: self._show_column(n, on))
        return menu

    def _show_column(self, number: int, on: bool) -> None:
        self.view.setColumnHidden(number, not on)
        self._stretch()

    def restore(self, state: QByteArray) -> None:
        """Take over columns as they were remembered, unless they are no longer these."""
        header = self.view.horizontalHeader()
        if header.restoreState(state) and header.hiddenSectionCount() < len(self._columns):
            self.fitted = True
            self._least = [header.sectionSize(number) for number in range(len(self._columns))]

    def current(self) -> Any | None:
        """The selected row, None if none is."""
        indexes = self.view.selectionModel().selectedRows()
        return self.model.row(indexes[0].row()) if indexes else None

    def seek(self, text: str) -> bool:
        """Select the first row in which a cell is this text, else one that has it in a cell."""
        wanted = text.casefold()
        partly = -1
        for number, row in enumerate(self.model.shown()[:SOUGHT_MAX] if wanted else ()):
            cells = [column.text(row).casefold() for column in self._columns]
            if wanted in cells:
                self.view.selectRow(number)
                return True
            if partly < 0 and any(wanted in cell for cell in cells):
                partly = number
        if partly >= 0:
            self.view.selectRow(partly)
        return partly >= 0

    def csv(self) -> str:
        """What is shown, as CSV with a header; cells that a spreadsheet would run are quoted."""
        return as_csv(self._columns, self.model.shown())

    def copy(self) -> None:
        """The selected row as text, to the clipboard."""
        row = self.current()
        copy_rows(self._columns, [] if row is None else [row])

    def export_csv(self) -> None:
        """Ask for a file, and have it written."""
        path, _ = QFileDialog.getSaveFileName(
            self, tr("Export the table"), f"{self.title}.csv", tr("CSV files (*.csv)")
        )
        if not path:
            return

        def work() -> Iterator[None]:
            out = io.StringIO()
            yield from written(out, self._columns, self.model.shown())
            self._context.desk.save(path, out.getvalue())

        self._exporting.start(work())

    def _filtered(self, text: str) -> None:
        self.model.set_words(text)
        self._count()

    def _count(self) -> None:
        shown, there = self.model.rowCount(), self.model.total
        text = str(there) if shown == there else tr("{n} of {all}", n=shown, all=there)
        self.count.setText(tr("{count} …", count=text) if self.model.busy else text)


def as_csv(columns: Sequence[Column], rows: Sequence[Any]) -> str:
    """Rows as CSV with a header; cells that a spreadsheet would run are quoted."""
    out = io.StringIO()
    for _ in written(out, columns, rows):
        pass
    return out.getvalue()


def written(out: io.StringIO, columns: Sequence[Column], rows: Sequence[Any]) -> Iterator[None]:
    """Writes the same to `out`, a few rows at each step."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.title for column in columns])
    for number, row in enumerate(rows):
        if number % EXPORT_STEP == 0:
            yield
        writer.writerow([_harmless(column.text(row)) for column in columns])


def copy_rows(columns: Sequence[Column], rows: Sequence[Any]) -> None:
    """Rows as lines with tabs between cells, to the clipboard; nothing for no rows."""
    if rows:
        lines = ("\t".join(column.text(row) for column in columns) for row in rows)
        QGuiApplication.clipboard().setText("\n".join(lines))


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "@", "\t") else text
