"""Long work on Qt's thread, a few milliseconds at a time, so that the window never stands still."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer

SLICE_S: Final = 0.008
"""Of the 16 ms between two pictures of a screen, half."""


STEP: Final = 64
"""So many rows are the work of one step."""


def let_go(things: list[Any]) -> Iterator[None]:
    """Empty the list in steps: to free a hundred thousand rows at once takes a tenth of a second,
    on whichever thread, and nobody else runs meanwhile."""
    while things:
        del things[-STEP:]
        yield


class Slices(QObject):
    """Runs one iterator: each step of it is short. Starting another one ends the first."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._work: Iterator[None] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._slice)

    @property
    def busy(self) -> bool:
        """Whether there is work left."""
        return self._work is not None

    def start(self, work: Iterator[None]) -> None:
        """Begin, with a first slice at once."""
        self._work = work
        self._timer.start()
        self._slice()

    def finish(self) -> None:
        """Do the rest in one go."""
        while self._work is not None:
            self._step()

    def stop(self) -> None:
        """Leave the rest undone."""
        self._work = None
        self._timer.stop()

    def _slice(self) -> None:
        end_s = time.perf_counter() + SLICE_S
        while self._work is not None and time.perf_counter() < end_s:
            self._step()

    def _step(self) -> None:
        work = self._work
        if work is not None and next(work, self) is self and self._work is work:
            self.stop()
