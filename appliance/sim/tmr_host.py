"""The shell round a TMR host's core: what the service does in the appliance, a few lines each.

What can go wrong in here is a shell that is kinder than the real one: an answer given before its
effect, a message that reaches a dead process, a restart that remembers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from appliance.ledger.effects import (
    Changed,
    Committed,
    Decided,
    Denied,
    Disputed,
    Doubted,
    Effect,
    Failed,
    Fenced,
    Origin,
    Restored,
    Tell,
)
from appliance.ledger.invariants import InvariantViolation
from appliance.ledger.leader.coordinator import Coordinator
from appliance.ledger.leader.phases import SERVING
from appliance.ledger.membership.heads import decode_memory, encode_memory
from appliance.ledger.messages import Append, Message
from appliance.licences.commands import AnyCommand, CheckOut, Found
from appliance.licences.reasons import GRANTED
from appliance.sim.host_base import TICK_S, Host
from appliance.sim.network import NOTICE_S, Link
from appliance.sim.releases import SimMachine
from appliance.sim.stage import Reply, Request, Stage
from appliance.sim.vendor import (
    UPSTREAMS,
    SimReceipt,
    verify,
    verify_store,
)
from appliance.verifier.merkle import Tree

RETRY_S = 0.05
UNKNOWN_REPEAT = "unknown-repeat"
BEING_ENDED = 0.0
VOICES_NEEDED = 2
DENIALS = "check-outs refused without an entry"


@dataclass(slots=True)
class _Waiting:
    """A request with a ticket. `known` is what anybody knew to be committed when it was asked."""

    request: Request
    known: int


class TmrHost(Host):
    """A coordinator with its links, the requests that wait for it, and perhaps the address."""

    def __init__(self, cluster: Stage, name: str) -> None:
        super().__init__(cluster, name)
        self.links = {upstream: Link() for upstream in UPSTREAMS}
        self.has_address = False
        self.coordinator: Coordinator | None = None
        self.kept = b""
        """What this host's disk keeps of how far the ledger was seen."""
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
            SimMachine(self.rules),
            cluster.timing,
            cluster.rng.getrandbits(64),
            founding,
            verify,
            verify_store,
            cluster.options.limits,
        )
        if not cluster.options.waits:
            self.coordinator._serving.episodes.most = 0
        if self.kept:
            self.coordinator.heads.load(decode_memory(self.kept), self.boot_s())
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
            self._step(self._order(self.coordinator, ticket, request.command))

    def _order(self, coordinator: Coordinator, ticket: int, command: AnyCommand) -> list[Effect]:
        """Have a command ordered, or refused."""
        return coordinator.submit(self.boot_s(), ticket, command)

    # --- inner life ---

    def _tick(self, life: int) -> None:
        if life != self.life or self._postponed(self._tick, life):
            return
        for name, link in self.links.items():
            self._tend(name, link)
        assert self.coordinator is not None
        self._tell_rules(self.coordinator)
        self._step(self.coordinator.tick(self.boot_s()))
        self.kept = encode_memory(self.coordinator.heads.memory)
        self.cluster.at(TICK_S, self._tick, life)

    def _tell_rules(self, coordinator: Coordinator) -> None:
        """Hear from the twin what it knows; serve only where this release can."""
        twin = next(tmr for name, tmr in self.cluster.tmrs.items() if name != self.name)
        if twin.alive:
            coordinator.rules.twin_says(twin.name, twin.rules)
            head = twin.coordinator.heads.newest if twin.coordinator is not None else None
            if head is not None:
                coordinator.heads.show(self.boot_s(), twin.name, head)
        able = self.has_address and not coordinator.rules.out_of_date
        self._step(coordinator.want(self.boot_s(), able, "its release"))

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
            self._check_losses()

    def names_loss(self) -> bool:
        """Whether it says that the ledger was put back."""
        core = self.coordinator
        return core is not None and (bool(core.book.state.loss.key) or core.heads.found is not None)

    def names_disk(self) -> bool:
        """Whether it says that an upstream's disk was put back."""
        core = self.coordinator
        return core is not None and any(
            core.put_back.get(upstream.disk.store.id)
            for upstream in self.cluster.upstreams.values()
        )

    def _check_losses(self) -> None:
        """It finds no loss where nothing was put back; a host that lies may make it do so."""
        cluster = self.cluster
        allowed = bool(cluster.oracle.gone.roots) or cluster.options.malicious
        if not allowed and self.names_loss():
            raise InvariantViolation(f"{self.name} says that the ledger was put back")

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
                case Denied():
                    self._denied(effect)
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
                case Doubted():
                    told = f"doubts {effect.upstream}, which {effect.what}"
                    cluster.trace.note(cluster.now_s, self.name, told)
                case Restored():
                    told = f"takes over the snapshot of entry {effect.index}"
                    cluster.trace.note(cluster.now_s, self.name, told)
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
        self._reply(effect.ticket, Reply(GRANTED, outcome, self._receipt(effect)))

    def _denied(self, effect: Denied) -> None:
        """A refusal that needed no entry. It may rest on nothing older than the question."""
        if isinstance(self._waiting[effect.ticket].request.command, CheckOut):
            self.cluster.oracle.measure(DENIALS)
        self._reply(effect.ticket, Reply(effect.outcome.reason, effect.outcome))

    def _receipt(self, effect: Decided) -> SimReceipt:
        """What a client is shown of a decision, so that it need not believe this host."""
        batch = effect.batch
        request = self._waiting[effect.ticket].request
        return SimReceipt(
            tuple(batch.endorsements.values()),
            batch.statement.ledger_id,
            effect.command_hash,
            getattr(request.command, "nonce", b""),
            effect.position,
            tuple(Tree(batch.leaf_hashes).path(effect.position)),
        )

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
