"""The icon in the desktop's tray: how things are, and alerts as notifications."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QSystemTrayIcon

from monitor_gui.model.alerts import Alert
from monitor_gui.model.verdict import Level, ShownVerdict
from monitor_gui.qt.banner import icon
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.palette import LIGHT, level_colour

SHOWN_MS: Final = 10_000


class Tray:
    """Tells of alerts outside the window: in the tray if there is one, else by the window's entry
    in the task bar, which is made to ask for attention."""

    def __init__(
        self, window: QMainWindow, acts: Sequence[tuple[str, Callable[[], object]]]
    ) -> None:
        self._window = window
        self.icon: QSystemTrayIcon | None = None
        self._shown = Level.UNKNOWN, ""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        menu = QMenu(window)
        for title, act in acts:
            action = QAction(title, menu)
            action.triggered.connect(lambda _=False, act=act: act())
            menu.addAction(action)
        self.icon = QSystemTrayIcon(icon(level_colour(LIGHT, Level.UNKNOWN)), window)
        self.icon.setContextMenu(menu)
        self.icon.activated.connect(self._activated)
        self.icon.messageClicked.connect(acts[0][1])
        self.icon.show()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self._window.showNormal()
            self._window.raise_()
            self._window.activateWindow()

    def show_state(self, verdict: ShownVerdict, ringing: int) -> None:
        """The verdict in colour and words, with the number of alerts."""
        text = words(verdict.headline)
        if ringing:
            text += "\n" + tr("Alerts: {n}", n=ringing)
        if self.icon is None or (verdict.level, text) == self._shown:
            return
        self._shown = verdict.level, text
        self.icon.setIcon(icon(level_colour(LIGHT, verdict.level)))
        self.icon.setToolTip(text)

    def ring(self, alerts: Sequence[Alert]) -> None:
        """Notify of these: each one's text, or the worst with how many more there are."""
        worst = max(alerts, key=lambda alert: alert.level)
        title, body = words(worst.text), words(worst.advice)
        if len(alerts) > 1:
            body += "\n" + tr("Further new alerts: {n}", n=len(alerts) - 1)
        if self.icon is not None:
            kind = QSystemTrayIcon.MessageIcon
            shown = kind.Critical if worst.level in (Level.CRITICAL, Level.DOWN) else kind.Warning
            if worst.level <= Level.NOTICE:
                shown = kind.Information
            self.icon.showMessage(title, body, shown, SHOWN_MS)
        elif not self._window.isActiveWindow():
            QApplication.alert(self._window)
