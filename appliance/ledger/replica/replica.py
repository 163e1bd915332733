"""One durable replica of the ledger: what an upstream does with each message (design D1, D3, D4).

A replica promises strictly upwards, and nothing leaves it before the record it rests on is durable:
`receive` returns a `Write`, and only `written` with that ticket returns the answer. The refusal of
every lower term is the fence that keeps a deposed coordinator out.

    message   accepted if                                    durable before the answer
    Prepare   term > promised, nobody else is heard          promised
    Stage     term = promised                                nothing: kept aside in memory
    Adopt     term = promised > adopted, follows from vows   adopted, cut and whole tail, at once
    Append    term = promised = adopted, next in the chain   the entry
    Heartbeat term = promised                                nothing
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.details import detail
from appliance.ledger.certificates.proofs import CommitProof, VerifyStore, furthest
from appliance.ledger.certificates.receipts import Endorsement, TimeStatement, time_bytes
from appliance.ledger.effects import Effect, Origin, Send, Write
from appliance.ledger.election.terms import NO_TERM, Term, counter_max
from appliance.ledger.leader.quarantine import why_outvoted
from appliance.ledger.log.book import Applied, Book, ChainBroken
from appliance.ledger.log.log_time import unacceptable
from appliance.ledger.log.results import result_bytes
from appliance.ledger.membership.founding_anew import read_intent
from appliance.ledger.messages import (
    Ack,
    Adopt,
    AnyMessage,
    Append,
    Behind,
    DirectUse,
    Entry,
    Fetch,
    Heartbeat,
    HeartbeatAck,
    KeepNames,
    NamesRequest,
    Offer,
    Outvoted,
    Prepare,
    PreVote,
    PreVoteReply,
    Promise,
    RecordRequest,
    Resign,
    SnapshotChunkRequest,
    SnapshotHeadRequest,
    Stage,
    StageSnapshot,
)
from appliance.ledger.names.keeper import Keeper
from appliance.ledger.replica.adoption import Adoption
from appliance.ledger.replica.objections import objections_to
from appliance.ledger.replica.standing import (
    BAD_REQUEST,
    DAMAGED,
    HEARS_COORDINATOR,
    HIGHER_TERM,
    KnownStores,
    Lost,
    Standing,
)
from appliance.ledger.replica.surroundings import (
    RETENTION,
    OwnContainer,
    OwnStore,
    Recovered,
    Retention,
    Verify,
    direct_use,
    is_locked,
)
from appliance.ledger.replication.log_reads import LogReads
from appliance.ledger.snapshot.compaction import TICK_SLICES, Compaction
from appliance.ledger.snapshot.dumps import Dumps
from appliance.ledger.timing import OFFER_EVERY_BEATS, Timing
from appliance.licences.commands import encode_command
from appliance.licences.machine import Machine
from appliance.sentences import sentence_of
from appliance.verifier.layouts import endorsement_bytes


@dataclass(slots=True)
class _Heard:
    host: str
    term: Term
    at_s: float


class Replica:
    """One upstream's part in the ledger. `now_s` is boot time; `system_ms` the container's clock.

    `receive`, `written` and `tick` return effects for the shell; none of them blocks or raises for
    anything a peer may send.
    """

    def __init__(
        self,
        machine: Machine,
        container: OwnContainer,
        verify: Verify,
        store: OwnStore,
        verify_store: VerifyStore,
        timing: Timing,
        recovered: Recovered,
        retention: Retention = RETENTION,
    ) -> None:
        self._container = container
        self._verify = verify
        self._verify_store = verify_store
        self._timing = timing
        dumps = Dumps(retention.every)
        self._standing = Standing(machine, store, verify_store, recovered, dumps)
        self._compaction = Compaction(self._standing, dumps, retention, verify_store)
        self._log_reads = LogReads(self._standing, self._compaction)
        self._adoption = Adoption(self._standing, self._compaction, verify_store, verify)
        self.names = Keeper(retention.names_kept_ms)
        self._heard: _Heard | None = None
        self._parked: dict[str, tuple[Origin, PreVote | Prepare]] = {}
        self._rival: tuple[str, float] = ("", 0.0)
        self._acked: Ack | None = None
        self._reached = 0
        """The highest counter of a term that two others promised, as far as was shown."""

    # --- what is known ---

    @property
    def promised(self) -> Term:
        """Nothing below this term is served."""
        return self._standing.promised

    @property
    def adopted(self) -> Term:
        """The term whose log is here."""
        return self._standing.adopted

    @property
    def book(self) -> Book:
        """The licence state at the log's end, which may be ahead of the disk."""
        return self._standing.book

    @property
    def proof(self) -> CommitProof | None:
        """The newest proof of a commit that is known of the log here."""
        return self._standing.commit

    @property
    def damage(self) -> str:
        """Why this store must not vote, "" if it may (design D7)."""
        return self._standing.damage

    @property
    def out_of_date(self) -> str:
        """Why this release cannot go on with the ledger, "" if it can (`licences.rules`)."""
        return self._standing.out_of_date or self.book.out_of_date

    @property
    def base_index(self) -> int:
        """Entries up to this one are gone from the log."""
        return self._standing.base_index

    @property
    def snapshot_index(self) -> int:
        """After which entry the snapshot is that stands for them, 0 if there is none."""
        kept = self._standing.kept
        return kept.sealed.head.index if kept is not None else 0

    @property
    def votes(self) -> bool:
        """Whether the log that is here lists this store."""
        return self._standing.votes()

    def consent(self, store: bytes) -> Write | None:
        """An operator of this host agrees that the store with this id joins the ledger.

        It counts once this write is durable; None if it did before.
        """
        return self._standing.consent(store)

    @property
    def known(self) -> KnownStores:
        """Which stores this one knows of."""
        return self._standing.known()

    @property
    def awaits_restore(self) -> bool:
        """Whether this store is empty and waits for an operator's word of what to restore."""
        return self._standing.restore is not None and not self.book.last_index

    def restore(self, intent: bytes) -> None:
        """An operator of this host says what is to live on. Raises IntentRefused.

        Kept in memory only, as a consent is: it is founded at once, or said again.
        """
        read_intent(intent)
        self._standing.restore = intent

    # --- inputs ---

    def receive(
        self, now_s: float, system_ms: int, origin: Origin, message: AnyMessage
    ) -> list[Effect]:
        """What to do about a message from a TMR host."""
        word, said = self._standing.out_of_service
        if word:
            return [self._standing.refuse(origin, NO_TERM, word, said)]
        try:
            return self._receive(now_s, system_ms, origin, message)
        except Lost as lost:
            said = self._standing.damage = sentence_of(lost)
            return [self._standing.refuse(origin, NO_TERM, DAMAGED, said)]

    def _receive(
        self, now_s: float, system_ms: int, origin: Origin, message: AnyMessage
    ) -> list[Effect]:
        match message:
            case Append():
                return self._append(now_s, system_ms, origin, message)
            case Heartbeat():
                return self._beat(now_s, system_ms, origin, message)
            case PreVote() | Prepare():
                return self._claim(now_s, origin, message)
            case Fetch() | RecordRequest():
                return self._log_reads.read(origin, message)
            case SnapshotHeadRequest():
                return self._log_reads.head(origin)
            case SnapshotChunkRequest():
                return self._log_reads.chunk(now_s, origin, message)
            case StageSnapshot():
                self._hear(now_s, origin, message.term)
                return self._adoption.stage_snapshot(origin, message)
            case Stage():
                self._hear(now_s, origin, message.term)
                return self._adoption.stage(origin, message)
            case Adopt():
                self._hear(now_s, origin, message.term)
                return self._adoption.adopt(origin, message)
            case Resign():
                return self._resign(now_s, origin, message)
            case Outvoted():
                serial, store = self._container.serial, self._standing.store.id
                why = why_outvoted(message, serial, store, self.book.state, self._verify)
                return [self._standing.take_no_part(why)] if why else []
            case KeepNames():
                heard = message.term == self.promised == self.adopted
                return self.names.keep(self.book.state, message) if heard else []
            case NamesRequest():
                return self.names.asked(origin, message)
            case DirectUse():
                return [Send(origin, direct_use(self._container, message))]
            case _:
                return [self._refuse(origin, NO_TERM, BAD_REQUEST, detail("no-request"))]

    def written(self, now_s: float, ticket: int) -> list[Effect]:
        """The write with this ticket is durable: what rested on it may now leave.

        Tickets are written in the order in which they were asked for.
        """
        return self._standing.written(ticket)

    def tick(self, now_s: float) -> list[Effect]:
        """Time passed: answer the claims that waited for a coordinator to fall silent."""
        if any(self._standing.out_of_service):
            return self._unpark(now_s)
        overtaken = self._adoption.installation.overtaken()
        names = self.names.tick(now_s, self.book.state, self.book.commit_index)
        return self._unpark(now_s) + overtaken + names + self._compaction.work(TICK_SLICES)

    def _unpark(self, now_s: float) -> list[Effect]:
        if self._parked and not self._hears_other("", now_s):
            parked, self._parked = list(self._parked.values()), {}
            return [effect for origin, m in parked for effect in self._claim(now_s, origin, m)]
        return []

    def hears(self, now_s: float) -> str:
        """The host that is heard as coordinator, "" if none."""
        heard = self._heard
        return heard.host if heard and now_s - heard.at_s < self._timing.hold_s else ""

    # --- claims ---

    def _hears_other(self, host: str, now_s: float) -> bool:
        heard = self.hears(now_s)
        return heard not in ("", host)

    def _hear(self, now_s: float, origin: Origin, term: Term) -> None:
        """Note who coordinates, unless this is somebody of another term."""
        if term == self.promised:
            self._heard = _Heard(origin.host, term, now_s)

    def _claim(self, now_s: float, origin: Origin, message: PreVote | Prepare) -> list[Effect]:
        """A host would coordinate: answer at once, and again when whoever is heard falls silent."""
        busy = self._hears_other(origin.host, now_s)
        if busy:
            self._parked[origin.host] = (origin, message)
            self._rival = (origin.host, now_s)
        if isinstance(message, PreVote):
            reply = PreVoteReply(message.number, not busy, self.promised, self.hears(now_s))
            return [Send(origin, reply)]
        term = message.term
        if term.host != origin.host:
            said = detail("claims-for-another", host=origin.host, claimed=term.host)
            return [self._refuse(origin, term, BAD_REQUEST, said)]
        if term < self.promised:
            return [self._refuse(origin, term, HIGHER_TERM)]
        if busy:
            return [self._refuse(origin, term, HEARS_COORDINATOR, hears=self.hears(now_s))]
        standing = self._standing
        shown = furthest(message.vows, standing.counts, self._verify_store, self.book.needed)
        self._reached = max(self._reached, shown)
        if term.counter > counter_max(self.promised, max(self._reached, self.adopted.counter)):
            return [self._refuse(origin, term, BAD_REQUEST, detail("counter-far"))]
        if standing.awaits(lambda answer: type(answer) is Promise and answer.term == term):
            self._hear(now_s, origin, term)
            return []  # The same promise is on its way to the disk; one answer will do.
        standing.promised = term
        self._hear(now_s, origin, term)
        promise = Promise(
            term,
            standing.vow(term),
            standing.grounds,
            standing.commit,
            standing.kept.sealed if standing.kept is not None else None,
            standing.base_index,
            None if standing.book.last_index else standing.restore,
            standing.rules,
        )
        return [standing.write(origin, promise, promised=term)]

    def _resign(self, now_s: float, origin: Origin, message: Resign) -> list[Effect]:
        """Only the host that is heard can say that it stops."""
        heard = self._heard
        if heard is not None and (heard.host, heard.term) == (origin.host, message.term):
            self._heard = None
            return self._unpark(now_s)
        return []

    # --- the log ---

    def _append(
        self, now_s: float, system_ms: int, origin: Origin, message: Append
    ) -> list[Effect]:
        term, entry, book = message.term, message.entry, self.book
        if term != self.promised or term != self.adopted:
            return [self._refuse(origin, term, HIGHER_TERM)]
        self._hear(now_s, origin, term)
        if entry.index <= book.last_index:
            return self._repeat(origin, message)
        if entry.index != book.last_index + 1 or message.previous_root != book.last_root:
            behind = Behind(term, book.last_index, book.last_root)
            return [Send(origin, behind)]
        refusal = book.crowded_at(entry.index) or self._unacceptable(entry)
        if refusal:
            return [self._refuse(origin, term, BAD_REQUEST, refusal)]
        before = book.state.membership
        try:
            applied = self._standing.apply(entry)
        except ChainBroken as error:
            return [self._refuse(origin, term, BAD_REQUEST, sentence_of(error))]
        if not self._standing.consents_to(before, book.state.membership):
            self._standing.rollback(entry.index - 1)
            why = detail("not-consented")
            return [self._refuse(origin, term, BAD_REQUEST, why)]
        endorsement = self._endorse(term, applied, system_ms) if message.live else None
        voice = self._standing.voice(term, entry.index, entry.root, b"")
        ack = Ack(term, entry.index, entry.root, endorsement, b"", voice)
        self._acked = ack
        kept = (result_bytes(applied, endorsement),)
        write = self._standing.write(origin, ack, append=(entry,), results=kept)
        return [write, *self._compaction.work(1)]

    def _repeat(self, origin: Origin, message: Append) -> list[Effect]:
        """An entry that is here: a term has one entry for an index, so ack what is durable."""
        entry, durable = message.entry, self._standing.durable
        if self.book.root_at(entry.index) not in (None, entry.root):
            other = detail("entry-conflicts", index=entry.index)
            return [self._refuse(origin, message.term, BAD_REQUEST, other)]
        if entry.index > durable.last_index or durable.adopted != message.term:
            return []
        last = self._acked
        if last is not None and (last.index, last.term) == (entry.index, message.term):
            return [Send(origin, last)]
        voice = self._standing.voice(message.term, entry.index, entry.root, b"")
        return [Send(origin, Ack(message.term, entry.index, entry.root, None, b"", voice))]

    def _unacceptable(self, entry: Entry) -> str:
        """Why this entry's log time cannot be stored, "" if it can (design D6)."""
        return unacceptable(entry, self.book.log_time_ms, self.book.state, self._verify)

    def _endorse(self, term: Term, applied: Applied, system_ms: int) -> Endorsement | None:
        """Sign the outcomes computed here, objecting to what this container denies.

        A store that does not vote says nothing: an empty disk is no witness, whatever key
        survived beside it. Nor does a locked container, any more.
        """
        if not self._standing.votes() or is_locked(self._container, self.book.state):
            return None
        outcomes, state = applied.outcomes, self.book.state
        objections = objections_to(outcomes, self._container, state, system_ms)
        statement = applied.statement(term)
        signature = self._container.sign(endorsement_bytes(statement, objections, system_ms))
        return Endorsement(statement, objections, system_ms, signature)

    # --- the rest ---

    def _beat(
        self, now_s: float, system_ms: int, origin: Origin, message: Heartbeat
    ) -> list[Effect]:
        term = message.term
        if term != self.promised:
            return [self._refuse(origin, term, HIGHER_TERM)]
        self._hear(now_s, origin, term)
        time = None
        if message.want_time and not is_locked(self._container, self.book.state):
            serial = self._container.serial
            time = TimeStatement(
                serial, system_ms, self._container.sign(time_bytes(serial, system_ms))
            )
        rival, rival_at_s = self._rival
        if now_s - rival_at_s > self._timing.hold_s:
            rival = ""
        effects: list[Effect] = []
        if self.adopted == term:
            self._standing.learn(message.commit)
            effects += self._compaction.learn(now_s, message.snapshot)
            if message.number % OFFER_EVERY_BEATS == 0:
                news = self._standing.support() or self._container.news_for(self.book.state)
                if news is not None:
                    effects.append(Send(origin, Offer(encode_command(news))))
        ack = HeartbeatAck(
            term,
            message.number,
            self._standing.durable.last_index,
            self.book.commit_index,
            self.snapshot_index,
            self._standing.consents,
            time,
            rival,
            self._compaction.seal if self._standing.votes() else None,
        )
        return [Send(origin, ack), *effects]

    def _refuse(
        self, origin: Origin, term: Term, why: str, said: str = "", hears: str = ""
    ) -> Send:
        return self._standing.refuse(origin, term, why, said, hears)
