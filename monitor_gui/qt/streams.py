"""What happens, as it happens: a bounded list that grows at its end, filtered and exported.

Rows are taken over in lumps and only those that pass the filter are kept in the view, so a flood
costs what the filter costs; texts are made for what is seen. While the end is seen the view follows
it; a look back stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QSignalBlocker, Qt
from PySide6.QtGui import QBrush, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
)

from monitor_gui.qt.columns import Columns, View, more_button, offer_more
from monitor_gui.qt.context import Context
from monitor_gui.qt.keys import Panel, show_model
from monitor_gui.qt.language import tr
from monitor_gui.qt.page import heading, quiet
from monitor_gui.qt.palette import tone
from monitor_gui.qt.rows import Column, Index
from monitor_gui.qt.tables import as_csv, copy_rows

SPARE: Final = 0.1
"""How far the list may outgrow its bound before it is cut, as a part of it."""
MEASURED: Final = 10
"""So many of the newest rows tell how wide columns have to be, besides those that are seen."""
SEEN_MAX: Final = 50
Accept = Callable[[Any], bool]


class StreamModel(QAbstractTableModel):
    """The rows that pass, oldest first, at most `most` of them and a little more."""

    def __init__(self, columns: Sequence[Column], context: Context, most: int) -> None:
        super().__init__()
        self._columns, self._context, self._most = list(columns), context, most
        self.shown: list[Any] = []

    def append(self, rows: list[Any]) -> int:
        """Add rows at the end; gives how many went at the beginning."""
        if rows:
            first = len(self.shown)
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self.shown += rows
            self.endInsertRows()
        surplus = len(self.shown) - self._most
        if surplus <= self._most * SPARE:
            return 0
        self.beginRemoveRows(QModelIndex(), 0, surplus - 1)
        del self.shown[:surplus]
        self.endRemoveRows()
        return surplus

    def reset(self, rows: list[Any]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self.shown = rows[-self._most :]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """As in Qt."""
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """As in Qt."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As in Qt."""
        column, row = self._columns[index.column()], self.shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.ForegroundRole and column.tone is not None:
            name = column.tone(row)
            return QBrush(tone(self._context.palette, name)) if name else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip_of(row)
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """As in Qt."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self._columns[section].title
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


class StreamPanel(Panel):
    """A heading, choices, a filter, an export, and the list that follows its end."""

    def __init__(
        self,
        title: str,
        columns: Sequence[Column],
        context: Context,
        empty: str,
        most: int,
    ) -> None:
        super().__init__(title, empty)
        self._columns, self._context = list(columns), context
        self._seen = 0
        self._epoch: object = 0
        self._all: Sequence[Any] = ()
        self._words: list[str] = []
        self._tests: dict[int, Accept] = {}
        self.model = StreamModel(columns, context, most)
        self.model.setParent(self)
        self.count = quiet("")
        self.filter.textChanged.connect(self._words_changed)
        self.follow = QPushButton(tr("Follow"))
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.follow.setToolTip(tr("Keep the newest line in sight"))
        self.follow.toggled.connect(self._follow)
        self.export = QPushButton(tr("Export CSV…"))
        self.export.clicked.connect(self.export_csv)
        self._top = QHBoxLayout()
        self._top.addWidget(heading(title))
        self._top.addWidget(self.count)
        self._top.addStretch(1)
        self._first_choice = self._top.count()
        self.more = more_button(title)
        self._top.addWidget(self.more)
        self._top.addWidget(self.filter)
        self._top.addWidget(self.follow)
        self._top.addWidget(self.export)
        self.view = self._make_view(title)
        self.columns = Columns(self.view, columns, self._measured)
        offer_more(self.more, self.columns)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._top)
        layout.addWidget(self.nothing, 1)
        layout.addWidget(self.view, 1)
        self.view.setVisible(False)

    @property
    def table(self) -> View:
        """As in `Panel`."""
        return self.view

    def _make_view(self, title: str) -> View:
        view = View()
        show_model(view, self.model)
        view.setAccessibleName(title)
        view.setAlternatingRowColors(True)
        view.setShowGrid(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setTabKeyNavigation(False)
        view.setWordWrap(False)
        view.verticalHeader().setVisible(False)
        view.verticalHeader().setDefaultSectionSize(view.fontMetrics().height() + 10)
        view.verticalScrollBar().actionTriggered.connect(lambda _: self._scrolled())
        view.verticalScrollBar().valueChanged.connect(lambda _: self._at_end())
        copy = QShortcut(QKeySequence.StandardKey.Copy, view)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy)
        return view

    def add_choice(
        self, name: str, options: Sequence[tuple[str, object]], test: Callable[[Any, object], bool]
    ) -> QComboBox:
        """A choice beside the filter: `options` are (text, value), None for all; `test` says
        whether a row passes for the chosen value."""
        box = QComboBox()
        box.setAccessibleName(name)
        box.setToolTip(name)
        for text, value in options:
            box.addItem(text, value)
        number = self._first_choice + len(self.findChildren(QComboBox))
        self._top.insertWidget(number, box)

        def chosen() -> None:
            value = box.currentData()
            if value is None:
                self._tests.pop(id(box), None)
            else:
                self._tests[id(box)] = lambda row: test(row, value)
            self._again()

        box.currentIndexChanged.connect(lambda _: chosen())
        return box

    # --- rows ---

    def feed(self, rows: Sequence[Any], total: int, epoch: object = 0) -> None:
        """`rows` are the newest of `total`; with another `epoch` all of them are looked at anew."""
        self._all = rows
        if epoch != self._epoch or total < self._seen:
            self._epoch, self._seen = epoch, total
            self._again()
            return
        new = min(total - self._seen, len(rows))
        self._seen = total
        if new:
            fresh = list(islice(reversed(rows), new))
            fresh.reverse()
            passing = [row for row in fresh if self._passes(row)]
            gone = self.model.append(passing)
            bar = self.view.verticalScrollBar()
            if self.follow.isChecked():
                self.view.scrollToBottom()
            elif gone:
                bar.setValue(bar.value() - gone)
        self.columns.look()  # A name of what is there may have become known since, too.
        self._count()

    def _measured(self) -> Iterator[Any]:
        """The newest rows, and those that are seen."""
        shown = self.model.shown
        yield from shown[-MEASURED:]
        first = self.view.rowAt(0)
        if first >= 0:
            yield from shown[first : first + SEEN_MAX]

    def _again(self) -> None:
        """Filter everything anew."""
        passing = [row for row in self._all if self._passes(row)]
        self.model.reset(passing)
        if self._all:
            self.columns.look()
        else:
            self.columns.forget()  # What comes next may be another system's.
        if self.follow.isChecked():
            self.view.scrollToBottom()
        self._count()

    def _passes(self, row: Any) -> bool:
        if not all(test(row) for test in self._tests.values()):
            return False
        if not self._words:
            return True
        text = "\n".join(column.text(row) for column in self._columns).casefold()
        return all(word in text for word in self._words)

    def _words_changed(self, text: str) -> None:
        self._words = text.casefold().split()
        self._again()

    def _count(self) -> None:
        shown, there = len(self.model.shown), len(self._all)
        filtered = bool(self._words or self._tests)
        self.count.setText(tr("{n} of {all}", n=shown, all=there) if filtered else str(there))
        self.show_rows(bool(there))

    # --- following ---

    def _follow(self, on: bool) -> None:
        if on:
            self.view.scrollToBottom()

    def _scrolled(self) -> None:
        """A person moved the bar: looking back ends following, the end resumes it."""
        bar = self.view.verticalScrollBar()
        self.follow.setChecked(bar.sliderPosition() >= bar.maximum())

    def _at_end(self) -> None:
        """Wheel and keys move the view without the bar's own actions."""
        bar = self.view.verticalScrollBar()
        if self.view.hasFocus() or self.view.underMouse():
            with QSignalBlocker(self.follow):
                self.follow.setChecked(bar.value() >= bar.maximum())

    # --- taking away ---

    def csv(self) -> str:
        """What is shown, as CSV with a header."""
        return as_csv(self._columns, self.model.shown)

    def copy(self) -> None:
        """The selected lines as text, to the clipboard."""
        numbers = sorted(index.row() for index in self.view.selectionModel().selectedRows())
        copy_rows(self._columns, [self.model.shown[number] for number in numbers])

    def export_csv(self) -> None:
        """Ask for a file, and have it written."""
        path, _ = QFileDialog.getSaveFileName(
            self, tr("Export the table"), f"{self.title}.csv", tr("CSV files (*.csv)")
        )
        if path:
            self._context.desk.save(path, self.csv())
