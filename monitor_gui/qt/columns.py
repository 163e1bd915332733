"""The columns of a table: as wide as their words, in the room that there is.

Widths follow what is shown, its language and its font, until a person drags a column. Where there
is too little room, long texts are cut first (a tip has them whole), then the columns that matter
least step aside. A title is never cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QPushButton, QStyle, QTableView

from monitor_gui.qt.language import tr
from monitor_gui.qt.rows import SHORT, Column

WIDEST: Final = 320
"""What a column asks for by itself is at most so wide, in pixels."""
DRAGGED_MAX: Final = 2_000
TITLE_EDGES: Final = 18
PADDING: Final = 12
"""What the style sheet leaves free beside a cell's text, on both sides together."""
_COLUMNS_MAX: Final = 64
_Name = Annotated[str, msgspec.Meta(max_length=64)]
_Names = Annotated[tuple[_Name, ...], msgspec.Meta(max_length=_COLUMNS_MAX)]
Widths = Annotated[dict[_Name, int], msgspec.Meta(max_length=_COLUMNS_MAX)]
"""What a person has dragged: pixels by a column's name."""


class Look(msgspec.Struct, frozen=True):
    """What a person has chosen, in any language: columns by name, from left to right."""

    order: _Names = ()
    hidden: _Names = ()
    pinned: _Names = ()
    sort: _Name = ""
    falling: bool = False


class Wish(NamedTuple):
    """The widths that a column asks for: `title` for its head, `least` for short texts, `want` for
    all. `fixed` is what a person has set, 0 if nothing; one that is `pinned` does not step aside,
    whatever its rank."""

    title: int
    least: int
    want: int
    rank: int = 0
    stretch: bool = False
    fixed: int = 0
    pinned: bool = False


def divided(room: int, wishes: Sequence[Wish | None]) -> list[int]:
    """A width for each column, 0 for one that steps aside; None is a column that a person hid."""
    asked = {number: wish for number, wish in enumerate(wishes) if wish is not None}
    there = sorted(asked)
    while len(there) > 1:
        leaving = _leaving(room, {number: asked[number] for number in there})
        if leaving is None:
            break
        there.remove(leaving)
    widths = [0] * len(wishes)
    for number in there:
        widths[number] = asked[number].fixed or asked[number].least
    for number in there:
        if asked[number].stretch and not asked[number].fixed:
            over = max(0, sum(widths) - room)
            widths[number] = max(asked[number].title, widths[number] - over)
    spare = max(0, room - sum(widths))
    free = [number for number in there if not asked[number].fixed]
    missing = {n: max(0, asked[n].want - asked[n].least) for n in free}
    total = sum(missing.values())
    for number in free:
        widths[number] += missing[number] * min(spare, total) // total if total else 0
    for number in free:
        if asked[number].stretch:
            widths[number] += max(0, room - sum(widths))
            break
    return widths


def _leaving(room: int, there: Mapping[int, Wish]) -> int | None:
    """Which of these columns steps aside next, if there is not room for all: one that a person made
    wider stays as long as there is room for it at its least."""
    may = [number for number, wish in there.items() if wish.rank and not wish.pinned]
    if sum(wish.least for wish in there.values()) <= room:
        may = [number for number in may if not there[number].fixed]
        if sum(wish.fixed or wish.least for wish in there.values()) <= room:
            return None
    return max(may, key=lambda number: (there[number].rank, number), default=None)


def more_button(title: str) -> QPushButton:
    """Says that columns of the table `title` are left out, and offers them."""
    button = QPushButton()
    button.setAccessibleName(tr("Choose columns: {table}", table=title))
    button.setVisible(False)
    return button


def offer_more(button: QPushButton, columns: Columns) -> None:
    """Have the button show how many columns there is no room for; its tip names them."""

    def show() -> None:
        titles = columns.left_out()
        button.setText(f"+{len(titles)}")
        button.setToolTip(", ".join(titles))
        button.setVisible(bool(titles))

    columns.changed.connect(show)
    button.clicked.connect(columns.choose)
    show()


class Header(QHeaderView):
    """A head that tells when the mouse lets go of it."""

    released = Signal()

    def __init__(self, view: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self.setSectionsClickable(True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """As in Qt."""
        super().mouseReleaseEvent(event)
        self.released.emit()


class View(QTableView):
    """A table that tells when there is another width, or another font."""

    resized = Signal()
    restyled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.head = Header(self)
        self.setHorizontalHeader(self.head)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As in Qt."""
        super().resizeEvent(event)
        self.resized.emit()

    def changeEvent(self, event: QEvent) -> None:
        """As in Qt."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.restyled.emit()


class Columns(QObject):
    """Keeps the columns of a view. `rows` gives those that are measured: few, and the ones that are
    seen among them. `changed` comes when other columns are shown than before."""

    changed = Signal()

    def __init__(
        self, view: View, columns: Sequence[Column], rows: Callable[[], Iterable[Any]]
    ) -> None:
        super().__init__(view)
        self._view, self._columns, self._rows = view, list(columns), rows
        self._numbers = {column.name: number for number, column in enumerate(self._columns)}
        self._titles = [0] * len(self._columns)
        self._least = [0] * len(self._columns)
        self._want = [0] * len(self._columns)
        self._fixed: dict[int, int] = {}
        self._hidden: set[int] = set()
        self._pinned: set[int] = set()
        self._own = False
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionsMovable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(lambda _: self.choose())
        header.sectionResized.connect(self._dragged)
        header.sectionHandleDoubleClicked.connect(self._let_go)
        view.head.released.connect(self.arrange)
        view.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        view.resized.connect(self.arrange)
        # Not at once: Qt is in the middle of telling all widgets, and must find them as they were.
        view.restyled.connect(self.forget, Qt.ConnectionType.QueuedConnection)
        view.verticalScrollBar().valueChanged.connect(lambda _: self.look())
        self.forget()

    # --- measuring ---

    def forget(self) -> None:
        """Measure anew: another font, or other things altogether."""
        header, metrics = self._view.horizontalHeader(), self._view.fontMetrics()
        bold = QFont(header.font())
        bold.setWeight(QFont.Weight.DemiBold)
        titles = QFontMetrics(bold)  # The mark for sorting stands above, and wants no width.
        edges = self._edges()
        for number, column in enumerate(self._columns):
            self._titles[number] = titles.horizontalAdvance(column.title) + TITLE_EDGES
            widest = metrics.horizontalAdvance(column.widest) + edges if column.widest else 0
            self._least[number] = self._want[number] = max(self._titles[number], widest)
        self._grow()
        self.arrange()

    def look(self) -> None:
        """Make room for what has come. Columns only grow, so that nothing moves to and fro."""
        if self._grow():
            self.arrange()

    def _grow(self) -> bool:
        metrics, edges = self._view.fontMetrics(), self._edges()
        most = metrics.averageCharWidth() * SHORT
        grown = False
        for row in self._rows():
            for number, column in enumerate(self._columns):
                text = column.text(row)
                width = metrics.horizontalAdvance(text) + edges
                least = width if len(text) <= SHORT else min(width, most)
                if least > self._least[number]:
                    self._least[number], grown = least, True
                want = max(least, min(width, WIDEST))
                if want > self._want[number]:
                    self._want[number], grown = want, True
        return grown

    def _edges(self) -> int:
        style = self._view.style()
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, self._view)
        return PADDING + 2 * (margin + 1) + 1

    # --- arranging ---

    def arrange(self) -> None:
        """Give each column its width; what a person has set, stays."""
        room = self._view.viewport().width()
        wishes = [
            None
            if number in self._hidden
            else Wish(
                self._titles[number],
                self._least[number],
                self._want[number],
                column.rank,
                column.stretch,
                max(self._titles[number], self._fixed[number]) if number in self._fixed else 0,
                number in self._pinned,
            )
            for number, column in enumerate(self._columns)
        ]
        header, before = self._view.horizontalHeader(), self.left_out()
        self._own = True
        try:
            for number, width in enumerate(divided(room, wishes)):
                if header.isSectionHidden(number) != (not width):
                    header.setSectionHidden(number, not width)
                if width and header.sectionSize(number) != width:
                    header.resizeSection(number, width)
        finally:
            self._own = False
        if before != self.left_out():
            self.changed.emit()

    def left_out(self) -> list[str]:
        """The titles of columns for which there is no room."""
        header = self._view.horizontalHeader()
        return [
            column.title
            for number, column in enumerate(self._columns)
            if header.isSectionHidden(number) and number not in self._hidden
        ]

    def _dragged(self, number: int, before: int, now: int) -> None:
        if self._own or not before or not now:
            return
        self._fixed[number] = width = max(self._titles[number], min(now, DRAGGED_MAX))
        if width != now:
            self._own = True
            self._view.horizontalHeader().resizeSection(number, width)
            self._own = False

    def _let_go(self, number: int) -> None:
        """A double click on its edge: the column follows its words again."""
        self._fixed.pop(number, None)
        self.arrange()

    # --- choosing ---

    def choose(self) -> None:
        """Offer to show and hide columns."""
        self.menu().popup(self._view.mapToGlobal(QPoint(0, 0)))

    def menu(self) -> QMenu:
        """A menu with a mark at each column that is shown; the last one stays."""
        header, menu = self._view.horizontalHeader(), QMenu(self._view)
        menu.aboutToHide.connect(menu.deleteLater)
        shown = len(self._columns) - header.hiddenSectionCount()
        for number, column in enumerate(self._columns):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not header.isSectionHidden(number))
            action.setEnabled(shown > 1 or header.isSectionHidden(number))
            action.toggled.connect(lambda on, n=number: self._show(n, on))
        return menu

    def _show(self, number: int, on: bool) -> None:
        """What is asked for by name is shown, be there room or not."""
        (self._pinned.add if on else self._pinned.discard)(number)
        (self._hidden.discard if on else self._hidden.add)(number)
        self.arrange()

    # --- remembering ---

    def chosen(self) -> Look:
        """What a person has chosen, but for widths."""
        header = self._view.horizontalHeader()
        by_place = sorted(range(len(self._columns)), key=header.visualIndex)
        sorted_by = header.sortIndicatorSection() if self._view.isSortingEnabled() else -1
        return Look(
            order=tuple(self._columns[number].name for number in by_place),
            hidden=self._named(self._hidden),
            pinned=self._named(self._pinned),
            sort=self._columns[sorted_by].name if 0 <= sorted_by < len(self._columns) else "",
            falling=header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder,
        )

    def widths(self) -> dict[str, int]:
        """What a person has dragged, in pixels."""
        return {self._columns[number].name: width for number, width in self._fixed.items()}

    def put_back(self, look: Look, widths: dict[str, int]) -> None:
        """Take over what was remembered; columns that are no longer there are left out."""
        header = self._view.horizontalHeader()
        known = [self._numbers[name] for name in look.order if name in self._numbers]
        for place, number in enumerate(dict.fromkeys(known)):
            header.moveSection(header.visualIndex(number), place)
        self._hidden = self._known(look.hidden)
        if len(self._hidden) == len(self._columns):
            self._hidden = set()
        self._pinned = self._known(look.pinned) - self._hidden
        self._fixed = {
            self._numbers[name]: min(width, DRAGGED_MAX)
            for name, width in widths.items()
            if name in self._numbers and width > 0
        }
        if look.sort in self._numbers and self._view.isSortingEnabled():
            order = Qt.SortOrder.DescendingOrder if look.falling else Qt.SortOrder.AscendingOrder
            self._view.sortByColumn(self._numbers[look.sort], order)
        self.arrange()

    def _named(self, numbers: set[int]) -> tuple[str, ...]:
        return tuple(self._columns[number].name for number in sorted(numbers))

    def _known(self, names: Iterable[str]) -> set[int]:
        return {self._numbers[name] for name in names if name in self._numbers}
