"""A name stands for several addresses: all are tried, and asked for anew at each connection."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from appliance.client import ConnectionFailed, transport
from appliance.client.tls import ResumingContext
from appliance.client.transport import TARGETS_MAX, Address, Patience, Target
from tests.unit.client.fake import HOST, WAIT_S

PATIENCE = Patience(connect_s=WAIT_S, again_s=0.01)
SILENT = ("192.0.2.1", 7200)
V4, V6 = socket.AF_INET, socket.AF_INET6


def play(act: Callable[[Target], Awaitable[None]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run `act` with the target of a server that listens; `SILENT` never answers."""
    honest = transport._try_tcp

    async def try_tcp(family: int, target: tuple[Any, ...], dead_s: float) -> socket.socket:
        if target == SILENT:
            await asyncio.Event().wait()
        return await honest(family, target, dead_s)

    async def main() -> None:
        server = await asyncio.start_server(lambda _, writer: writer.close(), HOST, 0)
        async with asyncio.timeout(WAIT_S), server:
            await act((V4, (HOST, server.sockets[0].getsockname()[1])))

    monkeypatch.setattr(transport, "_try_tcp", try_tcp)
    asyncio.run(main())


def closed() -> Target:
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        return V4, (HOST, sock.getsockname()[1])


@pytest.mark.parametrize("bad", ["refused", "silent", "no such family", "all three"])
def test_one_address_that_does_not_answer_is_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    strange = (V6, ("192.0.2.1", 1))
    bads: dict[str, list[Target]] = {
        "refused": [closed()],
        "silent": [(V4, SILENT)],
        "no such family": [strange],
    }
    targets = bads[bad] if bad in bads else [one for some in bads.values() for one in some]

    async def act(good: Target) -> None:
        for order in ([*targets, good], [good, *targets]):
            sock = await transport._tcp(order, PATIENCE)
            assert sock.getpeername() == good[1]
            sock.close()

    play(act, monkeypatch)


def test_the_failure_is_told_once_all_have_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(good: Target) -> None:
        with pytest.raises(OSError):
            await transport._tcp([closed(), closed()], PATIENCE)

    play(act, monkeypatch)


class Names:
    """What the resolver says, from now on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answer: list[Target] | OSError = []
        self.asked = 0
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: str, port: int, *_: object, **__: object) -> list[Any]:
        self.asked += 1
        if isinstance(self.answer, OSError):
            raise self.answer
        return [(family, socket.SOCK_STREAM, 6, "", target) for family, target in self.answer]


def test_both_families_in_turn_and_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names(monkeypatch)
    context = ResumingContext(ssl.PROTOCOL_TLS_CLIENT)
    first, second, third = ((V6, (f"fd00::{n}", 1, 0, 0)) for n in (1, 2, 3))
    old: Target = (V4, ("192.0.2.9", 1))

    async def main() -> None:
        address = Address("tmr.example", 1)
        names.answer = [first, second, third, old, old]
        assert await transport._targets(address, context) == [first, old, second, third]
        names.answer = [old]
        assert await transport._targets(address, context) == [old]
        names.answer = socket.gaierror(-3, "Temporary failure in name resolution")
        assert await transport._targets(address, context) == [old], "the last that was known"
        with pytest.raises(ConnectionFailed, match="the name cannot be resolved"):
            await transport._targets(Address("other.example", 1), context)
        names.answer = [(V4, (f"192.0.2.{n}", 1)) for n in range(50)]
        assert len(await transport._targets(address, context)) == TARGETS_MAX
        asked = names.asked
        assert await transport._targets(Address("fd00::7", 5), context) == [(V6, ("fd00::7", 5))]
        assert names.asked == asked, "an address is no name"

    asyncio.run(main())


def test_a_connection_whose_first_address_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way, with the patience of a client that has other addresses to go to."""
    names = Names(monkeypatch)

    async def act(good: Target) -> None:
        names.answer = [(V4, SILENT), closed(), good]
        reached: list[bool] = []
        with pytest.raises(ConnectionFailed, match="no TLS connection"):
            # This server hangs up instead of shaking hands; but it was reached.
            await transport.connect(
                Address("tmr.example", 1),
                ResumingContext(ssl.PROTOCOL_TLS_CLIENT),
                transport.Connection,
                PATIENCE,
                lambda: reached.append(True),
            )
        assert reached == [True]

    play(act, monkeypatch)
