"""How a TMR host without a term keeps its copy of the log warm (design D5).

It asks every upstream for committed entries, a beat apart, so a takeover needs only what was not
committed yet; and the answers show which upstreams are there. Entries are held aside, as bytes,
until they lead to a commit proof: the copy has nothing in it that one upstream alone said, since
people read it (`GET /v1/leases` of a passive host). What can go wrong in here is a proof by stores
that only the liar's own log lists; so the entry that begins a log has to come from two upstreams.
And the copy may be of a ledger that was founded anew since: if what two upstreams have does not
follow on it, it is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from appliance.ledger.certificates.proofs import CommitProof, VerifyStore, is_proven
from appliance.ledger.effects import Effect, Tell
from appliance.ledger.leader.peers import Peer, Peers
from appliance.ledger.limits import Limits
from appliance.ledger.log.book import ChainBroken
from appliance.ledger.log.tail import Tail
from appliance.ledger.messages import Entries, Entry, Fetch
from appliance.ledger.snapshot.fetching import Fetching

HELD_BYTES_MAX: Final = 64 << 20
"""What is held aside of one upstream's log before it has to be proven."""
APPLIED_MAX: Final = 2048
"""How many proven entries are taken into the copy at a time: this host has other things to do."""
PATIENCE_ASKS: Final = 4
"""After so many beats without another page the held ones are dropped, and others may begin."""


class Learner:
    """Asks for committed entries and takes them into the tail."""

    def __init__(
        self, peers: Peers, tail: Tail, fetching: Fetching, limits: Limits, verify: VerifyStore
    ) -> None:
        self._fetching = fetching
        self._verify = verify
        self._peers = peers
        self._tail = tail
        self._limits = limits
        self._distrusts = ""
        self._shy = ""
        self._most = ""
        self._firsts: dict[str, bytes] = {}
        self._misfits: set[str] = set()
        self._drop()

    def _drop(self) -> None:
        """Nothing is held any more."""
        self._held: list[Entry] = []
        self._held_bytes = 0
        self._proven = 0
        self._giver = ""
        self._asked = 0

    def ask(self) -> list[Effect]:
        """Ask for much from the upstream that is furthest ahead, for one entry from the others."""
        book = self._tail.book
        if self._held and self._held[0].index != book.last_index + 1:  # A term was between.
            self._drop()
        if self._proven:
            return self._apply()
        self._asked += 1
        up = [peer for peer in self._peers if peer.up]
        most = self._giver or self._most
        more = any(peer.name == most and peer.last_index > book.last_index for peer in up)
        late = self._asked > PATIENCE_ASKS and (more or bool(self._held))
        if late:  # It may say that it has more than anybody, and give nothing for ever.
            self._shy = most
            self._drop()
        trusted = [peer for peer in up if peer.name not in (self._distrusts, self._shy)]
        ahead = max(trusted, key=lambda peer: peer.last_index, default=None)
        self._most = most = self._giver or (ahead.name if ahead is not None else "")
        return [
            self._fetch(peer, self._limits.fetch_bytes if peer.name == most else 1)
            for peer in up
            if not (late and peer.name == self._shy)
        ]

    def took(self, now_s: float, peer: Peer, message: Entries, patience_s: float) -> list[Effect]:
        """Entries that are said to be committed came: hold them, and take what is proven.

        What is gone from an upstream is fetched as a snapshot instead.
        """
        proof = message.commit
        if peer.name != self._distrusts and message.first == self._next() <= message.base_index:
            return self._fetching.need(now_s, patience_s)
        if self._proven or proof is None or peer.name == self._distrusts:
            return []
        if self._giver not in ("", peer.name) or message.first != self._next():
            return []
        page = [entry for entry in message.entries if entry.index <= proof.index]
        if not page or not self._begins_well(peer, page):
            return []
        if not self._fits(page):
            return self._misfit(peer)
        self._misfits.discard(peer.name)
        self._giver, self._asked = peer.name, 0
        self._held += page
        self._held_bytes += sum(entry.held_bytes for entry in page)
        if page[-1].index == proof.index:
            return self._apply() if self._is_proven(proof) else self._distrust(peer)
        if self._held_bytes > HELD_BYTES_MAX:
            return self._distrust(peer)
        return [self._fetch(peer, self._limits.fetch_bytes)]

    def _next(self) -> int:
        return self._tail.book.last_index + len(self._held) + 1

    def _begins_well(self, peer: Peer, page: Sequence[Entry]) -> bool:
        """Whether what begins an empty copy was told by two upstreams: it says who votes."""
        if self._tail.book.last_index or self._held:
            return True
        self._firsts[peer.name] = page[0].root
        return sum(root == page[0].root for root in self._firsts.values()) >= self._peers.needed

    def _fits(self, page: Sequence[Entry]) -> bool:
        """Whether this page follows on what is held."""
        book = self._tail.book
        before = self._held[-1] if self._held else None
        index, root = (before.index, before.root) if before else (book.last_index, book.last_root)
        try:
            book.check(page, index, root)
        except ChainBroken:
            return False
        return True

    def _is_proven(self, proof: CommitProof) -> bool:
        """Whether this proves all that is held; the proof is kept then."""
        book = self._tail.book
        if self._held[-1].root != proof.root:
            return False
        try:
            membership = book.membership_after(book.last_index, self._held)
        except ChainBroken:
            return False
        if not is_proven(proof, membership, self._verify):
            return False
        self._proven = proof.index
        self._tail.prove(proof)
        return True

    def _apply(self) -> list[Effect]:
        """Take proven entries into the copy, so many at a time."""
        taken, self._held = self._held[:APPLIED_MAX], self._held[APPLIED_MAX:]
        self._tail.take(taken)
        effects = self._tail.commit(self._tail.book.last_index)
        if not self._held:
            self._drop()
        return effects

    def _misfit(self, peer: Peer) -> list[Effect]:
        """This page does not follow: on what this upstream gave before, or on the copy itself."""
        if not self._held:
            self._misfits.add(peer.name)
        if len(self._misfits) < self._peers.needed:
            return self._distrust(peer)
        self._misfits.clear()
        self._firsts.clear()
        self._drop()
        self._tail.forget()
        self._distrusts = ""
        return []

    def _distrust(self, peer: Peer) -> list[Effect]:
        """Somebody makes it up: start again, and not with this upstream."""
        self._distrusts = peer.name
        self._firsts.pop(peer.name, None)
        self._drop()
        return []

    def _fetch(self, peer: Peer, bytes_max: int) -> Tell:
        return Tell(peer.name, Fetch(None, self._next(), bytes_max))
