"""The one way from the feed's thread into Qt: a bounded queue, and one signal that says look.

The signal is sent only when nobody has been told yet, so a thousand updates cost one event. A
window that does not keep up loses the oldest updates, each of which a newer one replaces anyway,
except events: their rates then show too little, never the wrong thing.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal

from monitor_gui.model.updates import Update

QUEUE_MAX: Final = 2_000


class Bridge(QObject):
    """`post` may be called on any thread; `deliver` gets the updates on Qt's own."""

    _look = Signal()

    def __init__(self, deliver: Callable[[list[Update]], None]) -> None:
        super().__init__()
        self._deliver = deliver
        self._lock = threading.Lock()
        self._queue: deque[Update] = deque(maxlen=QUEUE_MAX)
        self._told = False
        self._look.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    def post(self, update: Update) -> None:
        """Hand over an update."""
        with self._lock:
            self._queue.append(update)
            if self._told:
                return
            self._told = True
        self._look.emit()

    def _drain(self) -> None:
        with self._lock:
            updates, self._told = list(self._queue), False
            self._queue.clear()
        if updates:
            self._deliver(updates)
