"""Alerts: what wants attention, acknowledged or snoozed here, with the way to its cause."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QPushButton, QSplitter, QVBoxLayout

from monitor_gui.model.ages import age, duration
from monitor_gui.model.alerting import AlertItem
from monitor_gui.model.verdict import Level
from monitor_gui.qt.context import Context
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.moments import clock, today
from monitor_gui.qt.page import Page, plain, quiet
from monitor_gui.qt.palette import SIGNS
from monitor_gui.qt.rows import Column
from monitor_gui.qt.tables import TablePanel

SNOOZES_S: Final = (900, 3_600, 8 * 3_600, 24 * 3_600)
_TONES: Final = {
    Level.NOTICE: "notice",
    Level.DEGRADED: "degraded",
    Level.CRITICAL: "down",
    Level.UNKNOWN: "unknown",
    Level.DOWN: "down",
}


class AlertsPage(Page):
    """Open alerts above, ended ones below."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._now_s = 0.0
        self.open = self._open_panel()
        self.acknowledge = self._button(tr("Acknowledge"), "A", self._acknowledge)
        self.snooze = self._button(tr("Snooze"), "S", None)
        self.reopen = self._button(tr("Reopen"), "R", self._reopen)
        self.cause = self._button(tr("Show the cause"), "", self._show_cause)
        self._snoozes = QMenu(self)
        for seconds in SNOOZES_S:
            action = self._snoozes.addAction(tr("for {time}", time=words(duration(seconds))))
            action.triggered.connect(lambda _=False, s=seconds: self._snooze(s))
        self.snooze.setMenu(self._snoozes)
        self.open.selected.connect(self._allow)
        self.open.view.activated.connect(lambda _: self._show_cause())
        self.ended = self._ended_panel()
        self.detail = plain()
        self.detail.setWordWrap(True)
        self.detail.setTextFormat(Qt.TextFormat.PlainText)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.open.add_below(self.detail)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setObjectName("alerts")
        split.addWidget(self.open)
        split.addWidget(self.ended)
        split.setChildrenCollapsible(False)
        split.setSizes([480, 200])
        self.note = quiet(
            tr(
                "Keys: A acknowledges, S snoozes, R reopens, Enter shows the cause. Thresholds: "
                "[alerts] in monitor.toml."
            )
        )
        layout = QVBoxLayout(self)
        layout.addWidget(split, 1)
        layout.addWidget(self.note)

    def _open_panel(self) -> TablePanel:
        context = self.context
        return TablePanel(
            tr("Alerts"),
            [
                Column(
                    "level",
                    tr("Level"),
                    _level,
                    lambda row: (row.alert.level, row.since_unix_s),
                    tone=_tone,
                ),
                Column(
                    "alert",
                    tr("Alert"),
                    lambda row: words(row.alert.text),
                    tone=_tone,
                    stretch=True,
                ),
                Column(
                    "state",
                    tr("State"),
                    self._state,
                    tone=self._state_tone,
                    widest=tr("acknowledged"),
                ),
                Column(
                    "since",
                    tr("Since"),
                    lambda row: words(age(row.since_unix_s, context.wall())),
                    lambda row: row.since_unix_s,
                    tip=lambda row: clock(row.since_unix_s),
                    widest=words(age(0, 3_599)),
                ),
                Column(
                    "what-to-do",
                    tr("What to do"),
                    lambda row: words(row.alert.advice),
                    tip=_advice,
                    rank=1,
                ),
            ],
            lambda row: row.alert.key,
            context,
            tr("No alert is open."),
            sort=(0, True),
        )

    def _ended_panel(self) -> TablePanel:
        return TablePanel(
            tr("Ended since this monitor began to watch"),
            [
                Column(
                    "ended",
                    tr("Ended"),
                    lambda row: today(row.ended_unix_s or 0),
                    lambda row: row.ended_unix_s or 0,
                    tip=lambda row: clock(row.ended_unix_s or 0),
                ),
                Column("alert", tr("Alert"), lambda row: words(row.alert.text), stretch=True),
                Column(
                    "lasted",
                    tr("Lasted"),
                    _lasted,
                    lambda row: (row.ended_unix_s or 0) - row.since_unix_s,
                    True,
                ),
            ],
            lambda row: (row.alert.key, row.ended_unix_s),
            self.context,
            tr("None has ended yet."),
            sort=(0, True),
        )

    def _button(self, title: str, key: str, act: object) -> QPushButton:
        button = QPushButton(title)
        if callable(act):
            button.clicked.connect(lambda _=False: act())
        if key:
            # What is typed into a filter stays there: a field takes letters before shortcuts do.
            short = QShortcut(QKeySequence(key), self)
            short.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            short.activated.connect(button.click)
        self.open.buttons.addWidget(button)
        return button

    def refresh(self, now_s: float) -> None:
        """As in `Page`."""
        self._now_s = now_s
        book = self.context.book
        self.open.set_rows(book.open())
        self.ended.set_rows(list(book.ended))
        self.open.grow_older()
        self._allow()

    def seek(self, subject: str) -> None:
        """As in `Page`."""
        self.open.seek(subject)

    # --- acts ---

    def _current(self) -> AlertItem | None:
        row = self.open.current()
        return row if isinstance(row, AlertItem) else None

    def _allow(self) -> None:
        item = self._current()
        quietened = item is not None and (
            item.acknowledged or item.snoozed_until_unix_s > self.context.wall()
        )
        told = f"{words(item.alert.text)}. {words(item.alert.advice)}" if item is not None else ""
        self.detail.setText(told)
        self.detail.setVisible(bool(told))
        for button in (self.acknowledge, self.snooze, self.cause):
            button.setEnabled(item is not None)
        self.acknowledge.setEnabled(item is not None and not item.acknowledged)
        self.reopen.setEnabled(quietened)

    def _acknowledge(self) -> None:
        item = self._current()
        if item is not None:
            self.context.book.acknowledge(item.alert.key)
            self._done()

    def _snooze(self, seconds: int) -> None:
        item = self._current()
        if item is not None:
            self.context.book.snooze(item.alert.key, self.context.wall() + seconds)
            self._done()

    def _reopen(self) -> None:
        item = self._current()
        if item is not None:
            self.context.book.reopen(item.alert.key)
            self._done()

    def _show_cause(self) -> None:
        item = self._current()
        if item is not None:
            self.context.go(item.alert.page, item.alert.subject)

    def _done(self) -> None:
        self.context.settle_alerts()
        self.refresh(self._now_s)

    # --- words ---

    def _state(self, row: AlertItem) -> str:
        now_unix_s = self.context.wall()
        if row.acknowledged:
            return tr("acknowledged")
        if row.snoozed_until_unix_s > now_unix_s:
            left = words(duration(row.snoozed_until_unix_s - now_unix_s))
            return tr("snoozed, {time} left", time=left)
        return tr("over, not acknowledged") if row.gone_s is not None else tr("new")

    def _state_tone(self, row: AlertItem) -> str:
        return "" if row.rings(self.context.wall()) else "unknown"


def level_word(level: Level) -> str:
    """How bad, in a word."""
    return {
        Level.OK: tr("fine"),
        Level.NOTICE: tr("notice"),
        Level.DEGRADED: tr("warning"),
        Level.CRITICAL: tr("critical"),
        Level.UNKNOWN: tr("unknown"),
        Level.DOWN: tr("critical"),
    }[level]


def _level(row: AlertItem) -> str:
    sign = "ℹ" if row.alert.level == Level.NOTICE else SIGNS[row.alert.level]
    return f"{sign} {level_word(row.alert.level)}"


def _tone(row: AlertItem) -> str:
    return _TONES.get(row.alert.level, "")


def _advice(row: AlertItem) -> str:
    return words(row.alert.advice)


def _lasted(row: AlertItem) -> str:
    return words(duration((row.ended_unix_s or 0) - row.since_unix_s))
