"""What the story's steps share: the lab, its files, the clients' network, and how to wait."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.client import AsyncClient, ClientError, load_profile
from appliance.client.tls import ClientTls
from appliance.codec.api import LeaseDocument, LicenceDocument, StatusDocument
from appliance.lab.build import LabFiles
from appliance.lab.hosts import (
    CLIENT_API_PORT,
    TMRS,
    UPSTREAM_ADMIN_PORT,
    UPSTREAMS,
    VENDORS,
    host_named,
)
from appliance.lab.inside import Inside
from appliance.lab.namespaces import LabNetwork
from appliance.lab.platform import LabPlatform
from appliance.lab.story.crowd import Crowd

WAIT_S = 30.0
POLL_S = 0.02
COMMAND_S = 60.0


Told = tuple[str, dict[str, Any]]
"""What a step tells: a sentence, and figures for machines."""


class StoryFailed(Exception):
    """A step did not go as it must; the text says what was seen instead."""


def require(condition: object, otherwise: str) -> None:
    """Raise StoryFailed with what was seen unless the condition holds."""
    if not condition:
        raise StoryFailed(otherwise)


@dataclass(frozen=True, slots=True)
class Firm:
    """A vendor of the story."""

    code: int
    name: str
    product: int
    text: str


PRESSES = Firm(6_000_010, "Example Presses", 1, "Press control")
ROBOTS = Firm(6_000_020, "Example Robots", 7, "Robot cell")
SEATS = 10
UNITS = 500


class Stage:
    """A running lab and the means to act in it."""

    def __init__(self, lab: LabPlatform, files: LabFiles) -> None:
        self.lab = lab
        self.files = files
        self.crowd = Crowd()
        self.clients = Inside("clients", self.namespace("clients"))
        self._watchers: dict[str, AsyncClient] = {}

    @property
    def networked(self) -> bool:
        """Whether the hosts have networks of their own, with cables, filters and a virtual IP."""
        return isinstance(self.lab, LabNetwork)

    def namespace(self, host: str) -> Path | None:
        """A host's network namespace, None on loopback."""
        return self.lab.namespace(host) if isinstance(self.lab, LabNetwork) else None

    def close(self) -> None:
        """Hang up. The lab goes on."""
        with contextlib.suppress(Exception):
            self.clients.call(self._hang_up(), 20)
        self.clients.close()

    async def _hang_up(self) -> None:
        for client in self._watchers.values():
            await client.close()
        await self.crowd.close()

    # --- commands, as a person would type them ---

    def tmr(self, host: str, *arguments: str, typed: str = "") -> dict[str, Any]:
        """Run `tmr … --json` in a host's network; `typed` is its input. Raises StoryFailed with
        what it said."""
        done = self.run(host, *arguments, "--json", typed=typed)
        if done.returncode:
            raise StoryFailed(f"tmr {' '.join(arguments[:3])} on {host}: {done.stderr.strip()}")
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def central(self, *arguments: str) -> dict[str, Any]:
        """Run `tmr central …` on the vendor's machine, as `tmr`. Raises StoryFailed."""
        return self.tmr(VENDORS.name, "central", "--dir", str(self.files.central), *arguments)

    def refused(self, host: str, *arguments: str, typed: str = "") -> str:
        """Run a command that must be refused; gives its one sentence."""
        done = self.run(host, *arguments, "--json", typed=typed)
        if not done.returncode:
            raise StoryFailed(f"tmr {' '.join(arguments[:3])} on {host} was not refused")
        return done.stderr.strip().removeprefix("tmr: ")

    def run(
        self, host: str, *arguments: str, timeout_s: float = COMMAND_S, typed: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run `tmr …` in a host's network, whatever comes of it. `typed` is its input."""
        argv = [sys.executable, "-m", "appliance.cli.main", *arguments]
        return subprocess.run(
            self.lab.command(host, argv),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            input=typed,
        )

    def container(self, host: str, *arguments: str) -> tuple[str, ...]:
        """The arguments of `tmr container …` at an upstream's console."""
        person = self.files.person("administer")
        address = "127.0.0.1" if self.networked else self.files.address(host_named(host).octet)
        admin = f"https://{address}:{UPSTREAM_ADMIN_PORT}"
        tls = ("--cert", str(person / "cert.pem"), "--key", str(person / "key.pem"))
        return ("container", *arguments, "--admin", admin, *tls, "--ca", str(person / "ca.pem"))

    def on_upstreams(self, act: Callable[[str], Any]) -> list[Any]:
        """Do something on all three upstreams side by side."""
        with ThreadPoolExecutor(len(UPSTREAMS)) as pool:
            return list(pool.map(act, [host.name for host in UPSTREAMS]))

    def last_words(self, host: str, process: str) -> str:
        """The last line that a process wrote into its log."""
        path = self.files.logs / f"{host}-{process}.log"
        try:
            with path.open(errors="replace") as log:
                lines = deque(log, maxlen=1)
        except OSError as error:
            return f"{path}: {error.strerror}"
        return lines[0].strip() if lines else "it said nothing"

    # --- looking and waiting ---

    def status_of(self, host: str) -> StatusDocument | None:
        """A TMR host's own status, asked at its own address; None if it does not answer."""
        return self.clients.call(self._status_of(host))

    async def _status_of(self, host: str) -> StatusDocument | None:
        client = self._watchers.get(host)
        if client is None:
            profile = load_profile(self.files.profile("view"))
            address = self.files.address(host_named(host).octet)
            tls: ClientTls = profile.tls
            client = AsyncClient([(address, CLIENT_API_PORT)], tls, None)
            self._watchers[host] = client
        try:
            return await client.status(deadline_s=0.5)
        except ClientError:
            return None

    def licences(self) -> list[LicenceDocument]:
        """Every licence of the virtual container, as an operator sees it. Raises ClientError."""

        async def ask() -> list[LicenceDocument]:
            async with load_profile(self.files.profile("view")).async_client() as client:
                return list((await client.licences(all=True)).licences)

        return self.clients.call(ask())

    def leases(self) -> list[LeaseDocument]:
        """Every lease, as an operator sees it. Raises ClientError."""

        async def ask() -> list[LeaseDocument]:
            async with load_profile(self.files.profile("view")).async_client() as client:
                return list((await client.leases()).leases)

        return self.clients.call(ask())

    def statuses(self) -> dict[str, StatusDocument]:
        """The status of each TMR host that answers."""
        found = {host.name: self.status_of(host.name) for host in TMRS}
        return {name: status for name, status in found.items() if status is not None}

    def active(self) -> str:
        """The host that serves. Raises StoryFailed if none or both do."""
        serving = [name for name, s in self.statuses().items() if s.phase == "serving"]
        if len(serving) != 1:
            raise StoryFailed(f"{' and '.join(serving) or 'no host'} serves")
        return serving[0]

    def wait_for(self, what: str, look: Callable[[], Any], within_s: float = WAIT_S) -> Any:
        """Look until something true is seen. Raises StoryFailed when the time is over."""
        until_s = time.monotonic() + within_s
        while True:
            try:
                seen = look()
                why = ""
            except StoryFailed as error:
                seen, why = None, f": {error}"
            if seen:
                return seen
            if time.monotonic() > until_s:
                raise StoryFailed(f"waited {within_s:g} s for {what}, in vain{why}")
            time.sleep(POLL_S)

    def wait_until_whole(self) -> str:
        """Wait until one host serves, all upstreams answer and none lags; gives the active host."""

        def whole() -> str:
            active = self.active()
            status = self.statuses()[active]
            level = all(up.reachable and up.lag == 0 for up in status.upstreams)
            twin = {host.role for host in status.tmr_hosts} == {"active", "passive"}
            return active if level and twin and status.phase == "serving" else ""

        found: str = self.wait_for("one active host, a passive one, and three upstreams", whole)
        return found

    def holders_of_address(self) -> list[str]:
        """The TMR hosts whose kernel has the virtual IP."""
        holders = []
        for host in TMRS:
            argv = self.lab.command(host.name, ["ip", "-o", "-4", "addr", "show"])
            shown = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
            if f" {self.files.virtual_ip}/" in shown:
                holders.append(host.name)
        return holders
