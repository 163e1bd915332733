"""Bars over periods: seats above, true denials below, side by side with the same periods."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from monitor_gui.model.months import Bars
from monitor_gui.qt.keys import pass_by
from monitor_gui.qt.language import tr
from monitor_gui.qt.palette import Palette

AXIS_WIDE = 60
PEAK_WIDE = 0.8
AVERAGE_WIDE = 0.5


class HistoryPlot(QWidget):
    """Two plots. Nothing in them is for the mouse or the keyboard: the table has the numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.seats = _plot(tr("Plot of peaks and averages"), tr("seats in use"))
        self.denied = _plot(tr("Plot of true denials"), "")
        self.seats.setMinimumHeight(150)
        self.denied.setMinimumHeight(90)
        self.seats.getAxis("bottom").setStyle(showValues=False)
        self.peaks = pg.BarGraphItem(x=[], height=[], width=PEAK_WIDE)
        self.averages = pg.BarGraphItem(x=[], height=[], width=AVERAGE_WIDE)
        self.denials = pg.BarGraphItem(x=[], height=[], width=AVERAGE_WIDE)
        opts = {"position": 0.5, "anchors": [(0.5, 0.0), (0.5, 0.0)]}
        self.bound = pg.InfiniteLine(0, angle=0, label=tr("all seats"), labelOpts=opts)
        self.chosen = pg.InfiniteLine(0, angle=90), pg.InfiniteLine(0, angle=90)
        for item in (self.peaks, self.averages):
            self.seats.addItem(item)
        self.seats.addItem(self.bound, ignoreBounds=True)
        self.denied.addItem(self.denials)
        for plot, line in zip((self.seats, self.denied), self.chosen, strict=True):
            plot.addItem(line, ignoreBounds=True)
            line.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.seats, 3)
        layout.addWidget(self.denied, 1)
        self.setAccessibleName(tr("Picture of the usage; the table below has the same numbers"))

    def show_bars(self, bars: Bars, ticks: list[tuple[int, str]], quantity: int | None) -> None:
        """Draw these. `quantity` is how many seats there are, None if nobody knows."""
        for item, heights in (
            (self.peaks, bars.peaks),
            (self.averages, bars.averages),
            (self.denials, bars.denials),
        ):
            item.setOpts(x=list(bars.places), height=list(heights))
        self.bound.setVisible(quantity is not None)
        self.bound.setValue(quantity or 0)
        for plot, top in ((self.seats, bars.top), (self.denied, bars.denials_top)):
            plot.setXRange(-0.6, max(1, bars.count) - 0.4, padding=0)
            plot.setYRange(0, top * 1.12, padding=0)
            plot.getAxis("bottom").setTicks([ticks])
        self.mark(None)

    def mark(self, number: int | None) -> None:
        """Show where the row is that was chosen in the table."""
        for line in self.chosen:
            line.setVisible(number is not None)
            line.setValue(number or 0)

    def dress(self, palette: Palette) -> None:
        """Take over these colours."""
        for plot in (self.seats, self.denied):
            plot.setBackground(palette.panel)
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(palette.line)
                axis.setTextPen(palette.text)
        faint = pg.mkColor(palette.plot_1)
        faint.setAlpha(110)
        self.peaks.setOpts(brush=faint, pen=pg.mkPen(palette.plot_1))
        self.averages.setOpts(brush=palette.ok, pen=pg.mkPen(palette.ok))
        self.denials.setOpts(brush=palette.down, pen=pg.mkPen(palette.down))
        self.bound.label.setColor(palette.text)
        self.bound.setPen(pg.mkPen(palette.degraded, width=1, style=Qt.PenStyle.DashDotLine))
        for line in self.chosen:
            line.setPen(pg.mkPen(palette.text, width=1, style=Qt.PenStyle.DotLine))


def _plot(name: str, left: str) -> pg.PlotWidget:
    plot = pg.PlotWidget()
    plot.setAccessibleName(name)
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(False, False)
    pass_by(plot)
    plot.hideButtons()
    plot.showGrid(x=False, y=True, alpha=0.25)
    if left:  # The lower one is too low for a text on its side.
        plot.setLabel("left", left)
    plot.getAxis("left").enableAutoSIPrefix(False)
    plot.getAxis("left").setWidth(AXIS_WIDE)
    plot.plotItem.layout.setContentsMargins(4, 6, 12, 4)
    return plot
