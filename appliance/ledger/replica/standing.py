"""Where one replica stands: what it promised and adopted, its book, and which answers wait.

`Replica` and `Adoption` share it. What can go wrong in here is an answer that leaves before the
write that it rests on is durable: so every answer of that kind goes through `write`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from appliance.details import Detail, detail, told
from appliance.ledger.certificates.proofs import (
    CommitProof,
    VerifyStore,
    Voice,
    Vow,
    ack_bytes,
    has_signed,
    is_proven,
    start_of,
    vow_bytes,
)
from appliance.ledger.effects import Effect, Origin, Send, SnapshotRecord, Write
from appliance.ledger.election.terms import Term
from appliance.ledger.log.book import Applied, Book, OutOfDate
from appliance.ledger.membership.founding_anew import WAITS, mark_in
from appliance.ledger.messages import CONSENTS_MAX, Entry, Message, TermRefused
from appliance.ledger.replica.surroundings import OwnStore, Recovered
from appliance.ledger.snapshot.dumps import Dumps
from appliance.ledger.snapshot.seals import Sealed, StateHead, decode_sealed
from appliance.licences.commands import Support
from appliance.licences.machine import Machine
from appliance.licences.members import STORES, Membership
from appliance.licences.raising import due, support_bytes
from appliance.licences.snapshot import Loader, NewerRules, SnapshotRefused
from appliance.licences.state import State
from appliance.sentences import sentence_of
from appliance.unreadable import UNREADABLE

HIGHER_TERM = "higher-term"
HEARS_COORDINATOR = "hears-coordinator"
BAD_REQUEST = "bad-request"
DAMAGED = "damaged"
OUT_OF_DATE = "out-of-date"


class KnownStores(NamedTuple):
    """The ids of stores that vote by a log, or will, or once did; and of those that sealed the
    snapshot with which it begins."""

    stores: tuple[bytes, ...]
    sealed_by: tuple[bytes, ...]


class _Record(msgspec.Struct, frozen=True, array_like=True):
    """What a store keeps for the replica beside terms and entries."""

    grounds: tuple[Vow, ...] = ()
    commit: CommitProof | None = None
    consents: tuple[bytes, ...] = ()
    quarantine: Detail | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A log's end, and under which term it was adopted."""

    adopted: Term
    last_index: int
    last_root: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """The snapshot in the store: what it is, by two seals, and of how many chunks."""

    sealed: Sealed
    chunks: int


@dataclass(frozen=True, slots=True)
class _Pending:
    """What waits for its write, an answer mostly, and what is durable once that is done."""

    origin: Origin | None
    answer: Message | None
    position: Position
    consents: tuple[bytes, ...]
    then: Callable[[], None] | None


def quarantine_in(record: bytes) -> str:
    """Why a store with this record takes no part, nor after a restart; "" if it may."""
    return told(_decoder.decode(record).quarantine) if record else ""


class Standing:
    """A replica's memory. `damage` says in words why this store must not vote, "" if it may;
    `out_of_date` why this release cannot read what the store has, which is sound.

    `grounds` are the vows on which the adopt of the adopted term rested, `commit` is the newest
    proof of what is committed, `restore` what an empty store was told to restore. `durable` is
    where the disk is; memory may be ahead of it. The log
    in the store begins after `base_index`; `kept` is its snapshot. While `staging`, a snapshot from
    elsewhere is being put aside. `consents` are the stores of which an operator said here, durably,
    that they may join.
    """

    def __init__(
        self,
        machine: Machine,
        store: OwnStore,
        verify: VerifyStore,
        recovered: Recovered,
        dumps: Dumps,
    ) -> None:
        self.store = store
        self._verify = verify
        self.promised = recovered.promised
        self.adopted = recovered.adopted
        record = _decoder.decode(recovered.membership) if recovered.membership else _Record()
        self.grounds = record.grounds
        self.commit = record.commit
        self._quarantine = record.quarantine
        self.damage = recovered.damage or told(record.quarantine)
        self._machine = machine
        self.book = Book(machine)
        self.kept: Kept | None = None
        self.base_index = recovered.first_index - 1
        self.staging = False
        self._dumps = dumps
        commit_index, _ = start_of(self.commit)
        self.out_of_date = ""
        try:
            if not self.damage:
                self.damage = self._restore(recovered)
            if not self.damage:
                for entry in recovered.entries:
                    self.apply(entry)
                    self.book.commit(min(entry.index, commit_index))
        except (NewerRules, OutOfDate) as newer:
            self.out_of_date = sentence_of(newer)
        self.durable = Position(self.adopted, self.book.last_index, self.book.last_root)
        self._consents = record.consents
        self.consents = record.consents
        self.restore: bytes | None = None if recovered.restore is None else WAITS
        self._support: Support | None = None
        self._tickets = 0
        self._pending: dict[int, _Pending] = {}

    def _restore(self, recovered: Recovered) -> str:
        """Begin from the snapshot, if there is one; gives what is wrong with it, "" if nothing.

        Raises NewerRules.
        """
        if recovered.snapshot is None:
            return ""
        loader = self.loader()
        try:
            sealed = decode_sealed(recovered.snapshot_about)
            for chunk in recovered.snapshot:
                loader.feed(chunk)
            state = loader.state()
        except NewerRules:
            raise
        except (SnapshotRefused, *UNREADABLE) as error:
            return detail("snapshot-broken", said=error)
        head = sealed.head
        if (head.index, head.root) != (recovered.snapshot_index, recovered.snapshot_root):
            return detail("snapshot-sealed-other")
        if (head.digest, head.ledger_id) != (loader.digest, state.ledger_id):
            return detail("snapshot-not-sealed")
        self.book.begin(state, head.index, head.root, head.log_time_ms)
        self.kept = Kept(sealed, loader.chunks)
        return ""

    @property
    def out_of_service(self) -> tuple[str, str]:
        """Why nothing is answered here, as a word and in words; empty if this replica works."""
        if self.damage:
            return DAMAGED, self.damage
        return (OUT_OF_DATE, self.out_of_date) if self.out_of_date else ("", "")

    @property
    def rules(self) -> int:
        """The newest version of the rules that this release knows."""
        return self._machine.rules

    def loader(self) -> Loader:
        """A reader of snapshots for this release."""
        return Loader(self._machine.rules)

    # --- the log ---

    def apply(self, entry: Entry) -> Applied:
        """Apply the next entry, and take a candidate for a snapshot where it is due.

        Raises ChainBroken.
        """
        applied = self.book.apply(entry)
        self._dumps.applied(self.book)
        return applied

    def rollback(self, index: int) -> tuple[Entry, ...]:
        """Forget every entry after `index`, as `Book.rollback`. Raises ChainBroken."""
        dropped = self.book.rollback(index)
        self._dumps.rolled_back(index)
        return dropped

    def new_book(self, state: State, head: StateHead) -> Book:
        """A book that begins after a snapshot; whether to use it is not decided yet."""
        book = Book(self._machine)
        book.begin(state, head.index, head.root, head.log_time_ms)
        return book

    def begin_anew(self, book: Book, kept: Kept) -> None:
        """This book takes the place of what was here; its log begins after the snapshot."""
        self.book, self.kept, self.base_index = book, kept, kept.sealed.head.index
        self._dumps.clear()

    def counts(self, store: bytes) -> bool:
        """Whether this store's seal is to be believed here.

        By the log that is here; and before anything is committed, by what `trusted` says, too:
        whoever makes up a snapshot has listed stores of his own in it.
        """
        membership = self.book.state.membership
        if not (membership.voters and self.book.commit_index) and store in self.trusted():
            return True
        pending = membership.pending
        return membership.knows(store) or (pending is not None and pending.new == store)

    def known(self) -> KnownStores:
        """Which stores this one knows by its log and its snapshot."""
        membership = self.book.state.membership
        pending = (membership.pending.new,) if membership.pending is not None else ()
        return KnownStores(
            (*(voter.store for voter in membership.voters), *pending, *membership.former),
            tuple(v.store for v in self.kept.sealed.voices) if self.kept is not None else (),
        )

    def trusted(self) -> tuple[bytes, ...]:
        """Whose seals a store believes that knows of nothing committed: of those that an operator
        named, and of those with which it began this ledger, if it adopted the empty log with them;
        and its own, which it may have made of entries that a power cut took from it.

        While it is away none of these can be replaced: that would take its own word. Entries that
        it got since may be what a hijacked host told nobody else.
        """
        founders = (vow.store for vow in self.grounds[:STORES] if not vow.last_index)
        named = (*self.consents, *(founders if not self.book.commit_index else ()))
        return tuple(dict.fromkeys((*named, self.store.id))) if named else ()

    # --- what this store signs ---

    def support(self) -> Support | None:
        """Which rules this release knows, signed, if the ledger has another word of this store.

        Signed once for each word that the ledger has: the same one may be offered again.
        """
        state, version = self.book.state, self._machine.rules
        member = state.membership.member(self.store.id)
        if member is None or not due(state, member.place, self.store.id, version):
            return None
        before, said = state.supports.get(member.place), self._support
        known = before.known_index if before is not None else -1
        if said is None or said.version != version or said.known_index <= known:
            index = state.entry_index
            data = support_bytes(state.ledger_id, self.store.id, version, index)
            said = Support(version, "", self.store.id, index, self.store.sign(data))
            self._support = said
        return said

    def vow(self, term: Term) -> Vow:
        """The promise of a term, signed.

        What it reports is what all writes asked for so far amount to: later entries may be in
        memory, but not yet on disk, by the time it leaves.
        """
        book = self.book
        vow = Vow(
            term,
            self.adopted,
            book.last_index,
            book.last_root,
            *start_of(self.commit),
            self.store.id,
        )
        return msgspec.structs.replace(vow, signature=self.store.sign(vow_bytes(vow)))

    def voice(self, term: Term, index: int, root: bytes, digest: bytes) -> Voice:
        """The signature of an ack; it may leave only once the entry is durable."""
        return Voice(self.store.id, self.store.sign(ack_bytes(term, index, root, digest)))

    def votes(self) -> bool:
        """Whether the log that is here lists this store among those that vote."""
        return self.book.state.membership.member(self.store.id) is not None

    def consents_to(self, before: Membership, after: Membership) -> bool:
        """Whether a change of who votes may be stored here.

        A store that votes stores a replacement only if an operator of its own host said so: else
        one stolen TMR host could put a store of its own in another's place. That goes for the store
        to be replaced as well: it would hold the longest log, which both others refuse. And one
        that founds a ledger stores no other founding than the one that it was told of.
        """
        member = after.member(self.store.id)
        founds = not before.voters and member is not None and not member.joined_index
        if founds and after.origin != mark_in(self.restore):
            return False
        pending = after.pending
        if pending is None or pending == before.pending:
            return True
        if member is None and before.member(self.store.id) is None:
            return True
        return pending.new in self.consents

    # --- what others proved ---

    def learn(self, proof: CommitProof | None) -> None:
        """Take over a proof of what is committed, as far as it is about the log that is here.

        Raises `Lost` if it bears this store's own signature for an entry that is not here.
        """
        book = self.book
        if proof is None or proof.index <= book.commit_index:
            return
        mine = has_signed(self.store.id, proof, self._verify)
        here = book.root_at(proof.index)
        if here != proof.root and not (mine and proof.index > book.last_index):
            return  # It is of another log: the next adopt brings that.
        if not is_proven(proof, book.state.membership, self._verify):
            return
        if here != proof.root:
            raise Lost(detail("signed-entry-lost", index=proof.index, last=book.last_index))
        book.commit(proof.index)
        self.commit = proof

    def root_is(self, index: int, root: bytes) -> bool | None:
        """Whether the log here has this root at this index; None if it is too old to tell."""
        book = self.book
        if index < book.commit_index:
            return None
        return book.root_at(index) == root

    # --- writes ---

    def consent(self, store: bytes) -> Write | None:
        """Have an operator's word for this store made durable; None if it is already.

        It is told to nobody before: whoever counts on it must find it here after a restart.
        """
        if store in self.consents and store in self._consents:
            return None
        knows = self.book.state.membership.knows
        others = [other for other in self._consents if other != store and not knows(other)]
        self._consents = (*others, store)[-CONSENTS_MAX:]
        return self._keep(None, None)

    def take_no_part(self, why: str) -> Write:
        """This replica's state went wrong: it says nothing any more, nor after a restart."""
        self.damage, self._quarantine = why, Detail.of(why)
        return self._keep(None, None)

    def write(
        self,
        origin: Origin | None,
        answer: Message | None,
        *,
        promised: Term | None = None,
        adopted: Term | None = None,
        cut_to: int | None = None,
        append: tuple[Entry, ...] = (),
        results: tuple[bytes, ...] = (),
        snapshot: SnapshotRecord | None = None,
        compact_to: int | None = None,
        then: Callable[[], None] | None = None,
    ) -> Write:
        """Have this made durable; and then answer, if there is one to be answered."""
        return self._keep(
            origin,
            answer,
            then,
            promised=promised,
            adopted=adopted,
            cut_to=cut_to,
            append=append,
            results=results,
            snapshot=snapshot,
            compact_to=compact_to,
        )

    def _keep(
        self,
        origin: Origin | None,
        answer: Message | None,
        then: Callable[[], None] | None = None,
        **changes: Any,
    ) -> Write:
        self._tickets += 1
        book = self.book
        position = Position(self.adopted, book.last_index, book.last_root)
        pending = _Pending(origin, answer, position, self._consents, then)
        self._pending[self._tickets] = pending
        record = _Record(self.grounds, self.commit, self._consents, self._quarantine)
        return Write(
            self._tickets,
            commit_index=book.commit_index,
            membership=_encoder.encode(record),
            **changes,
        )

    def written(self, ticket: int) -> list[Effect]:
        """The write with this ticket is durable: its answer may leave."""
        pending = self._pending.pop(ticket)
        self.durable, self.consents = pending.position, pending.consents
        if pending.then is not None:
            pending.then()
        if pending.origin is None or pending.answer is None:
            return []
        return [Send(pending.origin, pending.answer)]

    def awaits(self, wanted: Callable[[Message], bool]) -> bool:
        """Whether an answer that `wanted` accepts still waits for its write."""
        return any(p.answer is not None and wanted(p.answer) for p in self._pending.values())

    def refuse(self, origin: Origin, term: Term, why: str, said: str = "", hears: str = "") -> Send:
        """A refusal, which needs no write. `why` is a word, `said` the sentence about it."""
        return Send(origin, TermRefused(term, why, self.promised, hears, Detail.of(said)))


def proof_in(recovered: Recovered) -> CommitProof | None:
    """The newest proof of a commit that a store holds, None if it holds none."""
    return _decoder.decode(recovered.membership).commit if recovered.membership else None


class Lost(Exception):
    """This store is damaged: it does not hold what it once signed."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Record)
