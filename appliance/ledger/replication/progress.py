"""Bringing each upstream to the coordinator's log, and keeping it there.

An upstream that promised gets an *adopt*: everything after its own commit, in one transaction. What
does not fit one message is staged first, in chunks fetched from another upstream, so that no
partial log ever carries the new adopted term (design D1). One that adopted gets appends, a few at a
time, and while it is far behind many in one adopt, which lengthens its log as appends do.
"""

from __future__ import annotations

from appliance.ledger.certificates.proofs import Vow
from appliance.ledger.effects import Effect, Tell
from appliance.ledger.election.terms import Term
from appliance.ledger.leader.peers import ADOPTING, FOLLOWING, STAGING, Peer, Peers, Relay
from appliance.ledger.limits import Limits
from appliance.ledger.log.tail import Tail
from appliance.ledger.messages import (
    Adopt,
    Append,
    Behind,
    Entries,
    Entry,
    Fetch,
    SnapshotChunk,
    SnapshotChunkRequest,
    SnapshotHead,
    SnapshotHeadRequest,
    Stage,
    Staged,
    StageSnapshot,
)

GAINED_NOTHING_S = 0.1
"""So long the same entries are not sent again in bulk: its disk may be behind its memory."""
ASKED_MAX = 4
"""How often one upstream is asked for the same piece of its snapshot before another one is."""


class Replication:
    """Sends adopts, staged chunks and appends; keeps its place in each `Peer`."""

    def __init__(self, peers: Peers, tail: Tail, limits: Limits) -> None:
        self._peers = peers
        self._tail = tail
        self._limits = limits
        self.vows: tuple[Vow, ...] = ()

    def outgrown(self) -> bool:
        """Whether so many stores were replaced in this term that its vows convince nobody new.

        An upstream believes vows of those only who vote by the log it is given (`proofs.weigh`).
        """
        membership = self._tail.book.state.membership
        counted = {vow.store for vow in self.vows if membership.member(vow.store) is not None}
        return bool(membership.voters) and len(counted) < membership.needed

    def bring(self, now_s: float, peer: Peer, term: Term) -> list[Effect]:
        """Give an upstream that promised `term` the chosen log, by adopt or by staging first.

        One that adopted it already, and fell far behind since, gets the rest in the same way.
        """
        promise = peer.promise
        if promise is None:
            return []
        book, window = self._tail.book, self._tail.window
        cut_index, cut_root = peer.common()
        have = max(cut_index, peer.staged_to)
        tail = window.after(have, self._limits.message_entries, self._limits.message_bytes)
        peer.asked_at_s = now_s
        if peer.relay is not None and not peer.relay.whole:
            peer.phase = STAGING
            if self._peers[peer.relay.source].up and peer.relay.asked < ASKED_MAX:
                return self._relay(peer.relay)
            peer.distrusts, peer.relay = peer.relay.source, None
        if tail is not None and have + len(tail) == window.last_index:
            peer.phase = ADOPTING
            adopt = Adopt(
                term,
                cut_index,
                cut_root,
                have,
                tail,
                book.last_index,
                book.last_root,
                () if peer.in_term else self.vows,
                self._tail.proof,
                peer.relay.sealed if peer.relay is not None else None,
            )
            return [Tell(peer.name, adopt)]
        peer.phase = STAGING
        if tail:
            return [Tell(peer.name, Stage(term, tail))]
        return self._fetch_for(peer, have + 1, term)

    def bring_again(self, now_s: float, after_s: float, term: Term) -> list[Effect]:
        """What was brought that long ago and not answered may be lost: bring it again."""
        effects: list[Effect] = []
        for peer in self._peers:
            overdue = now_s - peer.asked_at_s > after_s
            if peer.up and overdue and peer.phase in (STAGING, ADOPTING):
                effects += self.bring(now_s, peer, term)
        return effects

    def staged(self, now_s: float, peer: Peer, message: Staged, term: Term) -> list[Effect]:
        """A chunk arrived there: send the next one, or the adopt."""
        if peer.phase != STAGING:
            return []
        to_index, relay = message.to_index, peer.relay
        if relay is not None and not relay.whole:
            before, relay.done = relay.done, message.chunks
            if relay.done <= before:
                return []
            relay.asked = 0
            return self.bring(now_s, peer, term)
        before, peer.staged_to = peer.staged_to, to_index
        if to_index <= before:  # Nothing gained: to go on at once would go on for ever.
            return []
        return self.bring(now_s, peer, term)

    def feed(self, now_s: float, peer: Peer, term: Term) -> list[Effect]:
        """Send the entries that a following upstream lacks, a bounded number in flight."""
        window = self._tail.window
        if peer.phase == FOLLOWING and self._far_behind(peer):
            return self._in_bulk(now_s, peer, term)
        room = self._limits.in_flight - (peer.sent_index - peer.match_index)
        if peer.phase != FOLLOWING or room <= 0 or peer.sent_index >= window.last_index:
            return []
        entries = window.after(peer.sent_index, room, self._limits.message_bytes)
        if entries is None:
            peer.staged_to = 0
            return self.bring(now_s, peer, term)
        previous = window.root_at(peer.sent_index)
        assert previous is not None
        return self._append(peer, entries, previous, term)

    def _far_behind(self, peer: Peer) -> bool:
        """The newest entry does not count: it may be a batch, and an adopt endorses nothing."""
        return self._tail.window.last_index - 1 - peer.match_index > self._limits.bulk_entries

    def _in_bulk(self, now_s: float, peer: Peer, term: Term) -> list[Effect]:
        """Give an upstream that is far behind in this term the next entries in one transaction.

        One by one each would cost a sync of its disk, its signature, and our look at that, while
        others wait for batches. Like an append it only lengthens the log.
        """
        if peer.sent_index > peer.match_index:  # Appends are on their way: not past them.
            return []
        again = peer.bulk_after == peer.match_index
        if again and now_s - peer.asked_at_s < GAINED_NOTHING_S:
            return []
        window, limits = self._tail.window, self._limits
        tail = window.after(peer.match_index, limits.message_entries, limits.message_bytes)
        if tail is None:
            peer.staged_to = 0
            return self.bring(now_s, peer, term)
        if tail[-1].index == window.last_index:
            tail = tail[:-1]
        peer.phase, peer.asked_at_s, peer.bulk_after = ADOPTING, now_s, peer.match_index
        at, root, end = peer.match_index, peer.match_root, tail[-1]
        adopt = Adopt(term, at, root, at, tail, end.index, end.root, (), self._tail.proof, None)
        return [Tell(peer.name, adopt)]

    def behind(self, now_s: float, peer: Peer, message: Behind, term: Term) -> list[Effect]:
        """An append did not fit: go on from where its log ends, if that is where ours was."""
        if self._tail.may_hold(message.last_index, message.last_root):
            peer.match_index = peer.sent_index = message.last_index
            peer.match_root = message.last_root
            return self.feed(now_s, peer, term)
        peer.ask_again()
        return []

    def fetched(self, now_s: float, message: Entries, term: Term) -> list[Effect]:
        """Entries that were fetched from one upstream for others: to be staged there.

        Late ones may have been cut since, and one host may make them up. The adopt that follows
        says how the log must end, so what does not lead there is refused by who staged it.
        """
        effects: list[Effect] = []
        for peer in self._peers:
            if peer.phase != STAGING or not peer.wanted or peer.wanted != message.first:
                continue
            if message.entries:
                peer.wanted, peer.asked_at_s = 0, now_s
                effects.append(Tell(peer.name, Stage(term, message.entries)))
            elif message.first <= message.base_index:  # Gone: a snapshot stands for them.
                peer.wanted, peer.staged_to = 0, 0
                peer.relay = Relay(peer.feeder)
                effects += self._relay(peer.relay)
        return effects

    # --- snapshots, from one upstream to another ---

    def pass_on(
        self, now_s: float, peer: Peer, message: SnapshotHead | SnapshotChunk, term: Term
    ) -> list[Effect]:
        """What an upstream gives of its snapshot, for those that wait for it."""
        if isinstance(message, SnapshotHead):
            return self._offered(now_s, peer.name, message, term)
        return self._chunk(peer.name, message, term)

    def _offered(self, now_s: float, name: str, message: SnapshotHead, term: Term) -> list[Effect]:
        """An upstream says which snapshot it has: pass it on to whoever waits for one from there.

        Whether it is to be believed is for the one that adopts it to say.
        """
        effects: list[Effect] = []
        for peer in self._peers:
            relay = peer.relay
            if relay is None or relay.source != name or peer.phase != STAGING or relay.whole:
                continue
            sealed = message.sealed
            if sealed is None or sealed.head.index > self._tail.book.commit_index:
                continue
            if relay.sealed is None or relay.sealed.head != sealed.head:
                relay.done = 0
            relay.sealed, relay.chunks, relay.asked = sealed, message.chunks, 0
            effects += self.bring(now_s, peer, term)
        return effects

    def _chunk(self, name: str, message: SnapshotChunk, term: Term) -> list[Effect]:
        """A chunk of a snapshot came: pass it on."""
        effects: list[Effect] = []
        for peer in self._peers:
            relay = peer.relay
            if relay is None or relay.source != name or peer.phase != STAGING:
                continue
            if relay.sealed is None or relay.sealed.head.index != message.index:
                continue
            if message.chunk == relay.done:
                head = relay.sealed.head
                staged = StageSnapshot(term, head, message.chunk, message.data)
                effects.append(Tell(peer.name, staged))
        return effects

    def _relay(self, relay: Relay) -> list[Effect]:
        """Ask for the next of what is to be passed on."""
        relay.asked += 1
        if relay.sealed is None:
            return [Tell(relay.source, SnapshotHeadRequest())]
        return [Tell(relay.source, SnapshotChunkRequest(relay.sealed.head.index, relay.done))]

    def _append(
        self,
        peer: Peer,
        entries: tuple[Entry, ...],
        previous: bytes,
        term: Term,
    ) -> list[Effect]:
        effects: list[Effect] = []
        for entry in entries:
            live = entry.term == term
            effects.append(Tell(peer.name, Append(term, entry, previous, live)))
            previous, peer.sent_index = entry.root, entry.index
        return effects

    def _fetch_for(self, peer: Peer, first: int, term: Term) -> list[Effect]:
        """Ask another upstream, one that has them, for entries that are no longer in memory."""
        able = [
            other
            for other in self._peers
            if other is not peer
            and other.up
            and (other.promise is not None or other.phase == FOLLOWING)
            and other.last_index >= first
        ]
        # Whoever gave what led nowhere, or nothing, is asked again only if there is nobody else.
        if peer.wanted == first:
            peer.distrusts = peer.feeder
        for other in sorted(able, key=lambda other: other.name == peer.distrusts):
            peer.wanted, peer.feeder = first, other.name
            return [Tell(other.name, Fetch(term, first, self._limits.fetch_bytes))]
        return []
