"""How a TMR host without a term keeps its copy of the log warm (design D5).

It asks every upstream for committed entries, a beat apart, so a takeover needs only what was not
committed yet; and the answers show which upstreams are there. What is taken here is believed
only as far as it leads to a commit proof.
"""

from __future__ import annotations

from appliance.ledger.effects import Effect, Tell
from appliance.ledger.fetching import Fetching
from appliance.ledger.limits import Limits
from appliance.ledger.messages import Entries, Fetch
from appliance.ledger.peers import Peer, Peers
from appliance.ledger.proofs import CommitProof, VerifyStore, is_proven, start_of
from appliance.ledger.tail import Tail


class Following:
    """Asks for committed entries and takes them into the tail."""

    def __init__(
        self, peers: Peers, tail: Tail, fetching: Fetching, limits: Limits, verify: VerifyStore
    ) -> None:
        self._fetching = fetching
        self._verify = verify
        self._distrusts = ""
        self._peers = peers
        self._tail = tail
        self._limits = limits

    def ask(self) -> list[Effect]:
        """Ask for much from the upstream that is furthest ahead, for one entry from the others."""
        up = [peer for peer in self._peers if peer.up]
        trusted = [peer for peer in up if peer.name != self._distrusts]
        ahead = max(trusted, key=lambda peer: peer.last_index, default=None)
        return [self._fetch(peer, self._limits.fetch_bytes if peer is ahead else 1) for peer in up]

    def took(self, now_s: float, peer: Peer, message: Entries, patience_s: float) -> list[Effect]:
        """Committed entries came: take what continues the log, and ask at once if there is more.

        What is gone from an upstream that is ahead is fetched as a snapshot instead.
        """
        book = self._tail.book
        if message.first != book.last_index + 1 or peer.name == self._distrusts:
            return []
        if message.first <= message.base_index:
            return self._fetching.need(now_s, patience_s)
        proven_index, proven_root = start_of(message.commit)
        committed = [e for e in message.entries if e.index <= proven_index]
        sound = self._tail.take(committed)
        book = self._tail.book
        if not sound or (
            book.last_index == proven_index
            and committed
            and not self._is_proven(message.commit, proven_root)
        ):
            # Somebody makes it up, now or before: start again, and not with this upstream.
            self._tail.forget()
            self._distrusts = peer.name
            return []
        effects = self._tail.commit(book.last_index)
        if committed and book.last_index < proven_index:
            effects.append(self._fetch(peer, self._limits.fetch_bytes))
        return effects

    def _is_proven(self, proof: CommitProof | None, root: bytes) -> bool:
        book = self._tail.book
        return (
            proof is not None
            and book.last_root == root
            and is_proven(proof, book.state.membership, self._verify)
        )

    def _fetch(self, peer: Peer, bytes_max: int) -> Tell:
        return Tell(peer.name, Fetch(None, self._tail.book.last_index + 1, bytes_max))
