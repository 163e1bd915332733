"""Python's garbage is collected on Qt's thread only.

Python collects on whatever thread happens to allocate. Where that is the feed's, a window or a
picture's item that nobody uses any more is freed there, while Qt's thread goes through a list that
holds it: the program ends with a segmentation fault. So nothing is collected by itself, and a timer
of Qt's thread does it.
"""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

LOOK_MS: Final = 200
GROWN: Final = 1.25
"""The old objects are gone through when there are a quarter more of them, as Python itself does:
it takes long, and mostly finds nothing."""


class Collector(QObject):
    """Collects on the thread that made it, from now until `end`; then it is as it was before."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before = gc.isenabled()
        gc.disable()
        self._old_after = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect what is due by Python's own thresholds (`gc.get_threshold`)."""
        young, middle, old = (
            count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True)
        )
        if not young:
            return
        if middle and old and len(gc.get_objects(2)) >= GROWN * self._old_after:
            gc.collect()
            self._old_after = len(gc.get_objects(2))
        else:
            gc.collect(1 if middle else 0)

    def end(self) -> None:
        """Python collects by itself again, if it did."""
        self._timer.stop()
        if self._before:
            gc.enable()
