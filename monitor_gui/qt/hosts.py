"""Hosts: the five of them, with version, disk, certificate and clock in their own words."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from monitor_gui.model.ages import duration, is_stale
from monitor_gui.model.hosts import TMR, HostRow, host_rows
from monitor_gui.model.wire_words import told
from monitor_gui.qt.context import Context
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.moments import clock
from monitor_gui.qt.page import Page, quiet, told_by
from monitor_gui.qt.rows import Column
from monitor_gui.qt.tables import TablePanel
from monitor_gui.qt.wire import role_word

_MIB = 1 << 20
_DAY_S = 86_400


class HostsPage(Page):
    """One table."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.table = TablePanel(
            tr("Hosts"),
            [
                Column("host", tr("Host"), lambda row: row.name),
                Column("kind", tr("Kind"), _kind, rank=6),
                Column("state", tr("State"), _state, tone=_state_tone, tip=_state_tip),
                Column("version", tr("Version"), lambda row: row.version or "–", tone=_old, rank=2),
                Column(
                    "running-for",
                    tr("Running for"),
                    _uptime,
                    lambda row: row.uptime_s or -1.0,
                    True,
                    tone=_old,
                    rank=5,
                ),
                Column(
                    "behind", tr("Behind"), _lag, lambda row: row.lag or 0, True, tone=_old, rank=3
                ),
                Column(
                    "disk-free",
                    tr("Disk free"),
                    _disk,
                    lambda row: row.disk_free if row.disk_free is not None else 2.0,
                    True,
                    tone=self._disk_tone,
                    rank=1,
                ),
                Column("ledger", tr("Ledger"), _store, _store_bytes, True, tone=_old, rank=7),
                Column(
                    "certificate",
                    tr("Certificate"),
                    _certificate,
                    lambda row: row.certificate_left_s or 0.0,
                    tone=self._certificate_tone,
                    tip=_certificate_tip,
                    rank=4,
                ),
                Column("clock", tr("Clock"), _synchronised, tone=_synchronised_tone, stretch=True),
            ],
            lambda row: row.name,
            context,
            tr("No host is known yet: no TMR host has answered."),
        )
        self.note = quiet("")
        layout = QVBoxLayout(self)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.note)

    def refresh(self, now_s: float) -> None:
        """As in `Page`."""
        best = self.context.store.best(now_s)
        document = best.document if best is not None else None
        if best is None or document is None:
            self.table.set_rows([])
            self.note.setText("")
            return
        self.table.set_rows(host_rows(document))
        self.table.set_stale(is_stale(best.heard_at_s, now_s))
        self.note.setText(told_by(document.host, best.heard_at_s, now_s))

    def seek(self, subject: str) -> None:
        """As in `Page`."""
        self.table.seek(subject)

    def _disk_tone(self, row: HostRow) -> str:
        if _old(row):
            return "unknown"
        free = row.disk_free
        bad = free is not None and free * 100 <= self.context.limits.disk_free_percent
        return "degraded" if bad else ""

    def _certificate_tone(self, row: HostRow) -> str:
        left_s = row.certificate_left_s
        if left_s is None or _old(row):
            return _old(row)
        if left_s <= 0:
            return "down"
        return "degraded" if left_s < self.context.limits.certificate_expires_d * _DAY_S else ""


def _kind(row: HostRow) -> str:
    return tr("TMR host") if row.kind == TMR else tr("upstream")


def _state(row: HostRow) -> str:
    words_of = {
        "up": tr("up"),
        "damaged": tr("store damaged"),
        "shut": tr("container shut"),
        "learning": tr("does not vote yet"),
    }
    return words_of.get(row.state) or role_word(row.state)


def _state_tip(row: HostRow) -> str:
    return f"{_state(row)}: {words(told(row.note.text))}" if row.note else _state(row)


def _state_tone(row: HostRow) -> str:
    return {
        "up": "ok",
        "active": "ok",
        "passive": "accent",
        "maintenance": "degraded",
        "learning": "degraded",
        "damaged": "down",
        "shut": "down",
        "unreachable": "down",
    }.get(row.state, "unknown")


def _uptime(row: HostRow) -> str:
    return "–" if row.uptime_s is None else words(duration(row.uptime_s))


def _lag(row: HostRow) -> str:
    return "–" if row.lag is None else str(row.lag)


def _disk(row: HostRow) -> str:
    free, health = row.disk_free, row.health
    if free is None or health is None or health.disk_free_bytes is None:
        return "–"
    gib = health.disk_free_bytes / (1 << 30)
    return tr("{gib} GiB ({percent} %)", gib=f"{gib:.1f}", percent=f"{free * 100:.0f}")


def _store_bytes(row: HostRow) -> int:
    return (row.health.store_bytes or 0) if row.health is not None else -1


def _store(row: HostRow) -> str:
    if row.health is None or row.health.store_bytes is None:
        return "–"
    return tr("{mib} MiB", mib=f"{row.health.store_bytes / _MIB:.0f}")


def _certificate(row: HostRow) -> str:
    left_s = row.certificate_left_s
    if left_s is None:
        return "–"
    if left_s <= 0:
        return tr("expired")
    return tr("in {time}", time=words(duration(left_s)))


def _certificate_tip(row: HostRow) -> str:
    at_s = row.health.certificate_expires_at_s if row.health is not None else None
    return "" if at_s is None else clock(at_s)


def _synchronised(row: HostRow) -> str:
    said = row.health.clock_synchronised if row.health is not None else None
    if said is None:
        return "–"
    return tr("✔ synchronised") if said else tr("ℹ not synchronised")


def _synchronised_tone(row: HostRow) -> str:
    said = row.health.clock_synchronised if row.health is not None else None
    if said is None or _old(row):
        return _old(row)
    return "ok" if said else "notice"


def _old(row: HostRow) -> str:
    """What a host said before it fell silent looks like it, and so does an old report."""
    return "unknown" if row.state == "unreachable" or row.old_report else ""
