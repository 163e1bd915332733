"""Logs: the lines of all five hosts as one, live, by level, host and text."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QVBoxLayout

from appliance.codec.api import LogRecord
from monitor_gui.model.ages import age
from monitor_gui.model.logs import LEVELS, LINES_MAX, rank
from monitor_gui.model.wire_words import told
from monitor_gui.qt.context import Context
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.moments import clock_ms, today_ms
from monitor_gui.qt.page import Page, quiet
from monitor_gui.qt.rows import Column
from monitor_gui.qt.streams import StreamPanel
from monitor_gui.qt.wire import level_word

HOSTS_MAX = 20
_TONES = ("unknown", "", "degraded", "down")


class LogsPage(Page):
    """Each line with the time of the host that wrote it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        columns = [
            Column(
                "time-there",
                tr("Time there"),
                lambda row: today_ms(row.at_ms),
                tip=lambda r: clock_ms(r.at_ms),
            ),
            Column("host", tr("Host"), lambda row: row.host),
            Column("level", tr("Level"), lambda row: level_word(row.level), tone=_tone, rank=1),
            Column("part", tr("Part"), lambda row: row.logger, rank=2),
            Column(
                "text", tr("Text"), lambda row: row.text.replace("\n", " ⏎ "), tone=_tone, tip=_text
            ),
        ]
        self.panel = StreamPanel(
            tr("Logs"),
            columns,
            context,
            tr("No line has come yet: the hosts tell their logs to operators only."),
            LINES_MAX,
        )
        self.levels = self.panel.add_choice(
            tr("Least level"),
            [
                (tr("All levels"), None),
                (tr("Information and worse"), LEVELS.index("info")),
                (tr("Warnings and worse"), LEVELS.index("warning")),
                (tr("Errors"), LEVELS.index("error")),
            ],
            lambda row, least: isinstance(least, int) and rank(row.level) >= least,
        )
        self.hosts = self.panel.add_choice(
            tr("Host"), [(tr("All hosts"), None)], lambda row, host: row.host == host
        )
        self.note = quiet("")
        self._generation = context.store.generation
        layout = QVBoxLayout(self)
        layout.addWidget(self.panel, 1)
        layout.addWidget(self.note)

    def refresh(self, now_s: float) -> None:
        """As in `Page`."""
        store = self.context.store
        logs = store.logs
        if store.generation != self._generation:
            self._generation = store.generation
            while self.hosts.count() > 1:  # Hosts of another system.
                self.hosts.removeItem(1)
        self.panel.feed(logs.lines, logs.total, (store.generation, logs.epoch))
        _offer(self.hosts, logs.hosts())
        said = words(age(logs.heard_at_s, now_s))
        if logs.trouble:
            text = tr("STALE: as of {age} ({why}).", age=said, why=words(told(logs.trouble)))
        else:
            text = tr(
                "As of {age}; the newest {most} lines are kept. Times are those of each host's "
                "own clock.",
                age=said,
                most=LINES_MAX,
            )
        self.note.setText(text)


def _offer(box: QComboBox, hosts: list[str]) -> None:
    """Hosts that are new to the choice; one that fell silent stays in it."""
    known = {box.itemData(number) for number in range(box.count())}
    with QSignalBlocker(box):
        for host in hosts:
            if host not in known and box.count() <= HOSTS_MAX:
                box.addItem(host, host)


def _tone(row: LogRecord) -> str:
    return _TONES[rank(row.level)]


def _text(row: LogRecord) -> str:
    return row.text
