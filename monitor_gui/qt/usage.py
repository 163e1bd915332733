"""Usage since this monitor began to watch: seats over time, denials by reason, who holds longest.

The appliance's own record of usage is another thing, and has a page of its own (`months`).
"""

from __future__ import annotations

from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout

from appliance.codec.api import LeaseDocument, LeasesDocument
from monitor_gui.model.activity import top_denials
from monitor_gui.model.ages import duration
from monitor_gui.model.usage import Series, longest
from monitor_gui.qt.context import Context
from monitor_gui.qt.keys import pass_by
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.moments import clock
from monitor_gui.qt.page import Page, heading
from monitor_gui.qt.rows import Column
from monitor_gui.qt.tables import TablePanel
from monitor_gui.qt.wire import reason_word

LONGEST_MAX: Final = 100
LEAST_SPAN_S: Final = 60.0


class _Ago(pg.AxisItem):  # type: ignore[misc]
    """An axis of the past, on which a minute ago is 1 and not -1."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """As in pyqtgraph."""
        texts: list[str] = super().tickStrings(values, scale, spacing)
        return [text.removeprefix("-") for text in texts]


class UsagePage(Page):
    """A plot of the chosen licence (or of all), and three tables."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._names: dict[tuple[int, int], str] = {}
        self._leases: LeasesDocument | None = None
        self.title = heading("")
        self.plot = pg.PlotWidget()
        self.plot.setAccessibleName(tr("Plot of the seats in use"))
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(False, False)
        pass_by(self.plot)
        self.plot.hideButtons()
        self.plot.showGrid(x=True, y=True, alpha=0.25)
        self.plot.setAxisItems({"bottom": _Ago("bottom")})
        self.plot.setLabel("bottom", tr("minutes before now"))
        self.plot.setLabel("left", tr("seats in use"))
        for side in ("left", "bottom"):
            self.plot.getAxis(side).enableAutoSIPrefix(False)
        self.plot.getAxis("left").setWidth(60)
        self.plot.plotItem.layout.setContentsMargins(4, 6, 12, 8)
        self.plot.setMinimumHeight(180)
        self.curve = self.plot.plot(stepMode="right", fillLevel=0)
        # Below the line, since there is no room above it.
        opts = {"position": 0.5, "anchors": [(0.5, 0.0), (0.5, 0.0)]}
        self.bound = pg.InfiniteLine(0, angle=0, label=tr("all seats"), labelOpts=opts)
        self.plot.addItem(self.bound, ignoreBounds=True)
        self.licences = self._licences_panel()
        self.licences.selected.connect(lambda: self._draw(self.context.clock()))
        self.denials = TablePanel(
            tr("Denials"),
            [
                Column("product", tr("Product"), self._product, stretch=True),
                Column("reason", tr("Reason"), lambda row: reason_word(row[1])),
                Column(
                    "how-often", tr("How often"), lambda row: str(row[2]), lambda row: row[2], True
                ),
            ],
            lambda row: row[:2],
            context,
            tr("Nobody was denied anything."),
            sort=(2, True),
        )
        self.longest = TablePanel(
            tr("Held longest"),
            [
                Column("who", tr("Who"), _who, stretch=True),
                Column("product", tr("Product"), self._lease_product),
                Column(
                    "for",
                    tr("For"),
                    self._held,
                    lambda row: -row.granted_at_ms,
                    True,
                    tip=lambda row: clock(row.granted_at_ms / 1000),
                    widest=words(duration(86_399)),
                ),
            ],
            lambda row: (row.client, row.lease_id),
            context,
            tr("Nobody holds a lease."),
            sort=(2, True),
        )
        self._arrange()

    def _licences_panel(self) -> TablePanel:
        return TablePanel(
            tr("Seats by licence"),
            [
                Column("product", tr("Product"), lambda row: row[1].name, stretch=True),
                Column("now", tr("Now"), lambda row: str(row[1].now), lambda row: row[1].now, True),
                Column(
                    "peak",
                    tr("Peak"),
                    lambda row: str(row[1].peak),
                    lambda row: row[1].peak,
                    True,
                    rank=1,
                ),
                Column(
                    "mean",
                    tr("Mean"),
                    lambda row: f"{row[1].mean():.1f}",
                    lambda row: row[1].mean(),
                    True,
                    rank=3,
                ),
                Column(
                    "there-are",
                    tr("Total"),
                    lambda row: str(row[1].quantity),
                    lambda row: row[1].quantity,
                    True,
                    rank=2,
                ),
            ],
            lambda row: row[0],
            self.context,
            tr("No licence is known yet: none was imported, or no TMR host has answered."),
            sort=(2, True),
        )

    def _arrange(self) -> None:
        below = QSplitter(Qt.Orientation.Horizontal)
        below.addWidget(self.denials)
        below.addWidget(self.longest)
        whole = QSplitter(Qt.Orientation.Vertical)
        for widget in (self.licences, below):
            whole.addWidget(widget)
        for splitter in (below, whole):
            splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.addWidget(self.title)
        layout.addWidget(self.plot, 1)
        layout.addWidget(whole, 2)

    def refresh(self, now_s: float) -> None:
        """As in `Page`."""
        store = self.context.store
        self._names = store.product_names()
        # A series grows in place; the time of its last point tells the table that it did.
        rows = [(key, one, one.points[-1][0]) for key, one in store.usage.each.items()]
        self.licences.set_rows(rows)
        for panel in (self.licences, self.longest):
            panel.set_stale(store.lists_stale(now_s))
        self.denials.set_rows(top_denials(store.denied))
        if store.leases is not self._leases:
            self._leases = store.leases
            held = store.leases.leases if store.leases is not None else ()
            self.longest.set_rows(longest(held, LONGEST_MAX))
        self.longest.grow_older()
        self._draw(now_s)

    def _draw(self, now_s: float) -> None:
        row = self.licences.current()
        series: Series = row[1] if row is not None else self.context.store.usage.all
        self.title.setText(
            tr("Seats in use of {product}", product=series.name)
            if row is not None
            else tr("Seats in use of all licences")
        )
        points = series.points
        span_s = max(LEAST_SPAN_S, now_s - points[0][0]) if points else LEAST_SPAN_S
        self.plot.setXRange(-span_s / 60, 0, padding=0.01)
        self.plot.setYRange(0, max(1, series.quantity) * 1.08, padding=0)
        self.bound.setValue(series.quantity)
        if not points:
            self.curve.setData([], [])
            return
        ago = [(at_s - now_s) / 60 for at_s, _ in points]
        self.curve.setData([*ago, 0.0], [*(used for _, used in points), points[-1][1]])

    # --- words ---

    def _product(self, row: tuple[str, str, int]) -> str:
        firm, _, code = row[0].partition(":")
        known = firm.isdecimal() and code.isdecimal()
        return (self._names.get((int(firm), int(code))) if known else None) or row[0] or "–"

    def _lease_product(self, row: LeaseDocument) -> str:
        name = self._names.get((row.firm_code, row.product_code))
        return name or f"{row.firm_code}:{row.product_code}"

    def _held(self, row: LeaseDocument) -> str:
        return words(duration(self.context.wall() - row.granted_at_ms / 1000))

    def apply_theme(self) -> None:
        """As in `Page`."""
        palette = self.context.palette
        self.plot.setBackground(palette.panel)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(palette.line)
            axis.setTextPen(palette.text)
        self.curve.setPen(pg.mkPen(palette.plot_1, width=2))
        fill = pg.mkColor(palette.plot_1)
        fill.setAlpha(50)
        self.curve.setBrush(fill)
        self.bound.label.setColor(palette.text)
        self.bound.setPen(pg.mkPen(palette.degraded, width=1, style=Qt.PenStyle.DashDotLine))


def _who(row: LeaseDocument) -> str:
    holder = row.holder
    if holder.user and holder.host:
        return f"{holder.user}@{holder.host}"
    return holder.user or holder.host or row.client
