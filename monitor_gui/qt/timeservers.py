"""Time servers and blocking: what each container got from whom, and which are locked and why."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout

from monitor_gui.model.ages import age, duration, is_stale
from monitor_gui.model.timeservers import ContainerRow, ServerRow, container_rows, server_rows, tone
from monitor_gui.model.wire_words import told
from monitor_gui.qt.certify import allow, certify_button
from monitor_gui.qt.context import Context
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.moments import clock
from monitor_gui.qt.page import Page, quiet, told_by
from monitor_gui.qt.rows import Column
from monitor_gui.qt.tables import TablePanel
from monitor_gui.qt.wire import container_word, server_word


class TimeServersPage(Page):
    """Two tables and one button."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.containers = TablePanel(
            tr("Containers"),
            [
                Column("container-of", tr("Container (upstream)"), lambda row: row.upstream),
                Column("serial", tr("Serial"), lambda row: row.serial or "–", rank=2),
                Column("kind", tr("Kind"), lambda row: container_word(row.kind), rank=3),
                Column("state", tr("State"), _state, tone=_state_tone),
                Column("reason", tr("Reason"), lambda row: row.locked or "–", stretch=True),
                Column(
                    "certified-time-is",
                    tr("Certified time is"),
                    _certified,
                    lambda row: row.certified_age_s if row.certified_age_s is not None else 1e18,
                    True,
                    rank=1,
                ),
            ],
            lambda row: row.upstream,
            context,
            tr("No container is known yet: no TMR host has answered."),
        )
        self.certify = certify_button(self, context, self._serial)
        self.containers.buttons.addWidget(self.certify)
        self.servers = TablePanel(
            tr("Time servers"),
            [
                Column("time-server", tr("Time server"), lambda row: row.server.url),
                Column("asked-by", tr("Asked by"), lambda row: row.upstream),
                Column(
                    "state",
                    tr("State"),
                    lambda row: server_word(row.server.state),
                    tone=lambda row: tone(row.server.state) if row.reachable else "unknown",
                ),
                Column(
                    "last-answer",
                    tr("Last answer"),
                    _answered,
                    lambda row: row.server.answered_at_ms or 0,
                    tip=_answered_tip,
                    rank=1,
                ),
                Column(
                    "what-went-wrong",
                    tr("What went wrong"),
                    lambda row: words(told(row.server.detail.text)) if row.server.detail else "–",
                    stretch=True,
                ),
            ],
            lambda row: row.key,
            context,
            tr(
                "No time server is known. The upstreams' settings name them; certified times and "
                "blocks come from there."
            ),
        )
        split = QSplitter(Qt.Orientation.Vertical)
        split.setObjectName("timeservers")
        split.addWidget(self.containers)
        split.addWidget(self.servers)
        split.setChildrenCollapsible(False)
        split.setSizes([240, 460])
        self.note = quiet("")
        layout = QVBoxLayout(self)
        layout.addWidget(split, 1)
        layout.addWidget(self.note)

    def seek(self, subject: str) -> None:
        """As in `Page`."""
        self.containers.seek(subject) or self.servers.seek(subject)

    def refresh(self, now_s: float) -> None:
        """As in `Page`."""
        best = self.context.store.best(now_s)
        document = best.document if best is not None else None
        self.containers.set_rows(container_rows(document) if document is not None else [])
        self.servers.set_rows(server_rows(document) if document is not None else [])
        allow(self.certify, self.context)
        if best is None or document is None:
            self.note.setText("")
            return
        for table in (self.containers, self.servers):
            table.set_stale(is_stale(best.heard_at_s, now_s))
        self.note.setText(told_by(document.host, best.heard_at_s, now_s))

    def _serial(self) -> str:
        row = self.containers.current()
        return row.serial if row is not None else ""


def _state(row: ContainerRow) -> str:
    if row.locked:
        return tr("✖ locked")
    if not row.reachable:
        return tr("? unreachable")
    return tr("✔ not locked") if row.known else tr("? not told")


def _state_tone(row: ContainerRow) -> str:
    if row.locked:
        return "down"
    return "ok" if row.known and row.reachable else "unknown"


def _certified(row: ContainerRow) -> str:
    if row.certified_age_s is None:
        return tr("never had") if row.known else "–"
    return tr("{age} old", age=words(duration(row.certified_age_s)))


def _answered(row: ServerRow) -> str:
    at_ms = row.server.answered_at_ms
    if at_ms is None:
        return tr("never")
    return words(age(at_ms / 1000, time.time()))


def _answered_tip(row: ServerRow) -> str:
    at_ms = row.server.answered_at_ms
    return "" if at_ms is None else clock(at_ms / 1000)
