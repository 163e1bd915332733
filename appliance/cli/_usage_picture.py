"""A usage report as a picture, drawn by the monitor's plotting library without a screen."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from appliance.cli.output import fail
from appliance.errors import ExitCode

if TYPE_CHECKING:
    from appliance.usage.figures import UsageRow

SIZE: Final = (1200, 600)
CURVES_MAX: Final = 12
"""More curves than that nobody tells apart."""


def draw(rows: Sequence[UsageRow], path: Path) -> None:
    """Draw peaks of seats in use over time, and denials, into this PNG file. Raises UserError."""
    if path.suffix != ".png":
        fail(f"{path} is no picture's name: let it end with .png.", ExitCode.USAGE)
    if not rows or not rows[0].period:
        fail("A picture goes over time: add hour, day or month to --by.", ExitCode.USAGE)
    if importlib.util.find_spec("pyqtgraph") is None:
        fail("pictures need the monitor's libraries: install tmr-appliance[monitor], then repeat.")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import pyqtgraph as pg
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    curves: dict[str, list[UsageRow]] = {}
    for row in rows:
        curves.setdefault(" ".join(row.of.values()) or "all", []).append(row)
    if len(curves) > CURVES_MAX:
        fail(f"A picture shows at most {CURVES_MAX} curves, not {len(curves)}: cut --by less.")
    pg.setConfigOptions(background="w", foreground="k", antialias=True)
    plot: Any = pg.PlotWidget(axisItems={"bottom": pg.DateAxisItem(utcOffset=0)})
    plot.resize(*SIZE)
    plot.setLabel("left", "seats in use, peak")
    plot.setLabel("bottom", "log time, UTC")
    plot.addLegend()
    for number, (name, found) in enumerate(curves.items()):
        colour = pg.intColor(number, max(len(curves), 2))
        times = [row.start_ms / 1000 for row in found]
        peaks = [row.in_use_peak for row in found]
        plot.plot(times, peaks, name=name, pen=pg.mkPen(colour, width=2), symbol="o", symbolSize=5)
        denied = [(row.start_ms / 1000, row.in_use_peak) for row in found if row.denials]
        if denied:
            pen, brush = pg.mkPen("r", width=2), pg.mkBrush(None)
            xs, ys = zip(*denied, strict=True)
            dots = pg.ScatterPlotItem(list(xs), list(ys), symbol="x", size=14, pen=pen, brush=brush)
            plot.addItem(dots)
    application.processEvents()
    if not plot.grab().save(str(path), "PNG"):
        fail(f"{path} cannot be written: is there such a folder, and room in it?")
