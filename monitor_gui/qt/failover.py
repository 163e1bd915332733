"""Failover: what happened when, how long each switch took, and the two planned ways to switch."""

from __future__ import annotations

import math
from collections import Counter

import pyqtgraph as pg
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from monitor_gui.model import forecast
from monitor_gui.model.ages import precise
from monitor_gui.model.picture import Picture, picture
from monitor_gui.model.timeline import SWITCH, Entry
from monitor_gui.qt.context import Context
from monitor_gui.qt.dialogs import Confirm
from monitor_gui.qt.keys import pass_by
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.moments import clock
from monitor_gui.qt.page import Page, heading, quiet
from monitor_gui.qt.tables import Column, TablePanel

BARS_MAX = 30
_TONES = {
    "lost": "down",
    "outage": "down",
    "switch": "accent",
    "upstream": "degraded",
    "operator": "notice",
}


class FailoverPage(Page):
    """The timeline, with the measured interruption of each switch."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.switch = QPushButton(tr("Switch over…"))
        self.switch.clicked.connect(self._switchover)
        self.maintain = [QPushButton(), QPushButton()]
        for number, button in enumerate(self.maintain):
            button.clicked.connect(lambda _=False, n=number: self._maintenance(n))
        acts = QHBoxLayout()
        for button in (self.switch, *self.maintain):
            acts.addWidget(button)
        acts.addStretch(1)
        self.forecast = quiet("")
        self.forecast.setWordWrap(True)
        self.plot = pg.PlotWidget()
        self.plot.setAccessibleName(tr("Interruption of each switch, in milliseconds"))
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(False, False)
        pass_by(self.plot)
        self.plot.hideButtons()
        self.plot.setLabel("left", tr("at most, ms"))
        self.plot.getAxis("left").enableAutoSIPrefix(False)
        self.plot.getAxis("left").setWidth(72)
        self.plot.setMinimumHeight(140)
        self.plot.setMaximumHeight(200)
        self.plot_heading = heading(tr("Interruption of the last switches"))
        self.bars = pg.BarGraphItem(x=[], height=[], width=0.6)
        self.plot.addItem(self.bars)
        self._drawn: list[Entry] = []
        self._listed: list[Entry] = []
        self.table = TablePanel(
            tr("Timeline"),
            [
                Column("time", tr("Time"), lambda row: clock(row[1].unix_s), lambda row: row[0]),
                Column(
                    "kind",
                    tr("Kind"),
                    lambda row: _kind(row[1]),
                    tone=lambda r: _TONES.get(r[1].kind, ""),
                    rank=3,
                ),
                Column(
                    "what-happened",
                    tr("What happened"),
                    lambda row: words(row[1].phrase),
                    stretch=True,
                ),
                Column("host", tr("Host"), lambda row: row[1].host, rank=2),
                Column(
                    "term",
                    tr("Term"),
                    lambda r: str(r[1].term or ""),
                    lambda r: r[1].term,
                    True,
                    rank=4,
                ),
                Column(
                    "without-service",
                    tr("Without service"),
                    _interruption,
                    lambda r: r[1].at_most_s or -1.0,
                    True,
                    rank=1,
                ),
            ],
            lambda row: row[1:],
            context,
            tr("Nothing has happened since this monitor began to watch."),
            sort=(0, True),
        )
        layout = QVBoxLayout(self)
        layout.addLayout(acts)
        layout.addWidget(self.forecast)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.plot_heading)
        layout.addWidget(self.plot)

    def refresh(self, now_s: float) -> None:
        """As in `Page`."""
        entries = list(self.context.store.entries)
        if not self._listed or entries != self._listed:
            self._listed = entries
            # The oldest of a full list goes: a row is known by its entry and not by its place.
            alike: Counter[Entry] = Counter()
            rows = []
            for number, entry in enumerate(entries):
                rows.append((number, entry, alike[entry]))
                alike[entry] += 1
            self.table.set_rows(rows)
        self.forecast.setText(words(forecast.usual_interruption(entries)))
        shown = picture(self.context.store, now_s)
        self._allow(shown)
        switches = [e for e in entries if e.kind == SWITCH and e.at_most_s is not None][-BARS_MAX:]
        for part in (self.plot_heading, self.plot):
            part.setVisible(bool(switches))
        if switches != self._drawn:
            self._drawn = switches
            # By powers of ten: half a minute would hide half a second.
            heights = [math.log10(max(1.0, (e.at_most_s or 0.0) * 1000)) for e in switches]
            self.bars.setOpts(x=list(range(1, len(heights) + 1)), height=heights)
            self.plot.setXRange(0.4, max(8, len(heights)) + 0.6, padding=0)
            top = max(3, math.ceil(max(heights, default=1)))
            self.plot.setYRange(0, top, padding=0)
            self.plot.getAxis("left").setTicks([[(n, str(10**n)) for n in range(top + 1)]])
            ticks = [(n, clock(e.unix_s)[11:16]) for n, e in enumerate(switches, 1)]
            self.plot.getAxis("bottom").setTicks([ticks])

    def _allow(self, shown: Picture) -> None:
        why = self.context.why_not_operate()
        hindrance = forecast.switchover_hindrance(shown)
        reason = why or (words(hindrance) if hindrance is not None else "")
        self.switch.setEnabled(not reason)
        self.switch.setToolTip(reason)
        for number, button in enumerate(self.maintain):
            button.setVisible(number < len(shown.tmr))
            if number < len(shown.tmr):
                box = shown.tmr[number]
                on = box.role == "maintenance"
                button.setText(
                    tr("End maintenance of {host}…", host=box.name)
                    if on
                    else tr("Maintenance of {host}…", host=box.name)
                )
                needs_twin = not on and box.name == shown.active and hindrance is not None
                reason = why or (words(hindrance) if needs_twin and hindrance else "")
                if not reason and not shown.active:
                    reason = tr("No TMR host serves: there is nobody to record it.")
                button.setEnabled(not reason)
                button.setToolTip(reason)

    def _switchover(self) -> None:
        shown = picture(self.context.store, self.context.clock())
        spare = next((box.name for box in shown.tmr if box.name != shown.active), "")
        dialog = Confirm(
            self,
            tr("Planned switchover"),
            tr("Let {host} serve?", host=spare),
            [
                words(forecast.switchover(shown, shown.leases)),
                words(forecast.usual_interruption(list(self.context.store.entries))),
            ],
            tr("Switch over"),
        )
        if dialog.exec() == Confirm.DialogCode.Accepted:
            self.context.desk.switchover(spare, dialog.reason())

    def _maintenance(self, number: int) -> None:
        shown = picture(self.context.store, self.context.clock())
        if number >= len(shown.tmr):
            return
        box = shown.tmr[number]
        on = box.role != "maintenance"
        consequences = [words(forecast.maintenance(shown, box.name, on))]
        if on and box.name == shown.active:
            usual = forecast.usual_interruption(list(self.context.store.entries))
            consequences.append(words(usual))
        dialog = Confirm(
            self,
            tr("Maintenance"),
            tr("Begin the maintenance of {host}?", host=box.name)
            if on
            else tr("End the maintenance of {host}?", host=box.name),
            consequences,
            tr("Begin") if on else tr("End"),
        )
        if dialog.exec() == Confirm.DialogCode.Accepted:
            self.context.desk.maintenance(box.name, on, dialog.reason())

    def apply_theme(self) -> None:
        """As in `Page`."""
        palette = self.context.palette
        self.plot.setBackground(palette.panel)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(palette.line)
            axis.setTextPen(palette.text)
        self.bars.setOpts(brush=palette.accent, pen=palette.border)


def _kind(entry: Entry) -> str:
    return {
        "switch": tr("switch"),
        "outage": tr("outage"),
        "lost": tr("no service"),
        "upstream": tr("upstream"),
        "address": tr("virtual IP"),
        "host": tr("TMR host"),
        "operator": tr("operator"),
        "monitor": tr("monitor"),
    }.get(entry.kind, entry.kind)


def _interruption(row: tuple[int, Entry, int]) -> str:
    entry = row[1]
    if entry.at_most_s is None:
        return ""
    most = words(precise(entry.at_most_s))
    if not entry.at_least_s:
        return tr("at most {most}", most=most)
    return tr("{least} to {most}", least=words(precise(entry.at_least_s)), most=most)
