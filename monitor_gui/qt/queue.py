"""The queue: who waits for seats of what, at which place, since when, and what is held for whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QSplitter, QVBoxLayout

from appliance.codec.api_queue import QueueDocument
from monitor_gui.model.ages import age, duration
from monitor_gui.model.queries import Heard, QueueQuery, Rhythm
from monitor_gui.model.queue import PlaceRow, ProductRow, place_rows, product_rows
from monitor_gui.model.store import LISTS_LATE_S
from monitor_gui.model.wire_words import told
from monitor_gui.qt.context import Context
from monitor_gui.qt.dialogs import Confirm
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.moments import clock
from monitor_gui.qt.page import Page, quiet
from monitor_gui.qt.rows import Column
from monitor_gui.qt.tables import TablePanel

EVERY_S: Final = 2.0
_WIDE: Final = 86_399.0
"""A wait of two parts, for the width of a column."""


class QueuePage(Page):
    """Two tables: the products that somebody waits for, and the places, of all or of one."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._rhythm = Rhythm(EVERY_S)
        self._seen: object = None
        self._places: list[PlaceRow] = []
        self.products = self._products_panel()
        self.products.selected.connect(self._chosen)
        self.places = self._places_panel()
        self.places.selected.connect(self._allow)
        self.end = QPushButton(tr("End this place…"))
        self.end.clicked.connect(self._end)
        self.places.buttons.addWidget(self.end)
        delete = QShortcut(QKeySequence.StandardKey.Delete, self.places.view)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.end.click)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setObjectName("queue")
        split.addWidget(self.products)
        split.addWidget(self.places)
        split.setChildrenCollapsible(False)
        split.setSizes([240, 460])
        self.note = quiet("")
        self.note.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.addWidget(split, 1)
        layout.addWidget(self.note)

    def _products_panel(self) -> TablePanel:
        return TablePanel(
            tr("Waited for"),
            [
                Column("product", tr("Product"), lambda row: row.name, stretch=True),
                Column("waiting", tr("Waiting"), _number("waiting"), _value("waiting"), True),
                Column("seats", tr("Seats wanted"), _number("seats"), _value("seats"), True),
                Column(
                    "longest",
                    tr("The first waits for"),
                    self._waited,
                    lambda row: -row.since_s,
                    True,
                    widest=words(duration(_WIDE)),
                ),
                Column(
                    "offered", tr("Offered"), _number("offered"), _value("offered"), True, rank=2
                ),
                Column(
                    "in-use",
                    tr("Seats in use"),
                    _in_use,
                    lambda row: row.in_use if row.in_use is not None else -1,
                    True,
                    rank=1,
                ),
            ],
            lambda row: row.product,
            self.context,
            tr("Nobody waits for a seat."),
            sort=(3, True),
        )

    def _places_panel(self) -> TablePanel:
        return TablePanel(
            tr("Places"),
            [
                Column("place", tr("Place"), _place, lambda row: row.place.place, True),
                Column("who", tr("Who"), lambda row: row.who, stretch=True),
                Column("wants", tr("Waits for"), lambda row: row.wants),
                Column(
                    "since",
                    tr("Waited"),
                    self._waited,
                    lambda row: -row.since_s,
                    True,
                    tip=self._since,
                    widest=words(duration(_WIDE)),
                ),
                Column("offer", tr("Offer"), self._offer, _held, tone=_offer_tone),
                Column(
                    "overtaken",
                    tr("Overtaken"),
                    lambda row: str(row.place.overtaken),
                    lambda row: row.place.overtaken,
                    True,
                    rank=1,
                ),
                Column("client", tr("Client"), lambda row: row.place.client, rank=2),
                Column("lease", tr("Lease"), lambda row: row.place.lease_id, rank=3),
            ],
            lambda row: row.key,
            self.context,
            tr("Nobody waits for a seat."),
            sort=(0, False),
        )

    def refresh(self, now_s: float) -> None:
        """As in `Page`."""
        store = self.context.store
        heard = store.answers.get(QueueQuery)
        if store.opened is not None and self._rhythm.due(
            QueueQuery(), store.generation, heard, now_s
        ):
            self.context.desk.ask(QueueQuery())
        document = _document(heard)
        if (document, store.licences) != self._seen:
            self._seen = (document, store.licences)
            self._show(document, heard.at_s or 0.0 if heard is not None else 0.0)
        stale = _stale(heard, now_s) or not store.fresh(now_s)
        for panel in (self.products, self.places):
            panel.set_stale(stale)
            panel.grow_older()
        self.note.setText(self._said(heard, now_s))
        self._allow()

    def _show(self, document: QueueDocument | None, at_s: float) -> None:
        store = self.context.store
        names = store.product_names()
        self._places = [] if document is None else place_rows(document, at_s, names)
        licences = None if store.licences is None else store.licences.licences
        self.products.set_rows(product_rows(self._places, names, licences))
        self._chosen()

    def _chosen(self) -> None:
        """The places of the chosen product, else all."""
        chosen: ProductRow | None = self.products.current()
        self.places.set_rows(
            [row for row in self._places if chosen is None or chosen.product in row.products]
        )
        self._allow()

    def _said(self, heard: Heard | None, now_s: float) -> str:
        document = _document(heard)
        if heard is None or document is None:
            if heard is not None and heard.trouble:
                return tr("The queue is not known: {why}.", why=words(told(heard.trouble)))
            return tr("The queue is not known yet.")
        rules = tr(
            "Whoever waits is overtaken at most so often: {times}. An offered seat is held for "
            "{held}.",
            times=document.overtakes_max,
            held=words(duration(document.hold_s)),
        )
        if heard.trouble:
            return tr(
                "{rules} As of {age}: {why}.",
                rules=rules,
                age=words(age(heard.at_s, now_s)),
                why=words(told(heard.trouble)),
            )
        return rules

    def seek(self, subject: str) -> None:
        """As in `Page`."""
        self.places.seek(subject) or self.products.seek(subject)

    # --- acts ---

    def _allow(self) -> None:
        why = self.context.why_not_operate()
        if not why and self.places.current() is None:
            why = tr("Select a place first.")
        self.end.setEnabled(not why)
        self.end.setToolTip(why)

    def _end(self) -> None:
        row: PlaceRow | None = self.places.current()
        if row is None:
            return
        dialog = Confirm(
            self,
            tr("End a place in the queue"),
            tr("End the place of {who}?", who=row.who),
            [
                tr(
                    "It waits no longer, and whoever comes after it moves up. If it asks again, it "
                    "gets a new place behind all others."
                )
            ],
            tr("End"),
        )
        if dialog.exec() == Confirm.DialogCode.Accepted:
            place = row.place
            self.context.desk.release(place.client, place.lease_id, place.place, dialog.reason())

    # --- words ---

    def _waited(self, row: PlaceRow | ProductRow) -> str:
        return words(duration(self.context.clock() - row.since_s))

    def _since(self, row: PlaceRow) -> str:
        return clock(self.context.wall() - self.context.clock() + row.since_s)

    def _offer(self, row: PlaceRow) -> str:
        if row.held_until_s is None:
            return "–"
        left_s = max(0.0, row.held_until_s - self.context.clock())
        return tr("held for {time}", time=words(duration(round(left_s) or 1)))


def _document(heard: Heard | None) -> QueueDocument | None:
    found = heard.document if heard is not None else None
    return found if isinstance(found, QueueDocument) else None


def _stale(heard: Heard | None, now_s: float) -> bool:
    return (
        heard is None
        or heard.at_s is None
        or bool(heard.trouble)
        or now_s - heard.at_s > LISTS_LATE_S
    )


def _place(row: PlaceRow) -> str:
    place = row.place
    if not place.position:
        return tr("next")
    return tr("{position} of {waiting}", position=place.position, waiting=place.of)


def _held(row: PlaceRow) -> float:
    return row.held_until_s if row.held_until_s is not None else float("inf")


def _offer_tone(row: PlaceRow) -> str:
    return "ok" if row.held_until_s is not None else ""


def _in_use(row: ProductRow) -> str:
    return "–" if row.in_use is None else f"{row.in_use} / {row.quantity}"


def _number(field: str) -> Callable[[ProductRow], str]:
    return lambda row: str(getattr(row, field))


def _value(field: str) -> Callable[[ProductRow], int]:
    return lambda row: int(getattr(row, field))
