"""What a lab does to its hosts, whichever kind it is, and how a running lab is remembered.

A lab outlives the command that started it: everything that other commands need stands in one JSON
file in the lab's directory. It is written before anything is made, so that `down` cleans up after
a start that failed half-way, and `down` asks the system, not the file, what is there to remove.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from appliance.errors import UserError
from appliance.unreadable import UNREADABLE

STATE_FILE = "lab.json"
LOCK_FILE = "lab.lock"

Kind = Literal["network", "loopback"]


class LabRefused(UserError):
    """The lab cannot do this; one sentence that says why and what to do."""


class ProcessSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A process that a host runs from its boot on. `argv` has absolute paths; `log` is appended."""

    name: str
    argv: tuple[str, ...]
    log: str
    env: dict[str, str] = {}


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """A process of a host as it was started; `started_at` tells a reused process id apart."""

    name: str
    pid: int
    started_at: str


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """Frames from one host to another (None: to all) that the bridge drops."""

    source: str
    target: str | None = None
    kind: Literal["all", "vrrp"] = "all"


class HostState(msgspec.Struct, kw_only=True):
    """One host: what it runs, and what was done to it."""

    processes: list[ProcessSpec] = []
    started: list[Started] = []
    powered: bool = False
    cut: bool = False
    frozen: bool = False


class LabState(msgspec.Struct, kw_only=True):
    """A lab as remembered in its directory."""

    kind: Kind
    lab_id: str
    hosts: dict[str, HostState]
    blocks: list[Block] = []
    made_namespace_directory: bool = False


class RunningProcess(msgspec.Struct, frozen=True, kw_only=True):
    """A process of a host, and whether it is alive."""

    name: str
    pid: int
    alive: bool


class LabPlatform(Protocol):
    """Five hosts, clients and vendors on one machine. All methods raise LabRefused."""

    kind: Kind
    directory: Path
    lab_id: str

    def up(self, processes: Mapping[str, Sequence[ProcessSpec]]) -> None:
        """Make the lab and boot all hosts with these processes. Half-made labs are taken down."""

    def down(self) -> None:
        """End and remove everything of this lab, also after a half-failed `up`; repeatable."""

    def define(self, host: str, processes: Sequence[ProcessSpec]) -> None:
        """Replace what the host runs from its next boot on."""

    def boot(self, host: str) -> None:
        """Power on: a fresh kernel state (network lab) and all processes of the host."""

    def start(self, host: str, name: str) -> None:
        """Start one process of a running host that is not alive; nothing if it is."""

    def stop(self, host: str, name: str, *, kill: bool = False) -> None:
        """SIGTERM (or SIGKILL) to one process of a host and wait for its end."""

    def power_cut(self, host: str) -> float:
        """Cut the power: link first, then SIGKILL to everything. Gives time.monotonic() before."""

    def cut(self, host: str) -> None:
        """Pull the network cable of a running host."""

    def block(self, source: str, target: str | None, kind: Literal["all", "vrrp"]) -> None:
        """Drop frames one way without either side losing its carrier."""

    def heal(self, host: str) -> None:
        """Plug the cable in and lift every block that names this host."""

    def freeze(self, host: str) -> None:
        """Stop every process of the host where it stands; its kernel still answers."""

    def thaw(self, host: str) -> None:
        """Let a frozen host go on."""

    def command(self, host: str, argv: Sequence[str]) -> list[str]:
        """The command line that runs `argv` in that host's network."""

    def address(self, host: str) -> str:
        """The host's IPv4 address."""

    def processes(self, host: str) -> list[RunningProcess]:
        """The host's processes as started, with whether each lives."""

    def state(self) -> LabState:
        """What is remembered of this lab."""


def read_state(directory: Path) -> LabState | None:
    """The lab remembered in this directory, or None. Raises LabRefused for a damaged file."""
    path = directory / STATE_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=LabState)
    except FileNotFoundError:
        return None
    except (OSError, *UNREADABLE) as error:
        raise LabRefused(
            f"{path} cannot be read ({error}): remove it, then run `tmr lab down`."
        ) from error


def write_state(directory: Path, state: LabState) -> None:
    """Remember the lab, by rename, so that a reader never sees half of it. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    fresh = directory / f"{STATE_FILE}.{os.getpid()}.new"
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(state), indent=1) + b"\n")
    fresh.replace(directory / STATE_FILE)


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """One command at a time changes a lab; a second one waits for the first."""
    try:
        import fcntl
    except ImportError:
        # Windows has no flock; two commands at once are the user's own risk there.
        yield
        return
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / LOCK_FILE).open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
