"""Events: the parser against every way of cutting the bytes, the stream against a server."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.client import BadAnswer, Refused, ServerEvent
from appliance.client.streams import EVENT_BYTES_MAX, EventParser
from tests.unit.client.fake import WAIT_S, Certificates, FakeServer, Reply, client_of, problem

TEXT = (
    b': a comment\r\n\r\nevent: granted\ndata: {"a": 1}\n\nid: 7\r\ndata: one\r\ndata:two\r\n\r\n'
    b"event: empty\n\nretry: 5\ndata\n\n"
)
EVENTS = [
    ServerEvent("granted", '{"a": 1}'),
    ServerEvent("message", "one\ntwo", "7"),
    ServerEvent("message", "", "7"),
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, len(TEXT)), max_size=12))
def test_events_do_not_depend_on_how_the_bytes_arrive(cuts: list[int]) -> None:
    parser = EventParser()
    ends = [*sorted(cuts), len(TEXT)]
    found: list[ServerEvent] = []
    start = 0
    for end in ends:
        found += parser.feed(TEXT[start:end])
        start = end
    assert found == EVENTS


@pytest.mark.parametrize(
    "data",
    [b"data: " + b"x" * EVENT_BYTES_MAX, b"data: " + b"y" * 1000 + b"\n"],
    ids=["one line", "many lines"],
)
def test_an_endless_event_is_refused(data: bytes) -> None:
    parser = EventParser()
    with pytest.raises(BadAnswer, match="larger"):
        for _ in range(EVENT_BYTES_MAX // 1000 + 1):
            list(parser.feed(data))


def stream(*events: bytes) -> Reply:
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in events)
    return Reply(raw=head + chunks, hold_open=True)


def play(certificates: Certificates, act) -> None:
    async def main():
        async with (
            asyncio.timeout(WAIT_S),
            FakeServer(certificates) as server,
            client_of(server) as client,
        ):
            await act(client, server)

    asyncio.run(main())


def test_the_stream_reconnects_by_itself(certificates: Certificates) -> None:
    async def act(client, server):
        replies = [
            problem("not-active", 503),
            stream(b"event: a\ndata: 1\n\n", b"data: 2\n", b"\n"),
            stream(b"event: b\ndata: 3\n\n"),
        ]
        server.script = lambda _: replies[min(len(server.requests) - 1, 2)]
        seen = []
        events = client.events()
        async for event in events:
            seen.append((event.name, event.data))
            if seen[-1] == ("message", "2"):
                server.cut()
            if event.name == "b":
                break
        await events.aclose()
        address = f"127.0.0.1:{server.port}"
        assert seen == [
            ("tmr-connected", address),
            ("a", "1"),
            ("message", "2"),
            ("tmr-connected", address),
            ("b", "3"),
        ]
        assert server.requests[0].headers["accept"] == "text/event-stream"

    play(certificates, act)


def test_a_refused_stream_says_why(certificates: Certificates) -> None:
    async def act(client, server):
        server.script = lambda _: problem("forbidden", 403, detail="not for this certificate")
        with pytest.raises(Refused, match="not for this certificate"):
            await anext(client.events())

    play(certificates, act)
