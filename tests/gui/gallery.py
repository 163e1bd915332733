"""Every page and dialog, in each language, as pictures: measured, and kept to be looked at.

As a program (`QT_SCALE_FACTOR=2 python -m tests.gui.gallery '{...}'`) it prints what is wrong as a
JSON object, from the name of a picture to its faults: Qt reads its scale when a process starts.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from PySide6.QtCore import QSettings, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QTabWidget, QWidget

from appliance.codec.api_access import NamedRules
from monitor_gui.app import make_application
from monitor_gui.feed.rules import checked
from monitor_gui.model.connections import System
from monitor_gui.model.limits import AlertLimits
from monitor_gui.model.queries import CheckQuery
from monitor_gui.model.store import Store
from monitor_gui.model.updates import Acted
from monitor_gui.qt.access_parts import ApplyRules
from monitor_gui.qt.command_palette import CommandPalette
from monitor_gui.qt.commands import commands
from monitor_gui.qt.connections import ConnectionsDialog, SystemForm
from monitor_gui.qt.context import Context
from monitor_gui.qt.dialogs import host_key_question
from monitor_gui.qt.help import About
from monitor_gui.qt.language import install
from monitor_gui.qt.pages import PAGES
from monitor_gui.qt.room import FRAME
from monitor_gui.qt.window import Window
from tests.gui import geometry
from tests.gui.conftest import FakeDesk
from tests.gui.stores import RULES, STORES
from tests.unit.monitor.test_translations import script

NOW_S = 100.9
HEARD_S = 100.1
WALL_S = 1.8e9 + 5_400
"""The wall clock in pictures: an hour and a half after what the stores tell of."""
PAGE_NAMES = tuple(spec.name for spec in PAGES)
DAMAGED_SEEN = ("overview", "hosts")
STEADY = 3
LOOKS_MAX = 500
SIZE = (1280, 820)
SCREEN = {
    "name": "full HD",
    "x": 0,
    "y": 0,
    "width": 1920,
    "height": 1080,
    "logicalDpi": 96,
    "logicalBaseDpi": 96,
    "dpr": 1,
}
PLANT = System(
    name="Plant 1",
    profile="/home/olga/plant1/profile.toml",
    hosts=("10.77.0.21:7200", "10.77.0.22:7200"),
    ssh="olga@gate.example",
)
FINGERPRINT = "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8"


class Order(msgspec.Struct, frozen=True):
    """What is drawn. `size` is the window's, in pixels of which the scale makes more."""

    languages: list[str]
    theme: str
    size: tuple[int, int] = SIZE
    folder: str = ""


def draw(order: Order) -> dict[str, list[str]]:
    """The faults of each picture that has any."""
    found: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as home:
        for language in order.languages:
            install(language)
            for name, widget in _shown(order, Path(home)):
                faults = settled(widget) + untranslated(widget, language)
                if not isinstance(widget, Window):
                    faults += too_large(widget)
                if isinstance(widget, Window) and (widget.width(), widget.height()) != order.size:
                    faults.append(f"it grew to {widget.width()}x{widget.height()}")
                if faults:
                    found[f"{name}-{language}-{order.theme}"] = faults
                if order.folder:
                    Path(order.folder).mkdir(parents=True, exist_ok=True)
                    widget.grab().save(f"{order.folder}/{name}-{language}-{order.theme}.png")
        install("en")
    return found


def settled(widget: QWidget) -> list[str]:
    """What is wrong once everything has found its place."""
    found = geometry.faults(widget)
    steady = 0
    for _ in range(LOOKS_MAX):
        QApplication.processEvents()
        QApplication.sendPostedEvents()
        before, found = found, geometry.faults(widget)
        steady = steady + 1 if found == before else 0
        if steady == STEADY:
            break
    return found


def untranslated(widget: QWidget, language: str) -> list[str]:
    """Texts of ours that are shown in English although there is a translation."""
    if language == "en":
        return []
    known = {text: forms[0] for text, forms in script.read(language).items()}
    shown = {text.replace("&", "") for text in geometry.texts(widget)}
    return [f"{text!r} is shown in English" for text in shown if known.get(text, text) != text]


def too_large(widget: QWidget) -> list[str]:
    """What opens larger than its screen has room for."""
    room = widget.screen().availableGeometry().marginsRemoved(FRAME).size()
    if widget.size().boundedTo(room) == widget.size():
        return []
    return [f"it opens {widget.width()}x{widget.height()} large on {room.width()}x{room.height()}"]


def _shown(order: Order, home: Path) -> Iterator[tuple[str, QWidget]]:
    """Each page of a window that has much to tell, then each dialog. The pages have shown a system
    in which all is well before, and another language's layout is remembered."""
    for state, names in (("degraded", PAGE_NAMES), ("damaged", DAMAGED_SEEN)):
        clock = [NOW_S - 2.0]
        with _window(order, home, STORES["well"](), clock) as window:
            large = too_large(window)
            assert not large, large
            for name in names:
                window.show_page(name)
            window.context.store = store = STORES[state]()
            # Heard a little later than what was shown before: pages look at the time of an answer.
            store.licences_at_s = store.leases_at_s = HEARD_S
            clock[0] = NOW_S
            window.take([Acted("switchover", True, "Recorded; tmr2 is taking over.")])
            window.context.book.acknowledge("versions")
            for name in names:
                window.show_page(name)
                window.resize(*order.size)
                window.refresh()
                yield (name if state == "degraded" else f"{name}-{state}"), window
                yield from _tabs(name, window)
            if state == "degraded":
                for name, dialog in _dialogs(window):
                    dialog.show()
                    yield name, dialog
                    dialog.close()
                    dialog.deleteLater()


def _tabs(name: str, window: Window) -> Iterator[tuple[str, QWidget]]:
    """The further parts of a page that has some."""
    page = window.stack.currentWidget()
    tabs = page.findChild(QTabWidget) if page is not None else None
    for number in range(1, tabs.count() if tabs is not None else 0):
        assert tabs is not None
        tabs.setCurrentIndex(number)
        window.refresh()
        yield f"{name}-{number}", window


@contextmanager
def _window(order: Order, home: Path, store: Store, clock: list[float]) -> Iterator[Window]:
    context = Context(
        store, FakeDesk(), lambda: clock[0], lambda: WALL_S, limits=AlertLimits(raise_after_s=0)
    )
    settings = QSettings(str(home / "window.ini"), QSettings.Format.IniFormat)
    window = Window(context, settings, [PLANT])
    try:
        window.timer.stop()
        window.set_theme(order.theme)
        window.show()
        yield window
    finally:
        window.close()
        window.deleteLater()
        QApplication.sendPostedEvents()


def _dialogs(window: Window) -> Iterator[tuple[str, QWidget]]:
    yield "about", About(window, window.context)
    yield "palette", CommandPalette(window, commands(window), [])
    nobody = lambda _: None  # noqa: E731
    yield "connections", ConnectionsDialog(window, [PLANT], nobody, nobody)
    yield "connection", SystemForm(window, None, [])
    old = CheckQuery(RULES, NamedRules(), 12)
    yield "apply-rules", ApplyRules(window, 12, checked(old))
    yield "host-key", host_key_question(window, "gate.example", FINGERPRINT)


def main(arguments: list[str]) -> None:
    """Draw what the JSON object in the first argument says."""
    complaints: list[str] = []
    with tempfile.NamedTemporaryFile("w", suffix=".json") as screen:
        json.dump({"screens": [SCREEN]}, screen)
        screen.flush()
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen.name}"
        qInstallMessageHandler(lambda kind, context, text: complaints.append(text))
        application = make_application()
    found = draw(msgspec.json.decode(arguments[0], type=Order))
    said = sorted({text for text in complaints if "propagateSizeHints" not in text})
    print(json.dumps({"faults": found, "qt": said, "ratio": application.devicePixelRatio()}))


if __name__ == "__main__":
    main(sys.argv[1:])
