"""The ledger's coordinator, on a TMR host: takes a term, orders commands, has nothing on disk.

    passive ──wanted──▶ pre-vote ──two willing──▶ preparing ──two promises──▶ reading ──log read──▶
    adopting ──two adopted──▶ serving; any of them ──refused, quorum lost, not wanted──▶ back

`passive` and `pre-vote` follow the log's committed entries, so that a takeover starts from a warm
state (design D5). Being wanted means that this host holds the virtual IP and is not in maintenance.
A refusal for a higher term prepares above it at once (design D4).

Every answer is compared with the current term first, `match_index` grows only by answers of this
term, and `_leave_term` goes back to the last commit.
"""

from __future__ import annotations

from appliance.details import detail
from appliance.ledger import messages as m
from appliance.ledger.certificates.proofs import VerifyStore, Vow
from appliance.ledger.effects import Changed, Effect, Failed, Restored, Tell
from appliance.ledger.election.attempts import Attempts
from appliance.ledger.election.log_selection import WAIT_FOR_MORE, LogSelection
from appliance.ledger.election.pre_vote import PreVotes
from appliance.ledger.election.terms import Term
from appliance.ledger.leader.batches import NO_TICKET
from appliance.ledger.leader.check_quorum import CheckQuorum
from appliance.ledger.leader.known_rules import KnownRules
from appliance.ledger.leader.peers import ADOPTING, ASKED, FOLLOWING, PROMISED, STAGING, Peer, Peers
from appliance.ledger.leader.phases import (
    ADOPTING_LOG,
    IN_TERM,
    NOT_ACTIVE,
    OVERLOADED,
    PASSIVE,
    PRE_VOTE,
    PREPARING,
    QUORUM_LOST,
    READING,
    SERVING,
    UNKNOWN_REPEAT,
)
from appliance.ledger.leader.serving import Serving
from appliance.ledger.limits import Limits
from appliance.ledger.log.book import Book
from appliance.ledger.log.tail import Tail
from appliance.ledger.membership.replacing import Hindrance, why_not_replace
from appliance.ledger.replica.surroundings import Verify
from appliance.ledger.replication.learner import Learner
from appliance.ledger.replication.progress import Replication
from appliance.ledger.snapshot.fetching import Fetching
from appliance.ledger.timing import Timing
from appliance.licences.commands import AnyCommand, Found, LeaseRef
from appliance.licences.machine import Machine

_LIMITS = Limits()


class Coordinator:
    """One TMR host's part in the ledger. Times in seconds of boot time.

    `upstreams` are three names. `nonce` is 64 random bits drawn at process start; `founding` is the
    command that begins a ledger, used only if the chosen log is empty. All inputs return effects
    and raise nothing for what a peer may send. Raises ValueError for another number of upstreams.
    """

    def __init__(
        self,
        host: str,
        upstreams: tuple[str, ...],
        machine: Machine,
        timing: Timing,
        nonce: int,
        founding: Found,
        verify: Verify,
        verify_store: VerifyStore,
        limits: Limits = _LIMITS,
    ) -> None:
        self.host, self.timing = host, timing
        self.phase = PASSIVE
        self.term: Term | None = None
        self.why: str = detail("just-started")
        self._limits = limits
        tail = self._tail = Tail(machine, limits)
        self.peers = Peers(upstreams, lambda: self._tail.book.state.membership)
        self._replication = Replication(self.peers, tail, limits)
        self._fetching = Fetching(self.peers, tail, verify_store)
        self._learner = Learner(self.peers, tail, self._fetching, limits, verify_store)
        self._pre_votes = PreVotes(self.peers, host, nonce, verify_store)
        rules = self.rules = KnownRules(host, tail)
        work = rules, self.peers, tail, self._replication, timing
        self._serving = Serving(*work, verify, verify_store)
        self._log_selection = LogSelection(self.peers, tail, verify_store, founding)
        self._check_quorum = CheckQuorum(self.peers, timing)
        self.put_back, self.heads = self._log_selection.put_back, self._serving.heads
        self._wanted, self._regular_at_s, self._phase_at_s = False, -1e9, 0.0
        self._attempts = Attempts(timing)

    # --- what is known ---

    @property
    def book(self) -> Book:
        """The licence state here; while `serving`, with the uncommitted batch in flight."""
        return self._tail.book

    @property
    def serving(self) -> bool:
        """Whether this host has a term and serves in it (design section 3, item 6)."""
        return self.phase == SERVING

    @property
    def fetched(self) -> tuple[int, int] | None:
        """While this host gets a snapshot: chunks here, and in all."""
        return self._fetching.progress

    def reachable(self, now_s: float) -> list[str]:
        """The upstreams that answer."""
        return self._check_quorum.reachable(now_s)

    def missing(self, now_s: float) -> list[str]:
        """The upstreams that do not answer."""
        return self._check_quorum.missing(now_s)

    def lease_age_s(self, now_s: float, lease: LeaseRef) -> float | None:
        """Seconds since a lease was heard of; None if it is not, or this host is not active."""
        return self._serving.leases.age_s(now_s, lease)

    def may_replace(self, place: str, new: bytes) -> Hindrance | None:
        """Why the store `new` cannot take this place now, None if it can (design D7).

        From the entry that asks for it on, both remaining upstreams are needed: so both have to be
        here, with an operator's word, and the new store has to have the log before.
        """
        if not self.serving:
            return Hindrance("this host does not serve", passing=True)
        return why_not_replace(self.peers, self._tail.book, place, new)

    # --- inputs ---

    def want(self, now_s: float, wanted: bool, why: str) -> list[Effect]:
        """This host should, or should no longer, coordinate."""
        if wanted == self._wanted:
            return []
        self._wanted = wanted
        if wanted:
            return self._enter(now_s, PRE_VOTE, why) + self._pre_votes.ask()
        return self._leave_term(now_s, PASSIVE, why) + self._serving.refuse_waiting(NOT_ACTIVE)

    def link(self, now_s: float, name: str, up: bool) -> list[Effect]:
        """A link to an upstream was made or lost."""
        peer = self.peers[name]
        peer.up = up
        self._pre_votes.wake()
        if not up:
            if name == self._log_selection.holder and self.phase == READING:
                return self._choose_without(now_s, peer)
            return []
        peer.furthest = 0
        peer.ask_again()
        if self.phase in IN_TERM:
            return self._prepare(now_s)
        return self._pre_votes.ask() if self.phase == PRE_VOTE else []

    def submit(self, now_s: float, ticket: int, command: AnyCommand) -> list[Effect]:
        """Order a command; Decided, Denied or Failed with this ticket follows."""
        if not self._wanted:
            return [Failed(ticket, NOT_ACTIVE)]
        effects = self._serving.submit(ticket, command)
        return effects + self._fence(now_s) + self._launch(now_s)

    def ask(self, now_s: float, ticket: int) -> list[Effect]:
        """Fence a read; Fenced or Failed with this ticket follows."""
        if not self._wanted:
            return [Failed(ticket, NOT_ACTIVE)]
        if not self._serving.read_index.ask(ticket):
            return [Failed(ticket, OVERLOADED)]
        return self._fence(now_s)

    def _fence(self, now_s: float) -> list[Effect]:
        wanted = self.serving and self.term is not None and self._serving.read_index.wants_beat
        return self._serving.beat(now_s, self.term) if wanted and self.term else []

    def heartbeat(self, now_s: float, lease: LeaseRef, generation: int) -> float | None:
        """A fenced heartbeat: the lifetime in seconds it starts, None for no such lease, 0.0 for
        "unknown, repeat": the lease is being ended for want of heartbeats."""
        return self._serving.heartbeat(now_s, lease, generation)

    def receive(self, now_s: float, name: str, message: m.AnyMessage) -> list[Effect]:
        """An upstream's answer."""
        peer, term = self.peers[name], self.term
        peer.heard_at_s = now_s
        match message:
            case m.PreVoteReply():
                return self._probe_replied(now_s, peer, message)
            case m.Entries():
                return self._entries(now_s, peer, message)
            case m.SnapshotHead() | m.SnapshotChunk():
                return self._snapshot(now_s, peer, message)
            case m.Promise() if message.term == term:
                return self._promised(now_s, peer, message)
            case m.Promise():
                return self._pre_votes.stepped(peer, message)
            case m.TermRefused():
                return self._refused(now_s, peer, message)
            case m.Staged() if message.term == term:
                if peer.gained(message.to_index, message.chunks, self.book.last_index):
                    self._attempts.made(now_s)  # Not by what was refused and comes again.
                return self._replication.staged(now_s, peer, message, message.term)
            case m.Adopted() if message.term == term:
                return self._adopted(now_s, peer, message)
            case m.Ack() if message.term == term and peer.phase == FOLLOWING:
                return self._serving.acked(now_s, name, message, message.term)
            case m.HeartbeatAck() if message.term == term:
                return self._serving.beat_acked(now_s, name, message, message.term)
            case m.Behind() if message.term == term and peer.phase == FOLLOWING:
                return self._replication.behind(now_s, peer, message, message.term)
            case m.Offer() if self.serving:
                self._serving.offer(now_s, name, message.command)
                return self._launch(now_s)
            case _:
                return []

    def tick(self, now_s: float) -> list[Effect]:
        """Time passed; call it several times a beat interval."""
        self._check_quorum.ticked(now_s)
        self.heads.look(now_s, self.term if self.serving else None)
        effects: list[Effect] = []
        if now_s - self._regular_at_s >= self.timing.beat_s * 0.9:
            self._regular_at_s = now_s
            effects += self._regular(now_s)
        if self.serving:
            self._serving.overdue(now_s)
            effects += self._serving.batches.settle(now_s, len(self.peers))
            effects += self._launch(now_s)
        elif self._wanted:
            effects += self._serving.refuse_late(now_s - self._phase_at_s, self.missing(now_s))
        return effects

    def _snapshot(
        self, now_s: float, peer: Peer, message: m.SnapshotHead | m.SnapshotChunk
    ) -> list[Effect]:
        """An upstream's snapshot, or a piece of it: for this host, or to be passed on."""
        reading = self.phase == READING
        effects = self._fetching.receive(now_s, peer, message)
        if reading:
            self._attempts.fetched(now_s, self._fetching.progress)
        whole = any(isinstance(effect, Restored) for effect in effects)
        if self.term is not None:
            effects += self._replication.pass_on(now_s, peer, message, self.term)
        return effects + self._read(now_s) if whole and reading else effects

    # --- time ---

    def _regular(self, now_s: float) -> list[Effect]:
        """What is due every beat interval, by phase."""
        term = self.term
        if term is None:
            return (self._pre_votes.ask() if self.phase == PRE_VOTE else []) + self._learner.ask()
        if self.serving:
            if now_s - self.peers.confirmed_at_s() > self.timing.hold_s:
                return (
                    self._leave_term(now_s, PRE_VOTE, detail(QUORUM_LOST)) + self._pre_votes.ask()
                )
        elif self._attempts.over(now_s):
            why = self._log_selection.too_long(self.phase)
            self._pre_votes.rest(now_s, self._log_selection.hopeless)
            return self._leave_term(now_s, PRE_VOTE, why) + self._pre_votes.ask()
        preparing = self.phase == PREPARING
        effects = self._pre_votes.ask() if preparing else self._serving.beat(now_s, term)
        if self.phase == READING and self._attempts.silent(now_s):
            return effects + self._choose_without(now_s, self.peers[self._log_selection.holder])
        if preparing and self._log_selection.ripe(now_s, self.timing.beat_s):
            effects += self._choose(now_s)
        # Repeat what was asked long ago: messages may be lost while a link stands.
        effects += self._prepare(now_s)
        effects += self._replication.bring_again(now_s, self.timing.patience_s, term)
        return effects + self._serving.nudge(now_s, term)

    def _launch(self, now_s: float) -> list[Effect]:
        return self._serving.launch(now_s, self.term) if self.serving and self.term else []

    # --- taking a term ---

    def _enter(self, now_s: float, phase: str, why: str) -> list[Effect]:
        self.phase, self.why, self._phase_at_s = phase, why, now_s
        self._attempts.made(now_s)
        return [Changed(phase, self.term, why)]

    def _probe_replied(self, now_s: float, peer: Peer, message: m.PreVoteReply) -> list[Effect]:
        peer.hears = message.hears
        doubts = self._pre_votes.heard(peer, message.promised)
        if self.phase != PRE_VOTE or not self._pre_votes.replied(now_s, peer, message):
            return doubts
        return doubts + self._claim(now_s, self._pre_votes.above(), detail("willing"))

    def _claim(self, now_s: float, term: Term, why: str) -> list[Effect]:
        """Prepare a term above those that were promised."""
        self.peers.restart()
        self._log_selection.restart()
        self._attempts.begins()
        self.term = term
        return self._enter(now_s, PREPARING, why) + self._prepare(now_s)

    def _prepare(self, now_s: float) -> list[Effect]:
        """Ask those for a promise that have not given it, each once in a few beats."""
        if self.term is None:
            return []
        due = self.peers.to_ask(now_s, self.timing.beat_s * 2)
        return self._pre_votes.prepare(self.term, due)

    def _promised(self, now_s: float, peer: Peer, message: m.Promise) -> list[Effect]:
        vow = message.vow
        if peer.phase != ASKED or not self._log_selection.heard(now_s, peer, message):
            return []
        peer.phase, peer.promise, peer.last_index = PROMISED, message, vow.last_index
        peer.damaged, peer.promised, peer.reached, peer.unmoved = "", message.term, None, False
        if self.phase in (PREPARING, READING):
            ripe = self.phase == PREPARING and self._log_selection.ripe(now_s, self.timing.beat_s)
            return self._choose(now_s) if ripe else []
        self.put_back.look()
        if vow.adopted == message.term:  # It lost its link or its process, not its place.
            return self._follows(now_s, peer, vow.last_index, vow.last_root)
        return self._replication.bring(now_s, peer, message.term)

    def _choose_without(self, now_s: float, peer: Peer) -> list[Effect]:
        """The chosen log's holder is silent: choose among promises that can be read (design D1)."""
        peer.ask_again()
        return self._choose(now_s, begun=self._log_selection.chosen)

    def _choose(self, now_s: float, begun: Vow | None = None) -> list[Effect]:
        """Choose a log among promises, and read it (design D1), or on if it was `begun` already."""
        choosable, chosen = self._log_selection.choose(), self._log_selection.chosen
        if begun is None or chosen is None or not chosen.same_log(begun):
            self._tail.drop_uncommitted()
        if not choosable:
            return self._enter(now_s, PREPARING, self._log_selection.waits())
        why = detail("reads-log", host=self._log_selection.holder)
        return self._enter(now_s, READING, why) + self._read(now_s)

    def _read(self, now_s: float) -> list[Effect]:
        """Read the chosen log's tail; when it is whole, judge it, and have it adopted."""
        chosen, term, book = self._log_selection.chosen, self.term, self._tail.book
        assert chosen is not None and term is not None
        holder = self._log_selection.holder
        self._attempts.asked()
        if book.last_index < chosen.last_index:
            return [Tell(holder, m.Fetch(term, book.last_index + 1, self._limits.fetch_bytes))]
        if book.root_at(chosen.last_index) != chosen.last_root:
            # What was committed is common to all honest logs, so this copy itself may be wrong.
            self._tail.forget()
            return self._leave_term(now_s, PRE_VOTE, detail("log-other", host=holder))
        if self._log_selection.outdone():
            return self._choose(now_s)
        why = self._log_selection.judge(term)
        if why in WAIT_FOR_MORE:
            return self._enter(now_s, PREPARING, self._log_selection.waits(why))
        if why:
            return [*self._log_selection.reject(why), *self._choose(now_s)]
        self._replication.vows = self._log_selection.vows
        effects = self._enter(now_s, ADOPTING_LOG, detail("chose-log", host=holder))
        for peer in self.peers.promised():
            effects += self._replication.bring(now_s, peer, term)
        return effects

    def _adopted(self, now_s: float, peer: Peer, message: m.Adopted) -> list[Effect]:
        if peer.phase not in (STAGING, ADOPTING):
            return []
        peer.confirmed_at_s = max(peer.confirmed_at_s, peer.asked_at_s)
        peer.adopted = message.voice
        return self._follows(now_s, peer, message.last_index, message.last_root)

    def _follows(self, now_s: float, peer: Peer, last_index: int, last_root: bytes) -> list[Effect]:
        """An upstream has this term's log up to here on disk: what it lacks comes by appends."""
        least = self.book.last_index if self.phase == ADOPTING_LOG else 0
        if last_index < least or not self._tail.may_hold(last_index, last_root):
            peer.ask_again()  # It was asked for this log, and says that it has another one.
            return []
        peer.phase, peer.in_term, peer.relay, peer.refuses = FOLLOWING, True, None, ""
        peer.match_index = peer.sent_index = peer.last_index = last_index
        peer.match_root = last_root
        if self.serving and self.term is not None:
            return self._serving.holds(now_s, peer, self.term)
        following = [p.name for p in self.peers if p.phase == FOLLOWING]
        ready = self.phase == ADOPTING_LOG and self.peers.decide(following)
        return self._serve(now_s) if ready else []

    def _serve(self, now_s: float) -> list[Effect]:
        """Two upstreams durably hold the chosen log in this term: it is committed."""
        assert self.term is not None
        effects = self._tail.commit(self._tail.book.last_index)
        self._fetching.stop()
        self._serving.begin(now_s)
        self._serving.adopted(now_s, self.term)
        effects += self._enter(now_s, SERVING, detail("adopted-by-two"))
        if self._tail.book.last_index == 0:
            self._serving.batches.submit_first(NO_TICKET, self._log_selection.found())
        effects += self._serving.beat(now_s, self.term)
        for peer in self.peers:
            effects += self._replication.feed(now_s, peer, self.term)
        return effects + self._launch(now_s)

    def _refused(self, now_s: float, peer: Peer, message: m.TermRefused) -> list[Effect]:
        effects = self._pre_votes.refused(peer, message)
        if self.term is None or message.term != self.term:
            return effects
        why = ""
        if self._pre_votes.outdone(now_s, self.term, peer, self.reachable(now_s)):
            why = detail("promised-higher", host=peer.name, term=message.promised)
        if peer.phase in (STAGING, ADOPTING) and self._replication.outgrown():
            why = detail("voters-replaced")
        if why:
            effects += self._leave_term(now_s, PRE_VOTE, why)
            return effects + self._claim(now_s, self._pre_votes.above(peer), why)
        if peer.phase in (STAGING, ADOPTING, FOLLOWING):
            peer.distrusts, peer.refuses = peer.feeder, message.detail
            peer.ask_again()  # Its log is not what was thought: ask for its end again.
        return effects

    def _leave_term(self, now_s: float, phase: str, why: str) -> list[Effect]:
        """Stop beating, resign, and forget everything that was true in this term only."""
        effects: list[Effect] = []
        if self.term is not None:
            effects += [Tell(peer.name, m.Resign(self.term)) for peer in self.peers if peer.up]
        effects += self._serving.end(now_s, UNKNOWN_REPEAT)
        self._tail.drop_uncommitted()
        self.peers.restart()
        self._log_selection.restart()
        self.term = None
        return effects + self._enter(now_s, phase, why)

    # --- reading ---

    def _entries(self, now_s: float, peer: Peer, message: m.Entries) -> list[Effect]:
        peer.last_index = message.last_index
        if self.term is None:
            return self._learner.took(now_s, peer, message, self.timing.patience_s)
        if self.phase != READING:
            return self._replication.fetched(now_s, message, self.term)
        follows = message.first == self._tail.book.last_index + 1
        if peer.name != self._log_selection.holder or not follows:
            return []
        if message.first <= message.base_index:
            return self._fetching.need(now_s, self.timing.patience_s)
        if not message.entries or not self._tail.take(message.entries):
            self._log_selection.misfit(peer.name, message.entries)
            peer.ask_again()
            return self._choose(now_s)
        if self._log_selection.endless(message.entries):
            return [*self._log_selection.reject("its log does not end"), *self._choose(now_s)]
        self._attempts.made(now_s)
        # Late entries may have been cut since: only a proof that a promise shows proves them.
        return self._tail.commit(self._log_selection.proven()) + self._read(now_s)
