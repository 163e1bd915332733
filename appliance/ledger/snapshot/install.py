"""A snapshot from elsewhere on its way into this replica's store (design D1).

Chunks go aside in the store and into a state in memory as they come; nothing of what is here
changes before an adopt names them. What can go wrong in here is to keep half of one snapshot and
half of another: so each chunk names the head that it is of, has to be the next, and at the end the
digest of all is compared with the one that two stores sealed.
"""

from __future__ import annotations

from appliance.details import detail
from appliance.ledger.certificates.proofs import VerifyStore
from appliance.ledger.effects import DropAside, Effect, Origin, PutAside, Send, SnapshotRecord
from appliance.ledger.log.book import Book
from appliance.ledger.messages import Adopt, Staged, StageSnapshot
from appliance.ledger.replica.standing import BAD_REQUEST, Kept, Standing
from appliance.ledger.snapshot.compaction import Compaction
from appliance.ledger.snapshot.seals import DUMP_FORMAT, Sealed, StateHead, encode_sealed, is_sealed
from appliance.licences.snapshot import NewerRules, SnapshotRefused

NO_OPERATOR = detail("snapshot-no-operator")


class Installation:
    """The replica's part that takes a snapshot from elsewhere."""

    def __init__(self, standing: Standing, compaction: Compaction, verify: VerifyStore) -> None:
        self._standing = standing
        self._compaction = compaction
        self._verify = verify
        self._head: StateHead | None = None
        self._loader = standing.loader()
        self._chunks = 0

    @property
    def after(self) -> int | None:
        """After which entry the log begins if this is adopted; None if it is not whole."""
        return self._head.index if self._head is not None and self._loader.complete else None

    def stage(self, origin: Origin, message: StageSnapshot) -> list[Effect]:
        """Keep the next chunk aside, or say which one is."""
        standing, head = self._standing, message.head
        why = self._why_not(head)
        if why:
            return [standing.refuse(origin, message.term, BAD_REQUEST, why)]
        effects: list[Effect] = []
        if head != self._head and message.chunk == 0:
            self._compaction.give_way()
            self._head, self._loader, standing.staging = head, standing.loader(), True
        if head == self._head and message.chunk == self._loader.chunks:
            try:
                self._loader.feed(message.data)
            except SnapshotRefused as refused:
                if isinstance(refused, NewerRules):
                    standing.book.out_of_date = refused.detail
                return self._spoilt(origin, message, refused.detail)
            effects.append(PutAside(message.chunk, message.data))
        # What comes twice or after a gap is passed over: the answer says what has to come next.
        chunks = self._loader.chunks if head == self._head else 0
        return [*effects, Send(origin, Staged(message.term, 0, chunks))]

    def offered(self, message: Adopt, sealed: Sealed) -> tuple[Book | None, str]:
        """The book that an adopt with a snapshot begins with; or None, and why there is none."""
        standing, head = self._standing, sealed.head
        why = self._why_not(head)
        if why:
            return None, why
        if (message.cut_index, message.cut_root) != (head.index, head.root):
            wanted = message.cut_index
            return None, detail("snapshot-other-entry", index=head.index, wanted=wanted)
        if not is_sealed(sealed, standing.counts, self._verify, standing.book.needed):
            founded = standing.book.state.founded
            return None, detail("snapshot-not-sealed-by-two") if founded else NO_OPERATOR
        if head != self._head or not self._loader.complete:
            return None, detail("snapshot-not-here", index=head.index)
        loader = self._loader
        try:
            state = loader.state()
        except SnapshotRefused as refused:
            return None, refused.detail
        if (loader.digest, state.ledger_id) != (head.digest, head.ledger_id):
            return None, detail("snapshot-aside-other")
        self._chunks = loader.chunks
        return standing.new_book(state, head), ""

    def take(self, book: Book, sealed: Sealed) -> SnapshotRecord:
        """This book takes the place of what was here: how the store is to keep it."""
        head = sealed.head
        self._compaction.restart()
        self._standing.begin_anew(book, Kept(sealed, self._chunks))
        self._forget()
        return SnapshotRecord(
            head.index,
            head.root,
            staged=self._chunks,
            about=encode_sealed(sealed),
            replaces=True,
        )

    def drop(self) -> list[Effect]:
        """What was put aside leads nowhere."""
        if self._head is None:
            return []
        self._forget()
        return [DropAside()]

    def overtaken(self) -> list[Effect]:
        """Drop what is put aside if entries came further by now."""
        head = self._head
        passed = head is not None and head.index <= self._standing.book.commit_index
        return self.drop() if passed else []

    def _why_not(self, head: StateHead) -> str:
        state, book = self._standing.book.state, self._standing.book
        if head.format != DUMP_FORMAT:
            return detail("snapshot-format", format=head.format, known=DUMP_FORMAT)
        trusts = bool(self._standing.trusted())
        if not state.founded and not trusts:
            return NO_OPERATOR
        other = state.founded and head.ledger_id != state.ledger_id
        if other and not (trusts and not book.commit_index):
            return detail("snapshot-other-ledger", ledger=head.ledger_id.hex()[:16])
        if head.index <= book.commit_index:
            return detail("snapshot-older", index=head.index, committed=book.commit_index)
        return ""

    def _spoilt(self, origin: Origin, message: StageSnapshot, why: str) -> list[Effect]:
        refusal = self._standing.refuse(origin, message.term, BAD_REQUEST, why)
        return [*self.drop(), refusal]

    def _forget(self) -> None:
        self._head, self._standing.staging = None, False
        self._loader = self._standing.loader()
