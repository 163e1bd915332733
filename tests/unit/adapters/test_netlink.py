"""The address watcher against pyroute2's mock kernel: no root, no real interface."""

from __future__ import annotations

import asyncio
import errno
import functools
import struct
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from pyroute2 import AsyncIPRoute
from pyroute2.iproute.ipmock import IPEngine
from pyroute2.netlink import NLMSG_ERROR
from pyroute2.netlink.core import MAGIC_CLOSE
from pyroute2.netlink.rtnl import RTM_DELADDR

from appliance.adapters.vrrp.netlink import (
    AddressAdded,
    AddressRemoved,
    AddressWatcher,
    LinkDown,
    LinkUp,
    NetEvent,
    remove_address,
)

VIP = "10.77.0.100"
ETH0_INDEX = 2


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in an event loop of its own, for at most a minute."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 60))

    return run


class Engine(IPEngine):  # type: ignore[misc]
    """pyroute2's mock, with errors that carry the kernel's message type and the refused header."""

    def nl_error(self, tag: int, code: int) -> None:
        refused = struct.pack("=IHHII", 16, 0, 0, tag, 0)
        answer = struct.pack("=IHHIIi", 36, NLMSG_ERROR, 0, tag, 0, -code) + refused
        self.loopback_w.send(answer)


class Kernel:
    """Any number of mock sockets on one set of links and addresses."""

    def __init__(self) -> None:
        first = Engine()
        self.database = first.database
        self.listeners = first._broadcast
        self.engines: list[Any] = [first]
        self.watchers: list[Any] = []

    def open(self) -> Any:
        engine = Engine()
        engine.database = self.database
        engine._broadcast = self.listeners
        self.engines.append(engine)
        route = AsyncIPRoute(use_socket=engine)
        self.watchers.append(route)
        return route

    def close(self) -> None:
        for engine in self.engines:
            # The mock makes its socket pair on first use, so asking for it here is harmless.
            engine.magic = MAGIC_CLOSE
            engine.close()

    async def add(self, address: str = VIP, index: int = ETH0_INDEX) -> None:
        async with self.open() as route:
            await route.addr("add", index=index, address=address, prefixlen=24)

    async def delete(self, address: str = VIP, index: int = ETH0_INDEX) -> None:
        async with self.open() as route:
            await route.addr("del", index=index, address=address, prefixlen=24)


class Watched:
    def __init__(self, kernel: Kernel, watcher: AddressWatcher) -> None:
        self.kernel = kernel
        self.watcher = watcher
        self.events: asyncio.Queue[NetEvent] = asyncio.Queue()

    async def next(self) -> NetEvent:
        return await asyncio.wait_for(self.events.get(), 20)


@asynccontextmanager
async def watching(resync_interval_s: float = 60.0) -> AsyncIterator[Watched]:
    kernel = Kernel()
    watcher = AddressWatcher(
        "eth0", VIP, open_route=kernel.open, resync_interval_s=resync_interval_s
    )
    watched = Watched(kernel, watcher)
    task = asyncio.create_task(watcher.run(watched.events.put_nowait))
    try:
        await asyncio.wait_for(watcher.synced(), 20)
        assert await watched.next() == LinkUp()
        yield watched
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        kernel.close()


@in_loop
async def test_address_comes_and_goes() -> None:
    async with watching() as watched:
        assert not watched.watcher.holds()
        assert watched.watcher.link_up()
        await watched.kernel.add()
        assert await watched.next() == AddressAdded()
        assert watched.watcher.holds()
        await watched.kernel.delete()
        assert await watched.next() == AddressRemoved()
        assert not watched.watcher.holds()


@in_loop
async def test_other_addresses_and_interfaces_are_not_ours() -> None:
    async with watching() as watched:
        await watched.kernel.add("10.77.0.21")
        await watched.kernel.add(VIP, index=1)
        await watched.kernel.add()
        # Only the third is ours, and events come in order.
        assert await watched.next() == AddressAdded()
        await watched.kernel.delete(VIP, index=1)
        await watched.kernel.delete()
        assert await watched.next() == AddressRemoved()
        assert watched.events.empty()


@in_loop
async def test_an_address_that_is_there_at_start_is_seen() -> None:
    kernel = Kernel()
    await kernel.add()
    watcher = AddressWatcher("eth0", VIP, open_route=kernel.open)
    task = asyncio.create_task(watcher.run(lambda event: None))
    await asyncio.wait_for(watcher.synced(), 20)
    assert watcher.holds()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    kernel.close()


@in_loop
async def test_lost_notifications_are_found_by_the_next_dump() -> None:
    async with watching(resync_interval_s=0.02) as watched:
        listeners = set(watched.kernel.listeners)
        watched.kernel.listeners.clear()
        await watched.kernel.add()
        assert await watched.next() == AddressAdded()
        watched.kernel.listeners.update(listeners)


@in_loop
async def test_an_overflow_costs_a_new_socket_and_a_dump() -> None:
    async with watching() as watched:
        watched.kernel.listeners.clear()
        await watched.kernel.add()
        overflow = OSError(errno.ENOBUFS, "No buffer space available")
        # What asyncio's transport tells pyroute2 when recvfrom fails with ENOBUFS.
        watched.kernel.watchers[0].protocol.error_received(overflow)
        assert await watched.next() == AddressAdded()
        await watched.kernel.delete()
        assert await watched.next() == AddressRemoved()


@in_loop
async def test_link_goes_down_and_takes_nothing_else_with_it() -> None:
    async with watching(resync_interval_s=0.02) as watched:
        eth0 = next(link for link in watched.kernel.database["links"] if link.ifname == "eth0")
        eth0.flags = 0
        assert await watched.next() == LinkDown()
        eth0.flags = 1
        assert await watched.next() == LinkUp()


@in_loop
async def test_a_deleted_interface_holds_nothing() -> None:
    async with watching(resync_interval_s=0.02) as watched:
        await watched.kernel.add()
        assert await watched.next() == AddressAdded()
        links = watched.kernel.database["links"]
        links[:] = [link for link in links if link.ifname != "eth0"]
        assert {await watched.next(), await watched.next()} == {LinkDown(), AddressRemoved()}


@in_loop
async def test_remove_address() -> None:
    kernel = Kernel()
    await kernel.add()
    assert await remove_address("eth0", VIP, 24, open_route=kernel.open)
    assert not await remove_address("eth0", VIP, 24, open_route=kernel.open)
    assert not await remove_address("eth9", VIP, 24, open_route=kernel.open)
    kernel.close()


@pytest.mark.parametrize("code", [errno.EPERM, errno.EINVAL])
@in_loop
async def test_remove_address_says_what_failed(code: int) -> None:
    kernel = Kernel()

    def refusing() -> Any:
        route = kernel.open()
        engine = kernel.engines[-1]
        engine.processors[RTM_DELADDR] = lambda request: engine.nl_error(
            request["header"]["sequence_number"], code
        )
        return route

    with pytest.raises(OSError, match=VIP) as refused:
        await remove_address("eth0", VIP, 24, open_route=refusing)
    assert refused.value.errno == code
    kernel.close()
