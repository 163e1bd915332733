"""The Help menu: the language, what this program is made of, and a bundle for those who help."""

from __future__ import annotations

import importlib.metadata
import io
import platform
import time
import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QSettings, Qt, qVersion
from PySide6.QtGui import QActionGroup, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from appliance import __version__
from monitor_gui.model.connections import System
from monitor_gui.model.diagnostics import bundle
from monitor_gui.qt.banner import icon
from monitor_gui.qt.context import Context
from monitor_gui.qt.language import LANGUAGES, SYSTEM, tr
from monitor_gui.qt.page import heading, plain, quiet
from monitor_gui.qt.room import fit

OWN_LICENCE: Final = "Apache-2.0"
LIBRARIES: Final = (
    *("PySide6-Essentials", "shiboken6", "pyqtgraph", "numpy", "paramiko", "cryptography"),
    *("msgspec", "httptools", "joserfc", "click", "rich"),
)
ICON_SIDE: Final = 64


class Help:
    """Puts itself into the window's menu bar. `systems` gives the connections that are set up."""

    def __init__(
        self,
        window: QMainWindow,
        context: Context,
        settings: QSettings,
        systems: Callable[[], Sequence[System]] = tuple,
    ) -> None:
        self._window, self._context, self._settings = window, context, settings
        self._systems = systems
        menu = window.menuBar().addMenu(tr("&Help"))
        languages = menu.addMenu(tr("&Language"))
        self._group = QActionGroup(window)
        now = str(settings.value("language", SYSTEM))
        for code, name in ((SYSTEM, tr("Language of the desktop")), *LANGUAGES.items()):
            action = languages.addAction(name)
            action.setCheckable(True)
            action.setChecked(code == now)
            action.triggered.connect(partial(self._speak, code))
            self._group.addAction(action)
        menu.addAction(tr("Diagnostics bundle…")).triggered.connect(lambda _=False: self.save())
        menu.addSeparator()
        menu.addAction(tr("&About…")).triggered.connect(lambda _=False: self.about().exec())

    def _speak(self, code: str, _: bool = False) -> None:
        self._settings.setValue("language", code)
        self._window.statusBar().showMessage(
            tr("The language changes when the monitor is started next."), 15_000
        )

    def about(self) -> QDialog:
        """What this program is, and what it is made of."""
        return About(self._window, self._context)

    def save(self) -> None:
        """Ask where to, and have the bundle written."""
        suggestion = time.strftime("tmr-monitor-%Y%m%d-%H%M%S.zip")
        path, _ = QFileDialog.getSaveFileName(
            self._window,
            tr("Save the diagnostics bundle"),
            suggestion,
            tr("ZIP files (*.zip)"),
        )
        if path:
            self._context.desk.save(path, self.zipped())

    def zipped(self) -> bytes:
        """The bundle."""
        keys = (key for key in self._settings.allKeys() if not _is_layout(key))
        settings = "".join(f"{key} = {self._settings.value(key)}\n" for key in sorted(keys))
        files = bundle(
            self._context.store, self._context.clock(), versions(), settings, self._systems()
        )
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return out.getvalue()


class About(QDialog):
    """Name, version, licence, and the libraries with theirs."""

    def __init__(self, parent: QWidget, context: Context) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About TMR monitor"))
        picture = QLabel()
        picture.setPixmap(icon(context.palette.accent).pixmap(ICON_SIDE, ICON_SIDE))
        picture.setAccessibleName(tr("TMR monitor"))
        what = quiet(
            tr("Watches a floating-licence service that stays up when its servers do not.")
        )
        what.setWordWrap(True)
        texts = QVBoxLayout()
        texts.addWidget(heading(tr("TMR monitor")))
        texts.addWidget(
            plain(
                tr(
                    "Version {version}, licence {licence}",
                    version=__version__,
                    licence=OWN_LICENCE,
                )
            )
        )
        texts.addWidget(what)
        top = QHBoxLayout()
        top.addWidget(picture)
        top.addLayout(texts, 1)
        self.table = QTableWidget(0, 3)
        self.table.setHorizontalHeaderLabels([tr("Library"), tr("Version"), tr("Licence")])
        self.table.setAccessibleName(tr("Made with"))
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().setVisible(False)
        self.table.horizontalHeader().setStretchLastSection(True)
        for row, cells in enumerate(libraries()):
            self.table.insertRow(row)
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, column, item)
        self.table.resizeColumnsToContents()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(quiet(tr("Made with")))
        layout.addWidget(self.table, 1)
        layout.addWidget(buttons)
        self.resize(560, 520)
        fit(self)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)


def libraries() -> list[tuple[str, str, str]]:
    """Name, version and licence of the libraries that are installed here."""
    found = []
    for name in LIBRARIES:
        try:
            about = importlib.metadata.metadata(name).json
        except importlib.metadata.PackageNotFoundError:
            continue
        licence = str(about.get("license_expression") or about.get("license") or "")
        if not licence or "\n" in licence:
            classifiers = [str(text) for text in about.get("classifier", [])]
            named = [text.rpartition("::")[2] for text in classifiers if "License ::" in text]
            licence = ", ".join(text.strip() for text in named) or licence.partition("\n")[0]
        found.append((name, str(about.get("version", "")), licence))
    return found


def versions() -> str:
    """For the bundle."""
    lines = [
        f"tmr-appliance {__version__}",
        f"Python {platform.python_version()} on {platform.platform()}",
        f"Qt {qVersion()}, {QGuiApplication.platformName()}",
    ]
    lines += [f"{name} {version}" for name, version, _ in libraries()]
    return "\n".join(lines) + "\n"


def _is_layout(key: str) -> bool:
    """Sizes and places: bytes that tell nobody anything."""
    return any(word in key for word in ("geometry", "layout", "state"))
