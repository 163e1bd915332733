"""How the window looked: geometry, page, splitters, and each table's columns, order and widths."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QSplitter, QTableView

from monitor_gui.qt.page import Page
from monitor_gui.qt.streams import StreamPanel
from monitor_gui.qt.tables import TablePanel


def keep(settings: QSettings, name: str, page: Page) -> None:
    """Remember how this page looks."""
    for key, splitter in _splitters(name, page):
        settings.setValue(key, splitter.saveState())
    for key, view in _tables(name, page):
        settings.setValue(key, view.horizontalHeader().saveState())


def put_back(settings: QSettings, name: str, page: Page) -> None:
    """Let the page look as it did. What does not fit it any more is left out."""
    for key, splitter in _splitters(name, page):
        state = settings.value(key)
        if isinstance(state, QByteArray):
            splitter.restoreState(state)
    for number, panel in enumerate(page.findChildren(TablePanel)):
        state = settings.value(f"layout/{name}/table{number}")
        if isinstance(state, QByteArray):
            panel.restore(state)
    for number, stream in enumerate(page.findChildren(StreamPanel)):
        state = settings.value(f"layout/{name}/stream{number}")
        if isinstance(state, QByteArray):
            stream.view.horizontalHeader().restoreState(state)


def _splitters(name: str, page: Page) -> Iterator[tuple[str, QSplitter]]:
    for number, splitter in enumerate(page.findChildren(QSplitter)):
        yield f"layout/{name}/splitter{number}", splitter


def _tables(name: str, page: Page) -> Iterator[tuple[str, QTableView]]:
    for number, panel in enumerate(page.findChildren(TablePanel)):
        if panel.fitted:
            yield f"layout/{name}/table{number}", panel.view
    for number, stream in enumerate(page.findChildren(StreamPanel)):
        yield f"layout/{name}/stream{number}", stream.view
