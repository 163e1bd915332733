"""A TMR host gets the state that replaces a log's beginning, piece by piece (design D1, D5).

    heads asked of all ──one is trusted──▶ chunks, one at a time ──its digest is right──▶ restored

A log whose beginning is in no replica any more cannot be read; a snapshot stands for it. Whoever
hands it on may lie, so two stores have to have sealed it; and a liar may have made those up, too.
So a store counts if two upstreams, each by its own link, name it as one that votes or once did: at
most one of them lies, and every voter knows all others (each replacement was stored by all that
remained). What is known here already counts as one such voice. An empty store names those with
which it began the ledger, those that its operator named, and itself: its own seals it can tell.

A snapshot of another ledger than the one that is known here counts only if two upstreams name who
sealed it: then the ledger was founded anew from a backup, while this host went on.

What can go wrong in here is to throw away a sound state for a worse one: the tail is touched only
when the new state is whole, right and further on.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from appliance.ledger.certificates.proofs import VerifyStore
from appliance.ledger.effects import Effect, Restored, Tell
from appliance.ledger.leader.peers import Peer, Peers
from appliance.ledger.log.tail import Tail
from appliance.ledger.messages import (
    SnapshotChunk,
    SnapshotChunkRequest,
    SnapshotHead,
    SnapshotHeadRequest,
)
from appliance.ledger.snapshot.seals import DUMP_FORMAT, Sealed, StateHead, is_sealed
from appliance.licences.snapshot import Loader, NewerRules, SnapshotRefused

ASKED_MAX = 4
"""How often one upstream is asked for the same chunk while another has an older snapshot."""
BAD_MAX = 16
"""Of so many snapshots it is remembered who gave other chunks than were sealed: the newest."""


@dataclass(slots=True)
class _Coming:
    """A snapshot on its way: from which upstream, which part of it was asked for when and so often
    in vain."""

    sealed: Sealed
    source: str
    chunks: int
    loader: Loader
    asked_at_s: float = -1e9
    asked: int = 0


class Fetching:
    """Gets a snapshot when entries are gone. `progress` is (chunks here, chunks in all)."""

    def __init__(self, peers: Peers, tail: Tail, verify: VerifyStore) -> None:
        self._peers = peers
        self._tail = tail
        self._verify = verify
        self._heads: dict[str, SnapshotHead] = {}
        self._bad: deque[tuple[str, bytes]] = deque(maxlen=BAD_MAX)
        self._coming: _Coming | None = None
        self._needed = False
        self._asked_at_s = -1e9

    @property
    def progress(self) -> tuple[int, int] | None:
        """How far it has come, None while nothing is fetched."""
        coming = self._coming
        return (coming.loader.chunks, coming.chunks) if coming is not None else None

    def stop(self) -> None:
        """Entries are here again, or everything begins anew."""
        self._needed, self._coming = False, None
        self._heads.clear()
        self._bad.clear()

    def need(self, now_s: float, patience_s: float) -> list[Effect]:
        """The next entry is gone at an upstream: get what stands for it, and repeat what was
        asked longer ago than `patience_s`."""
        if not self._needed:
            self._needed, self._asked_at_s = True, -1e9
        return self.again(now_s, patience_s)

    def again(self, now_s: float, patience_s: float) -> list[Effect]:
        """Ask again what was not answered, of somebody else if there is one."""
        coming = self._coming
        if coming is not None and not self._is_further(coming.sealed.head):
            self.stop()  # Entries were quicker.
        if not self._needed:
            return []
        if coming is None:
            return self._ask(now_s) if now_s - self._asked_at_s >= patience_s else []
        if now_s - coming.asked_at_s < patience_s:
            return []
        other = self._source(coming.sealed, but=coming.source)
        if other is None and self._gives_nothing(coming):
            # Nobody else has this one, and an older one that comes is better than none.
            self._coming = None
            return self._begin(now_s, but=coming.source) or self._ask(now_s)
        coming.source = other.name if other is not None else coming.source
        return self._next(now_s, coming)

    def _ask(self, now_s: float) -> list[Effect]:
        """Ask all for what they have."""
        self._asked_at_s = now_s
        return [Tell(peer.name, SnapshotHeadRequest()) for peer in self._peers if peer.up]

    def _gives_nothing(self, coming: _Coming) -> bool:
        """Whether its source is gone, or is there and does not answer: damaged, say."""
        return not self._peers[coming.source].up or coming.asked >= ASKED_MAX

    def receive(
        self, now_s: float, peer: Peer, message: SnapshotHead | SnapshotChunk
    ) -> list[Effect]:
        """An upstream's answer. With the last chunk the tail begins anew, and Restored says so."""
        if isinstance(message, SnapshotHead):
            return self._heard(now_s, peer, message)
        return self._took(now_s, peer, message)

    def _heard(self, now_s: float, peer: Peer, message: SnapshotHead) -> list[Effect]:
        """An upstream says which snapshot it has, and whom it knows."""
        if not self._needed:
            return []
        self._heads[peer.name] = message
        coming = self._coming
        head = message.sealed.head if message.sealed is not None else None
        if coming is not None and peer.name == coming.source and head != coming.sealed.head:
            self._coming = coming = None  # It has another one by now.
        return self._begin(now_s) if coming is None else []

    def _took(self, now_s: float, peer: Peer, message: SnapshotChunk) -> list[Effect]:
        coming = self._coming
        if (
            coming is None
            or peer.name != coming.source
            or message.index != coming.sealed.head.index
            or message.chunk != coming.loader.chunks
        ):
            return []
        head = coming.sealed.head
        try:
            coming.loader.feed(message.data)
            coming.asked = 0
            if not coming.loader.complete:
                return self._next(now_s, coming)
            state = coming.loader.state()
        except NewerRules as newer:
            self._tail.book.out_of_date = newer.detail
            return []
        except SnapshotRefused:
            return self._reject(now_s, coming)
        if (coming.loader.digest, state.ledger_id) != (head.digest, head.ledger_id):
            return self._reject(now_s, coming)
        further = self._is_further(head)
        self.stop()
        if not further:
            return []
        self._tail.restore(state, head)
        return [Restored(head.index)]

    def _reject(self, now_s: float, coming: _Coming) -> list[Effect]:
        """These are not the chunks that were sealed: not from there again."""
        self._bad.append((coming.source, coming.sealed.head.digest))
        self._coming = None
        return self._begin(now_s)

    def _begin(self, now_s: float, but: str = "") -> list[Effect]:
        """Fetch the newest snapshot that can be trusted, if there is one."""
        heads = [head.sealed for head in self._heads.values() if head.sealed is not None]
        for sealed in sorted(heads, key=lambda sealed: -sealed.head.index):
            source = self._source(sealed, but)
            if source is not None and self._is_trusted(sealed):
                chunks = self._heads[source.name].chunks
                self._coming = coming = _Coming(sealed, source.name, chunks, self._tail.loader())
                return self._next(now_s, coming)
        return []

    def _is_trusted(self, sealed: Sealed) -> bool:
        head = sealed.head
        if head.format != DUMP_FORMAT or not self._is_further(head):
            return False
        counts = self._counts_elsewhere if self._is_foreign(head) else self._counts
        return is_sealed(sealed, counts, self._verify, self._peers.needed)

    def _is_foreign(self, head: StateHead) -> bool:
        """Whether this is of another ledger than the one that is known here."""
        state = self._tail.book.state
        return state.founded and state.ledger_id != head.ledger_id

    def _is_further(self, head: StateHead) -> bool:
        """Whether it takes this host further than its log: that of another ledger takes it over."""
        return self._is_foreign(head) or head.index > self._tail.book.commit_index

    def _counts_elsewhere(self, store: bytes) -> bool:
        """Whether two upstreams name this store, which belongs to one ledger only."""
        known = self._tail.book.state.membership.knows(store)
        return self._named(store) >= self._peers.needed and not known

    def _counts(self, store: bytes) -> bool:
        """Whether two voices name this store, what is known here being one."""
        known = self._tail.book.state.membership.knows(store)
        return self._named(store) + known >= self._peers.needed

    def _named(self, store: bytes) -> int:
        return sum(store in head.stores for head in self._heads.values())

    def _source(self, sealed: Sealed, but: str = "") -> Peer | None:
        """An upstream that has this snapshot and did not spoil it before."""
        for name, head in self._heads.items():
            has = head.sealed is not None and head.sealed.head == sealed.head and head.chunks > 0
            spoilt = (name, sealed.head.digest) in self._bad
            if has and not spoilt and name != but and self._peers[name].up:
                return self._peers[name]
        return None

    def _next(self, now_s: float, coming: _Coming) -> list[Effect]:
        coming.asked_at_s, coming.asked = now_s, coming.asked + 1
        return [
            Tell(
                coming.source, SnapshotChunkRequest(coming.sealed.head.index, coming.loader.chunks)
            )
        ]
