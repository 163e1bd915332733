"""Drives adapters, codec and the client library above their bounds."""

from __future__ import annotations

import asyncio
import logging
import queue
import random
import socket
import ssl
import threading
from types import SimpleNamespace
from typing import Any, cast

from appliance.adapters import signatures
from appliance.adapters.doors.door import Door, DoorTimes
from appliance.adapters.doors.doorkeeper import Bounds, Doorkeeper, Guest, Rank
from appliance.adapters.doors.rates import RateLimit
from appliance.adapters.links.links import LinkServer
from appliance.adapters.log_ring import LogRing
from appliance.adapters.quiet import Quiet
from appliance.adapters.signatures import ContainerKeys, StoreKey
from appliance.adapters.store.archive import ArchiveLimits
from appliance.adapters.store.database import StoreFailed
from appliance.adapters.store.thread import StoreThread
from appliance.client.tls import ResumingContext
from appliance.clocks.asking import Asking
from appliance.codec.certificates import build_root_certificate
from appliance.codec.frames import FrameReader
from appliance.ledger.effects import Write
from appliance.verifier.certificates import verify_root_certificate
from appliance.verifier.recent import Recent
from tests.unit.adapters.test_archive import entries, filled
from tests.unit.bounds.watch import Drivers, Scene
from tests.unit.codec import world as codec_world

DRIVERS = Drivers()
SMALL = Bounds(
    arrivals_max=6,
    arrivals_per_address_max=4,
    shaking_max=3,
    shaking_share_s=0.5,
    turns_max=2,
    strangers_max=6,
    strangers_per_address_max=3,
    known_max=8,
    known_per_client_max=3,
    operators_kept=1,
    holders_kept=1,
)


@DRIVERS.drives("adapters.store.archive:Archive._held")
def archive(scene: Scene) -> None:
    """More segments than there may be."""
    scene.limit(4, "adapters.store.archive.SEGMENTS_MAX")
    kept = filled(scene.path, ArchiveLimits(days=0.0), entries(12))
    scene.look()
    assert len(kept.segments()) == 4


@DRIVERS.drives(
    "adapters.doors.doorkeeper:Pool._groups",
    "adapters.doors.doorkeeper:Doorkeeper._guests",
    "adapters.doors.doorkeeper:Doorkeeper._known",
    "adapters.doors.doorkeeper:Doorkeeper._queues",
)
def doorkeeper(scene: Scene) -> None:
    """Guests of all kinds come, wait, prove who they are, and go, in any order."""
    rng = random.Random(12)
    keeper = Doorkeeper(SMALL, lambda who: who.endswith("1"))
    inside: list[Guest] = []
    for step in range(3_000):
        now_s = step / 50
        if rng.random() < 0.5:
            guest = Guest(f"10.0.0.{rng.randrange(9)}", lambda why: None)
            if keeper.arrive(guest, now_s):
                inside.append(guest)
        inside = [guest for guest in inside if guest in keeper._guests]
        if not inside:
            continue
        guest, deed = rng.choice(inside), rng.random()
        if guest.pool is keeper.arrivals and deed < 0.8:
            keeper.ask_turn(guest)
            if deed < 0.3 and (turn := keeper.next_turn(now_s)) is not None:
                keeper.connect(turn)
                keeper.end_turn()
        elif deed < 0.7 and guest.pool is keeper.strangers:
            rank = rng.choice(list(Rank))
            keeper.prove(guest, f"cert:{rng.randrange(6)}", rank)
        elif deed > 0.9:
            keeper.leave(guest)
        if step % 10 == 0:
            scene.look()
    full = Doorkeeper(SMALL)
    for number in range(20):  # Nobody moves on.
        guest = Guest(f"10.1.0.{number}", lambda why: None)
        if full.arrive(guest, 0.0):
            full.ask_turn(guest)
        scene.look()
    for number in range(20):
        guest = Guest(f"10.2.0.{number}", lambda why: None)
        if full.arrive(guest, 0.0) and full.connect(guest):
            full.prove(guest, f"cert:{number}", Rank.OPERATOR)
        scene.look()


@DRIVERS.drives("adapters.doors.door:Door._welcoming", "adapters.doors.door:Door._turns")
def door(scene: Scene) -> None:
    """More connections than there may be, all of which begin to speak."""

    async def whole() -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        listening.setblocking(False)
        address = listening.getsockname()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        entrance = Door(Doorkeeper(SMALL), lambda guest: asyncio.Protocol(), context, DoorTimes())
        entrance.open([listening])
        callers = []
        for _ in range(40):
            _, writer = await asyncio.open_connection(*address)
            callers.append(writer)
            writer.write(b"\x16\x03\x01")  # A handshake begins, and does not go on.
            scene.look()
        for writer in callers:
            writer.close()
        await entrance.close()

    asyncio.run(whole())


@DRIVERS.drives("adapters.links.links:LinkServer._connections")
def links(scene: Scene) -> None:
    """More links than there may be, of few hosts and of many, that end late or never."""
    scene.limit(5, "adapters.links.links.CONNECTIONS_MAX")
    scene.limit(2, "adapters.links.links.CONNECTIONS_PER_HOST_MAX")
    server: LinkServer[Any] = LinkServer(
        ("127.0.0.1", 0), cast("Any", None), cast("Any", None), {"tmr"}, cast("Any", None)
    )
    ended: list[Any] = []
    for number in range(40):
        host = f"tmr{number % (1 + number // 10)}"
        link = SimpleNamespace(
            identity=SimpleNamespace(name=host),
            describe=lambda: "x",
            tell=lambda *said: None,
            origin=None,
            why="x",
        )
        link.abort = lambda why, link=link: ended.append(link)
        link.pause = lambda: None
        server.add(cast("Any", link))
        scene.look()
        if number % 3 == 0 and ended:
            server.remove(ended.pop(0), "closed")


@DRIVERS.drives("adapters.log_ring:LogRing._records")
def log_ring(scene: Scene) -> None:
    """A host that logs much."""
    ring = LogRing("up1", 1_800_000_000, 50)
    for number in range(200):
        ring.emit(logging.LogRecord("a", 20, "a", 1, f"line {number}", (), None))
    scene.look()


@DRIVERS.drives("adapters.quiet:Quiet._told")
def quiet(scene: Scene) -> None:
    """Many different things to say."""
    quiet, log = Quiet(logging.getLogger("quiet")), logging.DEBUG
    for number in range(2_000):
        quiet.tell(number / 10, number, log, "thing %d", number)
    scene.look()


@DRIVERS.drives("adapters.doors.rates:RateLimit._buckets")
def rates(scene: Scene) -> None:
    """Every address comes once."""
    scene.limit(50, "adapters.doors.rates.ADDRESSES_MAX")
    limit = RateLimit(60)
    for number in range(200):
        limit.wait_s(f"10.0.0.{number}", number / 10)
    scene.look()


@DRIVERS.drives(
    "adapters.signatures:ContainerKeys._keys",
    "adapters.signatures:_store_key()",
    "verifier.certificates:licence_root()",
)
def keys(scene: Scene) -> None:
    """Roots, certificates and stores without end, of which most are made up."""
    for number in range(12):
        key = codec_world.key(number + 1)
        root = build_root_certificate(key, f"Root {number}", codec_world.NOW, random.Random(number))
        verify_root_certificate(root)
    known = ContainerKeys(b"no root")
    signatures._store_key.cache_clear()
    for number in range(60):
        known.verify(b"certificate %d" % number, b"data", b"signature")
        scene.look()
        signatures._store_key(StoreKey.draw().id)
    scene.look()


@DRIVERS.drives("adapters.store.thread:StoreThread._jobs")
def store_thread(scene: Scene) -> None:
    """A disk that hangs, and writes without end."""
    scene.limit(20, "adapters.store.thread.QUEUE_MAX")
    gate = threading.Event()
    store = SimpleNamespace(
        damage="", write=lambda jobs: gate.wait(60), close=lambda: None, stage_clear=lambda: None
    )

    async def whole() -> None:
        thread = StoreThread(cast("Any", store), lambda failed: None)
        refused = 0
        for number in range(100):
            try:
                thread.write(Write(number), lambda: None)
            except StoreFailed:
                refused += 1
        scene.look()
        assert refused == 80
        with_end = thread._jobs
        while not with_end.full():  # `stop` has a place of its own.
            try:
                with_end.put_nowait(None)
            except queue.Full:
                break
        scene.look()
        gate.set()
        await thread.stop()

    asyncio.run(whole())


@DRIVERS.drives("verifier.recent:Recent._values")
def recent(scene: Scene) -> None:
    """Batches without end."""
    values: Recent[int, int] = Recent(20)
    for number in range(100):
        values.put(number, number)
        scene.look()


@DRIVERS.drives(
    "client.tls:ResumingContext._sessions",
    "client.tls:ResumingContext._targets",
    "client.tls:ResumingContext.targets",
)
def resuming(scene: Scene) -> None:
    """Servers without end."""
    context = ResumingContext(ssl.PROTOCOL_TLS_CLIENT)
    ticket = cast("Any", SimpleNamespace(has_ticket=True))
    for number in range(50):
        context.remember(f"host{number}", ticket)
        context.keep_targets(f"host{number}", [])
        scene.look()


@DRIVERS.drives("clocks.asking:Asking._servers")
def asking(scene: Scene) -> None:
    """More time servers than are asked."""
    asking = Asking(tuple(f"http://t{number}" for number in range(20)), 3_600.0)
    assert len(asking.servers) == 8
    scene.look()


@DRIVERS.drives("codec.frames:FrameReader._kept")
def frames(scene: Scene) -> None:
    """A frame that comes byte by byte and never ends."""
    reader: FrameReader[Any] = FrameReader(cast("Any", None), 64)
    reader.feed((64).to_bytes(4, "big"))
    for _ in range(63):
        reader.feed(b"x")
        scene.look()
