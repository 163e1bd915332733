"""Activity: every event of the system as it happens, denials with their reason."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from monitor_gui.model import activity
from monitor_gui.model.store import EVENTS_MAX
from monitor_gui.model.updates import Event
from monitor_gui.qt.context import Context
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.moments import clock, today
from monitor_gui.qt.page import Page, quiet
from monitor_gui.qt.rows import Column
from monitor_gui.qt.streams import StreamPanel
from monitor_gui.qt.wire import kind_word


class ActivityPage(Page):
    """The events of both TMR hosts, each ledger entry once."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._names: dict[tuple[int, int], str] = {}
        columns = [
            Column(
                "time", tr("Time"), lambda row: today(row.unix_s), tip=lambda row: clock(row.unix_s)
            ),
            Column(
                "kind",
                tr("Kind"),
                lambda row: kind_word(activity.kind(row)),
                tone=activity.tone,
                rank=2,
            ),
            Column(
                "what-happened",
                tr("What happened"),
                lambda row: words(activity.what(row)),
                tone=activity.tone,
            ),
            Column("who", tr("Who"), activity.who, rank=1),
            Column(
                "product", tr("Product"), lambda row: activity.product(row, self._names), rank=3
            ),
            Column("reason", tr("Reason"), _why, stretch=True),
            Column("entry", tr("Entry"), lambda row: activity.field(row, "index"), rank=4),
        ]
        self.panel = StreamPanel(
            tr("Activity"),
            columns,
            context,
            tr("Nothing has happened since this monitor began to listen."),
            EVENTS_MAX,
        )
        self.kinds = self.panel.add_choice(
            tr("Kind of event"),
            [(tr("All kinds"), None), *((kind_word(kind), kind) for kind in activity.KINDS)],
            lambda row, kind: activity.kind(row) == kind,
        )
        self.note = quiet("")
        layout = QVBoxLayout(self)
        layout.addWidget(self.panel, 1)
        layout.addWidget(self.note)

    def refresh(self, now_s: float) -> None:
        """As in `Page`."""
        store = self.context.store
        self._names = store.product_names()
        self.panel.feed(store.events, store.events_total, store.generation)
        self.note.setText(
            tr(
                "In the last minute: {granted} check-outs, {denied} denials. The newest {most} "
                "events are kept.",
                granted=store.checkouts.last_minute(now_s),
                denied=store.denials.last_minute(now_s),
                most=EVENTS_MAX,
            )
        )


def _why(event: Event) -> str:
    """The reason, in the user's language."""
    return words(activity.why(event))
