"""The verdict above every page: in words, with a sign, and with the age of what it rests on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from monitor_gui.model.ages import age, is_stale
from monitor_gui.model.verdict import Level, ShownVerdict
from monitor_gui.qt.context import Context
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.page import plain
from monitor_gui.qt.palette import SIGNS, level_colour


class Banner(QFrame):
    """One line to read, one below it for what to do."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.setObjectName("banner")
        self.sign, self.headline, self.advice = plain("?"), plain(), plain()
        self.age = plain()
        self.age.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.headline.setWordWrap(True)
        self.advice.setWordWrap(True)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.headline)
        texts.addWidget(self.advice)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 10, 18, 10)
        layout.setSpacing(14)
        layout.addWidget(self.sign)
        layout.addLayout(texts, 1)
        layout.addWidget(self.age)
        self._sheet = ""

    def refresh(self, now_s: float) -> None:
        """Show the verdict at `now_s`."""
        verdict = self._context.verdict()
        palette = self._context.palette
        self.sign.setText(SIGNS[verdict.level])
        self.headline.setText(words(verdict.headline))
        self.advice.setText(self._sub_line(verdict, now_s))
        self.advice.setVisible(bool(verdict.causes))
        best = self._context.store.best(now_s)
        heard_s = best.heard_at_s if best is not None else None
        said = words(age(heard_s, now_s))
        self.age.setText(tr("last answer\n{age}", age=said))
        colour = palette.unknown if is_stale(heard_s, now_s) else ""
        self._paint(colour or level_colour(palette, verdict.level), palette.on_level)
        self.setAccessibleName(self.headline.text())
        self.setAccessibleDescription(self.advice.text())

    @staticmethod
    def _sub_line(verdict: ShownVerdict, now_s: float) -> str:
        """What to do; with what it is about, where the headline says that all is well."""
        if not verdict.causes:
            return ""
        first = verdict.causes[0]
        if verdict.level != Level.NOTICE:
            return words(first.advice)
        return f"{words(first.with_age(now_s))}. {words(first.advice)}"

    def _paint(self, colour: str, text: str) -> None:
        sheet = (
            f"QFrame#banner {{ background: {colour}; }}"
            f" QFrame#banner QLabel {{ color: {text}; background: transparent; }}"
        )
        if sheet != self._sheet:
            self._sheet = sheet
            self.setStyleSheet(sheet)
            self.headline.setStyleSheet("font-size: 15pt; font-weight: 600;")
            self.sign.setStyleSheet("font-size: 20pt; font-weight: 700;")


def icon(colour: str) -> QIcon:
    """The program's icon: three containers joined, in the verdict's colour."""
    made = QIcon()
    for size in (16, 32, 64, 128):
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        third = size / 3.6
        for number in range(3):
            painter.drawRoundedRect(
                int(size * 0.08 + number * third * 1.12),
                int(size * (0.12 + 0.16 * (number == 1))),
                int(third),
                int(size * 0.6),
                size * 0.08,
                size * 0.08,
            )
        painter.end()
        made.addPixmap(pixmap)
    return made
