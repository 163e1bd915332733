"""Drives the monitor's model above its bounds."""

from __future__ import annotations

import random
from typing import Any, cast

import msgspec

from appliance.codec import api
from monitor_gui.late import LateDesk
from monitor_gui.model.alerting import AlertBook
from monitor_gui.model.alerts import FoundAlerts
from monitor_gui.model.holders import Holders
from monitor_gui.model.limits import AlertLimits
from monitor_gui.model.logs import Logs
from monitor_gui.model.remembered import Remembered
from monitor_gui.model.store import Store
from monitor_gui.model.timeline import Entry, Timeline
from monitor_gui.model.updates import Event, Happened, Recorded, StatusHeard
from monitor_gui.model.usage import Usage
from monitor_gui.model.verdict import Alert, Level
from tests.unit.bounds.watch import Drivers, Scene
from tests.unit.monitor.documents import ENDPOINTS, lease, licence, opened, status

DRIVERS = Drivers()


@DRIVERS.drives("monitor_gui.late:LateDesk._waiting")
def late(scene: Scene) -> None:
    """A person clicks while nothing is there yet."""
    desk = LateDesk()
    for number in range(300):
        desk.ask_something(number)
    scene.look()


@DRIVERS.drives(
    "monitor_gui.model.alerting:AlertBook._items",
    "monitor_gui.model.alerting:AlertBook._recalled",
    "monitor_gui.model.alerting:AlertBook.ended",
)
def alerts(scene: Scene) -> None:
    """Causes without end: they come, stay, and go."""
    scene.limit(20, "monitor_gui.model.alerting.OPEN_MAX")
    book = AlertBook(AlertLimits(raise_after_s=0, clear_after_s=1))
    book.recall(
        [Remembered(key=f"old {n}", since_unix_s=1.0, acknowledged=True) for n in range(99)]
    )
    scene.look()
    for round_ in range(40):
        found = tuple(
            Alert(f"disk up{n}-{round_}", Level.NOTICE, cast("Any", ""), cast("Any", ""))
            for n in range(60)
        )
        book.update(FoundAlerts(found, False), round_ * 9.0, round_ * 9.0)
        scene.look()


@DRIVERS.drives("monitor_gui.model.holders:Holders._known")
def holders(scene: Scene) -> None:
    """Leases without end."""
    holders = Holders(20)
    for number in range(10):
        holders.listed(tuple(lease(100 * number + n + 1) for n in range(60)))
        scene.look()


@DRIVERS.drives("monitor_gui.model.logs:Logs.lines")
def logs(scene: Scene) -> None:
    """Five hosts log without end."""
    scene.limit(50, "monitor_gui.model.logs.LINES_MAX")
    logs = Logs()
    for number in range(30):
        lines = [
            api.LogRecord("up1", number * 9 + n, number * 9 + n, "info", "a", "b") for n in range(9)
        ]
        logs.hear(lines, float(number))
        scene.look()


@DRIVERS.drives(
    "monitor_gui.model.store:Store.events",
    "monitor_gui.model.store:Store.denied",
    "monitor_gui.model.store:Store.entries",
    "monitor_gui.model.store:Store.offsets",
    "monitor_gui.model.rates:Rate._counts",
)
def store(scene: Scene) -> None:
    """A system that is followed for days, with denials of everything."""
    scene.limit(30, "monitor_gui.model.store.DENIED_MAX")
    store, many = Store(), status()
    rows = [msgspec.structs.replace(many.upstreams[0], name=f"up{n}") for n in range(60)]
    many = msgspec.structs.replace(many, upstreams=tuple(rows))  # As a host that lies says.
    store.apply(opened())
    for number in range(60):
        events = tuple(
            Event(
                ENDPOINTS[0],
                "denial",
                {"firm_code": 1, "product_code": 60 * number + n, "outcome": "no-seat-free"},
                1.0,
            )
            for n in range(60)
        )
        store.apply(Happened(float(number), events))
        told = tuple(Entry(unix_s=1.0, kind="switch", text="x") for _ in range(120))
        store.apply(Recorded(told))
        for n in range(30):
            store.apply(StatusHeard(ENDPOINTS[0], number + n / 30, many))
    scene.look()
    assert all(len(known) <= 32 for _, known in store.offsets)


@DRIVERS.drives(
    "monitor_gui.model.timeline:Timeline._names",
    "monitor_gui.model.timeline:Timeline._upstreams",
    "monitor_gui.model.timeline:Timeline._views",
    "monitor_gui.model.timeline:Timeline._roles",
    "monitor_gui.model.timeline:Timeline._back_s",
    "monitor_gui.model.timeline:Timeline._holds",
)
def timeline(scene: Scene) -> None:
    """A TMR host that lies has other hosts, and another name, in each answer."""
    for what in ("hosts", "upstreams", "events"):
        timeline, rng = Timeline(), random.Random(2)
        for number in range(80):
            document = status()
            name = f"host-{number}"
            if what == "hosts":
                own = msgspec.structs.replace(document.tmr_hosts[0], name=name)
                document = msgspec.structs.replace(document, host=name, tmr_hosts=(own,))
                document = msgspec.structs.replace(document, upstreams=())
            elif what == "upstreams":
                row = msgspec.structs.replace(document.upstreams[0], name=name)
                document = msgspec.structs.replace(document, host="host-0", upstreams=(row,))
            if what == "events":
                timeline.happened("phase", {"host": name, "phase": "serving"}, 1.0, 1.0)
            else:
                timeline.heard(document, number + rng.random(), 1.0)
            scene.look()


@DRIVERS.drives("monitor_gui.model.usage:Series.points", "monitor_gui.model.usage:Usage.each")
def usage(scene: Scene) -> None:
    """Licences without end, used for days."""
    scene.limit(30, "monitor_gui.model.usage.SERIES_MAX", "monitor_gui.model.usage.POINTS_MAX")
    usage = Usage()
    for number in range(100):
        rows = tuple(licence(n, in_use=(number + n) % 3) for n in range(number))
        usage.hear(rows, float(number))
        scene.look()
