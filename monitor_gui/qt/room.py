"""No window is larger than its screen, at whatever scale."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMargins
from PySide6.QtWidgets import QWidget

FRAME: Final = QMargins(8, 36, 8, 8)
"""Room for what a desktop draws around a window: how much that is, is known once it is shown."""


def fit(window: QWidget) -> None:
    """Make the window as small as its screen has room for."""
    if not (window.isMaximized() or window.isFullScreen()):
        room = window.screen().availableGeometry().marginsRemoved(FRAME)
        window.resize(window.size().boundedTo(room.size()))
