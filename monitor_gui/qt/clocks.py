"""The clocks: certified, box and system time of each container, and the offsets as a live plot."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from monitor_gui.model.ages import duration, is_stale
from monitor_gui.model.clocks import (
    OUTVOTED_MS,
    Clock,
    clocks,
    disagreement_ms,
    virtual_clock,
)
from monitor_gui.qt.certify import allow, certify_button
from monitor_gui.qt.context import Context
from monitor_gui.qt.keys import pass_by
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.moments import clock_ms, today, today_ms
from monitor_gui.qt.page import Page, heading, quiet, told_by
from monitor_gui.qt.rows import Column
from monitor_gui.qt.tables import TablePanel

SPAN_S = 300.0
CURVES_MAX = 16
PLOT_HEIGHT_LEAST = 200
OFFSETS_SPAN_MS = 40
_STYLES = (
    ("plot_1", Qt.PenStyle.SolidLine),
    ("plot_2", Qt.PenStyle.DashLine),
    ("plot_3", Qt.PenStyle.DotLine),
)


@dataclass(frozen=True, slots=True)
class _Row:
    """One clock with its state in words; the virtual container's has no host."""

    clock: Clock
    state: str
    tone: str


class ClocksPage(Page):
    """What the vote sees."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.table = self._times_panel()
        self.table.setMaximumHeight(250)
        self.certify = certify_button(self, context, self._serial)
        self.table.buttons.addWidget(self.certify)
        self.note = quiet("")
        self.plot = pg.PlotWidget()
        self.plot.setAccessibleName(tr("Plot of the clocks' offsets from the vote"))
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(False, False)
        pass_by(self.plot)
        self.plot.hideButtons()
        self.plot.showGrid(x=True, y=True, alpha=0.25)
        self.plot.setXRange(-SPAN_S, 0, padding=0.01)
        # Clocks tell whole milliseconds: closer up, a line would show nothing but these steps.
        self.plot.setLimits(minYRange=OFFSETS_SPAN_MS)
        self.plot.setMinimumHeight(PLOT_HEIGHT_LEAST)
        self.plot.setLabel("bottom", tr("seconds ago"))
        self.plot.setLabel("left", tr("offset from the vote, ms"))
        self.plot.getAxis("left").enableAutoSIPrefix(False)
        self.plot.getAxis("bottom").enableAutoSIPrefix(False)
        self.plot.getAxis("left").setWidth(92)
        self.bounds = [pg.InfiniteLine(sign * OUTVOTED_MS, angle=0) for sign in (-1, 1)]
        for line in self.bounds:
            self.plot.addItem(line, ignoreBounds=True)
        self.plot.plotItem.layout.setContentsMargins(4, 6, 12, 8)
        self.legend = self.plot.addLegend(offset=(10, 10))
        self.curves: dict[str, pg.PlotDataItem] = {}
        layout = QVBoxLayout(self)
        layout.addWidget(self.table)
        layout.addWidget(heading(tr("Offsets over the last five minutes")))
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.note)

    def _times_panel(self) -> TablePanel:
        return TablePanel(
            tr("Times of the containers"),
            [
                Column(
                    "container-of",
                    tr("Container (upstream)"),
                    lambda row: row.clock.host or tr("(virtual)"),
                    lambda row: (not row.clock.host, row.clock.host),
                ),
                Column(
                    "state",
                    tr("State"),
                    lambda row: row.state,
                    tone=lambda row: row.tone,
                    stretch=True,
                ),
                Column(
                    "offset",
                    tr("Offset"),
                    _offset,
                    lambda row: abs(row.clock.offset_ms or 0),
                    True,
                    tip=lambda row: tr("System time minus the vote of the three"),
                ),
                Column(
                    "certified-time",
                    tr("Certified time"),
                    lambda row: _aged(row.clock.certified_ms, row.clock.certified_age_s),
                    lambda row: row.clock.certified_ms or 0,
                    tip=lambda row: _whole(row.clock.certified_ms),
                    rank=1,
                ),
                Column(
                    "box-time",
                    tr("Box time"),
                    lambda row: _aged(row.clock.box_ms, row.clock.box_age_s),
                    lambda row: row.clock.box_ms or 0,
                    tip=lambda row: _whole(row.clock.box_ms),
                    rank=2,
                ),
                Column(
                    "system-time",
                    tr("System time"),
                    _system_time,
                    lambda row: row.clock.system_time_ms or 0,
                    tip=lambda row: _whole(row.clock.system_time_ms),
                ),
                Column("serial", tr("Serial"), lambda row: row.clock.serial or "–", rank=3),
            ],
            lambda row: row.clock.host,
            self.context,
            tr("No clock is known yet: the active TMR host has not answered."),
        )

    def _serial(self) -> str:
        row = self.table.current()
        return row.clock.serial if row is not None and row.clock.host else ""

    def seek(self, subject: str) -> None:
        """As in `Page`."""
        self.table.seek(subject)

    def refresh(self, now_s: float) -> None:
        """As in `Page`."""
        store = self.context.store
        best = store.best(now_s)
        document = best.document if best is not None else None
        allow(self.certify, self.context)
        if best is None or document is None:
            self.table.set_rows([])
            self.note.setText("")
            self._draw(now_s, set())
            return
        apart = bool(disagreement_ms(document))
        found = clocks(document)
        rows = [_Row(one, *_state(one, apart)) for one in found]
        virtual = virtual_clock(document)
        rows.append(_Row(virtual, tr("the vote"), ""))
        self.table.set_rows(rows)
        self.table.set_stale(is_stale(best.heard_at_s, now_s))
        told = told_by(document.host, best.heard_at_s, now_s)
        no_say = tr("A clock more than {n} s off the vote has no say.", n=OUTVOTED_MS // 1000)
        self.note.setText(f"{told} {no_say}")
        self._draw(now_s, {one.host for one in found if one.outvoted})

    def _draw(self, now_s: float, outvoted: set[str]) -> None:
        points = [point for point in self.context.store.offsets if now_s - point[0] <= SPAN_S]
        span_s = max(60.0, min(SPAN_S, now_s - points[0][0])) if points else SPAN_S
        self.plot.setXRange(-span_s, 0, padding=0.01)
        names = sorted({name for _, offsets in points for name in offsets})[:CURVES_MAX]
        for gone in self.curves.keys() - set(names):
            self.plot.removeItem(self.curves.pop(gone))  # Another system's, or long gone.
        for name in names:
            if name not in self.curves:
                self.curves[name] = self.plot.plot(name=name)
                self.apply_theme()
            label = self.legend.getLabel(self.curves[name])
            text = tr("{name}, outvoted", name=name) if name in outvoted else name
            if label is not None and label.text != text:
                label.setText(text)
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
        for line in self.bounds:
            line.setPen(pg.mkPen(palette.degraded, width=1, style=Qt.PenStyle.DashDotLine))
        self.legend.setLabelTextColor(palette.text)
        for number, curve in enumerate(self.curves.values()):
            name, style = _STYLES[number % len(_STYLES)]
            curve.setPen(pg.mkPen(getattr(palette, name), width=2, style=style))
        for _, label in self.legend.items:
            label.setText(label.text, color=palette.text)


def _state(one: Clock, apart: bool) -> tuple[str, str]:
    """A clock's state in words, and its tone."""
    if not one.reachable:
        return tr("unreachable, does not vote"), "down"
    if one.locked:
        return tr("container locked"), "down"
    if one.outvoted:
        return tr("▲ outvoted: set this clock"), "degraded"
    if apart and one.offset_ms is not None:
        return tr("▲ differs, no majority"), "degraded"
    if one.system_time_ms is None:
        return tr("not told by a passive host"), "unknown"
    return tr("✔ in the vote"), "ok"


def _aged(time_ms: int | None, age_s: float | None) -> str:
    if time_ms is None:
        return "–"
    if age_s is None:
        return today(time_ms / 1000)
    return tr("{time}, {age} old", time=today(time_ms / 1000), age=words(duration(age_s)))


def _whole(time_ms: int | None) -> str:
    return "" if time_ms is None else clock_ms(time_ms)


def _system_time(row: _Row) -> str:
    time_ms = row.clock.system_time_ms
    return "–" if time_ms is None else today_ms(time_ms)


def _offset(row: _Row) -> str:
    offset_ms = row.clock.offset_ms
    if offset_ms is None:
        return "–"
    if abs(offset_ms) < 10_000:
        return f"{offset_ms:+d} ms"
    return f"{offset_ms / 1000:+.1f} s"
