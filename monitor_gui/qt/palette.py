"""Colours by meaning, light and dark, and what Qt makes of them.

Text on its background has a contrast of at least 4.5:1 (WCAG AA); tests/gui checks it. A state is
never told by colour alone: each has a word and a sign.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from string import Template
from typing import Final

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from monitor_gui.model.verdict import Level


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme. All values are #rrggbb."""

    name: str
    window: str
    panel: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    selection: str
    ok: str
    notice: str
    degraded: str
    unknown: str
    down: str
    on_level: str
    line: str
    plot_1: str
    plot_2: str
    plot_3: str


LIGHT: Final = Palette(
    name="light",
    window="#f3f4f6",
    panel="#ffffff",
    border="#d3d7de",
    text="#1a1f28",
    muted="#566070",
    accent="#1d5fbf",
    on_accent="#ffffff",
    selection="#d6e4fa",
    ok="#1a7340",
    notice="#17697a",
    degraded="#8f5200",
    unknown="#59606c",
    down="#b3261e",
    on_level="#ffffff",
    line="#9aa3b0",
    plot_1="#1d5fbf",
    plot_2="#9a5800",
    plot_3="#7a3fa0",
)
DARK: Final = Palette(
    name="dark",
    window="#14171c",
    panel="#1d2128",
    border="#363d48",
    text="#e8ebf0",
    muted="#a2abb9",
    accent="#7db2ff",
    on_accent="#0d1626",
    selection="#2a3d5c",
    ok="#5ccb8a",
    notice="#62c4d6",
    degraded="#f2ae49",
    unknown="#adb5c1",
    down="#ff8178",
    on_level="#14171c",
    line="#626c7a",
    plot_1="#7db2ff",
    plot_2="#f2ae49",
    plot_3="#d09cf0",
)

SIGNS: Final = {
    Level.OK: "✔",
    Level.NOTICE: "✔",
    Level.DEGRADED: "▲",
    Level.CRITICAL: "✖",
    Level.UNKNOWN: "?",
    Level.DOWN: "✖",
}


def level_colour(palette: Palette, level: Level) -> str:
    """The colour of a verdict."""
    return {
        Level.OK: palette.ok,
        Level.NOTICE: palette.ok,
        Level.DEGRADED: palette.degraded,
        Level.CRITICAL: palette.down,
        Level.UNKNOWN: palette.unknown,
        Level.DOWN: palette.down,
    }[level]


def tone(palette: Palette, name: str) -> QColor:
    """A colour by its name in the palette."""
    return QColor(str(getattr(palette, name)))


def qt_palette(palette: Palette) -> QPalette:
    """The same for Qt's own widgets."""
    made = QPalette()
    role = QPalette.ColorRole
    for which, value in (
        (role.Window, palette.window),
        (role.WindowText, palette.text),
        (role.Base, palette.panel),
        (role.AlternateBase, palette.window),
        (role.Text, palette.text),
        (role.Button, palette.panel),
        (role.ButtonText, palette.text),
        (role.ToolTipBase, palette.panel),
        (role.ToolTipText, palette.text),
        (role.PlaceholderText, palette.muted),
        (role.Highlight, palette.selection),
        (role.HighlightedText, palette.text),
        (role.Link, palette.accent),
        (role.Mid, palette.border),
        (role.Light, palette.panel),
    ):
        made.setColor(which, QColor(value))
    for which in (role.Text, role.ButtonText, role.WindowText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(palette.muted))
    return made


_SHEET: Final = Template(
    """
QFrame#card { background: $panel; border: 1px solid $border; border-radius: 8px; }
QLabel[quiet="true"] { color: $muted; }
QLabel#number { font-size: 22pt; font-weight: 600; }
QLabel#heading { font-size: 12pt; font-weight: 600; }
QListWidget#pages { background: $panel; border: none; border-right: 1px solid $border;
    outline: none; padding-top: 6px; }
QListWidget#pages::item { padding: 9px 14px; border-left: 4px solid transparent; }
QListWidget#pages::item:selected { background: $selection; color: $text;
    border-left: 4px solid $accent; }
QListWidget#pages:focus { border: 2px solid $accent; padding-top: 4px; }
QTableView { background: $panel; alternate-background-color: $window; gridline-color: $border;
    border: 1px solid $border; border-radius: 6px; selection-background-color: $selection;
    selection-color: $text; }
QTableView:focus { border: 2px solid $accent; }
QHeaderView::section { background: $window; color: $muted; border: none;
    border-bottom: 1px solid $border; border-right: 1px solid $border; padding: 9px 6px 4px;
    font-weight: 600; }
QHeaderView::up-arrow, QHeaderView::down-arrow { subcontrol-origin: border;
    subcontrol-position: top center; width: 9px; height: 7px; }
QTableCornerButton::section { background: $window; border: none; }
QPushButton { background: $panel; color: $text; border: 1px solid $border; border-radius: 6px;
    padding: 6px 10px; }
QPushButton:hover { border-color: $accent; }
QPushButton:focus { border: 2px solid $accent; padding: 5px 9px; }
QPushButton:disabled { color: $muted; background: $window; }
QPushButton[danger="true"]:enabled { color: $down; border-color: $down; }
QLineEdit { background: $panel; color: $text; border: 1px solid $border; border-radius: 6px;
    padding: 5px 8px; }
QLineEdit:focus { border: 2px solid $accent; padding: 4px 7px; }
QPlainTextEdit { background: $panel; color: $text; border: 1px solid $border; border-radius: 6px;
    selection-background-color: $selection; selection-color: $text; }
QPlainTextEdit:focus { border: 2px solid $accent; }
QListWidget#findings { background: $panel; color: $text; border: 1px solid $border;
    border-radius: 6px; selection-background-color: $selection; selection-color: $text; }
QListWidget#findings:focus { border: 2px solid $accent; }
QTabBar::tab { background: $window; color: $text; border: 1px solid $border;
    border-top-left-radius: 6px; border-top-right-radius: 6px; padding: 6px 12px; }
QTabBar::tab:selected { background: $selection; border-bottom: 3px solid $accent; }
QTabBar:focus { border: 2px solid $accent; }
QTabBar::tab:selected:focus { border: 2px solid $accent; }
QPushButton:checked { background: $selection; border-color: $accent; }
QComboBox { background: $panel; color: $text; border: 1px solid $border; border-radius: 6px;
    padding: 5px 8px; }
QComboBox:focus { border: 2px solid $accent; padding: 4px 7px; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { width: 0; height: 0; margin-right: 8px; border-left: 4px solid $panel;
    border-right: 4px solid $panel; border-top: 5px solid $muted; }
QTreeWidget { background: $panel; color: $text; border: 1px solid $border; border-radius: 6px;
    selection-background-color: $selection; selection-color: $text; }
QTreeWidget::item { padding: 4px 6px; }
QComboBox QAbstractItemView { background: $panel; color: $text; border: 1px solid $border;
    selection-background-color: $selection; selection-color: $text; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $muted; border-radius: 3px;
    background: $panel; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; }
QStatusBar { background: $panel; border-top: 1px solid $border; }
QStatusBar::item { border: none; }
QTableView::item { padding: 0 6px; }
QGraphicsView { background: $panel; border: 1px solid $border; }
"""
)


def stylesheet(palette: Palette) -> str:
    """The stylesheet with this theme's colours."""
    return _SHEET.substitute(asdict(palette))


def dress(application: QApplication, palette: Palette) -> None:
    """Give all windows these colours."""
    application.setPalette(qt_palette(palette))
    application.setStyleSheet(stylesheet(palette))
