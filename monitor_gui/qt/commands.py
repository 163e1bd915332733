"""Everything that can be done from the keyboard, as one list: pages, menus, acts, tables, alerts.

Acts of pages that were not made yet stand in a table here, so that nothing is made for a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple, Protocol

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QPushButton

from monitor_gui.model.connections import System
from monitor_gui.model.matrix import lease_rows
from monitor_gui.qt.context import Context
from monitor_gui.qt.language import tr, words
from monitor_gui.qt.page import Page
from monitor_gui.qt.stack import Stack
from monitor_gui.qt.streams import StreamPanel
from monitor_gui.qt.tables import TablePanel

LEASES_MAX: Final = 500
ALERTS_MAX: Final = 50


class Window(Protocol):
    """What the commands need of the window."""

    context: Context
    stack: Stack

    @property
    def systems(self) -> Sequence[System]:
        """Those that it can show."""

    def menuBar(self) -> QMenuBar:
        """Its menus."""

    def go(self, name: str, subject: str = "") -> None:
        """Show a page, and in it what it is about."""

    def tell(self, text: str) -> None:
        """Say something to the person."""

    def acknowledge_all(self) -> None:
        """Acknowledge every alert that rings."""

    def connect_to(self, system: System | None) -> None:
        """Show this system; None is the demo."""


@dataclass(frozen=True, slots=True)
class WindowCommand:
    """One line of the palette; `hint` is its shortcut, or why it cannot be done now."""

    title: str
    run: Callable[[], object]
    hint: str = ""


class WindowAct(NamedTuple):
    """A button of a page: `button` names its attribute, `number` says which if they are more."""

    page: str
    title: str
    button: str
    number: int = -1


ACTS: Final = (
    WindowAct("failover", "Switch over…", "switch"),
    WindowAct("failover", "Maintenance of the first TMR host…", "maintain", 0),
    WindowAct("failover", "Maintenance of the second TMR host…", "maintain", 1),
    WindowAct("licences", "Release the selected lease by force…", "release"),
    WindowAct("queue", "End the selected place in the queue…", "end"),
    WindowAct("access", "Compare and apply the access rules…", "apply"),
    WindowAct("access", "Put the selected access rules in force again…", "undo"),
    WindowAct("access", "Would this user get it?", "question"),
    WindowAct("clocks", "Update certified time…", "certify"),
    WindowAct("alerts", "Acknowledge the selected alert", "acknowledge"),
    WindowAct("alerts", "Reopen the selected alert", "reopen"),
    WindowAct("alerts", "Show the cause of the selected alert", "cause"),
)


def commands(window: Window) -> list[WindowCommand]:
    """What can be done now, in the order in which it is offered before anything is typed."""
    return [
        *_acts(window),
        *_menus(window),
        *_tables(window),
        *_systems(window),
        *_alerts(window),
        *_leases(window),
    ]


def _menus(window: Window) -> Iterator[WindowCommand]:
    for entry in window.menuBar().actions():
        menu = entry.menu()
        if isinstance(menu, QMenu) and entry.isVisible():
            yield from _menu(menu, plain(entry.text()))


def _menu(menu: QMenu, where: str) -> Iterator[WindowCommand]:
    for action in menu.actions():
        below = action.menu()
        if isinstance(below, QMenu):
            yield from _menu(below, plain(action.text()))
        elif not action.isSeparator() and action.isVisible():
            title = tr("{menu}: {title}", menu=where, title=plain(action.text()))
            yield WindowCommand(title, action.trigger, _keys(action.shortcut()))


def _keys(shortcut: QKeySequence) -> str:
    return shortcut.toString(QKeySequence.SequenceFormat.NativeText)


def _acts(window: Window) -> Iterator[WindowCommand]:
    """What asks before it does anything comes first, where Enter alone would choose it."""
    for act in ACTS:
        yield WindowCommand(tr(act.title), partial(_perform, window, act))
    yield WindowCommand(tr("Acknowledge all alerts"), window.acknowledge_all)


def _perform(window: Window, act: WindowAct) -> None:
    """Go to the page and press the button; one that cannot be pressed says why."""
    window.go(act.page)
    found = getattr(window.stack.currentWidget(), act.button, None)
    if isinstance(found, list) and 0 <= act.number < len(found):
        found = found[act.number]
    if not isinstance(found, QPushButton):
        return
    if found.isEnabled():
        found.click()
    else:
        window.tell(found.toolTip() or tr("Select a row first."))


def _tables(window: Window) -> Iterator[WindowCommand]:
    """The tables that are seen."""
    page = window.stack.currentWidget()
    if not isinstance(page, Page):
        return
    for panel in page.findChildren(TablePanel):
        title = panel.title
        yield WindowCommand(tr("Filter: {table}", table=title), panel.filter.setFocus)
        yield WindowCommand(tr("Export as CSV: {table}", table=title), panel.export_csv)
        yield WindowCommand(tr("Choose columns: {table}", table=title), panel.columns.choose)
    for stream in page.findChildren(StreamPanel):
        title = stream.title
        yield WindowCommand(tr("Filter: {table}", table=title), stream.filter.setFocus)
        yield WindowCommand(tr("Export as CSV: {table}", table=title), stream.export_csv)
        yield WindowCommand(tr("Choose columns: {table}", table=title), stream.columns.choose)
        yield WindowCommand(tr("Follow: {table}", table=title), stream.follow.click)


def _systems(window: Window) -> Iterator[WindowCommand]:
    for system in window.systems:
        yield WindowCommand(
            tr("Connect to {name}", name=system.name), partial(window.connect_to, system)
        )
    yield WindowCommand(tr("Start the demo"), partial(window.connect_to, None))


def _alerts(window: Window) -> Iterator[WindowCommand]:
    for item in window.context.book.open()[:ALERTS_MAX]:
        alert = item.alert
        yield WindowCommand(
            tr("Alert: {text}", text=words(alert.text)),
            partial(window.go, alert.page, alert.subject),
        )


def _leases(window: Window) -> Iterator[WindowCommand]:
    for row in lease_rows(window.context.store)[:LEASES_MAX]:
        holder = row.lease.holder
        yield WindowCommand(
            tr(
                "Lease of {user} at {host}: {product}",
                user=holder.user or row.lease.client,
                host=holder.host or "–",
                product=row.product,
            ),
            partial(window.go, "licences", row.lease.lease_id),
        )


def plain(title: str) -> str:
    """A menu's title without the mark of its key, which Japanese titles have in brackets."""
    return re.sub(r"\(&[A-Z]\)", "", title).replace("&&", "\0").replace("&", "").replace("\0", "&")
