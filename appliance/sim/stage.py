"""What hosts, clients, operators and the network know of the whole that they are parts of.

`appliance.sim.cluster.Cluster` is it; named here by what they use, so that no part imports it. Here
is also what clients and TMR hosts say to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from appliance.ledger.effects import Origin
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.replica.replica import Replica
from appliance.ledger.timing import Timing
from appliance.licences.commands import AnyCommand, LeaseRef
from appliance.licences.model import LicenceKey
from appliance.sim.disk import Disk
from appliance.sim.history import History
from appliance.sim.network import Air, Link, Network
from appliance.sim.oracle import Oracle
from appliance.sim.vendor import SimContainer, SimReceipt, SimStore


@dataclass(slots=True)
class Reply:
    """What a TMR host answers: a grant with its receipt, a refusal, or "unknown, repeat"."""

    reason: str
    outcome: Any = None
    receipt: SimReceipt | None = None
    ttl_s: float = 0.0
    by: str = ""

    def __str__(self) -> str:
        key = getattr(self.outcome, "key", None)
        left = getattr(self.outcome, "units_left", None)
        told = f"told {self.reason}" + (f" {key}" if key else "")
        return told + ("" if left is None else f", {left} units left")


@dataclass(frozen=True, slots=True)
class Request:
    """What reaches a TMR host: a command, or (with None) a heartbeat of that lease."""

    number: int
    client: str
    command: AnyCommand | None
    lease: LeaseRef
    generation: int
    answer: Callable[[int, Reply], None]


class Upstream(Protocol):
    """An upstream, as the others find it."""

    name: str
    alive: bool
    life: int
    damage: str
    disk: Disk
    container: SimContainer
    replica: Replica | None

    def receive(self, origin: Origin, life: int, message: Any) -> None:
        """A TMR host's message arrives."""

    def renew(self, store: SimStore) -> None:
        """It gets an empty disk."""

    def start(self) -> None:
        """The process starts."""

    def consent(self, store: bytes) -> None:
        """An operator agrees that the store with this id votes."""


class Tmr(Protocol):
    """A TMR host, as the others find it."""

    name: str
    alive: bool
    rules: int
    life: int
    links: dict[str, Link]
    coordinator: Coordinator | None

    def request(self, request: Request) -> None:
        """A client's request arrives."""

    def receive(self, upstream: str, life: int, message: Any) -> None:
        """An upstream's answer arrives."""


class Remedy(Protocol):
    """An operator, as a host finds him."""

    def remedy(self, name: str) -> None:
        """Sees to a damaged upstream."""


class Stage(Air, Protocol):
    """One clock, one source of chance, one queue of what happens next, and everybody on it."""

    start_unix_ms: int
    inputs: int
    timing: Timing
    history: History
    oracle: Oracle
    network: Network

    @property
    def operator(self) -> Remedy:
        """Who replaces lost stores."""

    @property
    def upstreams(self) -> Mapping[str, Upstream]:
        """By name."""

    @property
    def tmrs(self) -> Mapping[str, Tmr]:
        """By name."""

    def unsound_but(self, name: str) -> bool:
        """Whether another upstream than this one needs a new store, or holds nothing yet."""

    def holders(self) -> list[str]:
        """The TMR hosts that now have the virtual IP."""

    def check_constituents(self, twins: tuple[int, ...], key: LicenceKey) -> None:
        """A believed grant rests on what two containers hold. Raises InvariantViolation."""
