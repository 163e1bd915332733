"""The shells round the cores: what a service does in the appliance, a few lines each.

What can go wrong in here is a shell that is kinder than the real one: an answer given before its
effect, a message that reaches a dead process, a restart that remembers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.ledger.coordinator import Coordinator
from appliance.ledger.effects import (
    Changed,
    Committed,
    Decided,
    Disputed,
    Diverged,
    DropAside,
    Effect,
    Failed,
    Fenced,
    Origin,
    PutAside,
    Read,
    ReadChunk,
    Restored,
    Send,
    Tell,
    Write,
)
from appliance.ledger.invariants import InvariantViolation
from appliance.ledger.merkle import Tree
from appliance.ledger.messages import Append, Entries, Entry, Message, SnapshotChunk
from appliance.ledger.phases import SERVING
from appliance.ledger.replica import Replica
from appliance.licences.commands import GRANTED, Found
from appliance.licences.machine import Machine
from appliance.sim.disk import Disk
from appliance.sim.host_base import Host, Reply, Request
from appliance.sim.network import NOTICE_S, Link
from appliance.sim.vendor import (
    READERS,
    UPSTREAMS,
    SimContainer,
    SimReceipt,
    SimStore,
    verify,
    verify_store,
)

if TYPE_CHECKING:
    from appliance.sim.cluster import Cluster

TICK_S = 0.02
RETRY_S = 0.05
UNKNOWN_REPEAT = "unknown-repeat"
BEING_ENDED = 0.0
VOICES_NEEDED = 2


@dataclass(slots=True)
class _Waiting:
    """A request with a ticket. `known` is what anybody knew to be committed when it was asked."""

    request: Request
    known: int


class UpstreamHost(Host):
    """A replica with its disk, its container and its clock."""

    def __init__(self, cluster: Cluster, name: str, container: SimContainer) -> None:
        super().__init__(cluster, name)
        self.container = container
        self.disk = Disk(SimStore(f"store-{name}".encode()), self._committed)
        self.disk_s = cluster.options.disk_s
        self.replica: Replica | None = None
        self.crash_on_write = False
        self.disk_hangs = False
        self.clock_offset_ms = 0
        self.clock_rate = 1.0 + cluster.rng.uniform(-1e-3, 1e-3)
        options = cluster.options
        self.wrong_clock = container.twin in (options.wrong_clock, options.other_wrong_clock)

    def _committed(self) -> Sequence[Entry]:
        return self.cluster.oracle.log

    def system_ms(self) -> int:
        """The container's system time, Unix ms."""
        return (
            self.cluster.start_unix_ms
            + self.clock_offset_ms
            + int(self.cluster.now_s * 1000 * self.clock_rate)
        )

    def certify(self) -> None:
        """The container asks the time server, sets its clock, and shows the ledger the answer."""
        if self.replica is not None:
            elapsed_ms = self.cluster.now_s * 1000
            self.clock_offset_ms = int(elapsed_ms) - int(elapsed_ms * self.clock_rate)
            self.container.certify(self.system_ms(), self.replica.book.log_time_ms)

    def start(self) -> None:
        """Power on: the replica starts from what is on disk."""
        self.alive = True
        self.life += 1
        self.crash_on_write = False
        self.replica = Replica(
            Machine(*READERS),
            self.container,
            verify,
            self.disk.store,
            verify_store,
            self.cluster.timing,
            self.disk.recovered(),
            self.cluster.options.retention,
        )
        self.cluster.oracle.started(self.name, self.replica)
        self.cluster.at(self.cluster.rng.uniform(0, TICK_S), self._tick, self.life)

    def consent(self, store: bytes) -> None:
        """An operator says at this host that a store may join."""
        write = self.replica.consent(store) if self.replica is not None else None
        if write is not None:
            self._perform([write])

    def renew(self, store: SimStore) -> None:
        """The disk is lost; an empty store of this id takes its place. Off until started again."""
        if self.alive:
            self.crash()
        self.disk = Disk(store, self._committed)
        self.cluster.oracle.renewed(self.name, self.disk)

    def crash(self) -> None:
        """Power off: what was not durable is gone, all or nothing for each write."""
        self.alive = False
        self.life += 1
        self.replica = None
        for low in self.disk.crash(self.cluster.rng, self.cluster.options.kept):
            self.cluster.oracle.durable(self.cluster.now_s, self.name, low)

    def receive(self, origin: Origin, life: int, message: Any) -> None:
        """A message from a TMR host arrives; `life` is not compared on hostile days."""
        if self._postponed(self.receive, origin, life, message) or self.replica is None:
            return
        self.cluster.inputs += 1
        self._note_clock()
        replica = self.replica
        self._perform(replica.receive(self.boot_s(), self.system_ms(), origin, message))
        self.cluster.oracle.check_replica(self.name, replica)

    def _note_clock(self) -> None:
        if not self.wrong_clock or self.cluster.options.other_wrong_clock:
            oracle = self.cluster.oracle
            oracle.clock_max_ms = max(oracle.clock_max_ms, self.system_ms())

    def _tick(self, life: int) -> None:
        if life != self.life or self._postponed(self._tick, life):
            return
        self.cluster.inputs += 1
        assert self.replica is not None
        self._perform(self.replica.tick(self.boot_s()))
        self.cluster.at(TICK_S, self._tick, life)

    def _perform(self, effects: Iterable[Effect]) -> None:
        cluster = self.cluster
        for effect in effects:
            match effect:
                case Send():
                    self._send(effect.to, effect.message)
                case Write() | PutAside() | DropAside():
                    self._write(effect)
                case Read():
                    cluster.at(cluster.options.delay_s * 0.1, self._read, self.life, effect)
                case ReadChunk():
                    cluster.at(cluster.options.delay_s * 0.1, self._read_chunk, self.life, effect)
                case Diverged():
                    cluster.oracle.diverged(self.name, effect)
                case _:
                    raise InvariantViolation(f"a replica asks for {type(effect).__name__}")

    def _send(self, to: Origin, message: Message) -> None:
        cluster = self.cluster
        cluster.oracle.upstream_says(self.name, message)
        tmr = cluster.tmrs[to.host]
        link = tmr.links[self.name]
        if to.link != link.number and not cluster.network.hostile:
            return
        life = tmr.life

        def deliver(number: int, carried: Any) -> None:
            tmr.receive(self.name, life, carried)

        cluster.network.send(self.name, to.host, link, message, deliver)

    def _write(self, write: Write | PutAside | DropAside) -> None:
        cluster, disk = self.cluster, self.disk
        disk.pending.append(write)
        takes_s = cluster.rng.expovariate(1 / self.disk_s)
        disk.busy_until_s = max(disk.busy_until_s, cluster.now_s) + takes_s
        cluster.at(disk.busy_until_s - cluster.now_s, self._written, self.life)
        if self.crash_on_write:
            cluster.at(takes_s * cluster.rng.random(), self._crash_now, self.life)

    def _crash_now(self, life: int) -> None:
        if life == self.life and self.alive and self.crash_on_write:
            self.cluster.trace.note(self.cluster.now_s, self.name, "crashes while it writes")
            self.crash()

    def _written(self, life: int) -> None:
        if life != self.life or self._postponed(self._written, life) or self.replica is None:
            return
        if self.disk_hangs:
            self.cluster.at(0.01, self._written, life)
            return
        self.cluster.inputs += 1
        write, low = self.disk.complete()
        if write is None:
            return
        oracle = self.cluster.oracle
        if write.snapshot is not None:
            oracle.snapshot(self.name, self.disk)
        known = oracle.last_index
        oracle.durable(self.cluster.now_s, self.name, low)
        for entry in self.disk.entries[known : oracle.last_index]:
            self.cluster.trace.note(self.cluster.now_s, "ledger", entry)
        self._perform(self.replica.written(self.boot_s(), write.ticket))

    def _read(self, life: int, read: Read) -> None:
        if life != self.life or self._postponed(self._read, life, read):
            return
        entries = self.disk.read(read.first, read.last, read.bytes_max)
        answer = Entries(read.first, entries, read.base_index, read.last, read.commit)
        self._send(read.to, answer)

    def _read_chunk(self, life: int, read: ReadChunk) -> None:
        if life != self.life or self._postponed(self._read_chunk, life, read):
            return
        data = self.disk.read_chunk(read.index, read.number)
        if data is not None:
            self._send(read.to, SnapshotChunk(read.index, read.number, data))


class TmrHost(Host):
    """A coordinator with its links, the requests that wait for it, and perhaps the address."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        super().__init__(cluster, name)
        self.links = {upstream: Link() for upstream in UPSTREAMS}
        self.has_address = False
        self.coordinator: Coordinator | None = None
        self._waiting: dict[int, _Waiting] = {}
        self._tickets = 0

    def start(self) -> None:
        """The process starts, with a new nonce and nothing else."""
        cluster = self.cluster
        self.alive = True
        self.life += 1
        self._waiting.clear()
        founding = Found(cluster.rng.randbytes(16), f"131-{cluster.rng.randint(1, 999)}")
        self.coordinator = Coordinator(
            self.name,
            UPSTREAMS,
            Machine(*READERS),
            cluster.timing,
            cluster.rng.getrandbits(64),
            founding,
            verify,
            verify_store,
            cluster.options.limits,
        )
        for link in self.links.values():
            link.up, link.broken = False, True
        cluster.at(cluster.rng.uniform(0, TICK_S), self._tick, self.life)
        if self.has_address:
            self._perform(self.coordinator.want(self.boot_s(), True, "has the address"))

    def crash(self) -> None:
        """Power off."""
        self.alive = False
        self.life += 1
        self.coordinator = None

    def address(self, has: bool) -> None:
        """VRRP says that the virtual IP is here, or is not."""
        self.has_address = has
        if self.coordinator is not None and not self._postponed(self.address, has):
            self._step(self.coordinator.want(self.boot_s(), has, "the address"))

    def receive(self, upstream: str, life: int, message: Any) -> None:
        """An upstream's answer arrives. On hostile days also one to the process before."""
        if self._postponed(self.receive, upstream, life, message) or self.coordinator is None:
            return
        if life == self.life or self.cluster.network.hostile:
            self._step(self.coordinator.receive(self.boot_s(), upstream, message))

    def request(self, request: Request) -> None:
        """A client's request arrives."""
        if self._postponed(self.request, request) or self.coordinator is None:
            return
        if len(self._waiting) > 10_000:
            raise InvariantViolation(f"{self.name} keeps {len(self._waiting)} requests")
        self._tickets += 1
        ticket = self._tickets
        self._waiting[ticket] = _Waiting(request, self.cluster.oracle.told_index)
        now_s = self.boot_s()
        if request.command is None:
            self._step(self.coordinator.ask(now_s, ticket))
        else:
            self._step(self.coordinator.submit(now_s, ticket, request.command))

    # --- inner life ---

    def _tick(self, life: int) -> None:
        if life != self.life or self._postponed(self._tick, life):
            return
        for name, link in self.links.items():
            self._tend(name, link)
        assert self.coordinator is not None
        self._step(self.coordinator.tick(self.boot_s()))
        self.cluster.at(TICK_S, self._tick, life)

    def _tend(self, name: str, link: Link) -> None:
        """Notice a dead connection after a while, and make a new one when that can be done."""
        cluster = self.cluster
        upstream = cluster.upstreams[name]
        sound = upstream.alive and cluster.network.passes(self.name, name)
        assert self.coordinator is not None
        if link.up and (not sound or link.broken):
            link.broken = True
            if cluster.now_s >= link.retry_at_s:
                link.up = False
                self._step(self.coordinator.link(self.boot_s(), name, False))
        elif link.up:
            link.retry_at_s = cluster.now_s + NOTICE_S
        elif sound and cluster.now_s >= link.retry_at_s:
            link.number += 1
            link.up, link.broken = True, False
            link.retry_at_s = cluster.now_s + RETRY_S
            self._step(self.coordinator.link(self.boot_s(), name, True))

    def _step(self, effects: Iterable[Effect]) -> None:
        """One input was given to the coordinator: perform what it asks for, then check."""
        self.cluster.inputs += 1
        self._perform(effects)
        if self.coordinator is not None:
            self.cluster.oracle.check_coordinator(self.coordinator)

    def _perform(self, effects: Iterable[Effect]) -> None:
        cluster, coordinator = self.cluster, self.coordinator
        assert coordinator is not None
        oracle = cluster.oracle
        for effect in effects:
            match effect:
                case Tell():
                    self._tell(effect.to, effect.message)
                case Decided():
                    oracle.coordinator_decided(self.name, coordinator, effect)
                    self._decided(effect)
                case Failed():
                    self._reply(effect.ticket, Reply(effect.why))
                case Fenced():
                    self._fenced(coordinator, effect.ticket)
                case Committed():
                    oracle.coordinator_committed(self.name, effect)
                case Changed():
                    cluster.trace.note(cluster.now_s, self.name, f"{effect.phase}: {effect.why}")
                    if effect.phase == SERVING:
                        oracle.coordinator_serves(self.name, self.life, coordinator)
                case Disputed():
                    oracle.disputed(self.name, effect)
                case Restored():
                    oracle.restored(self.name, coordinator, effect)
                case _:
                    raise InvariantViolation(f"a coordinator asks for {type(effect).__name__}")

    def _tell(self, to: str, message: Message) -> None:
        cluster = self.cluster
        link = self.links[to]
        if isinstance(message, Append):
            cluster.oracle.launched_s.setdefault(message.entry.root, cluster.now_s)
        if not link.up:
            return
        upstream = cluster.upstreams[to]
        life = upstream.life

        def deliver(number: int, carried: Any) -> None:
            if life == upstream.life or cluster.network.hostile:
                upstream.receive(Origin(self.name, number), life, carried)

        cluster.network.send(self.name, to, link, message, deliver)

    def _decided(self, effect: Decided) -> None:
        """Answer with a receipt; a grant that two twins do not vouch for is "unknown"."""
        outcome = effect.outcome
        if outcome.reason != GRANTED:
            self._reply(effect.ticket, Reply(outcome.reason, outcome))
            return
        batch = effect.batch
        position = effect.position
        words = [e for e in batch.endorsements.values() if position not in e.objections]
        if len(words) < VOICES_NEEDED:
            self._reply(effect.ticket, Reply(UNKNOWN_REPEAT))
            return
        waiting = self._waiting[effect.ticket]
        receipt = SimReceipt(
            tuple(batch.endorsements.values()),
            batch.statement.ledger_id,
            effect.command_hash,
            getattr(waiting.request.command, "nonce", b""),
            position,
            tuple(Tree(batch.leaf_hashes).path(position)),
        )
        self._reply(effect.ticket, Reply(GRANTED, outcome, receipt))

    def _fenced(self, coordinator: Coordinator, ticket: int) -> None:
        """A heartbeat may be answered from memory now."""
        waiting = self._waiting[ticket]
        request = waiting.request
        self.cluster.oracle.fenced(self.name, coordinator, waiting.known)
        life_s = coordinator.heartbeat(self.boot_s(), request.lease, request.generation)
        if life_s == BEING_ENDED and life_s is not None:
            self._reply(ticket, Reply(UNKNOWN_REPEAT))
        elif life_s is None:
            self._reply(ticket, Reply("gone"))
        else:
            self._reply(ticket, Reply("alive", ttl_s=life_s))

    def _reply(self, ticket: int, reply: Reply) -> None:
        waiting = self._waiting.pop(ticket, None)
        if waiting is None:
            raise InvariantViolation(f"{self.name} answers ticket {ticket} a second time")
        request = waiting.request
        reply.by = self.name
        self.cluster.network.carry(self.name, request.client, request.answer, request.number, reply)
