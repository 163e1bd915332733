"""What can be wrong with a picture of the window, found by measuring instead of by looking.

`faults` names, in sentences, texts that are cut off, widgets that lie over each other or reach out
of their parent, boxes of the drawing whose texts collide, and letters that no font has.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from unicodedata import category

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QRawFont, QTextLayout
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QGraphicsView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QMenuBar,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QSplitterHandle,
    QStyle,
    QStyleOptionFrame,
    QStyleOptionHeader,
    QTableView,
    QTreeView,
    QWidget,
)

from monitor_gui.qt.scene import Box, SystemScene

ROWS_LOOKED_AT = 40
SHORT = 24
"""Texts of so many letters are to be read whole: times, numbers, states, names."""
SHADE = 1
"""So many pixels are left to rounding."""


def faults(window: QWidget) -> list[str]:
    """Everything that is wrong with what is seen of this window."""
    found = [*_texts_cut(window), *_overlaps(window), *_outside(window), *_sideways(window)]
    found += [f"no glyph for {letter!r} (U+{ord(letter):04X})" for letter in missing(window)]
    for view in window.findChildren(QGraphicsView):
        scene = view.scene()
        if view.isVisible() and isinstance(scene, SystemScene):
            found += _boxes(scene)
    return found


def seen(window: QWidget) -> Iterator[QWidget]:
    """The widgets that are shown in it."""
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.window() is window:
            yield widget


# --- texts ---


def _texts_cut(window: QWidget) -> Iterator[str]:
    for widget in seen(window):
        if isinstance(widget, QLabel):
            yield from _label(widget)
        elif isinstance(widget, QHeaderView):
            yield from _header(widget)
        elif isinstance(widget, QTableView):
            yield from _cells(widget)
        elif isinstance(widget, QListWidget):
            yield from _items(widget)
        elif isinstance(widget, QLineEdit):
            yield from _line(widget)
        elif isinstance(widget, (QPushButton, QCheckBox, QComboBox)):
            wanted = widget.minimumSizeHint()
            if isinstance(widget, QComboBox):
                wanted = widget.sizeHint()
            if not _fits(wanted, widget.size()):
                text = (
                    widget.text() if isinstance(widget, QAbstractButton) else widget.currentText()
                )
                yield f"{text!r} needs {_said(wanted)}, has {_said(widget.size())}"


def _label(label: QLabel) -> Iterator[str]:
    """Of rich text Qt itself says how high it gets."""
    text = label.text()
    if label.buddy() is not None:
        text = text.replace("&", "", 1)  # its key is underlined
    if not text:
        return
    inner = label.contentsRect()
    if "<" in text and label.textFormat() != Qt.TextFormat.PlainText:
        needed = label.sizeHint()
    else:
        flags = int(Qt.TextFlag.TextWordWrap) if label.wordWrap() else 0
        metrics = QFontMetrics(label.font())
        needed = metrics.boundingRect(QRect(QPoint(0, 0), inner.size()), flags, text).size()
        if flags:  # Lines of several fonts are higher than metrics of one know.
            over = label.heightForWidth(label.width()) - label.height()
            needed.setHeight(inner.height() + max(0, over))
    if not _fits(needed, inner.size()):
        yield f"{text!r} needs {_said(needed)}, has {_said(inner.size())}"


def _header(header: QHeaderView) -> Iterator[str]:
    """A title has to be read whole, beside or below the mark for sorting."""
    model = header.model()
    if model is None or header.orientation() != Qt.Orientation.Horizontal:
        return
    option = QStyleOptionHeader()
    option.initFrom(header)
    margin = header.style().pixelMetric(QStyle.PixelMetric.PM_HeaderMargin, option, header)
    bold = QFont(header.font())
    bold.setWeight(QFont.Weight.DemiBold)
    for section in range(header.count()):
        title = str(model.headerData(section, header.orientation()) or "")
        if header.isSectionHidden(section) or not title:
            continue
        needed = QFontMetrics(bold).horizontalAdvance(title) + 2 * margin
        if header.sectionSize(section) + SHADE < needed:
            yield f"title {title!r} needs {needed}, has {header.sectionSize(section)}"


def _cells(view: QTableView) -> Iterator[str]:
    """A long text may be elided if its tip has it whole, a short one never."""
    model = view.model()
    if model is None:
        return
    metrics = QFontMetrics(view.font())
    frame = view.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, view) + 1
    edges = 12 + 2 * frame  # the style sheet's padding of a cell, and Qt's own
    for row in range(min(model.rowCount(), ROWS_LOOKED_AT)):
        if view.rowHeight(row) and view.rowHeight(row) < metrics.height():
            yield f"row {row} is {view.rowHeight(row)} high, its text {metrics.height()}"
        for column in range(model.columnCount()):
            if view.isColumnHidden(column):
                continue
            index = model.index(row, column)
            text = str(index.data() or "")
            room = view.visualRect(index).width() - edges
            if metrics.horizontalAdvance(text) <= room + SHADE:
                continue
            tip = str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
            if text not in tip or len(text) <= SHORT:
                yield f"cell {text!r} of column {column} is cut off"


def _items(found: QListWidget) -> Iterator[str]:
    metrics = QFontMetrics(found.font())
    for row in range(found.count()):
        item = found.item(row)
        room = found.visualItemRect(item).width() - 32  # the style sheet's padding and edge
        if found.objectName() == "pages" and metrics.horizontalAdvance(item.text()) > room:
            yield f"item {item.text()!r} needs {metrics.horizontalAdvance(item.text())}, has {room}"


def _line(line: QLineEdit) -> Iterator[str]:
    """What stands in an empty field to explain it."""
    option = QStyleOptionFrame()
    line.initStyleOption(option)
    inner = line.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, line)
    metrics = QFontMetrics(line.font())
    needed = metrics.horizontalAdvance(line.placeholderText())
    if not line.text() and needed > inner.width():
        yield f"placeholder {line.placeholderText()!r} needs {needed}, has {inner.width()}"
    if inner.height() + 2 < metrics.height():
        yield f"field {line.accessibleName()!r} is {inner.height()} high inside"


def _fits(needed: QSize, there: QSize) -> bool:
    return needed.width() <= there.width() + SHADE and needed.height() <= there.height() + SHADE


def _said(size: QSize) -> str:
    return f"{size.width()}x{size.height()}"


# --- places ---

_FREE = (QScrollBar, QSplitterHandle, QMenu)


def _overlaps(window: QWidget) -> Iterator[str]:
    """Siblings that lie over each other. A view's own parts are Qt's affair."""
    for parent in [window, *seen(window)]:
        if isinstance(
            parent, (QAbstractItemView, QGraphicsView, QHeaderView, QLineEdit, QComboBox)
        ):
            continue
        children = [
            child
            for child in parent.findChildren(
                QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly
            )
            if child.isVisible() and not child.isWindow() and not isinstance(child, _FREE)
        ]
        for number, one in enumerate(children):
            for other in children[number + 1 :]:
                common = one.geometry().intersected(other.geometry())
                if common.width() > SHADE and common.height() > SHADE:
                    yield f"{_name(one)} and {_name(other)} lie over each other"


def _outside(window: QWidget) -> Iterator[str]:
    """Children that reach out of their parent, where what sticks out cannot be seen."""
    for widget in seen(window):
        parent = widget.parentWidget()
        if parent is None or isinstance(widget, _FREE) or _scrolled(widget):
            continue
        inner = parent.rect().adjusted(-SHADE, -SHADE, SHADE, SHADE)
        if not inner.contains(widget.geometry()):
            yield f"{_name(widget)} reaches out of {_name(parent)}"


def _sideways(window: QWidget) -> Iterator[str]:
    """Pages and tables that have to be pushed to and fro to be read."""
    for widget in seen(window):
        if isinstance(widget, (QTableView, QTreeView, QScrollArea)):
            further = widget.horizontalScrollBar().maximum()
            if further > 0:
                yield f"{_name(widget)} is scrolled sideways, by {further}"


def _scrolled(widget: QWidget) -> bool:
    """Whether a scroll bar brings to sight what sticks out."""
    parent = widget.parentWidget()
    return parent is not None and parent.objectName() == "qt_scrollarea_viewport"


def _name(widget: QWidget) -> str:
    text = getattr(widget, "text", None)
    said = widget.accessibleName() or widget.objectName() or (text() if callable(text) else "")
    return f"{type(widget).__name__} {said!r}"


def _boxes(scene: SystemScene) -> Iterator[str]:
    """The drawing: titles beside their signs, lines within their boxes, boxes apart."""
    for number, box in enumerate(scene.boxes):
        yield from _box(box)
        for other in scene.boxes[number + 1 :]:
            if (
                box.sceneTransform()
                .mapRect(box.rect)
                .intersects(other.sceneTransform().mapRect(other.rect))
            ):
                yield f"boxes {box.title!r} and {other.title!r} lie over each other"


def _box(box: Box) -> Iterator[str]:
    wide, high = box.wanted()
    inner = box.inner()
    if wide > inner.width() or high > inner.height() + SHADE:
        lines = [text for text, _ in box.lines]
        yield (
            f"box {box.title!r} {box.badge!r} {lines}: needs {wide:.0f}x{high:.0f}, "
            f"has {inner.width():.0f}x{inner.height():.0f}"
        )


# --- letters ---


def missing(window: QWidget) -> list[str]:
    """Letters that would be drawn as a box."""
    font = window.font()
    letters = {letter for text in texts(window) for letter in text}
    letters -= {letter for letter in letters if category(letter) == "Cc"}  # line breaks
    return sorted(letter for letter in letters if not has_glyph(font.toString(), letter))


def texts(window: QWidget) -> Iterator[str]:
    """Every text that is seen in it."""
    for widget in seen(window):
        if isinstance(widget, (QLabel, QAbstractButton)):
            yield widget.text()
        elif isinstance(widget, QLineEdit):
            yield widget.text() or widget.placeholderText()
        elif isinstance(widget, QMenuBar):
            yield from (action.text() for action in widget.actions())
        elif isinstance(widget, QListWidget):
            yield from (widget.item(row).text() for row in range(widget.count()))
        elif isinstance(widget, QComboBox):
            yield from (widget.itemText(number) for number in range(widget.count()))
        elif isinstance(widget, QTableView) and widget.model() is not None:
            yield from _table_texts(widget)
        elif isinstance(widget, pg.PlotWidget):
            yield from (widget.getAxis(side).labelText for side in ("left", "bottom"))
        elif isinstance(widget, QGraphicsView):
            scene = widget.scene()
            for box in scene.boxes if isinstance(scene, SystemScene) else ():
                yield from (box.title, box.badge, *(line for line, _ in box.lines))


def _table_texts(view: QTableView) -> Iterator[str]:
    model = view.model()
    for column in range(model.columnCount()):
        yield str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        for row in range(min(model.rowCount(), ROWS_LOOKED_AT)):
            yield str(model.index(row, column).data() or "")


@cache
def has_glyph(font_name: str, letter: str) -> bool:
    """Whether Qt finds this letter, in the font or in one that stands in for it."""
    font = QFont()
    font.fromString(font_name)
    if QRawFont.fromFont(font).supportsCharacter(letter):
        return True
    layout = QTextLayout(letter, font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    runs = layout.glyphRuns()
    return bool(runs) and all(index != 0 for run in runs for index in run.glyphIndexes())
