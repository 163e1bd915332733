"""The pages, one of which is seen: as large as that one has to be, and no larger."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedWidget, QStyle


class Stack(QStackedWidget):
    """Qt's own wants the room that the largest of its pages needs, seen or not."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(lambda _: self.updateGeometry())

    def sizeHint(self) -> QSize:
        """As in Qt."""
        page = self.currentWidget()
        return page.sizeHint() if page is not None else super().sizeHint()

    def heightForWidth(self, width: int) -> int:
        """As in Qt, which would scroll what is not as high as it would like to be."""
        page = self.currentWidget()
        layout = page.layout() if page is not None else None
        if page is None or layout is None:
            return 0
        # The scroll area asks before it takes the width of a scroll bar away.
        width -= self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        return max(layout.totalMinimumHeightForWidth(width), page.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """As in Qt."""
        page = self.currentWidget()
        return page.minimumSizeHint() if page is not None else super().minimumSizeHint()
