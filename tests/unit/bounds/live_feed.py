"""Drives the monitor's feed above its bounds: events, what people ask for, tunnels."""

from __future__ import annotations

import asyncio
import json
import queue
import socket
import threading
from types import SimpleNamespace
from typing import Any, cast

from appliance.client.streams import ServerEvent
from monitor_gui.feed.demo_reports import DemoReports
from monitor_gui.feed.history import History
from monitor_gui.feed.poller import Poller
from monitor_gui.feed.ssh import Tunnels
from monitor_gui.feed.thread import Feed
from monitor_gui.model.updates import Acted
from tests.unit.bounds.watch import Drivers, Scene

DRIVERS = Drivers()


@DRIVERS.drives("monitor_gui.feed.poller:Poller._gathered")
def events(scene: Scene) -> None:
    """Events come faster than the window takes them."""
    scene.limit(30, "monitor_gui.feed.poller.GATHERED_MAX")

    async def whole() -> None:
        source = SimpleNamespace(endpoints=("tmr1:7200",), name="plant")
        poller = Poller(cast("Any", source), History(None), lambda update: None)
        for number in range(100):
            event = ServerEvent("check-out", json.dumps({"n": number}))
            await poller._happened("tmr1:7200", event)
        scene.look()
        assert poller._dropped == 70

    asyncio.run(whole())


@DRIVERS.drives("monitor_gui.feed.thread:Feed._acts")
def acts(scene: Scene) -> None:
    """A person clicks and clicks, and no server answers."""
    told: queue.Queue[Any] = queue.Queue()
    feed = Feed(cast("Any", None), History(None), told.put)

    async def never(*given: object) -> None:
        await asyncio.Event().wait()

    feed._source = cast("Any", SimpleNamespace(release=never))
    try:
        for number in range(40):
            feed.release("cert:a", f"l{number}", 1, "why")
        refused = [told.get(timeout=60) for _ in range(24)]
        scene.look()
        assert all(isinstance(one, Acted) and not one.ok for one in refused)
    finally:
        feed.close()


@DRIVERS.drives("monitor_gui.feed.ssh:Tunnels._threads")
def tunnels(scene: Scene) -> None:
    """More connections through SSH than there are channels, and the far side hangs."""
    scene.limit(4, "monitor_gui.feed.ssh.CHANNELS_MAX")
    gate = threading.Event()

    def hang(*given: object, **more: object) -> None:
        gate.wait(60)
        raise OSError("the far side is gone")

    transport = SimpleNamespace(
        set_keepalive=lambda s: None, open_channel=hang, join=lambda s: None, is_active=lambda: True
    )
    client = SimpleNamespace(get_transport=lambda: transport, close=lambda: None)
    ways = Tunnels([cast("Any", client)])
    near = ways.near(("tmr1", 7200))
    callers = [socket.create_connection(near) for _ in range(12)]
    refused = 0
    for caller in callers:  # Eight are hung up on; the four others are carried.
        caller.settimeout(0.2)
        try:
            refused += caller.recv(1) == b""
        except TimeoutError:
            continue
        except ConnectionError:
            refused += 1
    scene.look()
    assert refused == 8
    gate.set()
    for caller in callers:
        caller.close()
    ways.close()


@DRIVERS.drives("monitor_gui.feed.demo_reports:Word.lines")
def demo(scene: Scene) -> None:
    """A demo that runs for days."""
    plant = SimpleNamespace(powered=lambda name: True, offset_ms=lambda name: 0)
    reports = DemoReports(cast("Any", plant))
    for number in range(1_500):
        reports.log("up1", "info", "a", f"line {number}")
    scene.look()
