"""The overview: the drawing, what is wrong and what to do, and the numbers."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout

from monitor_gui.model import activity
from monitor_gui.model.ages import age, duration, is_stale, precise
from monitor_gui.model.picture import picture
from monitor_gui.model.verdict import Level, ShownVerdict
from monitor_gui.qt.context import Context
from monitor_gui.qt.keys import pass_by
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.page import Card, Page, heading, plain, quiet
from monitor_gui.qt.palette import SIGNS, level_colour
from monitor_gui.qt.scene import SystemScene, SystemView
from monitor_gui.qt.wire import reason_word

CAUSES_MAX = 5


class OverviewPage(Page):
    """What the person on call looks at first."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.scene = SystemScene()
        self.scene.setParent(self)
        self.view = SystemView(self.scene)
        pass_by(self.view)
        self.heard = quiet("")
        top = QHBoxLayout()
        top.addWidget(heading(tr("The system now")))
        top.addStretch(1)
        top.addWidget(self.heard)
        self.cards = {
            "seats": Card(tr("Seats used")),
            "rate": Card(tr("Check-outs per second")),
            "denials": Card(tr("Denials in the last minute")),
            "switch": Card(tr("Since the last switch")),
            "log": Card(tr("Ledger")),
        }
        numbers = QHBoxLayout()
        for card in self.cards.values():
            numbers.addWidget(card)
        self.causes_heading = heading(tr("What is wrong, and what to do"))
        self.causes = QGridLayout()
        self.causes.setHorizontalSpacing(16)
        self.causes.setVerticalSpacing(6)
        self.causes.setColumnStretch(1, 4)
        self.causes.setColumnStretch(2, 5)
        self._cells: list[tuple[QLabel, QLabel, QLabel]] = []
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.view, 1)
        layout.addLayout(numbers)
        layout.addWidget(self.causes_heading)
        layout.addLayout(self.causes)

    def refresh(self, now_s: float) -> None:
        """As in `Page`."""
        store = self.context.store
        shown = picture(store, now_s)
        licences = store.licences.licences if store.licences is not None else ()
        available = sum(x.available for x in licences) if store.licences is not None else None
        self.scene.show_picture(shown, store.seats(), available, store.lists_stale(now_s))
        self.heard.setText(heard_words(shown.heard_at_s, now_s))
        self._numbers(now_s, shown.commit_index, shown.stale)
        self._show_causes(self.context.verdict(), now_s)

    def _numbers(self, now_s: float, index: int, stale: bool) -> None:
        store, cards = self.context.store, self.cards
        used, there = store.seats()
        old = store.lists_stale(now_s)
        remark = tr("as of {age}", age=words(age(store.licences_at_s, now_s)))
        known = store.licences_at_s is not None
        cards["seats"].show_value(
            f"{_number(used)} / {_number(there)}" if known else "–",
            remark if known else tr("not known yet"),
            old,
        )
        heard = any(one.document is not None for one in store.endpoints.values())
        rate = store.checkouts.per_second(now_s)
        minute = store.checkouts.last_minute(now_s)
        cards["rate"].show_value(
            f"{rate:.1f}" if heard else "–",
            tr("{n} in the last minute", n=minute) if heard else tr("not known yet"),
            stale,
        )
        denied = [e for e in store.events if activity.kind(e) == activity.DENIAL]
        last = reason_word(activity.field(denied[-1], "outcome")) if denied else ""
        cards["denials"].show_value(
            str(store.denials.last_minute(now_s)) if heard else "–",
            tr("last: {reason}", reason=last) if last else tr("none seen"),
            stale,
        )
        switch = store.last_switch()
        if switch is None:
            cards["switch"].show_value("–", tr("none seen by this monitor"))
        else:
            since = words(duration(max(0.0, self.context.wall() - switch.unix_s)))
            took = words(precise(switch.at_most_s or 0.0))
            cards["switch"].show_value(
                since,
                tr(
                    "{what}, at most {took} without service",
                    what=words(switch.phrase),
                    took=took,
                ),
            )
        cards["log"].show_value(str(index) if heard else "–", tr("entries committed"), stale)

    def _show_causes(self, verdict: ShownVerdict, now_s: float) -> None:
        causes = verdict.causes[:CAUSES_MAX]
        self.causes_heading.setVisible(bool(causes))
        while len(self._cells) < len(causes):
            row = len(self._cells)
            cells = QLabel(), plain(), quiet("")
            for column, label in enumerate(cells):
                label.setWordWrap(column > 0)
                self.causes.addWidget(label, row, column)
            self._cells.append(cells)
        for number, cells in enumerate(self._cells):
            for label in cells:
                label.setVisible(number < len(causes))
            if number >= len(causes):
                continue
            cause = causes[number]
            colour = level_colour(self.context.palette, cause.level)
            if cause.level == Level.NOTICE:
                colour = self.context.palette.notice
            sign = "ℹ" if cause.level == Level.NOTICE else SIGNS[cause.level]
            cells[0].setText(f'<span style="color:{colour};font-size:14pt">{sign}</span>')
            cells[1].setText(words(cause.with_age(now_s)))
            cells[2].setText(words(cause.advice))

    def apply_theme(self) -> None:
        """As in `Page`."""
        self.scene.apply_theme(self.context.palette)


def _number(value: int | None) -> str:
    return "–" if value is None else str(value)


def heard_words(at_s: float | None, now_s: float) -> str:
    """When the last answer came, and whether that is too long ago."""
    if at_s is None:
        return tr("no answer yet")
    said = words(age(at_s, now_s))
    if is_stale(at_s, now_s):
        return tr("STALE, last answer {age}", age=said)
    return tr("answer {age}", age=said)
