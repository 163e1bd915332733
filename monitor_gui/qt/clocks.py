"""The clocks: each container's system time, and its offset from the vote as a live plot."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from monitor_gui.model.ages import age
from monitor_gui.model.clocks import clocks, disagreement_ms
from monitor_gui.qt.context import Context
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.page import Page, heading, quiet
from monitor_gui.qt.tables import Column, TablePanel

SPAN_S = 300.0
VIRTUAL = "virtual"
_STYLES = (
    ("plot_1", Qt.PenStyle.SolidLine),
    ("plot_2", Qt.PenStyle.DashLine),
    ("plot_3", Qt.PenStyle.DotLine),
)


@dataclass(frozen=True, slots=True)
class _Row:
    """One clock; the virtual container's is the ledger's log time."""

    key: str
    name: str
    serial: str
    time_ms: int | None
    offset_ms: int | None
    state: str
    tone: str


class ClocksPage(Page):
    """What the vote sees."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.table = TablePanel(
            tr("System times"),
            [
                Column(tr("Container of"), lambda row: row.name),
                Column(tr("Serial"), lambda row: row.serial or "–"),
                Column(tr("System time"), _system_time, lambda row: row.time_ms or 0, stretch=True),
                Column(
                    tr("Offset from the vote"), _offset, lambda row: abs(row.offset_ms or 0), True
                ),
                Column(tr("State"), lambda row: row.state, tone=lambda row: row.tone),
            ],
            lambda row: row.key,
            context,
            tr("No clock is known yet: the active TMR host has not answered."),
        )
        self.table.setMaximumHeight(250)
        self.note = quiet("")
        self.plot = pg.PlotWidget()
        self.plot.setAccessibleName(tr("Plot of the clocks' offsets from the vote"))
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(False, False)
        self.plot.hideButtons()
        self.plot.showGrid(x=True, y=True, alpha=0.25)
        self.plot.setXRange(-SPAN_S, 0, padding=0.01)
        self.plot.setLabel("bottom", tr("seconds ago"))
        self.plot.setLabel("left", tr("offset from the vote, ms"))
        self.plot.getAxis("left").enableAutoSIPrefix(False)
        self.plot.getAxis("bottom").enableAutoSIPrefix(False)
        self.plot.getAxis("left").setWidth(72)
        self.plot.plotItem.layout.setContentsMargins(4, 6, 12, 8)
        self.legend = self.plot.addLegend(offset=(10, 10))
        self.curves: dict[str, pg.PlotDataItem] = {}
        layout = QVBoxLayout(self)
        layout.addWidget(self.table)
        layout.addWidget(heading(tr("Offsets over the last five minutes")))
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.note)

    def refresh(self, now_s: float) -> None:
        """As in `Page`."""
        store = self.context.store
        best = store.best(now_s)
        document = best.document if best is not None else None
        if best is None or document is None:
            self.table.set_rows([])
            return
        rows, apart = [], disagreement_ms(document)
        for clock in clocks(document):
            state, colour = tr("in the vote"), "ok"
            if not clock.reachable:
                state, colour = tr("unreachable, does not vote"), "down"
            elif clock.outvoted:
                state, colour = tr("outvoted"), "degraded"
            elif apart and clock.offset_ms is not None:
                state, colour = tr("differs, no majority"), "degraded"
            elif clock.system_time_ms is None:
                state, colour = tr("not told by a passive host"), "unknown"
            time_ms, offset_ms = clock.system_time_ms, clock.offset_ms
            row = _Row(clock.host, clock.host, clock.serial, time_ms, offset_ms, state, colour)
            rows.append(row)
        name, state = tr("virtual container"), tr("log time, moves with entries")
        serial, time_ms = document.virtual_serial, document.log_time_ms or None
        rows.append(_Row(VIRTUAL, name, serial, time_ms, None, state, ""))
        self.table.set_rows(rows)
        self.note.setText(
            tr(
                "As told by {host}, {age}.",
                host=document.host,
                age=words(age(best.heard_at_s, now_s)),
            )
        )
        self._draw(now_s)

    def _draw(self, now_s: float) -> None:
        points = [point for point in self.context.store.offsets if now_s - point[0] <= SPAN_S]
        span_s = max(60.0, min(SPAN_S, now_s - points[0][0])) if points else SPAN_S
        self.plot.setXRange(-span_s, 0, padding=0.01)
        names = sorted({name for _, offsets in points for name in offsets})
        for name in names:
            if name not in self.curves:
                self.curves[name] = self.plot.plot(name=name)
                self.apply_theme()
            values = [offsets.get(name) for _, offsets in points]
            # A gap stays a gap: nothing is known of the time when it was not heard.
            heights = [math.nan if value is None else float(value) for value in values]
            self.curves[name].setData(
                [at_s - now_s for at_s, _ in points], heights, connect="finite"
            )

    def apply_theme(self) -> None:
        """As in `Page`."""
        palette = self.context.palette
        self.plot.setBackground(palette.panel)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(palette.line)
            axis.setTextPen(palette.text)
        self.legend.setLabelTextColor(palette.text)
        for number, curve in enumerate(self.curves.values()):
            name, style = _STYLES[number % len(_STYLES)]
            curve.setPen(pg.mkPen(getattr(palette, name), width=2, style=style))
        for _, label in self.legend.items:
            label.setText(label.text, color=palette.text)


def _system_time(row: _Row) -> str:
    if row.time_ms is None:
        return "–"
    try:
        text = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row.time_ms / 1000))
    except (OverflowError, OSError, ValueError):
        return str(row.time_ms)
    return f"{text}.{row.time_ms % 1000:03d}"


def _offset(row: _Row) -> str:
    if row.offset_ms is None:
        return "–"
    if abs(row.offset_ms) < 10_000:
        return f"{row.offset_ms:+d} ms"
    return f"{row.offset_ms / 1000:+.1f} s"
