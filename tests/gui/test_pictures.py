"""Every page as a picture, light and dark: nothing clipped, enough contrast, no word missing.

With TMR_SHOTS=FOLDER the pictures are kept there, to be looked at.
"""

from __future__ import annotations

import math
import os
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from monitor_gui.model.limits import Limits
from monitor_gui.model.store import Store
from monitor_gui.model.timeline import LOST, SWITCH, UPSTREAM, Entry
from monitor_gui.model.updates import Happened, LogsHeard
from monitor_gui.model.usage import Usage
from monitor_gui.model.verdict import Level
from monitor_gui.qt.pages import PAGES
from monitor_gui.qt.palette import DARK, LIGHT, Palette, level_colour
from tests.gui.conftest import Show
from tests.unit.monitor.documents import NOW_MS, filled, licence, with_report_in
from tests.unit.monitor.test_activity import event, line

CONTRAST_MIN = 4.5


def well() -> Store:
    """All is well."""
    store = filled(leases=12)
    lived(store)
    return with_report_in(store)


def lived(store: Store) -> None:
    """Some events and some lines of log."""
    outcomes = ("granted", "granted", "no-seat-free", "granted", "licence-expired")
    events = [
        event(
            "check-out",
            outcome=outcomes[n % 5],
            holder={"user": "aiko", "host": f"ws-{n}"},
            firm_code=100,
            product_code=10,
            index=n,
        )
        for n in range(60)
    ]
    events += [
        event("phase", host="tmr2", phase="serving", why="address here"),
        event("operator", action="switchover", who="cert:olga", why="kernel update"),
        event("blocks", outcome="done", detail="list 4: 130-2 blocked", who="up1"),
        event("upstreams", host="tmr1", missing=["up2"]),
    ]
    store.apply(Happened(100.0, tuple(events)))
    for second in range(200):
        wave = round(30 * math.sin(second / 9))
        store.offsets.append((second / 2, {"up1": 0, "up2": -12 + wave // 3, "up3": wave}))
    store.usage = Usage()
    for second in range(0, 600, 3):
        seats = licence(in_use=second // 60 % 4)
        store.usage.hear((seats, licence(20, text="Renderer", in_use=second // 90 % 3)), second / 6)
    levels = ("info", "debug", "warning", "info", "error")
    store.apply(
        LogsHeard(
            100.0,
            tuple(
                line(f"up{n % 3 + 1}", n, 1_800_000_000_000 + n * 700, levels[n % 5])
                for n in range(60)
            ),
        )
    )


def degraded() -> Store:
    """Several things are wrong."""
    states = (("ok", "differs", "ok"), ("ok",), ("ok", "ok", "locked"), ("ok", "ok", "unreachable"))
    rows = tuple(licence(10 * n, s, text=f"Product {n}") for n, s in enumerate(states, 1))
    rows += (licence(50, in_use=3, text="Product 5"),)
    store = filled(licences=rows, lost=("up2",), times_ms={"up3": 42_000}, leases=40)
    lived(store)
    with_report_in(
        store,
        up1={"disk_free_bytes": 2 << 30},
        tmr2={"certificate_expires_at_s": NOW_MS // 1000 + 12 * 86_400},
        up3={"server_states": ("good", "failed"), "version": "0.2.0"},
    )
    for number in range(12):
        kind = (SWITCH, UPSTREAM, LOST)[number % 3]
        at_most_s = 0.2 + number / 10 if kind == SWITCH else None
        text = "tmr2 took over from tmr1"
        store.entries.append(
            Entry(unix_s=1.8e9 + number, kind=kind, text=text, host="tmr2", at_most_s=at_most_s)
        )
    return store


STORES = {"well": well, "degraded": degraded, "nothing": Store}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", list(STORES))
@pytest.mark.parametrize("name", [spec.name for spec in PAGES])
def test_a_page_as_a_picture(show: Show, qtbot: QtBot, name: str, state: str, theme: str) -> None:
    shown = show(STORES[state](), theme, name)
    shown.context.book.limits = Limits(raise_after_s=0)
    shown.at(100.9)
    shown.context.book.acknowledge("versions")
    shown.window.refresh()
    qtbot.waitUntil(lambda: clipped(shown.window) == [], timeout=20_000)
    QApplication.sendPostedEvents()
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


def clipped(window: QWidget) -> list[str]:
    """Texts of labels and buttons that do not fit where they stand."""
    found = []
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, (QLabel, QPushButton)) or not widget.isVisible():
            continue
        text = widget.text()
        if not text or "<" in text:
            continue
        inner = QRect(QPoint(0, 0), widget.size())
        metrics = QFontMetrics(widget.font())
        flags = 0x1000 if isinstance(widget, QLabel) and widget.wordWrap() else 0
        needed = metrics.boundingRect(inner, flags, text.replace("&", ""))
        if needed.height() > inner.height() + 1 or (not flags and needed.width() > inner.width()):
            found.append(f"{text!r} needs {needed.size()}, has {inner.size()}")
    return found


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


def test_the_check_for_clipping_can_fail(show: Show, qtbot: QtBot) -> None:
    shown = show()
    qtbot.waitUntil(lambda: clipped(shown.window) == [], timeout=20_000)
    shown.window.banner.sign.setText("much too long for this place " * 20)
    shown.window.banner.sign.setFixedWidth(20)
    assert clipped(shown.window)
