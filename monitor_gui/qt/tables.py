"""Tables as every page has them: sorted, filtered, updated in place, exported as CSV.

Rows are immutable values with a `key`; selection and scroll position survive each poll.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from monitor_gui.qt.columns import PADDING, Columns, View, more_button, offer_more
from monitor_gui.qt.context import Context
from monitor_gui.qt.keys import Panel, show_model
from monitor_gui.qt.language import tr
from monitor_gui.qt.page import heading, quiet
from monitor_gui.qt.rows import Column, RowsModel
from monitor_gui.qt.slices import Slices

__all__ = ["Column", "TablePanel"]

MEASURED: Final = 50
"""So many rows from the top tell how wide a column has to be, besides those that are seen; more
would hold the window up."""
EXPORT_STEP: Final = 64
ROWS_LEAST: Final = 4
"""A table is at least so many lines high; where there is less room, its page is scrolled."""
SOUGHT_MAX: Final = 5_000


class TablePanel(Panel):
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
        super().__init__(title, empty)
        self._context, self._columns = context, columns
        self._held: tuple[Any, int] | None = None
        self.model = RowsModel(columns, key, context)
        # Else Python's collector would end it, with its timers, on whatever thread it runs.
        self.model.setParent(self)
        self.model.modelAboutToBeReset.connect(self._hold)
        self._exporting = Slices(self)
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
        self.more = more_button(title)
        top.addWidget(self.more)
        top.addWidget(self.filter)
        top.addWidget(self.export)
        self.view = self._make_view(sort)
        self.columns = Columns(self.view, columns, self._measured)
        offer_more(self.more, self.columns)
        self.model.settled.connect(self._settled)
        self.model.modelReset.connect(self._put_back)
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.nothing)
        layout.addWidget(self.view, 1)

    @property
    def table(self) -> View:
        """As in `Panel`."""
        return self.view

    def add_below(self, widget: QWidget) -> None:
        """Put something below the table that belongs to it."""
        self._layout.addWidget(widget)

    def _make_view(self, sort: tuple[int, bool]) -> View:
        view = View()
        show_model(view, self.model)
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
        self.show_rows(bool(rows))
        self._count()

    def set_stale(self, stale: bool) -> None:
        """Whether these rows are old: they then look weak, whatever they say."""
        self.model.set_stale(stale)

    def _settled(self) -> None:
        if self.model.total:
            self.columns.look()
        else:
            self.columns.forget()  # What comes next may be another system's.
        self._count()

    def _measured(self) -> Iterator[Any]:
        """Rows from the top, and those that are seen."""
        there = self.model.rowCount()
        yield from (self.model.row(number) for number in range(min(there, MEASURED)))
        first = self.view.rowAt(0)
        if first >= 0:
            last = self.view.rowAt(self.view.viewport().height() - 1)
            end = last + 1 if last >= 0 else there
            begin = max(MEASURED, first)
            yield from (self.model.row(n) for n in range(begin, min(end, begin + MEASURED)))

    def grow_older(self) -> None:
        """Ages are told anew."""
        self.columns.look()
        self.view.viewport().update()

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
        elif key is not None:
            self.selected.emit()  # Nothing is any more, which Qt does not tell after a reset.
        self.view.verticalScrollBar().setValue(scrolled)

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
