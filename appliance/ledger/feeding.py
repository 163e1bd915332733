"""Bringing each upstream to the coordinator's log, and keeping it there.

An upstream that promised gets an *adopt*: everything after its own commit, in one transaction. What
does not fit one message is staged first, in chunks fetched from another upstream, so that no
partial log ever carries the new adopted term (design D1). One that adopted gets appends, a few at a
time.
"""

from __future__ import annotations

from appliance.ledger.effects import Effect, Tell
from appliance.ledger.limits import Limits
from appliance.ledger.messages import Adopt, Append, Entries, Entry, Fetch, Stage
from appliance.ledger.peers import ADOPTING, FOLLOWING, STAGING, Peer, Peers
from appliance.ledger.tail import Tail
from appliance.ledger.terms import Term


class Feeding:
    """Sends adopts, staged chunks and appends; keeps its place in each `Peer`."""

    def __init__(self, peers: Peers, tail: Tail, limits: Limits) -> None:
        self._peers = peers
        self._tail = tail
        self._limits = limits

    def bring(self, now_s: float, peer: Peer, term: Term) -> list[Effect]:
        """Give an upstream that promised `term` the chosen log, by adopt or by staging first."""
        promise = peer.promise
        if promise is None:
            return []
        book, window = self._tail.book, self._tail.window
        have = max(promise.commit_index, peer.staged_to)
        tail = window.after(have, self._limits.message_entries, self._limits.message_bytes)
        peer.asked_at_s = now_s
        if tail is not None and have + len(tail) == window.last_index:
            peer.phase = ADOPTING
            adopt = Adopt(
                term,
                promise.commit_index,
                promise.commit_root,
                max(peer.staged_to, promise.commit_index),
                tail,
                book.commit_index,
            )
            return [Tell(peer.name, adopt)]
        peer.phase = STAGING
        if tail:
            return [Tell(peer.name, Stage(term, tail))]
        return self._fetch_for(peer, have + 1, term)

    def staged(self, now_s: float, peer: Peer, to_index: int, term: Term) -> list[Effect]:
        """A chunk arrived there: send the next one, or the adopt."""
        if peer.phase != STAGING:
            return []
        before, peer.staged_to = peer.staged_to, to_index
        if to_index <= before:  # Nothing gained: to go on at once would go on for ever.
            return []
        return self.bring(now_s, peer, term)

    def feed(self, peer: Peer, term: Term) -> list[Effect]:
        """Send the entries that a following upstream lacks, a bounded number in flight."""
        window, commit_index = self._tail.window, self._tail.book.commit_index
        room = self._limits.in_flight - (peer.sent_index - peer.match_index)
        if peer.phase != FOLLOWING or room <= 0 or peer.sent_index >= window.last_index:
            return []
        entries = window.after(peer.sent_index, room, self._limits.message_bytes)
        if entries is None:
            return self._fetch_for(peer, peer.sent_index + 1, term)
        previous = window.root_at(peer.sent_index)
        assert previous is not None
        return self._append(peer, entries, previous, term, commit_index)

    def fetched(self, now_s: float, message: Entries, term: Term) -> list[Effect]:
        """Entries that were fetched from one upstream for others.

        Late ones may have been cut since, so only what is known to be committed is used.
        """
        effects: list[Effect] = []
        book, proven = self._tail.book, message.commit_index
        if any(
            e.index == book.commit_index and e.root == book.commit_root for e in message.entries
        ):
            proven = max(proven, book.commit_index)
        entries = tuple(e for e in message.entries if e.index <= proven)
        for peer in self._peers:
            if not entries or peer.wanted != message.first:
                continue
            peer.wanted = 0
            if peer.phase == STAGING:
                peer.asked_at_s = now_s
                effects.append(Tell(peer.name, Stage(term, entries)))
            elif peer.phase == FOLLOWING and peer.match_index == message.first - 1:
                commit_index = self._tail.book.commit_index
                effects += self._append(
                    peer,
                    entries[: self._limits.in_flight],
                    peer.match_root,
                    term,
                    commit_index,
                )
        return effects

    def _append(
        self,
        peer: Peer,
        entries: tuple[Entry, ...],
        previous: bytes,
        term: Term,
        commit_index: int,
    ) -> list[Effect]:
        effects: list[Effect] = []
        for entry in entries:
            live = entry.term == term
            effects.append(Tell(peer.name, Append(term, entry, previous, commit_index, live)))
            previous, peer.sent_index = entry.root, entry.index
        return effects

    def _fetch_for(self, peer: Peer, first: int, term: Term) -> list[Effect]:
        """Ask another upstream, one that has them, for entries that are no longer in memory."""
        for other in self._peers:
            readable = other.up and (other.promise is not None or other.phase == FOLLOWING)
            if other is not peer and readable and other.last_index >= first:
                peer.wanted = first
                return [Tell(other.name, Fetch(term, first, self._limits.fetch_bytes))]
        return []
