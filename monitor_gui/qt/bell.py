"""Looks for alerts as time goes by, and tells those who ring for them.

Not at every update: half a second apart is soon enough for a person, and a flood of events costs
nothing here.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Signal

from monitor_gui.model.alerts import find
from monitor_gui.qt.context import Context

EVERY_S: Final = 0.5


class Bell(QObject):
    """`rang` carries the alerts that want attention from now on; `changed` comes with any change in
    what is open, acknowledged or snoozed."""

    rang = Signal(object)
    changed = Signal()

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._looked_s: float | None = None
        self._generation = -1
        self._before: tuple[object, ...] = ()

    def look(self, now_s: float) -> None:
        """See what is wrong now, unless that was seen just before."""
        context = self._context
        store = context.store
        if store.generation != self._generation:
            self._generation = store.generation
            context.book.recall(store.opened.alerts if store.opened is not None else ())
        elif self._looked_s is not None and 0 <= now_s - self._looked_s < EVERY_S:
            return
        self._looked_s = now_s
        if store.opened is None:
            self.settle()
            return
        found = find(store, now_s, context.limits)
        ringing = context.book.update(found, now_s, context.wall())
        self.settle()
        if ringing:
            self.rang.emit(ringing)

    def settle(self) -> None:
        """Tell what changed, and have it remembered."""
        book, opened = self._context.book, self._context.store.opened
        if book.dirty and opened is not None:
            self._context.desk.remember(opened.name, book.remembered())
        now_unix_s = self._context.wall()
        state = tuple((item.alert.key, item.rings(now_unix_s)) for item in book.open())
        if state != self._before:
            self._before = state
            self.changed.emit()
