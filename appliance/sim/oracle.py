"""The one who sees everything: what is committed, and who said something that is not so.

It believes no coordinator. An entry is committed once two disks hold it in one adopted term; from
then on any other root at its index, any answer that is not in the chain, and any coordinator that
serves without it is a violation (design section 3). A second state machine, fed with nothing but
the committed chain, is the reference for outcomes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from appliance.ledger.certificates.receipts import Statement
from appliance.ledger.effects import Committed, Decided, Disputed, Diverged, Restored
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.invariants import (
    InvariantViolation,
    check_coordinator,
    check_log_time,
    check_replica,
    check_state,
    require,
)
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.log.book import Applied, Book
from appliance.ledger.log.log_time import LOG_TIME_TOLERANCE_MS
from appliance.ledger.messages import Ack, Adopted, Entry, HeartbeatAck, Message, Promise
from appliance.ledger.replica.replica import Replica
from appliance.licences.commands import (
    CheckIn,
    CheckOut,
    Consume,
    Expire,
    Found,
    LeaseRef,
    Outcome,
    Release,
    Settle,
)
from appliance.licences.members import Membership
from appliance.licences.model import LicenceKey
from appliance.licences.reasons import GRANTED
from appliance.licences.snapshot import load
from appliance.licences.state import State
from appliance.sim.checked import CheckedMachine
from appliance.sim.disk import Disk
from appliance.sim.gone import NOTHING_GONE, Gone
from appliance.sim.history import Call, Config, History
from appliance.sim.outcome_chain import OutcomeChain
from appliance.sim.releases import NEWEST
from appliance.sim.units_taken import UnitsTaken
from appliance.verifier.layouts import entry_root

CONTRADICTED_MAX = 8
"""A word of a damaged replica may be older than its store, so it proves nothing against it."""
_DEFINITE = (Promise, Ack, Adopted, HeartbeatAck)


@dataclass(slots=True)
class _Life:
    """What a client may rely on: from when it counts, and for how long."""

    sent_s: float
    ttl_s: float


@dataclass
class Oracle:
    """Watches disks, messages and effects. Every method raises InvariantViolation."""

    machine: CheckedMachine
    history: History
    roots: list[bytes] = field(default_factory=list)
    log: list[Entry] = field(default_factory=list)
    prints: list[bytes] = field(default_factory=list)
    commit_terms: list[Term] = field(default_factory=list)
    outcomes: list[Applied] = field(default_factory=list)
    launched_s: dict[bytes, float] = field(default_factory=dict)
    serving: dict[Term, tuple[str, int]] = field(default_factory=dict)
    vowed: dict[str, Term] = field(default_factory=dict)
    disks: dict[str, Disk] = field(default_factory=dict)
    told_index: int = 0
    effective_s: dict[bytes, float] = field(default_factory=dict)
    clock_max_ms: int = 0
    snapshots: int = 0
    transfers: int = 0
    fetched: int = 0
    lives: dict[tuple[LeaseRef, int], _Life] = field(default_factory=dict)
    active: dict[LeaseRef, int] = field(default_factory=dict)
    units: UnitsTaken = field(default_factory=UnitsTaken)
    expired: set[tuple[LeaseRef, int]] = field(default_factory=set)
    measured: dict[str, int] = field(default_factory=dict)
    chain: OutcomeChain = field(default_factory=OutcomeChain)
    carried: Mapping[LicenceKey, int] = field(default_factory=dict)
    """Units used as of the backup from which this ledger was restored: never fewer since."""
    gone: Gone = NOTHING_GONE
    flipped: set[str] = field(default_factory=set)
    went_wrong: set[bytes] = field(default_factory=set)
    """The stores whose state did: another one at the same place is none of them."""
    _contradicted: dict[str, set[int]] = field(default_factory=dict)
    _out: set[bytes] = field(default_factory=set)
    _configs: dict[tuple[int, int], Config] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.book = Book(self.machine)

    @property
    def last_index(self) -> int:
        """How many entries are committed."""
        return len(self.roots)

    def admits(self, call: Call) -> bool:
        """Whether a client may be told that its request fits nothing: no client earns that."""
        return False

    def measure(self, what: str) -> None:
        """Count something that is admitted, and no violation."""
        self.measured[what] = self.measured.get(what, 0) + 1

    # --- disks ---

    def renewed(self, name: str, disk: Disk) -> None:
        """Another disk is at this place: what the one before vowed does not bind it.

        What the lost one acked was stored, and may be committed by that: so it is remembered.
        """
        self.disks[f"{name}, lost"] = self.disks[name]
        self.disks[name] = disk
        self.vowed.pop(name, None)

    def durable(self, now_s: float, name: str, low: int) -> None:
        """On this disk everything after index `low` is new."""
        disk = self.disks[name]
        if disk.adopted == NO_TERM:
            return
        peers = self._voting(disk, self.book.state.membership)
        if len(peers) < 2:
            self._next(now_s, disk)
            return
        known, held = len(self.roots), sorted(len(other.entries) for other in peers)[-2]
        if held < known and self.commit_terms[held] < disk.adopted:
            raise InvariantViolation(
                f"two disks adopted {disk.adopted} without entry {held + 1}, which was committed"
            )
        for index in range(low + 1, min(len(disk.entries), held) + 1):
            entry = disk.entries[index - 1]
            for other in peers:
                if index <= len(other.entries) and other.entries[index - 1].root != entry.root:
                    raise InvariantViolation(f"one term has two entries {index}, one on {name}")
            if index <= known and self.roots[index - 1] != entry.root:
                raise InvariantViolation(
                    f"entry {index} was committed twice, with different content"
                )
        while self._next(now_s, disk):
            pass

    def started(self, name: str, replica: Replica) -> None:
        """A replica has read its disk: from a snapshot or not, it must be where the log led."""
        known = bool(self.disks[name].damage) or name in self.flipped
        require(known or not replica.damage, f"{name} finds its disk damaged: {replica.damage}")
        book = replica.book
        if 0 < book.last_index <= self.last_index and (
            book.last_root == self.roots[book.last_index - 1]
        ):
            self._check_state(name, book.last_index, book.state)

    def snapshot(self, name: str, disk: Disk) -> None:
        """A snapshot took its place on a disk: it must be what the committed log led to."""
        record = disk.snapshot
        require(record is not None, f"{name} stored a snapshot that is not there")
        assert record is not None
        index = record.index
        require(
            index <= self.last_index and self.roots[index - 1] == record.root,
            f"{name} keeps a snapshot of entry {index}, which is not committed",
        )
        self._check_state(name, index, load(record.chunks, NEWEST))
        self.snapshots += 1
        self.transfers += record.replaces

    def restored(self, name: str, coordinator: Coordinator, effect: Restored) -> None:
        """A TMR host took over a snapshot, unless the log that it reads made it forget at once."""
        self.fetched += 1
        if coordinator.book.last_index == effect.index:
            self._check_state(name, effect.index, coordinator.book.state)

    def diverged(self, name: str, effect: Diverged) -> None:
        """An upstream learned that its state is not that of two others: one whose state flipped."""
        if name in self.flipped or self.gone.roots:
            return
        raise InvariantViolation(f"{name} has another state after entry {effect.index}")

    def _check_state(self, name: str, index: int, state: State) -> None:
        require(
            index <= self.last_index and state.fingerprint() == self.prints[index - 1],
            f"the state of {name} after entry {index} is not what the log led to",
        )

    def go_back(self, before: Oracle, index: int) -> None:
        """Disks were put back: what the oracle `before` saw after entry `index` may be gone."""
        self.gone = Gone(before.roots, before.outcomes)
        self.flipped, self.clock_max_ms = before.flipped, before.clock_max_ms
        for term, entry in zip(before.commit_terms[:index], before.log, strict=False):
            self._commit(0.0, term, entry)
        self.machine.carry(self.book.state.units_used)

    def _voting(self, disk: Disk, membership: Membership) -> list[Disk]:
        """The disks that adopted the same term as this one and vote; before the founding all do."""
        return [
            other
            for other in self.disks.values()
            if other.adopted == disk.adopted
            and (not membership.voters or membership.member(other.store.id))
        ]

    def _next(self, now_s: float, disk: Disk) -> bool:
        """Commit the next entry if two stores hold it in one term that vote once it is there."""
        known = len(self.roots)
        if len(disk.entries) <= known:
            return False
        entry = disk.entries[known]
        if self.roots and entry.root != entry_root(self.roots[-1], known + 1, entry.body):
            return False
        membership = self.book.membership_after(known, [entry])
        holders = [
            other
            for other in self._voting(disk, membership)
            if len(other.entries) > known and other.entries[known].root == entry.root
        ]
        if len(holders) < 2:
            return False
        self._commit(now_s, disk.adopted, entry)
        return True

    def _commit(self, now_s: float, term: Term, entry: Entry) -> None:
        """One more entry is committed: apply it to the reference and judge its effects."""
        before_ms = self.book.log_time_ms
        launched_s = self.launched_s.get(entry.root, 0.0)
        state = self.book.state
        used = dict(state.units_used)
        applied = self.book.apply(entry)
        self.book.commit(entry.index)
        self.roots.append(entry.root)
        self.log.append(entry)
        self.prints.append(state.fingerprint())
        self.commit_terms.append(term)
        self.outcomes.append(applied)
        self.chain.extend(applied)
        check_state(state)
        check_log_time(before_ms, applied.log_time_ms, state, applied.commands)
        ahead = applied.log_time_ms > self.clock_max_ms + LOG_TIME_TOLERANCE_MS
        require(not ahead, f"one wrong clock led log time ahead, to {applied.log_time_ms}")
        self.effective_s |= dict.fromkeys(applied.command_hashes, now_s)
        taken: dict[LicenceKey, int] = {}
        for command, outcome in zip(applied.commands, applied.outcomes, strict=True):
            self._judge(launched_s, now_s, command, outcome, taken)
        for key in used.keys() | state.units_used.keys():
            grown = state.units_used.get(key, 0) - used.get(key, 0)
            require(grown == taken.get(key, 0), f"units of {key} were taken without a request")
        for key, least in self.carried.items() if state.founded else ():
            enough = state.units_used.get(key, 0) >= least
            require(enough, f"fewer units of {key} are used than the backup says")
        for key, item in state.items.items():
            fits = state.in_use(key) <= item.quantity or item.quantity < self._most(key)
            require(fits, f"{state.in_use(key)} of {item.quantity} seats of {key} are in use")
        self._notice_config(launched_s, now_s)

    def _most(self, key: LicenceKey) -> int:
        """The highest quantity this licence was ever configured with."""
        config = self._configs.get((key.firm_code, key.product_code))
        return config.most if config else 0

    def _judge(
        self,
        launched_s: float,
        now_s: float,
        command: Any,
        outcome: Outcome,
        taken: dict[LicenceKey, int],
    ) -> None:
        if not outcome.ok:
            return
        if isinstance(command, Found) and command.restored is not None:
            taken.update(command.restored.units_used)
        elif isinstance(command, CheckOut):
            known = self.active.setdefault(command.lease, outcome.generation)
            if known != outcome.generation:
                raise InvariantViolation(f"{command.lease} was granted a second time")
        elif isinstance(command, Consume | Settle):
            self.units.granted(command, outcome, taken)
        elif isinstance(command, CheckIn | Release | Expire):
            self.active.pop(command.lease, None)
            if isinstance(command, Expire) and outcome.lines:  # else it was a place
                self._expired(launched_s, now_s, command)

    def _expired(self, launched_s: float, now_s: float, command: Expire) -> None:
        lease = (command.lease, command.generation)
        self.expired.add(lease)
        self.history.expired(command.lease, launched_s, now_s)
        life = self.lives.get(lease)
        if life is not None and launched_s < life.sent_s + life.ttl_s * 0.99:
            raise InvariantViolation(
                f"{command.lease} was ended after {launched_s - life.sent_s:.3f} s, but its client"
                f" was promised {life.ttl_s:g} s"
            )

    def _notice_config(self, launched_s: float, now_s: float) -> None:
        """What the licences are is an input to the history check: report each change of it."""
        for product, rows in self.machine.rows:
            old = self._configs.get(product)
            most = max([row[1] for row in rows] + ([old.most] if old else []), default=0)
            config = Config(rows, most)
            self._configs[product] = config
            self.history.configured(product, config, launched_s, now_s)
        self.machine.rows.clear()

    # --- what hosts say ---

    def upstream_says(self, name: str, message: Message) -> None:
        """An upstream's answers never go back on a promise it let out; no damaged one has any."""
        if isinstance(message, _DEFINITE):
            require(not self.disks[name].damage, f"{name} is damaged, and goes on voting")
            vowed = self.vowed.get(name, NO_TERM)
            if message.term < vowed:
                raise InvariantViolation(f"{name} promised {vowed} and then served {message.term}")
            if isinstance(message, Promise):
                self.vowed[name] = message.term

    def coordinator_serves(self, host: str, life: int, coordinator: Coordinator) -> None:
        """A coordinator begins to serve: alone in its term, with all that is committed."""
        term = coordinator.term
        if term is None:
            raise InvariantViolation(f"{host} serves without a term")
        if self.serving.setdefault(term, (host, life)) != (host, life):
            raise InvariantViolation(f"two coordinators serve in term {term}")
        if coordinator.book.commit_index < self.last_index:
            raise InvariantViolation(
                f"{host} serves in {term} from entry {coordinator.book.commit_index}, but"
                f" {self.last_index} are committed"
            )

    def coordinator_committed(self, host: str, effect: Committed) -> None:
        """A coordinator or follower reports an entry as committed."""
        if self.gone.says(effect):
            return
        if effect.index > self.last_index:
            raise InvariantViolation(
                f"{host} calls entry {effect.index} committed, which two disks do not hold"
            )
        reference = self.outcomes[effect.index - 1]
        if effect.commands != reference.commands or effect.outcomes != reference.outcomes:
            raise InvariantViolation(f"{host} saw other outcomes of entry {effect.index}")

    def coordinator_decided(self, host: str, coordinator: Coordinator, effect: Decided) -> None:
        """A coordinator answers for a command: it must stand in the chain, with that outcome."""
        statement = effect.batch.statement
        if coordinator.term is None or coordinator.term != statement.term:
            raise InvariantViolation(f"{host} decides for {statement.term} without having it")
        index = statement.index
        if index > self.last_index or self.roots[index - 1] != statement.log_root:
            raise InvariantViolation(f"{host} answers for entry {index}, which is not committed")
        self.chain.check(host, index, statement.history_root)
        reference = self.outcomes[index - 1]
        if (
            reference.command_hashes[effect.position] != effect.command_hash
            or reference.outcomes[effect.position] != effect.outcome
        ):
            raise InvariantViolation(f"{host} answers otherwise than entry {index} says")

    def fenced(self, host: str, coordinator: Coordinator, committed_when_asked: int) -> None:
        """A coordinator will answer from its own state: it must know what anybody knew by then."""
        if not coordinator.serving:
            raise InvariantViolation(f"{host} answers from local state without serving")
        if coordinator.book.commit_index < committed_when_asked:
            raise InvariantViolation(
                f"{host} answers from entry {coordinator.book.commit_index}, but"
                f" {committed_when_asked} were known to be committed when it was asked"
            )

    def relied_on(self, lease: LeaseRef, generation: int, sent_s: float, ttl_s: float) -> None:
        """A client was told that its lease lives on for `ttl_s`, counted from its own sending."""
        life = self.lives.get((lease, generation))
        if life is None or life.sent_s < sent_s:
            self.lives[(lease, generation)] = _Life(sent_s, ttl_s)

    def granted(self, outcome: Outcome, said: Statement) -> None:
        """A client believes a grant: it must be in the chain."""
        index = said.index
        if outcome.reason != GRANTED or self.roots[index - 1 : index] != [said.log_root]:
            raise InvariantViolation(f"a client believes a grant of entry {index}, not committed")
        self.chain.check("a client", index, said.history_root)

    def signed(self, now_s: float, message: Message) -> None:
        """A lying upstream let out its word for an entry; here nobody lies."""

    def disputed(self, host: str, effect: Disputed) -> None:
        """A coordinator found an upstream that computed other outcomes: one whose state flipped."""
        require(effect.upstream in self.flipped, f"{effect.upstream} computed other outcomes")
        self.measure("batches of which a damaged replica made something else")

    def outvoted(self, name: str, index: int) -> None:
        """An upstream is shown that two others made something else of this entry."""
        contradicted = self._contradicted.setdefault(name, set())
        contradicted.add(index)
        if len(contradicted) > CONTRADICTED_MAX:
            raise InvariantViolation(f"{name} is contradicted by two, and goes on")

    def out_for_good(self, disk: Disk) -> None:
        """On this disk it is durable that its replica takes no part any more."""
        if disk.store.id not in self.went_wrong:
            raise InvariantViolation("a store takes no part any more, whose state is right")
        self.measure("damaged replicas that were found out")
        self._out.add(disk.store.id)

    def rotten(self, disk: Disk) -> None:
        """A record of this disk was read that is not as it was written."""
        self.measure("rotten records that were found")
        self._out.add(disk.store.id)

    def upstream_starts(self, name: str, disk: Disk, replica: Replica) -> None:
        """What was out for good is so after a restart, and what has rotten is found by then."""
        require(not disk.rotten or bool(replica.damage), f"{name} starts from a rotten disk")
        if disk.store.id in self._out and not replica.damage:
            raise InvariantViolation(f"{name} takes part again with a store that was outvoted")

    # --- after each step ---

    def check_coordinator(self, coordinator: Coordinator) -> None:
        """The cheap checks of production, and the commit against what is known here."""
        check_coordinator(coordinator)
        self._check_commit(coordinator.host, coordinator.book)

    def check_replica(self, name: str, replica: Replica) -> None:
        """The same for an upstream."""
        check_replica(replica)
        self._check_commit(name, replica.book)

    def _check_commit(self, name: str, book: Book) -> None:
        index = book.commit_index if not self.gone.has(book.commit_index, book.commit_root) else 0
        self.told_index = max(self.told_index, index)
        if index > len(self.roots):
            raise InvariantViolation(
                f"{name} takes entry {index} for committed, which two disks do not hold"
            )
        if index and book.commit_root != self.roots[index - 1]:
            raise InvariantViolation(f"{name} took another entry {index} for committed")
        if index and index == book.last_index and name not in self.flipped:
            self.chain.check(name, index, book.state.history_root)
