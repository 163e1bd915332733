"""Taking over the log that a coordinator chose: the adopt, and what is staged for it (design D1).

A replica accepts one choice in a term, whole, in one transaction, and only if it follows from the
vows that come with it (`proofs.weigh`, design D3): so not even a coordinator with a stolen key can
make an upstream drop what was committed. What can go wrong in here is to change the book before the
whole of the message is judged; everything is checked on the message, then done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from appliance.details import detail
from appliance.ledger.certificates.proofs import (
    CONFLICT,
    NOT_CHOSEN,
    NOT_FOUNDED,
    UNPROVEN,
    VerifyStore,
    Vow,
    best_on,
    is_proven,
    is_signed,
    start_of,
    voting,
    weigh,
)
from appliance.ledger.effects import Effect, Origin, Send, SnapshotRecord
from appliance.ledger.election.terms import NO_TERM, Term
from appliance.ledger.log.book import Applied, Book, ChainBroken, OutOfDate
from appliance.ledger.log.log_time import unacceptable
from appliance.ledger.log.results import result_bytes
from appliance.ledger.messages import (
    Adopt,
    Adopted,
    Entry,
    Stage,
    Staged,
    StageSnapshot,
)
from appliance.ledger.replica.standing import BAD_REQUEST, HIGHER_TERM, Standing
from appliance.ledger.replica.surroundings import Verify
from appliance.ledger.snapshot.compaction import Compaction
from appliance.ledger.snapshot.install import Installation
from appliance.licences.members import STORES, Membership
from appliance.sentences import sentence_of

STAGE_BYTES_MAX = 512 << 20


@dataclass(frozen=True, slots=True)
class _Offered:
    """A log as an adopt would make it: `entries` on `book`, which is a new one behind a snapshot.

    `membership` says who votes at its end, and up to entry `proven` two stores signed that they
    hold it (0: nothing). `results` is what comes of them, as far as they were applied.
    """

    message: Adopt
    book: Book
    entries: Sequence[Entry]
    membership: Membership
    proven: int
    results: list[bytes] = field(default_factory=list)


class Adoption:
    """The replica's part that stages and adopts. Who is heard is the replica's to note."""

    def __init__(
        self, standing: Standing, compaction: Compaction, verify: VerifyStore, verify_time: Verify
    ) -> None:
        self._standing = standing
        self.installation = Installation(standing, compaction, verify)
        self._verify = verify
        self._verify_time = verify_time
        self._staged_term = NO_TERM
        self._let_go()

    def _let_go(self) -> None:
        """Nothing is put aside any more."""
        self._staged: list[Entry] = []
        self._staged_bytes = 0

    def stage_snapshot(self, origin: Origin, message: StageSnapshot) -> list[Effect]:
        """Keep a chunk of a snapshot aside."""
        if message.term != self._standing.promised:
            return [self._standing.refuse(origin, message.term, HIGHER_TERM)]
        effects = self.installation.stage(origin, message)
        if self.installation.after is not None:  # Entries that follow on it come next, if any.
            self._let_go()
        return effects

    def stage(self, origin: Origin, message: Stage) -> list[Effect]:
        """Keep a chunk aside, in memory: what is staged needs no durability."""
        standing = self._standing
        if message.term != standing.promised:
            return [standing.refuse(origin, message.term, HIGHER_TERM)]
        if self._staged_term != message.term:
            self._staged_term = message.term
            self._let_go()
        here = standing.adopted == message.term
        first = message.entries[0].index if message.entries else 0
        if here and first <= standing.book.last_index:  # Whoever stages that believes an older vow.
            return self._again(origin, message.term)
        start = standing.book.last_index if here else standing.book.commit_index
        after = self.installation.after
        if after is not None and first > after:
            start = after
        if self._staged and self._staged[-1].index < start:  # Appends were quicker.
            self._let_go()
        for entry in message.entries:
            last = self._staged[-1].index if self._staged else start
            if entry.index == last + 1:  # What comes after a gap has to come again.
                self._staged.append(entry)
                self._staged_bytes += entry.held_bytes
        if self._staged_bytes > STAGE_BYTES_MAX:
            self._let_go()
            return [standing.refuse(origin, message.term, BAD_REQUEST, detail("too-much-aside"))]
        to_index = self._staged[-1].index if self._staged else 0
        return [Send(origin, Staged(message.term, to_index, 0))]

    def adopt(self, origin: Origin, message: Adopt) -> list[Effect]:
        """Take over the chosen log, durably, or refuse and change nothing."""
        standing, term = self._standing, message.term
        if term != standing.promised:
            return [standing.refuse(origin, term, HIGHER_TERM)]
        longer = standing.adopted == term and not message.vows
        if standing.adopted == term and not (longer and self._lengthens(message)):
            return self._again(origin, term)  # A repeat must not cut what was appended since.
        entries = self._entries(message)
        self._let_go()  # Used up, or what leads nowhere.
        try:
            log = self._read(message, entries)
        except ChainBroken as error:
            return [
                standing.refuse(origin, term, BAD_REQUEST, sentence_of(error)),
                *self._dropped(message),
            ]
        why = self._refusal(log, longer) or self._take(log)
        if why:
            return [standing.refuse(origin, term, BAD_REQUEST, why), *self._dropped(message)]
        record: SnapshotRecord | None = None
        if message.snapshot is not None:
            record = self.installation.take(log.book, message.snapshot)
        if not longer:
            standing.adopted, standing.grounds = term, message.vows
        standing.learn(message.commit)
        book = standing.book
        voice = standing.voice(term, book.last_index, book.last_root, b"")
        write = standing.write(
            origin,
            Adopted(term, book.last_index, book.last_root, voice),
            adopted=None if longer else term,
            cut_to=message.cut_index if record is None else None,
            snapshot=record,
            append=entries,
            results=tuple(log.results),
        )
        return [write, *self.installation.overtaken()]

    def _lengthens(self, message: Adopt) -> bool:
        """Whether an adopt without vows goes on from this log's end, or beyond it."""
        last_index = self._standing.book.last_index
        if message.snapshot is not None:
            return message.cut_index > last_index
        return message.cut_index == last_index

    def _dropped(self, message: Adopt) -> list[Effect]:
        """What was put aside for an adopt that is refused comes again, if it comes."""
        return self.installation.drop() if message.snapshot is not None else []

    def _take(self, log: _Offered) -> str:
        """Put these entries into the book; or say why not, and have it as it was.

        Their log times are judged as an append's are: else a host could move log time by a log that
        it made up. What two stores signed was judged by them.
        """
        standing, book = self._standing, log.book
        if book is not standing.book:  # A new one: if it is refused, nobody ever sees it.
            refusal = self._refused_entry(log, book.apply)
            standing.book.out_of_date = book.out_of_date
            return refusal
        cut = log.message.cut_index
        dropped = standing.rollback(cut)
        refusal = self._refused_entry(log, standing.apply)
        newer = book.out_of_date
        if refusal:
            standing.rollback(cut)
            for old in dropped:
                standing.apply(old)
        book.out_of_date = newer
        return refusal

    def _refused_entry(self, log: _Offered, apply: Callable[[Entry], Applied]) -> str:
        """Apply one after the other, until one cannot be stored: then why."""
        book = log.book
        for entry in log.entries:
            if entry.index > log.proven:
                refusal = unacceptable(entry, book.log_time_ms, book.state, self._verify_time)
                if refusal:
                    return refusal
            try:
                log.results.append(result_bytes(apply(entry), None))
            except OutOfDate as newer:
                return sentence_of(newer)
        return ""

    def _proven(self, message: Adopt, entries: Sequence[Entry], membership: Membership) -> int:
        """Up to which of these entries two stores signed that they hold them, 0 for none."""
        proof = message.commit
        if proof is None or not any(
            (e.index, e.root) == (proof.index, proof.root) for e in entries
        ):
            return 0
        return proof.index if is_proven(proof, membership, self._verify) else 0

    def _again(self, origin: Origin, term: Term) -> list[Effect]:
        """Say so, unless the adopt's own answer still waits for its write."""
        durable = self._standing.durable
        if durable.adopted != term:
            return []
        voice = self._standing.voice(term, durable.last_index, durable.last_root, b"")
        return [Send(origin, Adopted(term, durable.last_index, durable.last_root, voice))]

    def _entries(self, message: Adopt) -> tuple[Entry, ...]:
        """The whole tail, of staged entries and of those that came along."""
        staged = self._staged if self._staged_term == message.term else []
        moved = tuple(e for e in staged if message.cut_index < e.index <= message.staged_to)
        return moved + message.tail

    def _read(self, message: Adopt, entries: Sequence[Entry]) -> _Offered:
        """The log that is offered, whole and in order. Raises ChainBroken if it is not that."""
        book, cut = self._standing.book, (message.cut_index, message.cut_root)
        if message.snapshot is not None:
            offered, why = self.installation.offered(message, message.snapshot)
            if offered is None:
                raise ChainBroken(why)
            book = offered
        elif book.root_at(message.cut_index) != message.cut_root:
            raise ChainBroken(detail("no-common-entry", index=message.cut_index))
        book.check(entries, *cut)
        membership = book.membership_after(message.cut_index, entries)
        end = (entries[-1].index, entries[-1].root) if entries else cut
        if end != (message.last_index, message.last_root):
            announced = message.last_index
            raise ChainBroken(detail("log-ends-elsewhere", index=end[0], announced=announced))
        proven = self._proven(message, entries, membership)
        return _Offered(message, book, entries, membership, proven)

    def _refusal(self, log: _Offered, longer: bool) -> str:
        """Why this must not be adopted, "" if it may."""
        standing = self._standing
        if not standing.consents_to(standing.book.state.membership, log.membership):
            return detail("not-consented")
        if log.book is standing.book and (why := log.book.crowded_at(log.message.cut_index)):
            return why
        covered = log.message.cut_index if log.message.snapshot is not None else 0
        # Nobody of this host has to agree to its leaving, so two others must have stored it: else
        # one that lies could make an honest store leave by a log that it made up.
        leaves_at = standing.book.state.membership.leaves_at(standing.store.id, log.membership)
        if leaves_at > max(log.proven, covered):
            return detail("not-replaced")
        return "" if longer else self._unjustified(log)

    def _unfounded(self, message: Adopt, vows: Sequence[Vow]) -> str:
        """Why an empty log must not be adopted, "" if a ledger may begin with it.

        It takes all three, as it does for a coordinator: else a hijacked one could give a ledger of
        its own to an upstream that missed the founding of the true one.
        """
        if message.last_index or self._standing.book.last_index:
            return detail("log-unfounded")
        empty = {vow.store for vow in vows if vow.term == message.term and vow.last_index == 0}
        own = self._standing.store.id in empty
        return "" if own and len(empty) == self._standing.book.stores else NOT_FOUNDED

    def _unjustified(self, log: _Offered) -> str:
        """Why the vows do not lead to this log, "" if they do (design D3)."""
        message, entries, proven = log.message, log.entries, log.proven
        membership, standing, term = log.membership, self._standing, message.term
        book = standing.book
        end = message.last_index
        cut = message.cut_index

        def contains(index: int, root: bytes) -> bool | None:
            if index > end:
                return False
            if index < proven:  # A log that ends otherwise below that has lost anyway.
                return None
            if index > cut:
                return entries[index - cut - 1].root == root
            if message.snapshot is not None:  # What it covers is committed.
                return root == message.cut_root if index == cut else None
            return standing.root_is(index, root)

        vows = [vow for vow in message.vows[:STORES] if is_signed(vow, self._verify)]
        if not membership.voters:
            return self._unfounded(message, vows)
        why = weigh(message.term, vows, membership, contains)
        if why:
            return why
        if contains(*start_of(standing.commit)) is False:
            return UNPROVEN
        counted = voting(message.term, vows, membership)
        tops = best_on(counted, contains)
        if not tops:  # `weigh` took it all the same: see there.
            return NOT_CHOSEN
        chosen = max(tops, key=lambda vow: vow.last_index)
        if book.last_index <= chosen.last_index:
            together = contains(book.last_index, book.last_root)
        else:
            together = standing.root_is(chosen.last_index, chosen.last_root)
        # A log of the same adopted term that is not on this one: two of all three have to be. Or
        # two have adopted the other in this term by now: then there is nothing left to decide.
        settled = message.commit is not None and message.commit.term == term and proven > 0
        contradicts = standing.adopted == chosen.adopted and together is False
        if contradicts and not settled and len(counted) < book.stores:
            return CONFLICT
        later = [e for e in entries if e.index > chosen.last_index]
        if any(entry.term != message.term for entry in later):
            return detail("entries-unvouched", index=chosen.last_index)
        return ""
