"""How a TMR host without a term keeps its copy of the log warm (design D5).

It asks every upstream for committed entries, a beat apart, so a takeover needs only what was not
committed yet; and the answers show which upstreams are there.
"""

from __future__ import annotations

from appliance.ledger.effects import Effect, Tell
from appliance.ledger.limits import Limits
from appliance.ledger.messages import Entries, Fetch
from appliance.ledger.peers import Peer, Peers
from appliance.ledger.tail import Tail


class Following:
    """Asks for committed entries and takes them into the tail."""

    def __init__(self, peers: Peers, tail: Tail, limits: Limits) -> None:
        self._peers = peers
        self._tail = tail
        self._limits = limits

    def ask(self) -> list[Effect]:
        """Ask for much from the upstream that is furthest ahead, for one entry from the others."""
        up = [peer for peer in self._peers if peer.up]
        ahead = max(up, key=lambda peer: peer.last_index, default=None)
        return [self._fetch(peer, self._limits.fetch_bytes if peer is ahead else 1) for peer in up]

    def took(self, peer: Peer, message: Entries) -> list[Effect]:
        """Committed entries came: take what continues the log, and ask at once if there is more."""
        book = self._tail.book
        if message.first != book.last_index + 1:
            return []
        committed = [e for e in message.entries if e.index <= message.commit_index]
        sound = self._tail.take(committed)
        effects = self._tail.commit(book.last_index)
        if sound and committed and book.last_index < message.commit_index:
            effects.append(self._fetch(peer, self._limits.fetch_bytes))
        return effects

    def _fetch(self, peer: Peer, bytes_max: int) -> Tell:
        return Tell(peer.name, Fetch(None, self._tail.book.last_index + 1, bytes_max))
