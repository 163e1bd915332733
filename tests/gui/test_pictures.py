"""Every page as a picture, light and dark: nothing cut off, enough contrast.

With TMR_SHOTS=FOLDER the pictures are kept there, to be looked at.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtGui import QColor

from monitor_gui.model.limits import AlertLimits
from monitor_gui.model.verdict import Level
from monitor_gui.qt.pages import PAGES
from monitor_gui.qt.palette import DARK, LIGHT, Palette, level_colour
from tests.gui.conftest import Show
from tests.gui.gallery import WALL_S, settled
from tests.gui.stores import STORES

CONTRAST_MIN = 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", list(STORES))
@pytest.mark.parametrize("name", [spec.name for spec in PAGES])
def test_a_page_as_a_picture(show: Show, name: str, state: str, theme: str) -> None:
    shown = show(STORES[state](), theme, name)
    shown.context.book.limits = AlertLimits(raise_after_s=0)
    shown.context.wall = lambda: WALL_S
    shown.at(100.9)
    shown.context.book.acknowledge("versions")
    shown.window.refresh()
    assert settled(shown.window) == []
    picture = shown.window.grab().toImage()
    assert (picture.width(), picture.height()) == (1280, 820)
    palette = DARK if theme == "dark" else LIGHT
    assert colours(picture.pixelColor(5, 700).name(), palette), "the theme is not drawn"
    folder = os.environ.get("TMR_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        picture.save(str(Path(folder) / f"{name}-{state}-{theme}.png"))


def colours(found: str, palette: Palette) -> bool:
    """Whether this is one of the theme's backgrounds."""
    return found in (palette.window, palette.panel)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)
def test_text_has_enough_contrast(palette: Palette) -> None:
    values = asdict(palette)
    pairs = [
        (values[text], values[ground])
        for text in ("text", "muted", "accent", "ok", "notice", "degraded", "unknown", "down")
        for ground in ("window", "panel")
    ]
    pairs += [(palette.text, palette.selection)]
    pairs += [(palette.on_level, level_colour(palette, level)) for level in Level]
    weak = [pair for pair in pairs if contrast(*pair) < CONTRAST_MIN]
    assert weak == []


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, section 1.4.3."""
    first, second = sorted((luminance(one), luminance(other)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb."""
    named = QColor(colour)
    parts: list[float] = [named.redF(), named.greenF(), named.blueF()]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
