"""The command palette: type a few letters, press Enter; by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from monitor_gui.model.fuzzy import ranked
from monitor_gui.qt.commands import WindowCommand
from monitor_gui.qt.language import tr
from monitor_gui.qt.room import fit

SHOWN_MAX: Final = 60
RECENT_MAX: Final = 5
"""Commands of last time that are offered first."""
_MOVES: Final = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})


class CommandPalette(QDialog):
    """Offers commands; the chosen one runs after the palette is gone. `recent` are the titles that
    were chosen before, the newest first: they are offered first."""

    def __init__(
        self, parent: QWidget, offered: Sequence[WindowCommand], recent: list[str]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Commands"))
        self.resize(640, 440)
        fit(self)
        self._recent = recent
        known = {command.title: command for command in reversed(offered)}
        first = [known[title] for title in recent if title in known]
        rest = [command for command in offered if command.title not in recent]
        self._offered = [(command.title, command) for command in (*first, *rest)]
        self._shown: list[WindowCommand] = []
        self.chosen: Callable[[], object] | None = None
        self.typed = QLineEdit()
        self.typed.setPlaceholderText(tr("Type what you want to see or do"))
        self.typed.setAccessibleName(tr("Command"))
        self.typed.textChanged.connect(self._typed)
        self.typed.installEventFilter(self)
        self.list = QTreeWidget()
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName(tr("Commands"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.itemActivated.connect(lambda *_: self._choose())
        self.list.itemClicked.connect(lambda *_: self._choose())
        self.typed.returnPressed.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.addWidget(self.typed)
        layout.addWidget(self.list, 1)
        self._typed("")

    def titles(self) -> list[str]:
        """What is offered now."""
        return [command.title for command in self._shown]

    def _typed(self, text: str) -> None:
        self._shown = ranked(text, self._offered, SHOWN_MAX)
        self.list.clear()
        items = [QTreeWidgetItem([command.title, command.hint]) for command in self._shown]
        self.list.addTopLevelItems(items)
        if items:
            self.list.setCurrentItem(items[0])
        else:
            nothing = QTreeWidgetItem([tr("Nothing is found for this.")])
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addTopLevelItem(nothing)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As in Qt: the keys that move go to the list, all others to what is typed."""
        if (
            watched is self.typed
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in _MOVES
        ):
            QApplication.sendEvent(self.list, event)
            return True
        return super().eventFilter(watched, event)

    def _choose(self) -> None:
        number = self.list.currentIndex().row()
        if 0 <= number < len(self._shown):
            command = self._shown[number]
            self.chosen = command.run
            if command.title in self._recent:
                self._recent.remove(command.title)
            self._recent.insert(0, command.title)
            del self._recent[RECENT_MAX:]
            self.accept()
