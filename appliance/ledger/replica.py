"""One durable replica of the ledger: what an upstream does with each message (design D1, D3, D4).

A replica promises strictly upwards, and nothing leaves it before the record it rests on is durable:
`receive` returns a `Write`, and only `written` with that ticket returns the answer. The refusal of
every lower term is the fence that keeps a deposed coordinator out.

    message   accepted if                                    durable before the answer
    Prepare   term > promised, nobody else is heard          promised
    Stage     term = promised                                nothing: kept aside in memory
    Adopt     term = promised > adopted, cut >= commit       adopted, cut and whole tail, at once
    Append    term = promised = adopted, next in the chain   the entry
    Beat      term = promised                                nothing

What can go wrong in here: an answer before its write, a cut below the commit, a commit index taken
from a term whose log this replica did not adopt, an endorsement of an outcome it did not compute.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.ledger.book import Applied, Book, ChainBroken
from appliance.ledger.effects import Effect, Origin, Read, Send, Write
from appliance.ledger.log_time import unacceptable
from appliance.ledger.messages import (
    Ack,
    Adopt,
    Adopted,
    AnyMessage,
    Append,
    Beat,
    BeatAck,
    Behind,
    DirectUse,
    DirectUseRefused,
    Entries,
    Entry,
    Fetch,
    Message,
    Offer,
    Prepare,
    Probe,
    ProbeReply,
    Promise,
    Refused,
    Resign,
    Stage,
    Staged,
)
from appliance.ledger.receipts import (
    Endorsement,
    TimeStatement,
    endorsement_bytes,
    time_bytes,
)
from appliance.ledger.surroundings import OwnContainer, Recovered, Verify, is_locked
from appliance.ledger.terms import NO_TERM, Term, counter_max
from appliance.ledger.timing import Timing
from appliance.licences.commands import GRANTED, encode_command
from appliance.licences.machine import Machine
from appliance.licences.model import LicenceKey

HIGHER_TERM = "higher-term"
HEARS_COORDINATOR = "hears-coordinator"
BAD_REQUEST = "bad-request"

FETCH_BYTES_MAX = 1 << 20
STAGE_BYTES_MAX = 512 << 20
OFFER_EVERY_BEATS = 8


@dataclass(frozen=True, slots=True)
class _Position:
    """A log's end, and under which term it was adopted."""

    adopted: Term
    last_index: int
    last_root: bytes


@dataclass(frozen=True, slots=True)
class _Pending:
    """An answer that waits for its write, and what is durable once that is done."""

    origin: Origin
    answer: Message
    position: _Position


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
        timing: Timing,
        recovered: Recovered,
    ) -> None:
        self._container = container
        self._verify = verify
        self._timing = timing
        self.promised = recovered.promised
        self.adopted = recovered.adopted
        self.book = Book(machine)
        for entry in recovered.entries:
            self.book.apply(entry)
            self.book.commit(min(entry.index, recovered.commit_index))
        self._durable = _Position(self.adopted, self.book.last_index, self.book.last_root)
        self._heard: _Heard | None = None
        self._parked: dict[str, tuple[Origin, Probe | Prepare]] = {}
        self._rival: tuple[str, float] = ("", 0.0)
        self._staged: list[Entry] = []
        self._staged_term = NO_TERM
        self._staged_bytes = 0
        self._tickets = 0
        self._pending: dict[int, _Pending] = {}
        self._endorsed: Endorsement | None = None

    # --- inputs ---

    def receive(
        self, now_s: float, system_ms: int, origin: Origin, message: AnyMessage
    ) -> list[Effect]:
        """What to do about a message from a TMR host."""
        match message:
            case Append():
                return self._append(now_s, system_ms, origin, message)
            case Beat():
                return self._beat(now_s, system_ms, origin, message)
            case Probe() | Prepare():
                return self._claim(now_s, origin, message)
            case Fetch():
                return self._fetch(origin, message)
            case Stage():
                return self._stage(now_s, origin, message)
            case Adopt():
                return self._adopt(now_s, origin, message)
            case Resign():
                return self._resign(now_s, origin, message)
            case DirectUse():
                return [Send(origin, self._direct_use(message))]
            case _:
                return [self._refuse(origin, NO_TERM, BAD_REQUEST, "not a request to an upstream")]

    def written(self, now_s: float, ticket: int) -> list[Effect]:
        """The write with this ticket is durable: what rested on it may now leave.

        Tickets are written in the order in which they were asked for.
        """
        pending = self._pending.pop(ticket)
        self._durable = pending.position
        return [Send(pending.origin, pending.answer)]

    def tick(self, now_s: float) -> list[Effect]:
        """Time passed: answer the claims that waited for a coordinator to fall silent."""
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
        self._heard = _Heard(origin.host, term, now_s)

    def _claim(self, now_s: float, origin: Origin, message: Probe | Prepare) -> list[Effect]:
        """A host would coordinate: answer at once, and again when whoever is heard falls silent."""
        busy = self._hears_other(origin.host, now_s)
        if busy:
            self._parked[origin.host] = (origin, message)
            self._rival = (origin.host, now_s)
        if isinstance(message, Probe):
            reply = ProbeReply(message.number, not busy, self.promised, self.hears(now_s))
            return [Send(origin, reply)]
        term = message.term
        if term.host != origin.host:
            return [
                self._refuse(origin, term, BAD_REQUEST, f"{origin.host} claims for {term.host}")
            ]
        if term < self.promised:
            return [self._refuse(origin, term, HIGHER_TERM)]
        if busy:
            return [self._refuse(origin, term, HEARS_COORDINATOR, hears=self.hears(now_s))]
        if term.counter > counter_max(self.promised):
            return [self._refuse(origin, term, BAD_REQUEST, "this counter is far beyond any other")]
        self._hear(now_s, origin, term)
        if any(p.answer.term == term for p in self._pending.values() if type(p.answer) is Promise):
            return []  # The same promise is on its way to the disk; one answer will do.
        self.promised = term
        # What the promise reports is what all writes asked for so far amount to: later entries may
        # be in memory, but not yet on disk, by the time it leaves.
        book = self.book
        promise = Promise(
            term,
            self.adopted,
            book.last_index,
            book.last_root,
            book.commit_index,
            book.commit_root,
        )
        return [self._write(origin, promise, promised=term)]

    def _resign(self, now_s: float, origin: Origin, message: Resign) -> list[Effect]:
        """Only the host that is heard can say that it stops."""
        heard = self._heard
        if heard is not None and (heard.host, heard.term) == (origin.host, message.term):
            self._heard = None
            return self.tick(now_s)
        return []

    # --- the log ---

    def _stage(self, now_s: float, origin: Origin, message: Stage) -> list[Effect]:
        if message.term != self.promised:
            return [self._refuse(origin, message.term, HIGHER_TERM)]
        self._hear(now_s, origin, message.term)
        if self.adopted == message.term:  # Whoever stages again believes an older promise.
            return self._adopted_already(origin, message.term)
        if self._staged_term != message.term:
            self._staged, self._staged_term, self._staged_bytes = [], message.term, 0
        for entry in message.entries:
            last = self._staged[-1].index if self._staged else self.book.commit_index
            if entry.index == last + 1:  # What comes after a gap has to come again.
                self._staged.append(entry)
                self._staged_bytes += len(entry.body)
        if self._staged_bytes > STAGE_BYTES_MAX:
            self._staged, self._staged_bytes = [], 0
            return [self._refuse(origin, message.term, BAD_REQUEST, "too much to keep aside")]
        return [Send(origin, Staged(message.term, self._staged[-1].index if self._staged else 0))]

    def _adopt(self, now_s: float, origin: Origin, message: Adopt) -> list[Effect]:
        term, book = message.term, self.book
        if term != self.promised:
            return [self._refuse(origin, term, HIGHER_TERM)]
        self._hear(now_s, origin, term)
        if self.adopted == term:  # A repeat must not cut what was appended since.
            return self._adopted_already(origin, term)
        staged = self._staged if self._staged_term == term else []
        moved = tuple(e for e in staged if message.cut_index < e.index <= message.staged_to)
        entries = moved + message.tail
        if book.root_at(message.cut_index) != message.cut_root:
            return [self._refuse(origin, term, BAD_REQUEST, f"no common entry {message.cut_index}")]
        try:
            book.check(entries, message.cut_index, message.cut_root)
        except ChainBroken as error:
            return [self._refuse(origin, term, BAD_REQUEST, str(error))]
        book.rollback(message.cut_index)
        for entry in entries:
            book.apply(entry)
        book.commit(message.commit_index)
        self.adopted = term
        self._staged, self._staged_bytes, self._endorsed = [], 0, None
        return [
            self._write(
                origin,
                Adopted(term, book.last_index, book.last_root),
                adopted=term,
                cut_to=message.cut_index,
                append=entries,
                commit_index=book.commit_index,
            )
        ]

    def _adopted_already(self, origin: Origin, term: Term) -> list[Effect]:
        """Say so, unless the adopt's own answer still waits for its write."""
        durable = self._durable
        if durable.adopted != term:
            return []
        return [Send(origin, Adopted(term, durable.last_index, durable.last_root))]

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
            behind = Behind(term, book.last_index, book.last_root, book.commit_index)
            return [Send(origin, behind)]
        refusal = self._unacceptable(entry)
        if refusal:
            return [self._refuse(origin, term, BAD_REQUEST, refusal)]
        try:
            applied = book.apply(entry)
        except ChainBroken as error:
            return [self._refuse(origin, term, BAD_REQUEST, str(error))]
        book.commit(message.commit_index)
        endorsement = self._endorse(term, applied, system_ms) if message.live else None
        if endorsement is not None:
            self._endorsed = endorsement
        ack = Ack(term, entry.index, entry.root, endorsement)
        return [self._write(origin, ack, append=(entry,), commit_index=book.commit_index)]

    def _repeat(self, origin: Origin, message: Append) -> list[Effect]:
        """An entry that is here: a term has one entry for an index, so ack what is durable."""
        entry = message.entry
        self.book.commit(message.commit_index)
        if self.book.root_at(entry.index) not in (None, entry.root):
            return [self._refuse(origin, message.term, BAD_REQUEST, f"another entry {entry.index}")]
        if entry.index > self._durable.last_index or self._durable.adopted != message.term:
            return []
        last = self._endorsed
        known = last is not None and last.statement.index == entry.index
        same_term = known and last is not None and last.statement.term == message.term
        return [
            Send(origin, Ack(message.term, entry.index, entry.root, last if same_term else None))
        ]

    def _unacceptable(self, entry: Entry) -> str:
        """Why this entry's log time cannot be stored, "" if it can (design D6)."""
        return unacceptable(entry, self.book.log_time_ms, self.book.state, self._verify)

    def _endorse(self, term: Term, applied: Applied, system_ms: int) -> Endorsement | None:
        """Sign the outcomes computed here, objecting to what this container denies.

        A locked container says nothing any more.
        """
        if is_locked(self._container, self.book.state):
            return None
        objections = tuple(
            position
            for position, outcome in enumerate(applied.outcomes)
            if outcome.reason == GRANTED
            and (outcome.key is None or not self._vouches(outcome.key, system_ms))
        )
        statement = applied.statement(term, applied.leaf_hashes())
        signature = self._container.sign(endorsement_bytes(statement, objections, system_ms))
        return Endorsement(statement, objections, system_ms, signature)

    def _vouches(self, key: LicenceKey, system_ms: int) -> bool:
        """Whether this container holds what was granted, unexpired by its own clock (design D3)."""
        item = self._container.item(key)
        if item is None or item != self.book.state.items.get(key):
            return False
        return item.expires_at_s is None or system_ms < item.expires_at_s * 1000

    # --- the rest ---

    def _beat(self, now_s: float, system_ms: int, origin: Origin, message: Beat) -> list[Effect]:
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
        ack = BeatAck(term, message.number, self._durable.last_index, time, rival)
        effects: list[Effect] = [Send(origin, ack)]
        if self.adopted == term:
            self.book.commit(message.commit_index)
            if message.number % OFFER_EVERY_BEATS == 0:
                news = self._container.news_for(self.book.state)
                if news is not None:
                    effects.append(Send(origin, Offer(encode_command(news))))
        return effects

    def _fetch(self, origin: Origin, message: Fetch) -> list[Effect]:
        book = self.book
        if message.term is not None and message.term != self.promised:
            return [self._refuse(origin, message.term, HIGHER_TERM)]
        if self._durable.adopted != self.adopted:
            return []  # The disk still has the log before the adopt, to which no commit refers.
        last = book.commit_index if message.term is None else book.last_index
        if message.first > last:  # Nor could the store be asked for a number of 64 bits.
            return [Send(origin, Entries(message.first, (), last, book.commit_index))]
        bytes_max = min(max(message.bytes_max, 1), FETCH_BYTES_MAX)
        return [Read(origin, message.first, last, bytes_max, book.commit_index)]

    def _direct_use(self, message: DirectUse) -> DirectUseRefused:
        """A licence with a TMR-ID is never used directly (design section 1), nor any if blocked."""
        why = (
            "licences with a TMR-ID are used through the TMR servers only: this container holds one"
            " of three constituents"
        )
        if self._container.locked:
            why = f"the vendor blocked this container ({self._container.locked})"
        return DirectUseRefused(message.firm_code, message.product_code, why)

    def _refuse(
        self, origin: Origin, term: Term, why: str, detail: str = "", hears: str = ""
    ) -> Send:
        return Send(origin, Refused(term, why, self.promised, hears, detail))

    def _write(
        self,
        origin: Origin,
        answer: Message,
        *,
        promised: Term | None = None,
        adopted: Term | None = None,
        cut_to: int | None = None,
        append: tuple[Entry, ...] = (),
        commit_index: int | None = None,
    ) -> Write:
        self._tickets += 1
        position = _Position(self.adopted, self.book.last_index, self.book.last_root)
        self._pending[self._tickets] = _Pending(origin, answer, position)
        return Write(self._tickets, promised, adopted, cut_to, append, commit_index)
