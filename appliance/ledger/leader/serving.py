"""What a coordinator does while it has a term: batches, log time, fences, leases, expiry.

Log time is the second-highest of the containers' signed system times, moved in steps: equal log
time needs no signatures (design D6). Nothing here decides who coordinates; that is `coordinator`.
"""

from __future__ import annotations

from collections import deque

import msgspec

from appliance.ledger.certificates.proofs import VerifyStore, Voice
from appliance.ledger.certificates.proving import Proving
from appliance.ledger.certificates.receipts import Endorsement, TimeStatement
from appliance.ledger.effects import Denied, Disputed, Effect, Failed, Fenced, Tell
from appliance.ledger.election.terms import Term
from appliance.ledger.leader.batches import NO_TICKET, Batches, Flight, Request
from appliance.ledger.leader.denials import Denials
from appliance.ledger.leader.episodes import Episodes
from appliance.ledger.leader.known_rules import KnownRules
from appliance.ledger.leader.lease_clock import LeaseClock
from appliance.ledger.leader.lives import all_lives, lives, overdue, wakes
from appliance.ledger.leader.own_entries import OwnEntries
from appliance.ledger.leader.peers import FOLLOWING, Peer, Peers
from appliance.ledger.leader.phases import OVERLOADED, QUORUM_LOST, UNKNOWN_REPEAT
from appliance.ledger.leader.read_index import ReadIndex
from appliance.ledger.log.log_time import lowered_ms, proven, vote_ms
from appliance.ledger.log.tail import Tail
from appliance.ledger.membership.heads import Heads
from appliance.ledger.messages import Ack, Entry, EntryBody, Heartbeat, HeartbeatAck, encode_body
from appliance.ledger.replica.surroundings import Verify
from appliance.ledger.replication.progress import Replication
from appliance.ledger.snapshot.sealing import Sealing
from appliance.ledger.timing import OFFER_EVERY_BEATS, Timing
from appliance.licences.certified import lowest_log_time_ms
from appliance.licences.commands import (
    AnyCommand,
    CheckOut,
    Expire,
    Found,
    ImportBlockList,
    LeaseRef,
    LowerLogTime,
    Offerable,
    Outcome,
    RaiseRules,
    Tick,
    Unknown,
    decode_command,
    encode_command,
)
from appliance.licences.queue.waiting import refusal
from appliance.unreadable import UNREADABLE
from appliance.verifier.layouts import endorsement_bytes, entry_root

REQUESTS_MAX = 20_000
BATCH_MAX = 512
BATCH_BYTES_MAX = 1 << 20
TICK_EVERY_S = 60.0
WAKE_EVERY_S = 1.0
LOG_TIME_STEP_MS = 50
TIME_EVERY_S = 0.1
TIME_FRESH_S = 2.0
EXPIRE_BATCH_MAX = 256
OFFERS_MAX = 16
BEATS_KEPT = 512
_NO_VOICE = Voice(b"", b"")
LOWER_EVERY_S = 5.0
LOWERED_BY = "certified time"


class Serving:
    """The work of a term. `queue` and `fences` outlive a term; all else is started by `begin`."""

    def __init__(
        self,
        rules: KnownRules,
        peers: Peers,
        tail: Tail,
        replication: Replication,
        timing: Timing,
        verify: Verify,
        verify_store: VerifyStore,
    ) -> None:
        self._proving = Proving(peers, tail, verify_store)
        self._sealing = Sealing(peers, verify_store)
        self._rules = rules
        self.heads = Heads(rules.host, peers, tail, verify_store)
        self._own = OwnEntries(rules, self.heads, tail)
        self._peers = peers
        self._tail = tail
        self._replication = replication
        self._timing = timing
        self._verify = verify
        self.leases = LeaseClock()
        self.batches = Batches(REQUESTS_MAX, BATCH_MAX, BATCH_BYTES_MAX, peers.needed)
        self.read_index = ReadIndex(REQUESTS_MAX)
        self.episodes = Episodes()
        self.denials = Denials(self.episodes.refused)
        self.denies = True
        """Whether refused check-outs are kept out of the log; a simulated liar wants them in."""
        self._active = False
        self._number = 0
        self._beats_sent: deque[tuple[int, float]] = deque(maxlen=BEATS_KEPT)
        self._time_asked_at_s = -1e9
        self._entry_at_s = 0.0
        self._lowering_at_s = -1e9
        self._offered: list[bytes] = []

    def begin(self, now_s: float) -> None:
        """A term starts to serve: every lease and every place gets one fresh lifetime."""
        self._active = True
        state = self._tail.book.state
        self.leases.restart(now_s, all_lives(state))
        self.episodes.begin(now_s, state)
        self._entry_at_s = now_s
        self._offered.clear()
        self._own.begin()

    def adopted(self, now_s: float, term: Term) -> None:
        """Two upstreams adopted the chosen log: their words for it are a proof, too. If it is less
        than was seen, that has to stand in the first entry."""
        self._proving.adopted(term)
        self._proving.proof()
        self.heads.serves(term)
        self.heads.look(now_s, term)
        for note in self._own.lost():
            self.batches.submit_first(NO_TICKET, note)

    def end(self, now_s: float, why: str) -> list[Effect]:
        """The term is over: what flew is unknown, what waits goes on waiting.
        What this host queued by itself, expiries above all, was true in this term only.
        """
        self._active = False
        self.leases.restart(now_s, ())
        self.episodes.begin(now_s, None)
        self.batches.drop_own()
        self.read_index.ground()
        self.read_index.ask_again(self.denials.ground())
        return self.batches.abandon(why)

    def refuse_waiting(self, why: str) -> list[Effect]:
        """Nobody is going to serve what waits for a term: say so."""
        waiting: list[Effect] = [Failed(ticket, why) for ticket in self.read_index.clear()]
        self.denials.clear()
        return waiting + self.batches.refuse_queue(why)

    def refuse_late(self, waited_s: float, missing: list[str]) -> list[Effect]:
        """Requests wait for a term no longer than it should take to get one; with two upstreams
        missing there is none to be got."""
        lost = len(missing) >= self._peers.needed
        if waited_s <= self._timing.hold_s * (1 if lost else 5):
            return []
        return self.refuse_waiting(QUORUM_LOST if lost else UNKNOWN_REPEAT)

    # --- batches ---

    def submit(self, ticket: int, command: AnyCommand) -> list[Effect]:
        """Queue a command, or (a check-out that would be refused) have that fenced instead: a
        refusal needs no entry."""
        if (refused := self._rules.refusal(command)) is not None:
            return [Denied(ticket, refused)]
        if type(command) is CheckOut and self._active and self._refusal(command) is not None:
            if len(self.denials) >= REQUESTS_MAX or not self.read_index.ask(ticket):
                return [Failed(ticket, OVERLOADED)]
            self.denials.ask(ticket, command)
            return []
        return [] if self.batches.submit(ticket, command) else [Failed(ticket, OVERLOADED)]

    def _refusal(self, command: CheckOut) -> Outcome | None:
        """How a check-out is refused by the state here, None if it may be granted.

        One that repeats another which still waits for its batch has to get that one's answer.
        """
        if not self.denies or self.batches.waits(command.lease):
            return None
        return refusal(self._tail.book.state, command)

    def _fenced(self, ticket: int) -> list[Effect]:
        """A fence is there: for a read, or for a check-out that is judged anew behind it."""
        command = self.denials.take(ticket)
        if command is None:
            return [Fenced(ticket)]
        outcome = self._refusal(command)
        if outcome is None:
            return [] if self.batches.submit(ticket, command) else [Failed(ticket, OVERLOADED)]
        book = self._tail.book
        return self.denials.hold(ticket, command, outcome, book.last_index, book.commit_index)

    def launch(self, now_s: float, term: Term) -> list[Effect]:
        """Send the next batch, if none flies and something waits."""
        if self.batches.flight is not None or not self.batches:
            return []
        requests = self._unless_renewed(self.batches.take())
        if not requests:
            return []
        book = self._tail.book
        first = requests[0].command
        lowers = type(first) is LowerLogTime
        log_time_ms, times = self._lowered(now_s) if lowers else self._log_time(now_s)
        if isinstance(first, Found) and first.restored is not None:
            log_time_ms = first.restored.log_time_ms
        if lowers and log_time_ms == book.log_time_ms:
            return []  # The clocks have changed their mind since; nobody waits for this.
        data = tuple(request.data for request in requests)
        body = encode_body(EntryBody(log_time_ms, times, data))
        previous_root, index = book.last_root, book.last_index + 1
        entry = Entry(index, term, entry_root(previous_root, index, body), body)
        applied = self._tail.add(entry, tuple(request.command for request in requests))
        self.batches.flight = Flight(entry, previous_root, applied, requests)
        self._entry_at_s = now_s
        return [e for peer in self._peers for e in self._replication.feed(now_s, peer, term)]

    def _unless_renewed(self, requests: list[Request]) -> list[Request]:
        """Leave out expiries of leases that were renewed since, or are about to be in this batch.

        Else a client would be told "granted" and find its lease ended a moment later.
        """
        expiries = [r.command for r in requests if isinstance(r.command, Expire)]
        if not expiries:
            return requests
        renewed = {r.command.lease for r in requests if isinstance(r.command, CheckOut)}
        for expire in expiries:
            if expire.lease in renewed or self.batches.waits(expire.lease):
                self.leases.revive(expire.lease, expire.generation)
        return [
            r
            for r in requests
            if not isinstance(r.command, Expire)
            or self.leases.is_over(r.command.lease, r.command.generation)
        ]

    def _log_time(self, now_s: float) -> tuple[int, tuple[TimeStatement, ...]]:
        """The log time of the next batch, with the signed times that allow it if it moves."""
        current, times = self._tail.book.log_time_ms, self._fresh_times(now_s)
        least_ms = current + LOG_TIME_STEP_MS
        state = self._tail.book.state
        if vote_ms([time.system_time_ms for time in times], state) < least_ms:
            return current, ()
        # Signatures cost time, so they are looked at only where they are used.
        seen = proven(times, state, self._verify)
        voted_ms = vote_ms(list(seen.values()), state)
        return (voted_ms, times) if voted_ms >= least_ms else (current, ())

    def _lowered(self, now_s: float) -> tuple[int, tuple[TimeStatement, ...]]:
        """The log time that clocks and certified times agree on below the present one, with the
        signed times; else the present one."""
        book = self._tail.book
        current, times = book.log_time_ms, self._fresh_times(now_s)
        if lowest_log_time_ms(book.state, current) is None:
            return current, ()
        seen = proven(times, book.state, self._verify)
        lowered = lowered_ms(book.state, current, list(seen.values()))
        return (current, ()) if lowered is None else (lowered, times)

    def _fresh_times(self, now_s: float) -> tuple[TimeStatement, ...]:
        return tuple(
            peer.time
            for peer in self._peers
            if peer.time is not None and now_s - peer.time_at_s <= TIME_FRESH_S
        )

    def acked(self, now_s: float, name: str, message: Ack, term: Term) -> list[Effect]:
        """An upstream has an entry on disk; two of them commit the flight."""
        peer = self._peers[name]
        if not self._tail.may_hold(message.index, message.root):
            return []  # Nobody was sent such an entry.
        peer.last_index = max(peer.last_index, message.index)
        if message.index > peer.match_index:
            peer.match_index, peer.match_root = message.index, message.root
        peer.sent_index = max(peer.sent_index, peer.match_index)
        endorsement = message.endorsement
        genuine = endorsement is None or self._is_genuine(peer, endorsement)
        voice = endorsement if genuine and not self._is_locked(peer) else None
        agreed = self.batches.acked(name, message, voice)
        # Until all containers are known here, an endorsement by a stranger proves nothing bad.
        strange = not genuine and len(self._tail.book.state.containers) < len(self._peers)
        sound = agreed and (genuine or strange)
        effects: list[Effect] = [] if sound else [Disputed(name, message.index)]
        effects += [Tell(odd, proof) for odd, proof in self.batches.outvoted()]
        flight = self.batches.flight
        if flight is not None and self._peers.decide(flight.acks):
            self.batches.land(now_s, self._timing.hold_s)
            self._proving.landed(flight)
            effects += self._tail.commit(flight.entry.index)
            effects += self.denials.landed(self._tail.book.commit_index)
            for command, outcome in zip(
                flight.applied.commands, flight.applied.outcomes, strict=True
            ):
                self._lives(now_s, command, outcome)
        effects += self.batches.settle(now_s, len(self._peers))
        return effects + self._replication.feed(now_s, peer, term) + self.launch(now_s, term)

    def _is_genuine(self, peer: Peer, endorsement: Endorsement) -> bool:
        """Whether one of the ledger's containers signed this: no client would believe it else.

        Which container an upstream has is learned from its first signature.
        """
        said = endorsement.statement, endorsement.objections, endorsement.system_time_ms
        data = endorsement_bytes(*said)
        containers = self._tail.book.state.containers
        for serial in sorted(containers, key=lambda serial: serial != peer.serial):
            if self._verify(containers[serial].certificate, data, endorsement.signature):
                peer.serial = serial
                return True
        return False

    def _is_locked(self, peer: Peer) -> bool:
        """Whether this upstream's container is blocked: its signatures count for nothing then."""
        container = self._tail.book.state.containers.get(peer.serial)
        return container is not None and container.locked

    def holds(self, now_s: float, peer: Peer, term: Term) -> list[Effect]:
        """An upstream has this term's log on disk up to its match: that acks a flight in it too.

        Its own ack may have been lost with a link, or the flight came to it in an adopt.
        """
        flight = self.batches.flight
        if flight is not None and peer.match_root == flight.entry.root:
            voice = peer.adopted or _NO_VOICE
            ack = Ack(term, flight.entry.index, flight.entry.root, None, b"", voice)
            return self.acked(now_s, peer.name, ack, term)
        return self._replication.feed(now_s, peer, term)

    def _lives(self, now_s: float, command: AnyCommand | Unknown, outcome: Outcome) -> None:
        """What follows here from a committed command."""
        lives(self.leases, now_s, command, outcome)
        self.episodes.decided(command, outcome)
        if isinstance(command, ImportBlockList | RaiseRules) and outcome.ok:
            # What was refused may fit now: a new twin takes its place once the old one is blocked.
            self._offered.clear()

    def offer(self, now_s: float, name: str, data: bytes) -> None:
        """An upstream's container has news for the ledger; the same ones are not tried again.

        Who catches up does not see yet which of its news are in the log: it is heard afterwards.
        Each offer may become an entry, so no upstream makes more of them than an honest one.
        """
        peer = self._peers[name]
        if peer.phase != FOLLOWING or now_s - peer.offered_at_s < (
            OFFER_EVERY_BEATS / 2 * self._timing.beat_s
        ):
            return
        peer.offered_at_s = now_s
        try:
            command = decode_command(data)
        except UNREADABLE:
            return
        if isinstance(command, Offerable) and (brought := _unsigned(command)) not in self._offered:
            self._offered = [*self._offered, brought][-OFFERS_MAX:]
            self.batches.submit(NO_TICKET, msgspec.structs.replace(command, who=name))

    def overdue(self, now_s: float) -> None:
        """Queue what time alone brings: expiries, and a tick after an idle minute, or where a seat
        becomes free by time while somebody waits."""
        expiries = overdue(self.leases, now_s, EXPIRE_BATCH_MAX, self._tail.book.state)
        for own in (*expiries, *self.episodes.due(now_s)):
            self.batches.submit(NO_TICKET, own)
        for command in self._own.due(now_s, self._proving.proof()):
            self.batches.submit(NO_TICKET, command)
        if now_s - self._lowering_at_s >= LOWER_EVERY_S and self._lowered(now_s)[1]:
            self._lowering_at_s = now_s
            self.batches.submit(NO_TICKET, LowerLogTime(LOWERED_BY))
        idle_s = now_s - self._entry_at_s
        if self.batches or idle_s < WAKE_EVERY_S:
            return
        if idle_s >= TICK_EVERY_S or wakes(self._tail.book, self._fresh_times(now_s)):
            self.batches.submit(NO_TICKET, Tick())

    def heartbeat(self, now_s: float, lease: LeaseRef, generation: int) -> float | None:
        """A fenced heartbeat of an active lease: its lifetime in seconds, None if unknown.

        0.0 means that the lease is being ended and may or may not live on: "unknown, repeat".
        """
        return self.leases.touch(now_s, lease, generation)

    # --- beats ---

    def beat(self, now_s: float, term: Term) -> list[Effect]:
        """A heartbeat to each upstream: it keeps its promise alive and fences reads that wait."""
        self._number += 1
        self._beats_sent.append((self._number, now_s))
        if self._active:  # Before that, local state may lack what others have committed.
            self.read_index.sent(self._number)
        want_time = now_s - self._time_asked_at_s >= TIME_EVERY_S
        if want_time:
            self._time_asked_at_s = now_s
        self._proving.proof()
        proof = self._tail.proof
        effects: list[Effect] = []
        for peer in self._peers:
            news = proof if proof is not None and peer.commit_index < proof.index else None
            if peer.up:
                sealed = self._sealing.news_for(peer)
                effects.append(
                    Tell(peer.name, Heartbeat(term, self._number, want_time, news, sealed))
                )
        return effects

    def beat_acked(
        self, now_s: float, name: str, message: HeartbeatAck, term: Term
    ) -> list[Effect]:
        """An upstream confirms the term as of the time that beat was sent."""
        peer = self._peers[name]
        peer.hears = term.host
        if message.number > self._number:
            return []  # It was never sent, so it confirms nothing.
        peer.last_index = max(peer.last_index, min(message.last_index, self._tail.book.last_index))
        peer.commit_index, peer.consents = message.commit_index, message.consents
        if message.time is not None:
            peer.time, peer.time_at_s = message.time, now_s
        if message.number > peer.acked_number:
            peer.acked_number = message.number
            for number, sent_at_s in reversed(self._beats_sent):
                if number == message.number:
                    peer.confirmed_at_s = max(peer.confirmed_at_s, sent_at_s)
                    break
        fenced = self.read_index.acked(
            [other.acked_number for other in self._peers.voting()], self._peers.needed
        )
        effects = [effect for ticket in fenced for effect in self._fenced(ticket)]
        effects += self.launch(now_s, term) if self._active else []
        effects += self._sealing.heard(peer, message.seal)
        if self._active and self.read_index.wants_beat:
            effects += self.beat(now_s, term)
        return effects

    def nudge(self, now_s: float, term: Term) -> list[Effect]:
        """Ask again where an answer is long overdue: links may be up and messages lost."""
        effects: list[Effect] = []
        for peer in self._peers:
            if peer.phase == FOLLOWING and peer.up and peer.match_index < peer.sent_index:
                if now_s - peer.heard_at_s < self._timing.hold_s and peer.stalled_at == (
                    peer.match_index
                ):
                    peer.sent_index = peer.match_index
                    effects += self._replication.feed(now_s, peer, term)
                peer.stalled_at = peer.match_index
            else:  # What it lacks may have been fetched for it in vain.
                effects += self._replication.feed(now_s, peer, term)
        return effects


def _unsigned(command: Offerable) -> bytes:
    """What was brought, whoever brought it."""
    return encode_command(msgspec.structs.replace(command, who=""))
