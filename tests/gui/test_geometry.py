"""Every page and dialog at 100, 150 and 200 %, in three languages: nothing cut off, nothing over
another, no letter without a glyph; and the measuring finds each such fault.

With TMR_SHOTS=FOLDER the pictures are kept there, to be looked at.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from monitor_gui.qt.language import LANGUAGES
from monitor_gui.qt.overview import OverviewPage
from monitor_gui.qt.rows import Column
from monitor_gui.qt.tables import TablePanel
from tests.gui import geometry
from tests.gui.conftest import Show
from tests.gui.gallery import settled, untranslated

ROOT = Path(__file__).parents[2]
# What a full HD screen has room for at each scale: 1920 by 1080 is 960 by 540 at 200 %. The dark
# window is small; the usual size in the dark is in test_pictures.py.
VIEWS = [
    (1.0, "light", (1280, 820)),
    (1.0, "dark", (1024, 700)),
    (1.5, "dark", (1280, 720)),
    (2.0, "light", (960, 540)),
]


@pytest.mark.parametrize(("scale", "theme", "size"), VIEWS)
def test_every_page_and_dialog_in_every_language(
    scale: float, theme: str, size: tuple[int, int]
) -> None:
    folder = os.environ.get("TMR_SHOTS", "")
    order = {
        "languages": list(LANGUAGES),
        "theme": theme,
        "size": size,
        "folder": f"{folder}/{scale:.0%}" if folder else "",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.gui.gallery", json.dumps(order)],
        cwd=ROOT,
        env=os.environ | {"QT_SCALE_FACTOR": str(scale)},
        capture_output=True,
        encoding="utf-8",
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"faults": {}, "qt": [], "ratio": scale}


def test_a_text_that_is_cut_off_is_found(show: Show) -> None:
    shown = show()
    assert settled(shown.window) == []
    shown.window.banner.sign.setText("much too long for this place " * 20)
    shown.window.banner.sign.setFixedWidth(20)
    assert any("much too long" in fault for fault in settled(shown.window))


def test_a_text_that_stayed_english_is_found(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    QHBoxLayout(window).addWidget(QLabel("Select a lease first."))
    window.show()
    assert untranslated(window, "en") == []
    assert untranslated(window, "ja") == ["'Select a lease first.' is shown in English"]


def test_what_lies_over_another_or_reaches_out_is_found(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(300, 100)
    for text, x in (("one", 10), ("two", 40), ("three", 280)):
        button = QPushButton(text, window)
        button.setGeometry(x, 10, 90, 30)
    window.show()
    found = geometry.faults(window)
    assert "QPushButton 'one' and QPushButton 'two' lie over each other" in found
    assert any("'three' reaches out of" in fault for fault in found)
    assert len(found) == 2


def test_a_letter_without_a_glyph_is_found(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    QHBoxLayout(window).addWidget(QLabel("a\U0010fffd"))
    window.show()
    assert geometry.faults(window) == ["no glyph for '\\U0010fffd' (U+10FFFD)"]


def test_a_short_cell_and_a_title_that_are_cut_off_are_found(show: Show, qtbot: QtBot) -> None:
    shown = show()
    columns = [Column("a", "A title of some length", str), Column("b", "Other", str)]
    panel = TablePanel("Table", columns, lambda row: row, shown.context, "")
    qtbot.addWidget(panel)
    panel.set_rows(["2026-11-22 03:04:05", "a text that is long enough to be cut off, with a tip"])
    panel.resize(800, 400)
    panel.show()
    panel.view.setColumnWidth(1, 390)
    panel.view.setColumnWidth(0, 390)
    assert settled(panel) == []
    panel.view.horizontalHeader().blockSignals(True)  # else the panel would not let it be so narrow
    panel.view.setColumnWidth(0, 60)
    found = settled(panel)
    assert "cell '2026-11-22 03:04:05' of column 0 is cut off" in found
    assert any(fault.startswith("title 'A title of some length' needs") for fault in found)
    assert len(found) == 2


def test_a_table_that_has_to_be_pushed_sideways_is_found(show: Show, qtbot: QtBot) -> None:
    shown = show()
    columns = [Column("a", "A", str), Column("b", "B", str)]
    panel = TablePanel("Table", columns, lambda row: row, shown.context, "")
    qtbot.addWidget(panel)
    panel.set_rows(["x"])
    panel.resize(300, 400)
    panel.show()
    assert settled(panel) == []
    panel.view.setColumnWidth(0, 500)
    (fault,) = settled(panel)
    assert fault.startswith("View 'Table' is scrolled sideways, by ")


def test_a_box_of_the_drawing_that_is_too_small_is_found(show: Show) -> None:
    shown = show()
    page = shown.window.stack.currentWidget()
    assert isinstance(page, OverviewPage)
    page.scene.token.tell("Virtual IP", "", "accent", [("2001:db8:0:0:0:0:0:100/64", "text")])
    QApplication.processEvents()
    (fault,) = geometry.faults(shown.window)
    assert fault.startswith("box 'Virtual IP'")
