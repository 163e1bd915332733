"""The event stream: framing, who sees what, gaps for the slow, and nothing left behind."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from appliance.adapters.pki.authority import Identity
from appliance.codec import api
from appliance.ledger.effects import Committed
from appliance.licences.commands import Holder, Outcome, Replace
from appliance.licences.reasons import DONE
from appliance.services.tmr import events
from appliance.services.tmr.events import (
    LISTENERS_MAX,
    LISTENERS_PER_CLIENT_MAX,
    QUEUE_BYTES_MAX,
    QUEUE_MAX,
    Hub,
    Listener,
    frame,
)
from appliance.services.tmr.summaries import summaries
from tests.unit.services.tmr.parts import (
    scope_of,
    secret,
)
from tests.unit.services.tmr.world import (
    ADMIN,
    ALICE,
    BOB,
    OPERATOR,
    VIEWER,
    World,
    run,
)


class Subscription:
    """A running GET /v1/events; `slow` stops reading until `read` is set."""

    def __init__(self, world: World, who: Identity, slow: bool = False) -> None:
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.data = b""
        self.read = asyncio.Event()
        if not slow:
            self.read.set()
        self._gone = asyncio.Event()
        scope = scope_of("GET", "/v1/events", who, [])
        app = world.apps["tmr1"]
        self.task = asyncio.get_running_loop().create_task(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            await self.read.wait()
            self.data += message["body"]

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """What came so far, parsed as the standard says."""
        assert self.data.startswith(b": ")
        found = []
        for block in self.data.split(b"\n\n")[:-1]:
            if not block.startswith(b":"):
                name, data = block.split(b"\n")
                assert name.startswith(b"event: ") and data.startswith(b"data: ")
                found.append((name[7:].decode(), msgspec.json.decode(data[6:])))
        return found

    def names(self) -> list[str]:
        """The events' names."""
        return [name for name, _ in self.events]

    async def leave(self) -> None:
        """The client hangs up."""
        self._gone.set()
        self.read.set()
        await self.task


async def story(world: World) -> None:
    """A check-out, units, a check-in, and what operators do."""
    grant = (await world.check_out()).of(api.GrantDocument)
    body = api.ConsumeRequest(generation=grant.generation, number=1, units=5, nonce=world.nonce())
    await world.call("POST", "/v1/leases/one/units", body, headers=[secret()])
    target = f"/v1/leases/one?generation={grant.generation}"
    await world.call("DELETE", target, headers=[secret()])
    await world.check_out("two", who=BOB)
    release = api.ReleaseRequest(why="stolen")
    await world.call("POST", "/v1/leases/cert:bob/two/release", release, who=OPERATOR)
    enrol = api.EnrolRequest(token_hash=bytes(32), why="new")
    await world.call("PUT", "/v1/clients/carol", enrol, who=ADMIN)
    await world.drain()


def test_events_are_framed_and_each_client_sees_its_own_leases():
    async def test(world: World) -> None:
        who = {"alice": ALICE, "bob": BOB, "vera": VIEWER}
        streams = {name: Subscription(world, identity) for name, identity in who.items()}
        await world.drain()
        for stream in streams.values():
            assert stream.status == 200
            assert stream.headers[b"content-type"].startswith(b"text/event-stream")
        await story(world)
        assert streams["alice"].names() == ["check-out", "units", "check-in"]
        assert streams["bob"].names() == ["check-out", "release"]
        assert streams["vera"].names() == [
            "check-out",
            "units",
            "check-in",
            "check-out",
            "release",
            "client",
        ]
        _, units = streams["alice"].events[1]
        assert (units["units"], units["units_left"], units["lease_id"]) == (5, 495, "one")
        _, granted = streams["alice"].events[0]
        assert set(granted["holder"]) == {"user", "host"}
        _, release = streams["bob"].events[1]
        assert (release["who"], release["why"]) == ("cert:olga", "stolen")
        assert all(data["index"] and data["log_time_ms"] for _, data in streams["vera"].events)
        for stream in streams.values():
            await stream.leave()
        assert not world.hosts["tmr1"].hub

    run(test)


def nameless(holder: Holder) -> api.HolderDocument:
    return api.HolderDocument(pid=holder.pid)


def test_a_replaced_store_is_told_with_who_and_why():
    command = Replace("up2", b"\x07" * 32, "cert:olga", "its disk died")
    effect = Committed(9, 1_800_000_000_000, (command,), (Outcome(DONE),))
    ((name, data, client),) = summaries(effect, nameless)
    assert (name, client) == ("operator", ""), "for operators only"
    assert (data["action"], data["host"], data["store"]) == ("replace", "up2", "07" * 32)
    assert (data["who"], data["why"], data["index"]) == ("cert:olga", "its disk died", 9)


def test_everybody_is_told_of_lost_upstreams():
    async def test(world: World) -> None:
        stream = Subscription(world, ALICE)
        await world.drain()
        world.kill("up1")
        world.kill("up2")
        world.advance(1)
        await world.drain()
        told = dict(stream.events)
        assert told["upstreams"]["missing"] == ["up1", "up2"]
        assert told["phase"]["phase"] == "pre-vote"
        assert told["phase"]["why"] == {"code": "quorum-lost"}
        assert told["phase"]["missing"] == ["up1", "up2"]
        await stream.leave()

    run(test)


def test_a_denial_that_is_no_entry_is_told_with_its_reason():
    async def test(world: World) -> None:
        streams = [Subscription(world, who) for who in (VIEWER, ALICE, BOB)]
        await world.drain()
        for name in ("up1", "up3"):
            world.kill(name)
        world.advance(2)
        reply = await world.check_out("one")
        assert reply.reason == "quorum-lost"
        await world.drain()
        for stream in streams[:2]:
            name, told = stream.events[-1]
            assert (name, told["outcome"], told["lease_id"]) == ("denial", "quorum-lost", "one")
            assert "up1 and up3" in told["detail"]
        assert "denial" not in streams[2].names(), "it is nobody else's"
        for stream in streams:
            await stream.leave()

    run(test)


def test_a_slow_listener_loses_the_oldest_and_is_told_so(monkeypatch):
    monkeypatch.setattr(events, "QUEUE_MAX", 3)

    async def test(world: World) -> None:
        stream = Subscription(world, VIEWER, slow=True)
        await world.drain()
        for number in range(6):
            await world.check_out(f"l{number}")
        stream.read.set()
        await world.drain()
        assert stream.names() == ["gap", "check-out", "check-out", "check-out"]
        assert stream.events[0][1] == {"lost": 3}
        assert [data["lease_id"] for _, data in stream.events[1:]] == ["l3", "l4", "l5"]
        await stream.leave()

    run(test)


def test_a_listener_leaves_even_if_its_stream_never_began():
    async def test(world: World) -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            raise OSError("the connection is gone")

        scope = scope_of("GET", "/v1/events", ALICE, [])
        for version in ("2.3", "2.4"):
            scope["asgi"] = {"version": "3.0", "spec_version": version}
            task = asyncio.get_running_loop().create_task(world.apps["tmr1"](scope, receive, send))
            await asyncio.gather(task, return_exceptions=True)
            assert not world.hosts["tmr1"].hub

    run(test)


def test_a_listener_leaves_when_the_server_ends_its_task():
    async def test(world: World) -> None:
        stream = Subscription(world, ALICE)
        await world.drain()
        assert world.hosts["tmr1"].hub
        stream.task.cancel()
        await asyncio.gather(stream.task, return_exceptions=True)
        assert not world.hosts["tmr1"].hub

    run(test)


def test_listeners_are_bounded():
    async def test(world: World) -> None:
        hub = world.hosts["tmr1"].hub
        listeners = [hub.listen(f"cert:{n}", everything=True) for n in range(LISTENERS_MAX)]
        assert None not in listeners
        reply = await world.call("GET", "/v1/events", who=VIEWER)
        assert (reply.status, reply.reason) == (503, "too-many-subscribers")
        assert listeners[0] is not None
        hub.leave(listeners[0])
        stream = Subscription(world, VIEWER)
        await world.drain()
        assert stream.status == 200
        await stream.leave()

    run(test)


def test_one_client_has_few_streams_and_is_told():
    async def test(world: World) -> None:
        streams = [Subscription(world, ALICE) for _ in range(LISTENERS_PER_CLIENT_MAX)]
        await world.drain()
        assert {stream.status for stream in streams} == {200}
        reply = await world.call("GET", "/v1/events")
        assert (reply.status, reply.reason) == (503, "too-many-subscribers")
        assert "cert:alice has 4 event streams" in reply.problem.detail
        other = Subscription(world, BOB)
        await world.drain()
        assert other.status == 200
        for stream in (*streams, other):
            await stream.leave()

    run(test)


def test_clients_leave_places_for_operators():
    hub = Hub(8, 4)
    taken = [hub.listen(f"cert:{n}") for n in range(8)]
    assert taken.count(None) == 2
    assert hub.listen("cert:op", everything=True)
    assert hub.listen("cert:op", everything=True)
    assert hub.listen("cert:op", everything=True) is None


def test_a_listener_that_does_not_read_costs_no_more_than_its_bytes():
    hub = Hub()
    listener = hub.listen("cert:alice")
    assert listener is not None
    for _ in range(100):
        hub.publish("check-out", {"text": "x" * 10_000}, "cert:alice")

    async def first() -> list[bytes]:
        frames = listener.frames()
        return [await anext(frames) for _ in range(QUEUE_BYTES_MAX // 10_000 + 1)]

    got = asyncio.run(first())
    assert b"event: gap" in got[1]
    assert sum(map(len, got)) < QUEUE_BYTES_MAX + 20_000


def test_an_idle_stream_says_that_it_lives(monkeypatch):
    monkeypatch.setattr(events, "KEEPALIVE_S", 0.001)

    async def whole() -> None:
        frames = Listener(None).frames()
        assert (await anext(frames)).startswith(b": ")
        assert await anext(frames) == b": still here\n\n"
        await frames.aclose()

    asyncio.run(whole())


def test_a_hub_keeps_no_more_than_its_bound_for_anybody():
    hub = Hub()
    listener = hub.listen("cert:alice")
    assert listener is not None
    for number in range(QUEUE_MAX + 5):
        hub.publish("check-out", {"number": number}, "cert:alice")
    hub.publish("check-out", {"number": 0}, "cert:bob")
    hub.publish("operator", {}, "")

    async def first() -> list[bytes]:
        frames = listener.frames()
        found = [await anext(frames) for _ in range(3)]
        await frames.aclose()
        return found

    assert asyncio.run(first())[1:] == [
        frame("gap", {"lost": 5}),
        frame("check-out", {"number": 5}),
    ]


def test_no_text_can_break_a_frame():
    text = frame("x", {"why": "a\n\nevent: forged\r\ndata: {}"})
    assert text.count(b"\n") == 3 and b"\r" not in text
