"""Watches one address on one interface over netlink, and removes it when asked.

What can go wrong here: the kernel drops notifications when the socket's buffer is full (ENOBUFS),
and pyroute2's socket is unusable after any error. So an error costs a new socket and a fresh dump,
and a dump is repeated at a slow pace anyway: what `holds()` says never depends on one message
having arrived. Watching needs no capability, removing needs CAP_NET_ADMIN.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyroute2 import AsyncIPRoute
from pyroute2.netlink.exceptions import NetlinkError

log = logging.getLogger(__name__)

# The kernel's multicast groups (linux/rtnetlink.h) for links and IPv4 addresses.
RTMGRP_LINK = 0x1
RTMGRP_IPV4_IFADDR = 0x10

# linux/if.h: the administrator wants this interface up.
IFF_UP = 0x1

# RFC 2863 operational states in which frames pass; loopback and the like report UNKNOWN.
PASSING_STATES = frozenset({"UP", "UNKNOWN"})

REOPEN_PAUSE_S = 0.05
RESYNC_INTERVAL_S = 1.0


@dataclass(frozen=True, slots=True)
class AddressAdded:
    """The watched address is now on the interface."""


@dataclass(frozen=True, slots=True)
class AddressRemoved:
    """The watched address is no longer on the interface."""


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The interface passes frames now."""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The interface passes no frames now: cable, administrator, or it is gone."""


NetEvent = AddressAdded | AddressRemoved | LinkUp | LinkDown

# Opens a netlink route socket. Replaced in tests by one on pyroute2's mock kernel.
OpenRoute = Callable[[], Any]


class AddressWatcher:
    """Says whether `interface` holds the IPv4 `address` (no prefix length), and each change of it.

    Runs in the asyncio loop that calls `run` (asyncio's own loop: uvloop takes no netlink socket).
    Before the first dump, nothing is held and the link counts as down.
    """

    def __init__(
        self,
        interface: str,
        address: str,
        *,
        open_route: OpenRoute = AsyncIPRoute,
        resync_interval_s: float = RESYNC_INTERVAL_S,
    ) -> None:
        self._interface = interface
        self._address = address
        self._open_route = open_route
        self._resync_interval_s = resync_interval_s
        self._index: int | None = None
        self._holds = False
        self._link_up = False
        self._synced = asyncio.Event()
        self._on_event: Callable[[NetEvent], None] = _ignore

    def holds(self) -> bool:
        """Whether the address was on the interface at the newest message or dump."""
        return self._holds

    def link_up(self) -> bool:
        """Whether the interface passed frames at the newest message or dump."""
        return self._link_up

    async def synced(self) -> None:
        """Return once the first dump was read."""
        await self._synced.wait()

    async def run(self, on_event: Callable[[NetEvent], None]) -> None:
        """Call `on_event` at each change until cancelled; kernel trouble is logged and mended."""
        self._on_event = on_event
        while True:
            try:
                await self._watch()
            except (OSError, NetlinkError) as error:
                log.warning("netlink socket opened anew after: %s", error)
            await asyncio.sleep(REOPEN_PAUSE_S)

    async def _watch(self) -> None:
        """Dump and follow, on one socket, until it fails. Raises OSError."""
        async with self._open_route() as route:
            await route.bind(groups=RTMGRP_LINK | RTMGRP_IPV4_IFADDR)
            await self._dump(route)
            follower = asyncio.create_task(self._follow(route))
            try:
                while not follower.done():
                    await asyncio.wait({follower}, timeout=self._resync_interval_s)
                    if not follower.done():
                        await self._resync()
            finally:
                follower.cancel()
                # Waits without taking part in the cancellation: one of `run` must pass.
                await asyncio.wait({follower})
            follower.result()

    async def _follow(self, route: Any) -> None:
        """Read notifications as they come. Raises OSError, and when the socket has ended."""
        while True:
            async for message in route.get():
                self._take(message)
            # An ended socket yields nothing at once and for ever: leave the loop its turn.
            await asyncio.sleep(0)

    async def _resync(self) -> None:
        """Compare with the kernel over a socket of its own, so that no reply waits behind news."""
        async with self._open_route() as route:
            await self._dump(route)

    async def _dump(self, route: Any) -> None:
        index: int | None = None
        passing = False
        async for message in await route.link("dump"):
            if message.get("ifname") == self._interface:
                index, passing = message.get("index"), _passes(message)
        present = False
        if index is not None:
            async for message in await route.addr("dump"):
                if message.get("index") == index and _local(message) == self._address:
                    present = True
        self._index = index
        self._set_link(passing)
        self._set_holds(present)
        self._synced.set()

    def _take(self, message: Any) -> None:
        event = message.get("event")
        if event in ("RTM_NEWADDR", "RTM_DELADDR"):
            if message.get("index") == self._index and _local(message) == self._address:
                self._set_holds(event == "RTM_NEWADDR")
        elif event == "RTM_NEWLINK":
            if message.get("ifname") == self._interface:
                self._index = message.get("index")
                self._set_link(_passes(message))
        elif event == "RTM_DELLINK" and message.get("index") == self._index:
            # An interface that was moved or deleted took its addresses with it.
            self._index = None
            self._set_link(False)
            self._set_holds(False)

    def _set_holds(self, present: bool) -> None:
        if present != self._holds:
            self._holds = present
            self._on_event(AddressAdded() if present else AddressRemoved())

    def _set_link(self, passing: bool) -> None:
        if passing != self._link_up:
            self._link_up = passing
            self._on_event(LinkUp() if passing else LinkDown())


async def remove_address(
    interface: str, address: str, prefix_bits: int, *, open_route: OpenRoute = AsyncIPRoute
) -> bool:
    """Remove IPv4 `address` from `interface`; False if it was not there.

    Raises OSError (EPERM without CAP_NET_ADMIN). keepalived, if it is master, sees this, goes to
    BACKUP and says so to its twin with a priority of 0 (seen with 2.2.7), so the twin takes over
    at once.
    """
    async with open_route() as route:
        index = None
        async for message in await route.link("dump"):
            if message.get("ifname") == interface:
                index = message.get("index")
        if index is None:
            return False
        try:
            await route.addr("del", index=index, address=address, prefixlen=prefix_bits)
        except NetlinkError as error:
            if error.code in (errno.EADDRNOTAVAIL, errno.ENOENT, errno.ENODEV):
                return False
            raise OSError(error.code, f"removing {address} from {interface}: {error}") from error
        return True


def _passes(link: Any) -> bool:
    return bool(link.get("flags", 0) & IFF_UP) and link.get("operstate") in PASSING_STATES


def _local(address: Any) -> str | None:
    # On point-to-point links IFA_ADDRESS is the peer's, IFA_LOCAL always ours.
    found = address.get("local") or address.get("address")
    return found if isinstance(found, str) else None


def _ignore(event: NetEvent) -> None:
    """Nobody listens before `run`."""
