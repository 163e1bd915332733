"""What every page is given: the store to read, the desk to ask, the alerts, the theme, the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from monitor_gui.model.alerting import AlertBook
from monitor_gui.model.alerts import overall
from monitor_gui.model.desk import ADMINISTER_ROLES, OPERATE_ROLES, Desk
from monitor_gui.model.limits import AlertLimits
from monitor_gui.model.store import Store
from monitor_gui.model.verdict import ShownVerdict
from monitor_gui.qt.language import tr
from monitor_gui.qt.palette import LIGHT, Palette


class Context:
    """Shared by the window and its pages. `clock` is the feed's monotonic clock, in seconds,
    `wall` the Unix time."""

    def __init__(
        self,
        store: Store,
        desk: Desk,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        limits: AlertLimits | None = None,
    ) -> None:
        self.store = store
        self.desk = desk
        self.clock = clock
        self.wall = wall
        self.limits = limits or AlertLimits()
        self.book = AlertBook(self.limits)
        self.go: Callable[[str, str], None] = lambda page, subject: None
        """Shows a page, and on it what is sought; the window says how."""
        self.settle_alerts: Callable[[], None] = lambda: None
        """To be called after a change in the book of alerts."""
        self.palette: Palette = LIGHT
        self.read_only = False
        self._within_look = False
        self._seen: ShownVerdict | None = None

    @contextmanager
    def one_look(self) -> Iterator[None]:
        """Within this nothing changes that a verdict goes by: it is made once for all who ask."""
        self._within_look = True
        try:
            yield
        finally:
            self._within_look, self._seen = False, None

    def verdict(self) -> ShownVerdict:
        """The verdict now."""
        if self._seen is not None:
            return self._seen
        made = overall(self.store, self.clock(), self.limits)
        if self._within_look:
            self._seen = made
        return made

    def why_not_operate(self) -> str:
        """Why acts are out of reach, "" if they are not."""
        return self._why_not(OPERATE_ROLES, "operate")

    def why_not_administer(self) -> str:
        """Why an administrator's acts are out of reach, "" if they are not."""
        return self._why_not(ADMINISTER_ROLES, "administer")

    def _why_not(self, roles: frozenset[str], needed: str) -> str:
        opened = self.store.opened
        if opened is None:
            return tr("Not connected.")
        if self.read_only:
            return tr("This window is read-only: switch that off in the View menu.")
        if opened.role not in roles:
            return tr(
                "{who} has the role {role}; {needed} is needed.",
                who=opened.identity,
                role=opened.role,
                needed=needed,
            )
        return ""
