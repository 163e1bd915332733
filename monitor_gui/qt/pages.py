"""Which pages there are. A new page is one file beside this one, and one line here."""

from __future__ import annotations

import importlib
from typing import Final, NamedTuple

from monitor_gui.qt.context import Context
from monitor_gui.qt.language import tr
from monitor_gui.qt.page import Page


class PageSpec(NamedTuple):
    """A page: `name` is stable (remembered layouts), `title` is shown, `target` module:class."""

    name: str
    title: str
    target: str


PAGES: Final = (
    PageSpec("overview", "Overview", "monitor_gui.qt.overview:OverviewPage"),
    PageSpec("alerts", "Alerts", "monitor_gui.qt.alerts:AlertsPage"),
    PageSpec("licences", "Containers and licences", "monitor_gui.qt.licences:LicencesPage"),
    PageSpec("activity", "Activity", "monitor_gui.qt.activity:ActivityPage"),
    PageSpec("usage", "Usage", "monitor_gui.qt.usage:UsagePage"),
    PageSpec("clocks", "Clocks", "monitor_gui.qt.clocks:ClocksPage"),
    PageSpec(
        "timeservers", "Time servers and blocking", "monitor_gui.qt.timeservers:TimeServersPage"
    ),
    PageSpec("failover", "Failover", "monitor_gui.qt.failover:FailoverPage"),
    PageSpec("hosts", "Hosts", "monitor_gui.qt.hosts:HostsPage"),
    PageSpec("logs", "Logs", "monitor_gui.qt.logs:LogsPage"),
    PageSpec("queue", "Queue", "monitor_gui.qt.queue:QueuePage"),
    PageSpec("months", "Usage over months", "monitor_gui.qt.months:MonthsPage"),
    PageSpec("access", "Access rules", "monitor_gui.qt.access:AccessPage"),
)


def make(spec: PageSpec, context: Context) -> Page:
    """The page. Raises TypeError if the target is no page."""
    module, _, name = spec.target.partition(":")
    page = getattr(importlib.import_module(module), name)(context)
    if not isinstance(page, Page):
        raise TypeError(f"{spec.target} is no page")
    page.setAccessibleName(tr(spec.title))
    return page
