"""Links between hosts, and paths from clients, with what may go wrong on each.

Two kinds of bad day. Like TCP: in order, nothing doubled, and what a cut swallows breaks the
connection. Hostile: lost, doubled, late and out of order, and alive across restarts, which is more
than TCP allows and what the ledger's messages are specified to bear.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from appliance.codec.frames import FrameRefused, encode_frame, link_reader
from appliance.ledger.invariants import InvariantViolation
from appliance.ledger.messages import AnyMessage, Message
from appliance.sim.options import Options
from appliance.sim.trace import Trace

NOTICE_S = 0.15
"""How long a connection may be dead before an end notices."""


@dataclass(slots=True)
class Link:
    """The connection of a TMR host to an upstream; `number` tells one from the next."""

    number: int = 0
    up: bool = False
    broken: bool = False
    retry_at_s: float = 0.0


class Air(Protocol):
    """What a network needs of the whole."""

    options: Options
    rng: Random
    now_s: float
    trace: Trace

    def at(self, delay_s: float, action: Callable[..., None], *args: Any) -> None:
        """Let `action` happen after a while."""


class Network:
    """Carries what hosts say, after a while, if at all."""

    def __init__(self, cluster: Air) -> None:
        self._cluster = cluster
        self._options = cluster.options
        self._rng = cluster.rng
        self._cuts: dict[tuple[str, str], bool] = {}
        self._last_s: dict[tuple[str, str], float] = {}
        self._reader = link_reader()
        self.hostile = cluster.options.hostile
        self.quiet = False
        self.dropped: dict[str, str] = {}
        self.delayed: dict[str, tuple[str, float]] = {}

    # --- cuts ---

    def cut(self, source: str, target: str) -> None:
        """Nothing more gets from `source` to `target`."""
        self._cuts[(source, target)] = True

    def cut_both(self, one: str, other: str) -> None:
        """Nothing more gets through between these two."""
        self.cut(one, other)
        self.cut(other, one)

    def heal(self, one: str, other: str) -> None:
        """Everything gets through again between these two."""
        self._cuts.pop((one, other), None)
        self._cuts.pop((other, one), None)

    def heal_all(self) -> None:
        """No more cuts, losses, doubles and delays."""
        self._cuts.clear()
        self.quiet = True
        self.hostile = False

    def passes(self, one: str, other: str) -> bool:
        """Whether both directions are open."""
        return (one, other) not in self._cuts and (other, one) not in self._cuts

    # --- carrying ---

    def send(
        self,
        source: str,
        target: str,
        link: Link,
        message: Message,
        deliver: Callable[[int, Any], None],
    ) -> None:
        """Carry a message over a link; `deliver` gets the link's number and the message."""
        self._cluster.trace.note(self._cluster.now_s, f"{source}>{target}", message)
        if self.dropped.get(source) == type(message).__name__.lower():
            return
        kind, delay_s = self.delayed.get(source, ("", 0.0))
        if kind == type(message).__name__.lower():  # Late even for another link's time.
            self._cluster.at(delay_s, deliver, link.number, message)
            return
        if (source, target) in self._cuts:
            link.broken = True
            return
        if self._options.frames or self._options.malicious:
            try:
                message = self._recoded(message)
            except FrameRefused as refused:
                self._garbled(source, link, refused)
                return
        number = link.number
        for delay_s in self._delays(source, target):
            self._cluster.at(delay_s, self._arrive, link, number, message, deliver)

    def carry(self, source: str, target: str, deliver: Callable[..., None], *args: Any) -> None:
        """Carry a client's request or its answer, never twice: a repeat is a request of its own."""
        if (source, target) in self._cuts:
            return
        for delay_s in self._delays(source, target)[:1]:
            self._cluster.at(delay_s, deliver, *args)

    def _arrive(
        self, link: Link, number: int, message: Message, deliver: Callable[[int, Any], None]
    ) -> None:
        if self.hostile or (number == link.number and not link.broken):
            deliver(number, message)

    def _delays(self, source: str, target: str) -> list[float]:
        """When it arrives: once, twice or not at all."""
        options, rng = self._options, self._rng
        delay_s = options.delay_s * (0.5 + rng.random())
        if self.quiet:
            return [self._in_order(source, target, delay_s)]
        if options.late and rng.random() < options.late:
            delay_s += rng.expovariate(1 / options.late_s)
        if not self.hostile:
            return [self._in_order(source, target, delay_s)]
        if rng.random() < options.loss:
            return []
        if rng.random() < options.double:
            return [delay_s, delay_s + rng.expovariate(1 / options.late_s)]
        return [delay_s]

    def _in_order(self, source: str, target: str, delay_s: float) -> float:
        now_s = self._cluster.now_s
        due_s = max(now_s + delay_s, self._last_s.get((source, target), 0.0) + 1e-6)
        self._last_s[(source, target)] = due_s
        return due_s - now_s

    def _garbled(self, source: str, link: Link, refused: FrameRefused) -> None:
        """What nobody can read ends the link that it came over; of us only a liar says such."""
        if source != self._options.malicious:
            raise InvariantViolation(f"{source} says what nobody can read: {refused.detail}")
        self._cluster.trace.note(self._cluster.now_s, source, f"is hung up on: {refused.detail}")
        self._reader = link_reader()
        link.broken = True

    def _recoded(self, message: Message) -> AnyMessage:
        """The message after its way through real bytes."""
        (read,) = self._reader.feed(encode_frame(message))
        return read
