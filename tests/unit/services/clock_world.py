"""A container on a computer whose clocks the test sets, and time servers that it scripts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import SystemRandom

import pytest

from appliance.adapters import tsa
from appliance.adapters.container_home import ContainerHome
from appliance.codec.block_list import build_block_list, certificate_number
from appliance.codec.time_responder import build_reply, read_query
from appliance.codec.timestamps import Trust
from appliance.licences.model import Blocked
from appliance.licences.state import State
from appliance.services.upstream.container import ContainerClock, HostContainer
from appliance.services.upstream.timekeeping import TimeKeeper, TimeServer
from tests.unit.codec import time_world as tw
from tests.unit.codec import world

TRUE_MS = tw.NOW_MS
YEAR_MS = 366 * 86_400_000


def block_list(number: int = 7, *blocked: str, days: int = 7, key=world.ROOT_KEY) -> bytes:
    """The root's block list with these serials on it, or another root's by its key."""
    root = world.ROOT if key is world.ROOT_KEY else world.OTHER_ROOT
    number_of = certificate_number(world.CONTAINER_CERTIFICATES[1])
    entries = [(Blocked(serial, number_of, "Stolen"), world.NOW) for serial in blocked]
    until = world.NOW + timedelta(days=days)
    return build_block_list(key, root, number, entries, world.NOW - timedelta(days=9), until)


@dataclass
class World:
    """A container on a computer whose clocks the test sets, and time servers that it scripts."""

    home: ContainerHome
    boot_ms: int = 1_000_000
    wall_ms: int = TRUE_MS
    state: State = field(default_factory=State)
    root: bytes = world.ROOT
    trust: Trust | None = None
    replies: dict[str, object] = field(default_factory=dict)
    lists: dict[str, object] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    station: str = "one"

    def start(self, *urls: str) -> TimeKeeper:
        """The container's service starts, with these time servers of its root."""
        self.clock = ContainerClock(self.home, lambda: self.boot_ms, lambda: self.wall_ms)
        self.clock.save()
        self.container = HostContainer(self.home)
        trust = self.trust or Trust.of_root(self.root)
        servers = [TimeServer(tsa.Place(url), trust) for url in urls]
        self.keeper = TimeKeeper(servers, self.clock, self.container, lambda: self.state, 3_600)
        return self.keeper

    def ask_time(
        self, place: tsa.Place, query: bytes, *, contact: str, heard: Callable[[str], None]
    ) -> bytes:
        """Stands in for the network: the scripted reply, by default an honest one."""
        self.asked.append(place.url)
        self.contacts.append(contact)
        self.boot_ms += 10
        reply = self.replies.get(place.url, 0)
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, bytes):
            return reply
        if callable(reply):
            return bytes(reply(query))
        assert isinstance(reply, int)  # the server's error in ms
        heard(self.station)
        return self.honest(query, TRUE_MS + self.boot_ms - 1_000_000 + reply)

    @staticmethod
    def honest(query: bytes, time_ms: int, signer=tw.SIGNER) -> bytes:
        """What a time server says whose clock shows `time_ms`."""
        return build_reply(read_query(query), signer, 7, time_ms)

    def fetch_crl(self, place: tsa.Place) -> bytes:
        """The scripted block list."""
        data = self.lists.get(place.url, block_list())
        if isinstance(data, Exception):
            raise data
        assert isinstance(data, bytes)
        return data

    def true_ms(self) -> int:
        """What time it is."""
        return TRUE_MS + self.boot_ms - 1_000_000

    def reboot(self, wall_ms: int) -> None:
        """Boot time begins anew, with the computer's clock at `wall_ms`."""
        self.boot_ms, self.wall_ms = 5_000, wall_ms


def run(coroutine):
    """Runs it to its end."""
    return asyncio.run(coroutine)


def update(here: World, *urls: str):
    """A fresh start with these servers, and one update on demand."""
    return run(_update(here, urls))


async def _update(here: World, urls):
    return await here.start(*(urls or ("http://a/",))).update()


def make_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Such a computer, with a new container."""
    home = ContainerHome.create(tmp_path / "c", SystemRandom(), "up1", root_certificate=world.ROOT)
    made = World(home)
    monkeypatch.setattr(tsa, "ask_time", made.ask_time)
    monkeypatch.setattr(tsa, "fetch_crl", made.fetch_crl)
    return made
