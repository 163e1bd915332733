"""How the window looked: geometry, page, splitters, and each table's columns, order and widths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QSplitter

from monitor_gui.qt.columns import Columns, Look, Widths
from monitor_gui.qt.language import spoken
from monitor_gui.qt.page import Page
from monitor_gui.qt.streams import StreamPanel
from monitor_gui.qt.tables import TablePanel

TEXT_MAX: Final = 16_384
"""What is remembered of one table is at most so long; more is not read."""


def keep(settings: QSettings, name: str, page: Page) -> None:
    """Remember how this page looks. Widths belong to the language in which they were dragged: words
    of another one are of another length."""
    for key, splitter in _splitters(name, page):
        settings.setValue(key, splitter.saveState())
    for key, columns in _tables(name, page):
        settings.remove(key)  # where widths of every language stood once
        settings.setValue(f"{key}-columns", msgspec.json.encode(columns.chosen()).decode())
        widths = msgspec.json.encode(columns.widths()).decode()
        settings.setValue(f"{key}-widths-{spoken()}", widths)


def put_back(settings: QSettings, name: str, page: Page) -> None:
    """Let the page look as it did. What does not fit it any more is left out."""
    for key, splitter in _splitters(name, page):
        state = settings.value(key)
        if isinstance(state, QByteArray):
            splitter.restoreState(state)
    for key, columns in _tables(name, page):
        look = _read(settings.value(f"{key}-columns"), Look)
        widths: dict[str, int] | None = _read(settings.value(f"{key}-widths-{spoken()}"), Widths)
        if look is not None or widths:
            columns.put_back(look or columns.chosen(), widths or {})


def _read(value: object, kind: Any) -> Any:
    """What was remembered, None if it is not to be understood."""
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        return None
    try:
        return msgspec.json.decode(value, type=kind)
    except (msgspec.DecodeError, RecursionError):
        return None


def _splitters(name: str, page: Page) -> Iterator[tuple[str, QSplitter]]:
    for number, splitter in enumerate(page.findChildren(QSplitter)):
        yield f"layout/{name}/splitter{number}", splitter


def _tables(name: str, page: Page) -> Iterator[tuple[str, Columns]]:
    for number, panel in enumerate(page.findChildren(TablePanel)):
        yield f"layout/{name}/table{number}", panel.columns
    for number, stream in enumerate(page.findChildren(StreamPanel)):
        yield f"layout/{name}/stream{number}", stream.columns
