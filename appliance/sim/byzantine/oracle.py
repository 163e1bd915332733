"""The one who sees everything, where one of five lies: it judges by the four and by signatures.

The liar's own disk counts for nothing. What it signed counts as if it were so, since others count
it: an entry is committed once two honest disks hold it in one adopted term, or one does and the
liar signed that it does. From then on it must stay, whatever the liar says later. What the design
says it does not stop (design D3) is counted in `measured` and is no violation.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from appliance.ledger.effects import Committed, Decided, Disputed, Restored
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.invariants import InvariantViolation
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.messages import Ack, Adopted, Message
from appliance.ledger.replica.replica import Replica
from appliance.licences import commands as c
from appliance.licences.commands import Outcome
from appliance.licences.model import LicenceKey
from appliance.sim.checked import CheckedMachine
from appliance.sim.disk import Disk
from appliance.sim.history import CHECK_IN, CHECK_OUT, CONSUME, RELEASE, Call, History
from appliance.sim.oracle import Oracle
from appliance.sim.vendor import UPSTREAMS

ENDED_EARLY = "leases that ended before their time"
MADE_UP = "commands that took effect though nobody asked for them"
SPOILT = "requests refused since a command that nobody asked for had used up their lease or number"
UNVOUCHED = "answers of a liar that nothing vouches for"
DISPUTED = "endorsements that were disputed"
_KINDS: dict[object, str] = {
    c.CheckOut: CHECK_OUT,
    c.Consume: CONSUME,
    c.CheckIn: CHECK_IN,
    c.Release: RELEASE,
}


class ByzantineOracle(Oracle):
    """Watches four hosts, and `liar`, whom it does not believe."""

    def __init__(self, machine: CheckedMachine, history: History, liar: str) -> None:
        super().__init__(machine, history)
        self.liar = liar
        self._words: dict[Term, dict[bytes, int]] = {}
        self._spoilt: set[c.LeaseRef] = set()

    # --- what is committed ---

    def durable(self, now_s: float, name: str, low: int) -> None:
        """An honest disk changed; the liar's does not count."""
        if name != self.liar:
            self._weigh(now_s, self.disks[name])

    def upstream_says(self, name: str, message: Message) -> None:
        """The liar goes back on promises as it likes, but what it signs may be counted."""
        if name != self.liar:
            super().upstream_says(name, message)

    def signed(self, now_s: float, message: Message) -> None:
        """The lying upstream let out its word for an entry."""
        if isinstance(message, Ack):
            word = message.index, message.root
        elif isinstance(message, Adopted):
            word = message.last_index, message.last_root
        else:
            return
        self._words.setdefault(message.term, {})[word[1]] = word[0]
        for name, disk in sorted(self.disks.items()):
            if name != self.liar and disk.adopted == message.term:
                self._weigh(now_s, disk)

    def _weigh(self, now_s: float, disk: Disk) -> None:
        """Commit what this disk and another voice agree on; nothing committed may be missing."""
        if disk.adopted == NO_TERM:
            return
        known = self.last_index
        agreed = self._agreed(disk)
        if agreed is None:
            return
        common = min(agreed, known)
        if common and disk.entries[common - 1].root != self.roots[common - 1]:
            raise InvariantViolation(f"entry {common} was committed twice, with different content")
        # Of an older entry the liar may say anything: what this disk holds, it has not lost.
        lost = agreed < known and len(disk.entries) < known
        if lost and self.commit_terms[agreed] < disk.adopted:
            raise InvariantViolation(
                f"two adopted {disk.adopted} without entry {agreed + 1}, which was committed"
            )
        while agreed is not None and self.last_index < agreed:
            self._commit(now_s, disk.adopted, disk.entries[self.last_index])
            agreed = self._agreed(disk)  # Who votes may have changed by it.

    def _agreed(self, disk: Disk) -> int | None:
        """Up to which entry somebody else has the same log in the same term, None for nobody."""
        ends: list[int] = []
        for other in self._voting(disk, self.book.state.membership):
            if other is disk or other is self.disks.get(self.liar):
                continue
            at = min(len(disk.entries), len(other.entries))
            while at and disk.entries[at - 1].root != other.entries[at - 1].root:
                at -= 1
            ends.append(at)
        words = self._words.get(disk.adopted)
        if words:
            at = len(disk.entries)
            while at and disk.entries[at - 1].root not in words:
                at -= 1
            if at or 0 in words.values():
                ends.append(at)
        return max(ends, default=None)

    # --- what commands do ---

    def _judge(
        self,
        launched_s: float,
        now_s: float,
        command: Any,
        outcome: Outcome,
        taken: dict[LicenceKey, int],
    ) -> None:
        if isinstance(command, c.Replace | c.Replaced) and outcome.ok:
            raise InvariantViolation("a store was replaced, to which no operator agreed")
        kind = _KINDS.get(type(command))
        if kind is not None and not self._asked_for(command):
            self._spoilt.add(command.lease)
        if outcome.ok and kind is not None and not self._asked_for(command):
            self.measure(MADE_UP)
            if self._has_effect(command):
                self._tell_history(kind, command, launched_s, now_s)
        super()._judge(launched_s, now_s, command, outcome, taken)

    def admits(self, call: Call) -> bool:
        """Whether it is no surprise that a client's request is told to fit nothing: a command that
        no client asked for was about its lease. Entries bear no signature of who made them."""
        if call.lease in self._spoilt:
            self.measure(SPOILT)
            return True
        return False

    def _asked_for(self, command: Any) -> bool:
        digest = sha256(c.encode_command(command)).digest()
        return any(call.command_hash == digest for call in self.history.about(command.lease))

    def _has_effect(self, command: Any) -> bool:
        if isinstance(command, c.CheckOut):
            return command.lease not in self.active
        if isinstance(command, c.Consume):
            numbered = (command.lease, command.generation, command.number)
            return numbered not in self.units.of
        return command.lease in self.active

    def _tell_history(self, kind: str, command: Any, launched_s: float, now_s: float) -> None:
        """The clients' history has to make sense together with what nobody asked for."""
        product = self.history.product_of(command.lease)
        call = Call(
            "system",
            kind,
            command.lease,
            launched_s,
            getattr(command, "number", 0),
            getattr(command, "units", 0),
            returned_s=now_s,
            reserves=bool(getattr(command, "settle_key", b"")),
        )
        self.history.called(product, call)

    def _expired(self, launched_s: float, now_s: float, command: c.Expire) -> None:
        """Whoever serves may end leases early: that is admitted, but it has to be the liar."""
        try:
            super()._expired(launched_s, now_s, command)
        except InvariantViolation:
            self.measure(ENDED_EARLY)

    # --- what the liar says of itself ---

    def disputed(self, host: str, effect: Disputed) -> None:
        """A coordinator caught an upstream: the liar, or one to which a hijacked TMR host gave
        other entries than to the others."""
        if self.liar in UPSTREAMS and effect.upstream != self.liar:
            super().disputed(host, effect)
        self.measure(DISPUTED)

    def restored(self, name: str, coordinator: Coordinator, effect: Restored) -> None:
        """As `Oracle`, for honest hosts."""
        if name != self.liar:
            super().restored(name, coordinator, effect)

    def outvoted(self, name: str, index: int) -> None:
        """A liar takes no notice."""

    def coordinator_serves(self, host: str, life: int, coordinator: Coordinator) -> None:
        """As `Oracle`, for honest hosts."""
        if host != self.liar:
            super().coordinator_serves(host, life, coordinator)

    def coordinator_committed(self, host: str, effect: Committed) -> None:
        """As `Oracle`, for honest hosts."""
        if host != self.liar:
            super().coordinator_committed(host, effect)

    def coordinator_decided(self, host: str, coordinator: Coordinator, effect: Decided) -> None:
        """As `Oracle`, for honest hosts."""
        if host != self.liar:
            super().coordinator_decided(host, coordinator, effect)

    def fenced(self, host: str, coordinator: Coordinator, committed_when_asked: int) -> None:
        """As `Oracle`, for honest hosts."""
        if host != self.liar:
            super().fenced(host, coordinator, committed_when_asked)

    def check_coordinator(self, coordinator: Coordinator) -> None:
        """As `Oracle`, for honest hosts: also for one that only follows."""
        if coordinator.host != self.liar:
            super().check_coordinator(coordinator)

    def check_replica(self, name: str, replica: Replica) -> None:
        """As `Oracle`, for honest hosts."""
        if name != self.liar:
            super().check_replica(name, replica)
