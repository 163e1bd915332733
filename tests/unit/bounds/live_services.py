"""Drives the services above their bounds."""

from __future__ import annotations

import asyncio
import contextlib
from random import Random
from types import SimpleNamespace
from typing import Any, cast

from appliance.adapters.pki.authority import Identity
from appliance.codec import api
from appliance.codec.api_groups import ActivateRequest
from appliance.codec.container_orders import ContainerAnswer, ContainerOrder, GetChallenge
from appliance.codec.reports import Report
from appliance.codec.ticket_codes import new_code
from appliance.details import Detail
from appliance.ledger.effects import Disputed, Doubted
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import Entry
from appliance.licences.commands import ImportUpdate
from appliance.licences.state import State
from appliance.services.tmr.admission import ClientPace
from appliance.services.tmr.calls import Calls
from appliance.services.tmr.dismissing import CertificatesSeen
from appliance.services.tmr.disputes import Disputes
from appliance.services.tmr.events import Hub
from appliance.services.tmr.groups import Groups
from appliance.services.tmr.identity import CALLERS_KEPT, Caller, TokenBook, caller
from appliance.services.tmr.names import Names
from appliance.services.tmr.origin import ADDRESSES_KEPT, address_of
from appliance.services.tmr.places import Places
from appliance.services.tmr.problems import REASONS, Refusal
from appliance.services.tmr.quotas import Requests
from appliance.services.tmr.receipts import ReceiptMaker
from appliance.services.tmr.reports import OrderTold
from appliance.services.tmr.time_updates import TimeUpdates
from appliance.services.upstream.group_orders import GroupOrders
from appliance.services.upstream.said import ENTRIES_KEPT, Said
from appliance.services.upstream.time_orders import TimeOrders
from tests.unit.bounds.watch import Drivers, Scene
from tests.unit.services.tmr.test_receipts_made import LEASE, NONCE, PLANT, decided, endorse
from tests.unit.services.tmr.test_times import Desk, host_of, who
from tests.unit.services.tmr.world import OPERATOR, UPSTREAMS, World, run

DRIVERS = Drivers()


@DRIVERS.drives("services.upstream.said:Said._newest")
def said(scene: Scene) -> None:
    """A store with more entries than are looked at for what the container said."""
    found = Said(cast("Any", SimpleNamespace(serial="130-1")))
    entry = Entry(1, Term(1, "tmr1", 7), b"r" * 32, b"")
    for _ in found._keeping([entry] * (2 * ENTRIES_KEPT)):
        scene.look()


@DRIVERS.drives("services.tmr.admission:ClientPace._buckets")
def pace(scene: Scene) -> None:
    """Clients without end."""
    scene.limit(20, "services.tmr.admission.BUCKETS_MAX")
    now_s = 0.0
    pace = ClientPace(lambda: now_s, 10, 100)
    for number in range(100):
        now_s += 0.1
        pace.take(f"cert:{number}")
        scene.look()


@DRIVERS.drives("services.tmr.calls:_Bucket.refused", "services.tmr.calls:Calls._buckets")
def calls(scene: Scene) -> None:
    """Reasons without end, for minutes."""
    calls = Calls()
    for number in range(400):
        calls.refused(number / 5 * 2, f"reason {number % 50}")
        calls.refused(0.0, f"reason {number}")
    scene.look()


@DRIVERS.drives("services.tmr.dismissing:CertificatesSeen._seen")
def seen(scene: Scene) -> None:
    """Certificates without end."""
    scene.limit(20, "services.tmr.dismissing.SEEN_MAX")
    seen = CertificatesSeen()
    for number in range(100):
        seen.note(Identity("eve", "client", f"E{number}"))
        scene.look()


@DRIVERS.drives(
    "services.tmr.disputes:Disputes._untold",
    "services.tmr.disputes:Disputes._told_at_s",
    "services.tmr.disputes:Disputes._doubted_at_s",
)
def disputes(scene: Scene) -> None:
    """All three upstreams contradict, for hours."""
    disputes = Disputes(Hub())
    for number in range(100):
        disputes.note(number * 70.0, Disputed(UPSTREAMS[number % 3], number))
        disputes.doubted(number * 70.0, Doubted(UPSTREAMS[number % 3], f"reason {number}"))
        scene.look()


@DRIVERS.drives("services.tmr.events:Listener._queue", "services.tmr.events:Hub._listeners")
def hub(scene: Scene) -> None:
    """Listeners who read nothing, and more of them than there are places."""
    scene.limit(20, "services.tmr.events.QUEUE_MAX")
    hub = Hub(6, 2)
    for number in range(30):
        hub.listen(f"cert:{number % 9}", everything=number % 2 == 0)
        for _ in range(5):
            hub.publish("phase", {"host": "tmr1", "number": number})
        scene.look()


@DRIVERS.drives("services.tmr.origin:_packed()")
def addresses(scene: Scene) -> None:
    """One address after the other."""
    for number in range(ADDRESSES_KEPT + 10):
        address_of((f"10.0.{number >> 8}.{number & 255}", 7200))
    scene.look()


@DRIVERS.drives("services.tmr.identity:_holder_of()")
def callers(scene: Scene) -> None:
    """One certificate after the other."""
    for number in range(CALLERS_KEPT + 10):
        caller(Identity(f"client{number}", "client"), b"", TokenBook())
    scene.look()


@DRIVERS.drives(
    "services.tmr.tickets:Tickets._waiting",
    "services.tmr.host:TmrHost._missing",
    "services.tmr.identity:TokenBook._names",
    "services.tmr.counts:Counts._checkouts",
    "services.tmr.counts:Counts._denials",
    "services.tmr.counts:Counts._disputes",
)
def host(scene: Scene) -> None:
    """A TMR host: requests that nobody answers, refusals of every kind, and no upstream left."""
    book = TokenBook()

    async def test(world: World) -> None:
        for round_ in range(3):
            world.hold_writes(*UPSTREAMS)
            begun = [
                world.begin("PUT", f"/v1/leases/r{round_}l{number}", world.asking({}))
                for number in range(8)
            ]
            await world.drain()
            scene.look()
            world.release_writes()
            for one in begun:
                await world.answer(one, "a check-out")
        counts = world.hosts["tmr1"].counts
        for reason in REASONS:
            for call in ("check-out", "heartbeat", "other"):
                counts.refused(call, reason)
        for number in range(30):
            counts.watch(Disputed(UPSTREAMS[number % 3], number))
            book.renew({f"client-{number}-{n}": bytes([n]) * 32 for n in range(number % 9)})
            scene.look()
        for name in UPSTREAMS:
            world.kill(name)
        world.advance(5)
        scene.look()

    run(test)


@DRIVERS.drives(
    "services.tmr.places:Places.serials",
    "services.tmr.places:Places._certificates",
    "services.tmr.receipts:ReceiptMaker.certificates",
    "services.tmr.receipts:ReceiptMaker._prepared",
)
def receipts(scene: Scene) -> None:
    """Updates in everybody's name, and receipts of batch after batch."""
    scene.limit(5, "licences.container_book.HOSTS_MAX", "services.tmr.places.HOSTS_MAX")
    maker = ReceiptMaker()
    update = SimpleNamespace(serial="130-1", certificate=b"certificate")
    places = Places(lambda data: cast("Any", update), maker.certificates)
    for name, twin in zip(UPSTREAMS, PLANT.twins, strict=True):
        update.certificate = twin.certificate
        places.learn(ImportUpdate(b"", name))
    for number in range(40):
        places.learn(ImportUpdate(b"", f"up{number}"))
        done = decided(index=number + 1)
        endorse(done, 1, 2)
        assert maker.grant(done, LEASE, NONCE) is not None
        scene.look()


@DRIVERS.drives("services.tmr.quotas:Requests._of")
def requests(scene: Scene) -> None:
    """A request of each of many clients, none of which is answered."""
    requests = Requests(8, 4)
    for number in range(40):
        with contextlib.suppress(Refusal):
            requests.enter(Caller(f"cert:{number}", "client"), vital=True)
        scene.look()


@DRIVERS.drives("services.tmr.names:Names._ask_at_s")
def names(scene: Scene) -> None:
    """Links come and go."""
    coordinator = SimpleNamespace(
        peers=[SimpleNamespace(name=name) for name in ("up1", "up2", "up3")],
        book=SimpleNamespace(state=State()),
        serving=False,
        term=None,
    )
    told = Names(cast("Any", coordinator), lambda name, message: True)
    for number in range(40):
        told.linked(f"up{1 + number % 3}")
        told.tick(float(number))
        scene.look()


@DRIVERS.drives("services.tmr.reports:OrderTold.records")
def told(scene: Scene) -> None:
    """A host that logs without end."""
    told, number = OrderTold(), 0
    for _ in range(40):
        records = []
        for _ in range(100):
            number += 1
            records.append(api.LogRecord("up1", number, 1, "info", "a", "text"))
        told.take("up1", Report(records=tuple(records), newest=number), 1.0)
    scene.look()


@DRIVERS.drives("services.tmr.time_updates:TimeUpdates._running")
def time_updates(scene: Scene) -> None:
    """An operator orders again and again, for another reason each time, and does not wait."""

    async def whole() -> None:
        updates = TimeUpdates(host_of(Desk().reports), within_s=60.0)
        refused, callers = 0, []
        for number in range(60):
            request = api.TimeUpdateRequest(why=f"reason {number}")
            caller = asyncio.ensure_future(updates.update(who(OPERATOR), request))
            await asyncio.sleep(0)
            if caller.done() and isinstance(caller.exception(), Refusal):
                refused += 1
            caller.cancel()
            callers.append(caller)
            await asyncio.sleep(0)
            scene.look()
        await asyncio.gather(*callers, return_exceptions=True)
        running = list(updates._running.values())
        for order in running:
            order.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        assert refused == 44

    asyncio.run(whole())


@DRIVERS.drives("services.tmr.groups:Groups._running")
def activations(scene: Scene) -> None:
    """An operator shows one ticket after the other, to a vendor who does not answer."""

    async def silent(name: str, order: ContainerOrder) -> ContainerAnswer:
        await asyncio.Event().wait()
        raise TimeoutError

    async def fence() -> None:
        return

    async def whole() -> None:
        up = [SimpleNamespace(name=name, up=True) for name in ("up1", "up2", "up3")]
        host: Any = SimpleNamespace(
            orders=SimpleNamespace(fence=fence), coordinator=SimpleNamespace(peers=up)
        )
        groups, callers = Groups(host, silent), []
        for number in range(40):
            request = ActivateRequest(ticket=new_code(Random(number)))
            callers.append(asyncio.ensure_future(groups.activate(who(OPERATOR), request)))
            await asyncio.sleep(0)
            scene.look()
        running = list(groups._running.values())
        for order in (*running, *callers):
            order.cancel()
        told = await asyncio.gather(*callers, return_exceptions=True)
        assert sum(isinstance(one, Refusal) for one in told) == 36
        await asyncio.gather(*running, return_exceptions=True)

    asyncio.run(whole())


@DRIVERS.drives("services.upstream.group_orders:GroupOrders._tasks")
def group_orders(scene: Scene) -> None:
    """A hijacked TMR host orders and orders; License Central does not answer."""

    async def whole() -> None:
        async def waits(firm_code: int) -> tuple[str, bytes]:
            await asyncio.Event().wait()
            return "", b""

        transfers: Any = SimpleNamespace(challenge=waits)
        orders = GroupOrders(cast(Any, None), transfers)
        told: list[ContainerAnswer] = []
        for _ in range(40):
            orders.take(ContainerOrder(GetChallenge()), told.append)
            await asyncio.sleep(0)
            scene.look()
        assert len(told) == 32 and all(one.refused for one in told)
        await orders.close()

    asyncio.run(whole())


@DRIVERS.drives(
    "services.upstream.time_orders:TimeOrders._taken",
    "services.upstream.time_orders:TimeOrders._done",
    "services.upstream.time_orders:TimeOrders._tasks",
)
def time_orders(scene: Scene) -> None:
    """A hijacked TMR host has a new order each time it asks; no time server answers for long."""

    async def whole() -> None:
        gate = asyncio.Event()
        begun = 0

        async def update() -> Any:
            nonlocal begun
            begun += 1
            await gate.wait()
            return SimpleNamespace(certified_ms=None, details=(Detail("servers-silent"),))

        orders = TimeOrders(update)
        for number in range(1, 60):
            for host in ("tmr1", "tmr2"):
                orders.take(host, number)
            await asyncio.sleep(0)
            scene.look()
        assert begun == 2
        gate.set()
        while orders._tasks:
            await asyncio.sleep(0)
        scene.look()
        report = orders.told("tmr1", Report())
        assert (report.time_update, begun) == (59, 4), "the newest followed"
        assert [one.code for one in report.time_said] == ["servers-silent"]

    asyncio.run(whole())
