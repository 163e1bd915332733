"""What the keyboard does on every page: where it is, how a table is filtered and left again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QLineEdit,
    QTableView,
    QWidget,
)

from monitor_gui.qt.language import tr
from monitor_gui.qt.page import Page, quiet

FILTER_LEAST: Final = 84
FILTER_MOST: Final = 260
_EDITING: Final = (
    QKeySequence.StandardKey.Copy,
    QKeySequence.StandardKey.Cut,
    QKeySequence.StandardKey.Paste,
    QKeySequence.StandardKey.Undo,
    QKeySequence.StandardKey.Redo,
    QKeySequence.StandardKey.SelectAll,
)
_CHORDS: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class WindowFirst(QObject):
    """Keeps a field from using up keys of the window, such as Ctrl+U, which would empty it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As in Qt: whoever has the focus is asked first, and this answers in its place."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and isinstance(watched, QWidget)
            and event.modifiers() & _CHORDS
            and not any(event.matches(key) for key in _EDITING)
            and QKeySequence(event.keyCombination()) in list(_used(watched.window()))
        ):
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def _used(window: QWidget) -> Iterator[QKeySequence]:
    """The keys that mean something now, wherever the focus is."""
    for action in window.findChildren(QAction):
        yield from action.shortcuts()
    for button in window.findChildren(QAbstractButton):
        if button.isVisible():
            yield button.shortcut()


class Panel(QWidget):
    """A table that is filtered: its field, its view, and what is said in place of an empty one."""

    def __init__(self, title: str, empty: str) -> None:
        super().__init__()
        self.title = title
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(tr("Filter"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName(tr("Filter of the table {title}", title=title))
        self.filter.setMinimumWidth(FILTER_LEAST)
        self.filter.setMaximumWidth(FILTER_MOST)
        self.filter.installEventFilter(WindowFirst(self))
        self.nothing = quiet(empty)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.leave)

    @property
    def table(self) -> QTableView:
        """Where the rows are."""
        raise NotImplementedError

    def leave(self) -> None:
        """Escape: first the filter is emptied, then nothing is selected."""
        if self.filter.text():
            self.filter.clear()
        else:
            self.table.selectionModel().clear()
        self.enter()

    def enter(self) -> None:
        """The keyboard goes to the rows; while there is none it waits for them."""
        (self.table if self.table.isVisibleTo(self) else self).setFocus(
            Qt.FocusReason.ShortcutFocusReason
        )

    def show_rows(self, there: bool) -> None:
        """Show the table, or what is said if it is empty. The keyboard does not go elsewhere: Qt
        would give it to the filter, and what is typed as an act would be a filter."""
        focus = self.window().focusWidget()
        if not there and focus is self.table:
            self.setFocus()
        self.nothing.setVisible(not there)
        self.table.setVisible(there)
        if there and focus is self:
            self.table.setFocus()


def drop(view: QTableView, first: int, last: int) -> None:
    """These rows are about to go. Qt would move on to the row that follows, and select it: what a
    person chose is gone, and an act must not meet another."""
    if first <= view.currentIndex().row() <= last:
        view.selectionModel().clear()


def show_model(view: QTableView, model: QAbstractItemModel) -> None:
    """Let the view show the model, and a selection end with its row."""
    # Signals come in the order of connection: this one before Qt's own answer.
    model.rowsAboutToBeRemoved.connect(lambda _, first, last: drop(view, first, last))
    view.setModel(model)


def pass_by(picture: QAbstractScrollArea) -> None:
    """A picture has nothing for the keyboard: the Tab key does not stop there, where it is not
    seen."""
    for widget in (picture, picture.viewport()):
        widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)


def enter(page: QWidget) -> None:
    """The keyboard goes to what the page shows, not to the first field on it."""
    entrance = page.entrance() if isinstance(page, Page) else None
    if entrance is not None:
        entrance.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return
    panels = _panels(page)
    if panels:
        panels[0].enter()
        return
    views = [view for view in page.findChildren(QAbstractItemView) if view.isVisibleTo(page)]
    (views[0] if views else page).setFocus(Qt.FocusReason.ShortcutFocusReason)


def find(page: QWidget) -> None:
    """The keyboard goes to the filter of the table that has it, else of the first."""
    panels = _panels(page)
    focus = QApplication.focusWidget()
    near = [panel for panel in panels if focus is not None and panel.isAncestorOf(focus)]
    if panels:
        (near or panels)[0].filter.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _panels(page: QWidget) -> list[Panel]:
    """The tables of a page as one reads them: from above, and from the left."""

    def place(panel: Panel) -> tuple[int, int]:
        at = panel.mapTo(page, QPoint(0, 0))
        return at.y(), at.x()

    return sorted((x for x in page.findChildren(Panel) if x.isVisibleTo(page)), key=place)
