"""Tables as every page has them: sorted, filtered, updated in place, exported as CSV.

Rows are immutable values with a `key`; giving the model a new list changes only what differs, so
that selection and scroll position survive each poll.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush, QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from monitor_gui.qt.context import Context
from monitor_gui.qt.language import tr
from monitor_gui.qt.page import heading, quiet
from monitor_gui.qt.palette import tone

SORT_ROLE: Final = Qt.ItemDataRole.UserRole
RESET_ABOVE: Final = 500
COLUMN_MAX: Final = 320
Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `tone` names a colour of the palette for a row, `tip` explains a cell."""

    title: str
    text: Callable[[Any], str]
    sort: Callable[[Any], Any] | None = None
    right: bool = False
    tone: Callable[[Any], str] | None = None
    tip: Callable[[Any], str] | None = None
    stretch: bool = False


class RowsModel(QAbstractTableModel):
    """Rows of one kind, by columns."""

    def __init__(
        self, columns: Sequence[Column], key: Callable[[Any], Any], context: Context
    ) -> None:
        super().__init__()
        self._columns = list(columns)
        self._key = key
        self._context = context
        self._rows: list[Any] = []
        self._texts: dict[int, str] = {}

    @property
    def rows(self) -> Sequence[Any]:
        """What is shown, in the order given."""
        return self._rows

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show these rows."""
        old, new = [self._key(row) for row in self._rows], [self._key(row) for row in rows]
        if old == new:
            self._replace(rows)
        elif abs(len(old) - len(new)) > RESET_ABOVE or len(set(new)) != len(new):
            self.beginResetModel()
            self._rows = list(rows)
            self._texts.clear()
            self.endResetModel()
        else:
            self._merge(rows, new)

    def _replace(self, rows: Sequence[Any]) -> None:
        changed = [n for n, row in enumerate(rows) if row != self._rows[n]]
        for number in changed:
            self._rows[number] = rows[number]
            self._texts.pop(number, None)
        last = len(self._columns) - 1
        if len(changed) > RESET_ABOVE:
            # One signal, and no sorting anew: so many rows differ in their ages at each poll.
            first, end = self.index(changed[0], 0), self.index(changed[-1], last)
            self.dataChanged.emit(first, end, [Qt.ItemDataRole.DisplayRole])
            return
        for number in changed:
            self.dataChanged.emit(self.index(number, 0), self.index(number, last))

    def _merge(self, rows: Sequence[Any], keys: list[Any]) -> None:
        """Take away what is gone, put what is new at the end, then update the rest."""
        self._texts.clear()
        wanted = dict(zip(keys, rows, strict=True))
        for number in range(len(self._rows) - 1, -1, -1):
            if self._key(self._rows[number]) not in wanted:
                self.beginRemoveRows(QModelIndex(), number, number)
                del self._rows[number]
                self.endRemoveRows()
        there = {self._key(row) for row in self._rows}
        added = [row for key, row in wanted.items() if key not in there]
        if added:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(added) - 1)
            self._rows += added
            self.endInsertRows()
        self._replace([wanted[self._key(row)] for row in self._rows])

    def searchable(self, number: int) -> str:
        """All of a row's text, for the filter."""
        text = self._texts.get(number)
        if text is None:
            row = self._rows[number]
            text = "\n".join(column.text(row) for column in self._columns).casefold()
            self._texts[number] = text
        return text

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """As in Qt."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """As in Qt."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As in Qt."""
        column, row = self._columns[index.column()], self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == SORT_ROLE:
            return column.sort(row) if column.sort else column.text(row).casefold()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.right else _LEFT
        if role == Qt.ItemDataRole.ForegroundRole and column.tone is not None:
            name = column.tone(row)
            return QBrush(tone(self._context.palette, name)) if name else None
        if role == Qt.ItemDataRole.ToolTipRole and column.tip is not None:
            return column.tip(row)
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """As in Qt."""
        across = orientation == Qt.Orientation.Horizontal
        if across and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if across and role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if self._columns[section].right else _LEFT
        return None


class FilterModel(QSortFilterProxyModel):
    """Rows that contain all words of a filter, sorted by the columns' own values."""

    def __init__(self, rows: RowsModel) -> None:
        super().__init__()
        self._rows_model = rows
        self._words: list[str] = []
        self.setSourceModel(rows)
        self.setSortRole(SORT_ROLE)
        self.setDynamicSortFilter(True)

    def set_words(self, text: str) -> None:
        """Show only rows with all of these words."""
        self._words = text.casefold().split()
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        """As in Qt."""
        if not self._words:
            return True
        text = self._rows_model.searchable(source_row)
        return all(word in text for word in self._words)

    def lessThan(self, left: Index, right: Index) -> bool:
        """As in Qt; unlike kinds compare as text, since Python would refuse."""
        one, other = left.data(SORT_ROLE), right.data(SORT_ROLE)
        try:
            return bool(one < other)
        except TypeError:
            return str(one) < str(other)


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
        self._title, self._columns = title, columns
        self._least: list[int] = []
        self.rows = RowsModel(columns, key, context)
        self.model = FilterModel(self.rows)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(tr("Filter"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName(tr("Filter of the table {title}", title=title))
        self.filter.setMaximumWidth(260)
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
        self.nothing = quiet(empty)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.nothing)
        layout.addWidget(self.view, 1)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.filter.setFocus)

    def _make_view(self, sort: tuple[int, bool]) -> QTableView:
        view = _View()
        view.resized.connect(self._stretch)
        view.setModel(self.model)
        view.setAccessibleName(self._title)
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
        view.setWordWrap(False)
        copy = QShortcut(QKeySequence.StandardKey.Copy, view)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy)
        view.selectionModel().selectionChanged.connect(lambda *_: self.selected.emit())
        return view

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show these rows."""
        first = not self.rows.rows and rows
        self.rows.set_rows(rows)
        if first:
            self.fit()
        self.nothing.setVisible(not rows)
        self.view.setVisible(bool(rows))
        self._count()

    def fit(self) -> None:
        """Make every column as wide as its content wants."""
        self.view.resizeColumnsToContents()
        header = self.view.horizontalHeader()
        self._least = [
            min(COLUMN_MAX, header.sectionSize(number)) for number in range(len(self._columns))
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

    def current(self) -> Any | None:
        """The selected row, None if none is."""
        indexes = self.view.selectionModel().selectedRows()
        return self.rows.rows[self.model.mapToSource(indexes[0]).row()] if indexes else None

    def shown(self) -> list[Any]:
        """The rows that pass the filter, in the order in which they are seen."""
        count = self.model.rowCount()
        sources = (self.model.mapToSource(self.model.index(number, 0)) for number in range(count))
        return [self.rows.rows[source.row()] for source in sources]

    def csv(self) -> str:
        """What is shown, as CSV with a header; cells that a spreadsheet would run are quoted."""
        return as_csv(self._columns, self.shown())

    def copy(self) -> None:
        """The selected row as text, to the clipboard."""
        row = self.current()
        copy_rows(self._columns, [] if row is None else [row])

    def export_csv(self) -> None:
        """Ask for a file, and have it written."""
        path, _ = QFileDialog.getSaveFileName(
            self, tr("Export the table"), f"{self._title}.csv", tr("CSV files (*.csv)")
        )
        if path:
            self._context.desk.save(path, self.csv())

    def _filtered(self, text: str) -> None:
        self.model.set_words(text)
        self._count()

    def _count(self) -> None:
        shown, there = self.model.rowCount(), self.rows.rowCount()
        self.count.setText(str(there) if shown == there else tr("{n} of {all}", n=shown, all=there))


def as_csv(columns: Sequence[Column], rows: Sequence[Any]) -> str:
    """Rows as CSV with a header; cells that a spreadsheet would run are quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.title for column in columns])
    writer.writerows([_harmless(column.text(row)) for column in columns] for row in rows)
    return out.getvalue()


def copy_rows(columns: Sequence[Column], rows: Sequence[Any]) -> None:
    """Rows as lines with tabs between cells, to the clipboard; nothing for no rows."""
    if rows:
        lines = ("\t".join(column.text(row) for column in columns) for row in rows)
        QGuiApplication.clipboard().setText("\n".join(lines))


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "@", "\t") else text
