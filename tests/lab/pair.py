"""Two TMR hosts in a network lab: real address processes, their TMR services played by the test."""

from __future__ import annotations

import asyncio
import functools
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from appliance.adapters.vrrp import keepalived
from appliance.lab.hosts import host_named
from appliance.lab.namespaces import LabNetwork
from appliance.lab.platform import ProcessSpec
from appliance.services.vip_client import VipClient
from appliance.services.vip_config import VipConfig, dump
from appliance.services.vip_protocol import VipState
from tests.lab.conftest import DEADLINE_S, POLL_S

ADVERT_INT_S = 0.1
# Shorter than pytest-timeout's, which ends the whole run.
TEST_DEADLINE_S = 100.0
PORT = 7200
# Three at once and three after a second, as the renderer has it.
ARPS_OF_A_NEW_MASTER = 6
PRIORITIES = {"tmr1": 250, "tmr2": 240}

SERVE_VIP = """
import logging, pathlib, sys
from appliance.services.vip import run
logging.basicConfig(level=logging.INFO)
run(pathlib.Path(sys.argv[1]))
"""

BANNER = """
import socket, sys
server = socket.create_server(("0.0.0.0", int(sys.argv[2])))
while True:
    connection, _ = server.accept()
    connection.sendall(sys.argv[1].encode())
    connection.close()
"""

WHO_ANSWERS = """
import socket, sys
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1) as connection:
        print(connection.recv(99).decode())
except OSError:
    print("nobody")
"""

# One advert (RFC 9568) of priority 1 by whoever runs this, for the router id and address given.
ADVERTISE = """
import socket, struct, sys
source, group, address = map(socket.inet_aton, (sys.argv[1], "224.0.0.18", sys.argv[3]))
body = struct.pack("!BBBBHH", 0x31, int(sys.argv[2]), 1, 1, 10, 0) + address
data = source + group + struct.pack("!BBH", 0, 112, len(body)) + body
total = sum(struct.unpack(f"!{len(data) // 2}H", data))
while total >> 16:
    total = (total & 0xFFFF) + (total >> 16)
body = body[:6] + struct.pack("!H", ~total & 0xFFFF) + body[8:]
wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
wire.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, source)
wire.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
wire.sendto(body, ("224.0.0.18", 0))
"""

# Prints the sender's hardware address for each gratuitous ARP about the address it is given.
WATCH_ARP = """
import socket, sys
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
wanted = socket.inet_aton(sys.argv[1])
print("watching", flush=True)
while True:
    frame = wire.recv(99)
    if frame[28:32] == wanted == frame[38:42]:
        print(frame[6:12].hex(":"), flush=True)
"""


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in an event loop of its own."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), TEST_DEADLINE_S))

    return run


class Side:
    """One TMR host: its address process in the lab, its TMR service here."""

    def __init__(self, lab: LabNetwork, host: str) -> None:
        self.lab = lab
        self.host = host
        # Short: a Unix socket's path has 107 bytes at most.
        self.directory = lab.directory / host
        self.config = VipConfig(
            interface="eth0",
            address=lab.virtual_address(),
            vrid=77,
            priority=PRIORITIES[host],
            runtime_dir=str(self.directory / "vip"),
            socket=str(self.directory / "vip.sock"),
            advert_int_s=ADVERT_INT_S,
            twin_address=lab.address(next(name for name in PRIORITIES if name != host)),
        )
        self.paths = keepalived.Paths.under(self.config.runtime_dir)
        self.states: list[VipState] = []
        self.client = VipClient(self.config.socket, ADVERT_INT_S)
        self.task: asyncio.Task[None] | None = None

    def _on_state(self, state: VipState | None) -> None:
        if state is not None:
            self.states.append(state)

    def specs(self) -> list[ProcessSpec]:
        self.directory.mkdir(parents=True, exist_ok=True)
        toml = self.directory / "vip.toml"
        toml.write_text(dump(self.config))
        root = Path(__file__).parents[2]
        return [
            ProcessSpec(
                name="vip",
                argv=(sys.executable, "-c", SERVE_VIP, str(toml)),
                log=str(self.directory / "vip.log"),
                env={"PYTHONPATH": str(root)},
            ),
            ProcessSpec(
                name="banner",
                argv=(sys.executable, "-c", BANNER, self.host, str(PORT)),
                log=str(self.directory / "banner.log"),
            ),
        ]

    def connect(self) -> None:
        self.task = asyncio.create_task(self.client.run(self._on_state))

    async def disconnect(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
            self.task = None

    @property
    def state(self) -> VipState | None:
        return self.client.state

    def holds(self) -> bool:
        """The kernel's own word, not the address process'."""
        if not self.lab.namespace(self.host).exists():
            return False
        shown = subprocess.run(
            self.lab.command(self.host, ["ip", "-brief", "addr", "show", "dev", "eth0"]),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        return self.config.address.partition("/")[0] in shown

    def is_healthy_backup(self) -> bool:
        state = self.state
        return state is not None and state.healthy and state.vrrp == "backup"

    def pid(self, name: str) -> int:
        path = self.paths.vrrp_pid if name == "vrrp" else self.paths.parent_pid
        return int(path.read_text())

    def vip_pid(self) -> int:
        return next(one.pid for one in self.lab.processes(self.host) if one.name == "vip")


class Pair:
    """Both TMR hosts."""

    def __init__(self, lab: LabNetwork) -> None:
        self.lab = lab
        self.sides = {host: Side(lab, host) for host in PRIORITIES}

    async def begin(self) -> tuple[Side, Side]:
        """Both healthy; gives the holder and the other one."""
        for side in self.sides.values():
            self.lab.define(side.host, side.specs())
            await asyncio.to_thread(self._start, side)
            side.client.set_verdict(True, "test")
            side.connect()
        return await self.one_holder()

    def _start(self, side: Side) -> None:
        self.lab.start(side.host, "vip")
        self.lab.start(side.host, "banner")

    async def end(self) -> None:
        for side in self.sides.values():
            await side.disconnect()

    async def one_holder(self, *, at: Side | None = None) -> tuple[Side, Side]:
        """Wait until one host holds the address, is master, and answers the clients."""

        def settled() -> tuple[Side, Side] | None:
            one, other = self.sides.values()
            if one.holds() == other.holds():
                return None
            holder, rest = (one, other) if one.holds() else (other, one)
            state = holder.state
            if state is None or not (state.holds_address and state.vrrp == "master"):
                return None
            return None if at is not None and holder is not at else (holder, rest)

        loop = asyncio.get_running_loop()
        deadline = loop.time() + DEADLINE_S
        while True:
            holder, rest = await seen(settled, "exactly one holder")
            assert loop.time() < deadline, "the clients do not reach the one holder"
            # It must last, and the clients' frames must find it: else it is a black hole.
            if await asyncio.to_thread(self.who_answers) == holder.host and settled() is not None:
                return holder, rest

    async def settled_arps(self, side: Side) -> None:
        """Wait until the clients have seen both bursts of ARPs that a new master sends."""
        log = self.lab.directory / "arp.log"
        mac = f"02:00:0a:4d:00:{host_named(side.host).octet:02x}"
        await seen(lambda: log.read_text().count(mac) >= ARPS_OF_A_NEW_MASTER, "all ARPs")

    async def watch_arps(self) -> None:
        """Have the clients' namespace note gratuitous ARPs from now on."""
        log = self.lab.directory / "arp.log"
        address = self.lab.virtual_address().partition("/")[0]
        watcher = ProcessSpec(
            name="arp", argv=(sys.executable, "-c", WATCH_ARP, address), log=str(log)
        )
        self.lab.define("clients", [watcher])
        await asyncio.to_thread(self.lab.start, "clients", "arp")
        await seen(lambda: log.exists() and "watching" in log.read_text(), "the ARP watcher")

    def a_stranger_advertises(self) -> str:
        """Somebody in the clients' network wants the address, weakly. Gives who."""
        source, config = self.lab.address("clients"), self.sides["tmr1"].config
        address = config.address.partition("/")[0]
        argv = [sys.executable, "-c", ADVERTISE, source, str(config.vrid), address]
        subprocess.run(self.lab.command("clients", argv), check=True)
        return source

    def who_answers(self) -> str:
        address = self.lab.virtual_address().partition("/")[0]
        argv = [sys.executable, "-c", WHO_ANSWERS, address, str(PORT)]
        return subprocess.run(
            self.lab.command("clients", argv), capture_output=True, text=True, check=True
        ).stdout.strip()


async def seen(condition: Callable[[], Any], what: str) -> Any:
    """Wait for a condition with a generous deadline."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DEADLINE_S
    while True:
        result = condition()
        if result:
            return result
        assert loop.time() < deadline, f"not seen within {DEADLINE_S:g} s: {what}"
        await asyncio.sleep(POLL_S)
