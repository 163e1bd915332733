"""Two TMR hosts in a network lab: real address processes, their TMR services played by the test."""

from __future__ import annotations

import asyncio
import functools
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from appliance.adapters import keepalived
from appliance.lab.namespaces import LabNetwork
from appliance.lab.platform import ProcessSpec
from appliance.services.vip_client import VipClient
from appliance.services.vip_config import VipConfig, dump
from appliance.services.vip_protocol import VipState
from tests.lab.conftest import DEADLINE_S, POLL_S

ADVERT_INT_S = 0.1
PORT = 7200
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


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test in an event loop of its own."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 2 * DEADLINE_S))

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
        )
        self.paths = keepalived.Paths.under(self.config.runtime_dir)
        self.states: list[VipState] = []
        self.client = VipClient(self.config.socket, ADVERT_INT_S, self._on_state)
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
        self.task = asyncio.create_task(self.client.run())

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

        while True:
            holder, rest = await seen(settled, "exactly one holder")
            # It must last, and the clients' frames must find it: else it is a black hole.
            if await asyncio.to_thread(self.who_answers) == holder.host and settled() is not None:
                return holder, rest

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
