"""The shell round an upstream's core: what the service does in the appliance, a few lines each.

What can go wrong in here is a shell that is kinder than the real one: an answer given before its
effect, a message that reaches a dead process, a restart that remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from appliance.ledger.effects import (
    Diverged,
    DropAside,
    Effect,
    NamesWrite,
    Origin,
    PutAside,
    Read,
    ReadChunk,
    ReadNames,
    ReadRecord,
    Send,
    Write,
)
from appliance.ledger.invariants import InvariantViolation
from appliance.ledger.messages import Entries, Entry, Message, Outvoted, SnapshotChunk
from appliance.ledger.replica.replica import Replica
from appliance.ledger.replica.standing import quarantine_in
from appliance.sim.disk import Disk, Rotten
from appliance.sim.host_base import TICK_S, Host
from appliance.sim.names import NamesTable
from appliance.sim.releases import SimMachine
from appliance.sim.stage import Stage
from appliance.sim.vendor import (
    SimContainer,
    SimStore,
    verify,
    verify_store,
)

OPERATOR_S = 1.0
HUNG_S = 0.01
RESTART_S = 1.0
"""A service that ended is started again (`RestartSec` of its unit), as often as it takes."""


class UpstreamHost(Host):
    """A replica with its disk, its container and its clock."""

    def __init__(self, cluster: Stage, name: str, container: SimContainer) -> None:
        super().__init__(cluster, name)
        self.container = container
        self.names = NamesTable()
        self.disk = Disk(SimStore(f"store-{name}".encode()), self._committed)
        self.disk_s = cluster.options.disk_s
        self.replica: Replica | None = None
        self.crash_on_write = False
        self.disk_hangs = False
        self.disk_full = False
        self.damage = ""
        self.flipped = False
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
            self.container.certify(self.system_ms(), self.replica.book.state.anchor)

    def start(self) -> None:
        """Power on: the replica starts from what is on disk.

        It syncs what it found before it tells anybody, so without room it does not start.
        """
        self.life += 1
        if self.disk_full and not self.disk.rotten:
            self._end("does not start: its disk is full")
            return
        self.alive = True
        self.crash_on_write = self.flipped = False
        self.replica = Replica(
            SimMachine(self.rules),
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
        self.cluster.oracle.upstream_starts(self.name, self.disk, self.replica)
        if self.replica.damage:
            self._say_damaged(self.replica)

    def _say_damaged(self, replica: Replica) -> None:
        """The operator reads it in the status, and does something about it after a while.

        It takes no part any more: nothing that it hears reaches the replica.
        """
        self.damage = self.disk.damage or replica.damage
        self.cluster.trace.note(self.cluster.now_s, self.name, f"is damaged: {self.damage}")
        self.cluster.at(OPERATOR_S, self.cluster.operator.remedy, self.name)

    def _rotten(self) -> None:
        """A record that was read is not as it was written; what is still to be written never is."""
        assert self.replica is not None
        self.cluster.oracle.rotten(self.disk)
        self._say_damaged(self.replica)

    @property
    def unsound(self) -> bool:
        """Whether something is wrong here that takes a new store, known or not."""
        wrong = self.damage or quarantine_in(self.disk.record)
        return bool(wrong) or self.disk.rotten or self.flipped

    def _end(self, why: str) -> None:
        """The service ended by itself: it is started again after a while."""
        self.cluster.trace.note(self.cluster.now_s, self.name, why)
        self.cluster.at(RESTART_S, self._start_again, self.life)

    def _start_again(self, life: int) -> None:
        if life == self.life and not self.alive:
            self.start()

    def flip(self) -> None:
        """A bit of the licence state in its memory flips; a restart reads it anew from the log."""
        if self.replica is not None and not self.replica.damage:
            self.flipped = True
            self.cluster.oracle.flipped.add(self.name)
            self.cluster.oracle.went_wrong.add(self.disk.store.id)
            self.replica.book.state.commands_applied ^= 1 << 20
            self.cluster.trace.note(self.cluster.now_s, self.name, "its licence state goes wrong")

    def consent(self, store: bytes) -> None:
        """An operator says at this host that a store may join."""
        if self.replica is None or self.damage:
            return
        write = self.replica.consent(store)
        if write is not None:
            self._perform([write])

    def renew(self, store: SimStore, restore: bytes | None = None) -> None:
        """The disk is lost; an empty store of this id takes its place. Off until started again.

        With `restore` it waits for one, in a ledger that is to be founded anew.
        """
        if self.alive:
            self.crash()
        self.disk = Disk(store, self._committed, restore)
        if restore is None:
            self.cluster.oracle.renewed(self.name, self.disk)
        else:
            self.cluster.oracle.disks[self.name] = self.disk

    def crash(self) -> None:
        """Power off: what was not durable is gone, all or nothing for each write."""
        self.alive = False
        self.life += 1
        self.replica = None
        self.damage = ""
        for low in self.disk.crash(self.cluster.rng, self.cluster.options.kept):
            self.cluster.oracle.durable(self.cluster.now_s, self.name, low)

    def receive(self, origin: Origin, life: int, message: Any) -> None:
        """A message from a TMR host arrives; `life` is not compared on hostile days."""
        if self._postponed(self.receive, origin, life, message) or self.replica is None:
            return
        self.cluster.inputs += 1
        if self.damage:
            return
        if isinstance(message, Outvoted):
            self.cluster.oracle.outvoted(self.name, message.own.statement.index)
        self._note_clock()
        replica = self.replica
        sound = not replica.damage
        self._perform(replica.receive(self.boot_s(), self.system_ms(), origin, message))
        self.cluster.oracle.check_replica(self.name, replica)
        if sound and replica.damage:
            self._say_damaged(replica)

    def _note_clock(self) -> None:
        if not self.wrong_clock or self.cluster.options.other_wrong_clock:
            oracle = self.cluster.oracle
            oracle.clock_max_ms = max(oracle.clock_max_ms, self.system_ms())

    def _tick(self, life: int) -> None:
        if life != self.life or self._postponed(self._tick, life):
            return
        self.cluster.inputs += 1
        assert self.replica is not None
        if not self.damage:
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
                case NamesWrite() | ReadNames():
                    assert self.replica is not None
                    self._perform(self.names.perform(self.replica, effect))
                case ReadRecord():
                    pass  # The disks here keep no results: only a liar asks.
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
        if disk.damage:
            return
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
        if self._hung(self._written, life):
            return
        self.cluster.inputs += 1
        if self.disk.damage:
            return
        if self.disk_full:
            self._write_fails()
            return
        try:
            write, low = self.disk.complete()
        except Rotten:
            self._rotten()
            return
        if write is not None:
            self._is_durable(write, low)

    def _hung(self, action: Callable[..., None], *args: Any) -> bool:
        """Whether the disk hangs: then `action` is tried again."""
        if self.disk_hangs:
            self.cluster.at(HUNG_S, action, *args)
        return self.disk_hangs

    def _write_fails(self) -> None:
        """No room: the service says nothing more and ends, whatever of its writes got through."""
        self.crash()
        self._end("ends: its disk is full")

    def _is_durable(self, write: Write, low: int) -> None:
        """A write got through: what rests on it may leave."""
        assert self.replica is not None
        oracle = self.cluster.oracle
        if write.snapshot is not None:
            oracle.snapshot(self.name, self.disk)
            verb = "takes over" if write.snapshot.replaces else "keeps"
            told = f"{verb} the snapshot of entry {write.snapshot.index}"
            self.cluster.trace.note(self.cluster.now_s, self.name, told)
        known = oracle.last_index
        oracle.durable(self.cluster.now_s, self.name, low)
        if self.replica.damage and quarantine_in(self.disk.record):
            oracle.out_for_good(self.disk)
        for entry in self.disk.entries[known : oracle.last_index]:
            self.cluster.trace.note(self.cluster.now_s, "ledger", entry)
        self._perform(self.replica.written(self.boot_s(), write.ticket))

    def _read(self, life: int, read: Read) -> None:
        if life != self.life or self._postponed(self._read, life, read):
            return
        if self._hung(self._read, life, read):
            return
        if self.disk.damage:
            return
        try:
            entries = self.disk.read(read.first, read.last, read.bytes_max)
        except Rotten:
            self._rotten()
            return
        answer = Entries(read.first, entries, read.base_index, read.last, read.commit)
        self._send(read.to, answer)

    def _read_chunk(self, life: int, read: ReadChunk) -> None:
        if life != self.life or self._postponed(self._read_chunk, life, read):
            return
        if self._hung(self._read_chunk, life, read):
            return
        if self.disk.damage:
            return
        try:
            data = self.disk.read_chunk(read.index, read.number)
        except Rotten:
            self._rotten()
            return
        if data is not None:
            self._send(read.to, SnapshotChunk(read.index, read.number, data))
