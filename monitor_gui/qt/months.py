"""Usage over months: a picture of peaks, averages and true denials, and the same as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout

from monitor_gui.model.ages import age, duration
from monitor_gui.model.months import (
    BACK_MAX,
    PeriodRow,
    Product,
    bars,
    period_rows,
    products,
    seats_of,
    ticks,
)
from monitor_gui.model.queries import Heard, Rhythm, UsageHeard, UsageQuery
from monitor_gui.model.wire_words import told
from monitor_gui.qt.context import Context
from monitor_gui.qt.history_plot import HistoryPlot
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.page import Page, heading, quiet
from monitor_gui.qt.rows import Column
from monitor_gui.qt.tables import TablePanel
from monitor_gui.qt.wire import reason_word

EVERY_S: Final = 60.0
LOST_S: Final = 1_800.0
"""A long record takes minutes to read: it is not begun anew meanwhile."""
PERIODS: Final = ("month", "day", "hour")
LABEL_WIDE: Final = 62
"""So many pixels are one label below the picture."""


class MonthsPage(Page):
    """What is shown is chosen above; then the picture, then the table."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._rhythm = Rhythm(EVERY_S, LOST_S)
        self._back = 0
        self._seen: object = None
        self._rows: list[PeriodRow] = []
        self._product: Product | None = None
        self.title = heading("")
        self.period = QComboBox()
        self.period.setAccessibleName(tr("Cut by"))
        for text in (tr("Months"), tr("Days"), tr("Hours")):
            self.period.addItem(text)
        self.period.currentIndexChanged.connect(lambda _: self._turn(-self._back))
        self.product = QComboBox()
        self.product.setAccessibleName(tr("Product"))
        self.product.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.product.setMinimumContentsLength(22)
        self.product.addItem(tr("All products"), None)
        self.product.activated.connect(lambda _: self._product_chosen())
        self.earlier = QPushButton(tr("Earlier"))
        self.earlier.clicked.connect(lambda _=False: self._turn(1))
        self.later = QPushButton(tr("Later"))
        self.later.clicked.connect(lambda _=False: self._turn(-1))
        self.plot = HistoryPlot()
        self.marks = quiet(tr("■ peak")), quiet(tr("■ average")), quiet(tr("■ true denials"))
        self.table = self._panel()
        self.table.selected.connect(self._marked)
        self.note = quiet("")
        self.note.setWordWrap(True)
        self._arrange()

    def _arrange(self) -> None:
        choices = QHBoxLayout()
        for widget in (self.period, self.product, self.earlier, self.later):
            choices.addWidget(widget)
        choices.addStretch(1)
        top = QHBoxLayout()
        top.addWidget(self.title)
        top.addStretch(1)
        for mark in self.marks:
            top.addWidget(mark)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setObjectName("months")
        split.addWidget(self.plot)
        split.addWidget(self.table)
        split.setChildrenCollapsible(False)
        split.setSizes([360, 300])
        layout = QVBoxLayout(self)
        layout.addLayout(choices)
        layout.addLayout(top)
        layout.addWidget(split, 1)
        layout.addWidget(self.note)

    def _panel(self) -> TablePanel:
        return TablePanel(
            tr("Usage"),
            [
                Column("period", tr("Period (UTC)"), lambda row: row.label, _start),
                Column("peak", tr("Peak"), _shown("peak"), lambda row: row.peak, True),
                Column(
                    "average",
                    tr("Average"),
                    lambda row: f"{row.average:.2f}" if row.known else "–",
                    lambda row: row.average,
                    True,
                ),
                Column("uses", tr("Uses"), _shown("sessions"), lambda row: row.sessions, True),
                Column(
                    "denials", tr("True denials"), _shown("denials"), lambda row: row.denials, True
                ),
                Column("waits", tr("Waits"), _shown("waits"), lambda row: row.waits, True, rank=2),
                Column(
                    "longest-wait",
                    tr("Longest wait"),
                    _longest,
                    lambda row: row.longest_wait_s,
                    True,
                    rank=3,
                ),
                Column(
                    "refusals",
                    tr("Refusals"),
                    _shown("requests"),
                    lambda row: row.requests,
                    True,
                    tip=lambda _: tr("Single requests that were refused"),
                    rank=4,
                ),
                Column("why", tr("Why"), _why, stretch=True),
            ],
            lambda row: row.start_ms,
            self.context,
            tr("No usage is known yet."),
            sort=(0, True),
        )

    # --- what is chosen ---

    def _query(self) -> UsageQuery:
        return UsageQuery(PERIODS[max(0, self.period.currentIndex())], self._back)

    def _turn(self, by: int) -> None:
        self._back = min(max(0, self._back + by), BACK_MAX)
        self.refresh(self.context.clock())

    def _product_chosen(self) -> None:
        found: Product | None = self.product.currentData()
        self._product = found
        self.refresh(self.context.clock())

    def _offer(self, found: list[tuple[Product, str]]) -> None:
        """Offer the products of the report; the chosen one stays, be it in this report or not."""
        offered = [(None, tr("All products")), *found]
        there = [
            (self.product.itemData(n), self.product.itemText(n))
            for n in range(self.product.count())
        ]
        if self._product is not None and self._product not in dict(found):
            offered += [pair for pair in there if pair[0] == self._product]
        if offered != there:
            self.product.clear()
            for product, name in offered:
                self.product.addItem(name, product)
            wanted = [pair[0] for pair in offered]
            self.product.setCurrentIndex(wanted.index(self._product))

    def seek(self, subject: str) -> None:
        """As in `Page`: a product, or a period."""
        number = self.product.findText(subject)
        if number >= 0:
            self.product.setCurrentIndex(number)
            self._product_chosen()
        else:
            self.table.seek(subject)

    # --- what is shown ---

    def refresh(self, now_s: float) -> None:
        """As in `Page`."""
        store = self.context.store
        query, heard = self._query(), store.answers.get(UsageQuery)
        if store.opened is not None and self._rhythm.due(query, store.generation, heard, now_s):
            self.context.desk.ask(query)
        self.later.setEnabled(self._back > 0)
        self.earlier.setEnabled(self._back < BACK_MAX)
        # The report of another choice is not shown under the words of this one.
        ours = heard is not None and heard.query == query
        document = heard.document if heard is not None and ours else None
        report = document if isinstance(document, UsageHeard) else None
        if (report, self._product, store.licences) != self._seen:
            self._seen = (report, self._product, store.licences)
            if store.opened is None:
                self._product = None
            self._show(report)
        self.note.setText(self._said(heard, report, now_s))

    def _show(self, report: UsageHeard | None) -> None:
        store = self.context.store
        if report is not None:
            self._offer(products(report, store.product_names()))
        self._rows = [] if report is None else period_rows(report, self._product)
        licences = store.licences.licences if store.licences is not None else None
        quantity = seats_of(licences, self._product)
        labels = [row.label for row in self._rows]
        most = max(2, self.plot.width() // LABEL_WIDE)
        self.plot.show_bars(bars(self._rows, quantity), ticks(labels, most), quantity)
        self.table.set_rows(self._rows)
        name = self.product.currentText()
        self.title.setText(
            tr("{product}, {first} to {last}", product=name, first=labels[0], last=labels[-1])
            if labels
            else name
        )
        self.plot.setAccessibleDescription(_summary(self._rows))

    def _marked(self) -> None:
        row = self.table.current()
        self.plot.mark(self._rows.index(row) if row in self._rows else None)

    def _said(self, heard: Heard | None, report: UsageHeard | None, now_s: float) -> str:
        if report is None or heard is None:
            if heard is not None and heard.trouble and not self._rows:
                return tr("The usage is not known: {why}.", why=words(told(heard.trouble)))
            return tr("The usage record is being read…")
        said = tr(
            "True denials: somebody asked, got no seat and gave up. Peaks and averages are exact. "
            "As of {age}.",
            age=words(age(heard.at_s, now_s)),
        )
        if report.missing:
            missing = tr("Entries that no upstream has: {count}.", count=report.missing)
            said = tr("{first} {next}", first=said, next=missing)
        if heard.trouble:
            trouble = tr("Not renewed: {why}.", why=words(told(heard.trouble)))
            said = tr("{first} {next}", first=said, next=trouble)
        return said

    def apply_theme(self) -> None:
        """As in `Page`."""
        palette = self.context.palette
        self.plot.dress(palette)
        for label, colour in zip(
            self.marks, (palette.plot_1, palette.ok, palette.down), strict=True
        ):
            _paint(label, colour)


def _paint(label: QLabel, colour: str) -> None:
    label.setProperty("quiet", False)
    label.setStyleSheet(f"color: {colour}")


def _start(row: PeriodRow) -> int:
    return row.start_ms


def _shown(field: str) -> Callable[[PeriodRow], str]:
    return lambda row: str(getattr(row, field)) if row.known else "–"


def _longest(row: PeriodRow) -> str:
    return words(duration(row.longest_wait_s)) if row.waits else "–"


def _why(row: PeriodRow) -> str:
    return ", ".join(f"{reason_word(reason)}: {count}" for reason, count in row.why) or "–"


def _summary(rows: list[PeriodRow]) -> str:
    """The picture in a sentence, for a screen reader."""
    if not rows:
        return ""
    highest = max(rows, key=lambda row: row.peak)
    return tr(
        "The highest peak is {peak}, in {period}. True denials: {denials}.",
        peak=highest.peak,
        period=highest.label,
        denials=sum(row.denials for row in rows),
    )
