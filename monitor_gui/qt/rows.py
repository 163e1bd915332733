"""Rows for a table of any length: sorted, filtered and updated a slice at a time.

Qt's own proxy asks Python about each pair of rows while it sorts: a hundred thousand rows then hold
the window up for seconds. Here the rows to show are worked out aside (`Slices`) and change hands in
one step. Rows are immutable values with a key; a short table is changed row by row, so that
selection and scroll position stay; a long one at once, and the panel puts both back.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush

from monitor_gui.qt.context import Context
from monitor_gui.qt.palette import tone
from monitor_gui.qt.slices import STEP, Slices, let_go

AT_ONCE: Final = 1_000
"""Up to so many rows are worked out without a pause."""
RUN: Final = 4_096
SHORT: Final = 24
"""Texts of so many letters are read whole: times, numbers, states, names. Others may be cut off."""
Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_DISPLAY = Qt.ItemDataRole.DisplayRole
_ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
_FOREGROUND = Qt.ItemDataRole.ForegroundRole
_TIP = Qt.ItemDataRole.ToolTipRole


@dataclass(frozen=True, slots=True)
class Column:
    """One column, known by its `name` in every language. `tone` names a colour of the palette for a
    row, `tip` explains a cell, `widest` is a text for which there is to be room from the beginning.
    Where there is too little room the column of the highest `rank` steps aside first, one of rank 0
    never."""

    name: str
    title: str
    text: Callable[[Any], str]
    sort: Callable[[Any], Any] | None = None
    right: bool = False
    tone: Callable[[Any], str] | None = None
    tip: Callable[[Any], str] | None = None
    stretch: bool = False
    widest: str = ""
    rank: int = 0

    def tip_of(self, row: Any) -> str:
        """What is said of a cell that the mouse rests on: its tip, and its whole text if that may
        be cut off. What a server calls itself is no markup."""
        text = self.text(row)
        tip = self.tip(row) if self.tip is not None else text
        if len(text) > SHORT and text not in tip:
            tip = f"{text}\n{tip}"
        return f"<p>{escape(tip)}</p>" if "<" in tip else tip

    def value(self, row: Any) -> Any:
        """What this column sorts a row by."""
        return self.sort(row) if self.sort is not None else self.text(row).casefold()


class RowsModel(QAbstractTableModel):
    """Rows of one kind, by columns. `settled` comes when what was asked for last is shown."""

    settled = Signal()

    def __init__(
        self, columns: Sequence[Column], key: Callable[[Any], Any], context: Context
    ) -> None:
        super().__init__()
        self._columns = list(columns)
        self._key = key
        self._context = context
        self._given: Sequence[Any] = ()
        self._shown: list[Any] = []
        self._keys: list[Any] = []
        self._words: list[str] = []
        self._order = 0, False
        self._slices = Slices(self)
        self._outdated = False
        self._stale = False

    # --- what is asked for ---

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show these rows; the sequence must not change, and is read bit by bit."""
        self._given = rows
        if self._slices.busy and len(rows) > AT_ONCE:
            self._outdated = True  # Begun work is finished first, or a quick server would stop it.
            return
        self._begin()

    def set_words(self, text: str) -> None:
        """Show only rows with all of these words."""
        self._words = text.casefold().split()
        self._begin()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """As in Qt."""
        self._order = column, order == Qt.SortOrder.DescendingOrder
        self._begin()

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is old: it then has no colour but that of what is not known."""
        if stale != self._stale:
            self._stale = stale
            if self._shown:
                last = self.index(len(self._shown) - 1, len(self._columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last, [_FOREGROUND])

    # --- what is there ---

    @property
    def busy(self) -> bool:
        """Whether the table does not show yet what it was asked for."""
        return self._slices.busy

    @property
    def total(self) -> int:
        """How many rows there are, shown or not."""
        return len(self._given)

    def row(self, number: int) -> Any:
        """A row that is shown."""
        return self._shown[number]

    def shown(self) -> list[Any]:
        """All rows that are shown, in their order."""
        return list(self._shown)

    def find(self, key: Any) -> int:
        """Where the row with this key is shown, -1 if it is not."""
        try:
            return self._keys.index(key)
        except ValueError:
            return -1

    def key(self, number: int) -> Any:
        """The key of a row that is shown."""
        return self._keys[number]

    # --- working it out ---

    def _begin(self) -> None:
        self._outdated = False
        self._slices.start(self._work(self._given))
        if len(self._given) <= AT_ONCE:
            self._slices.finish()

    def _work(self, given: Sequence[Any]) -> Iterator[None]:
        found: list[Any] = []
        yield from self._ordered(given, found)
        keys: list[Any] = []
        for number, row in enumerate(found):
            if number % STEP == 0:
                yield
            keys.append(self._key(row))
        yield
        before = self._shown
        self._show(found, keys)
        del found, keys
        if before is not self._shown:
            yield from let_go(before)
        if self._outdated:
            self._outdated = False
            yield from self._work(self._given)
        else:
            self.settled.emit()

    def _ordered(self, given: Sequence[Any], found: list[Any]) -> Iterator[None]:
        """Fill `found`. Values of unlike kinds are ordered as text, since Python would refuse."""
        number, reverse = self._order
        column = self._columns[min(number, len(self._columns) - 1)] if number >= 0 else None
        try:
            yield from self._merged(given, found, column, reverse, False)
        except TypeError:
            found.clear()
            yield from self._merged(given, found, column, reverse, True)

    def _merged(
        self,
        given: Sequence[Any],
        found: list[Any],
        column: Column | None,
        reverse: bool,
        as_text: bool,
    ) -> Iterator[None]:
        runs: list[list[tuple[Any, int]]] = []
        run: list[tuple[Any, int]] = []
        for number, row in enumerate(given):
            if number % STEP == 0:
                yield
            if self._words and not self._matches(row):
                continue
            value = column.value(row) if column is not None else number
            run.append((str(value) if as_text else value, number))
            if len(run) == RUN:
                run.sort(reverse=reverse)
                runs.append(run)
                run = []
        run.sort(reverse=reverse)
        runs.append(run)
        for count, (_, number) in enumerate(heapq.merge(*runs, reverse=reverse)):
            if count % STEP == 0:
                yield
            found.append(given[number])

    def _matches(self, row: Any) -> bool:
        text = "\n".join(column.text(row) for column in self._columns).casefold()
        return all(word in text for word in self._words)

    # --- showing it ---

    def _show(self, rows: list[Any], keys: list[Any]) -> None:
        if keys == self._keys:
            self._replace(rows)
        elif max(len(rows), len(self._shown)) > AT_ONCE or len(set(keys)) != len(keys):
            self.beginResetModel()
            self._shown, self._keys = rows, keys
            self.endResetModel()
        else:
            self._remove(set(keys))
            self._reorder(keys)
            self._insert(rows, keys)
            self._replace(rows)

    def _remove(self, wanted: set[Any]) -> None:
        for number in range(len(self._keys) - 1, -1, -1):
            if self._keys[number] not in wanted:
                self.beginRemoveRows(QModelIndex(), number, number)
                del self._shown[number], self._keys[number]
                self.endRemoveRows()

    def _reorder(self, keys: list[Any]) -> None:
        there = {key: row for key, row in zip(self._keys, self._shown, strict=True)}
        kept = [key for key in keys if key in there]
        if kept == self._keys:
            return
        self.layoutAboutToBeChanged.emit()
        place = {key: number for number, key in enumerate(kept)}
        before = self.persistentIndexList()
        after = [self.index(place[self._keys[i.row()]], i.column()) for i in before]
        self._shown, self._keys = [there[key] for key in kept], kept
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _insert(self, rows: list[Any], keys: list[Any]) -> None:
        number = 0
        while number < len(keys):
            end = number
            left = self._keys[number] if number < len(self._keys) else self  # a key that is none
            while end < len(keys) and keys[end] != left:
                end += 1
            if end > number:
                self.beginInsertRows(QModelIndex(), number, end - 1)
                self._shown[number:number] = rows[number:end]
                self._keys[number:number] = keys[number:end]
                self.endInsertRows()
            number = end + 1

    def _replace(self, rows: list[Any]) -> None:
        """The same keys in the same order: what else changed is drawn anew."""
        before, self._shown = self._shown, rows
        last = len(self._columns) - 1
        if len(rows) > AT_ONCE:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, last), [_DISPLAY])
            return
        for number, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(number, 0), self.index(number, last))

    # --- as Qt asks ---

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """As in Qt."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """As in Qt."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """As in Qt."""
        if role == _DISPLAY:
            return self._columns[index.column()].text(self._shown[index.row()])
        if role == _ALIGNMENT:
            return _RIGHT if self._columns[index.column()].right else _LEFT
        if role not in (_FOREGROUND, _TIP):
            return None
        column = self._columns[index.column()]
        if role == _FOREGROUND and self._stale:
            return QBrush(tone(self._context.palette, "unknown"))
        if role == _FOREGROUND and column.tone is not None:
            name = column.tone(self._shown[index.row()])
            return QBrush(tone(self._context.palette, name)) if name else None
        return column.tip_of(self._shown[index.row()]) if role == _TIP else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """As in Qt."""
        across = orientation == Qt.Orientation.Horizontal
        if across and role == _DISPLAY:
            return self._columns[section].title
        if across and role == _ALIGNMENT:
            return _RIGHT if self._columns[section].right else _LEFT
        return None
