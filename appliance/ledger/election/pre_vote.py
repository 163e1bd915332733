"""Before a claim: would two upstreams promise, and which term is above what they promised (D4)?

Nothing is persisted for a probe. Terms go upwards, so a claim has to be above what was promised;
but what an upstream promised is its word alone, and a promise is never taken back:

    two promised it, or a higher one    it counts: the second-highest word of three
    one alone says it promised more     not believed at a probe. If it refuses a claim for it, one
                                        is made above that: at once if there are no two others, else
                                        once at once and then ever more seldom
    that is too far above the others    an impossible term: the host is named, and not followed

What can go wrong in here is one lying host that steers the others: with the highest word it could
make an honest coordinator claim what no honest upstream promises, and so stop the system; by a
higher word at each claim it could end every term.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from appliance.ledger.certificates.proofs import VerifyStore, furthest
from appliance.ledger.effects import Doubted, Effect, Tell
from appliance.ledger.election.terms import LEAP_MAX, NO_TERM, STEP_MAX, Term, counter_max
from appliance.ledger.leader.peers import Peer, Peers
from appliance.ledger.messages import Prepare, PreVote, PreVoteReply, Promise, TermRefused, Vows
from appliance.ledger.replica.standing import BAD_REQUEST, DAMAGED, OUT_OF_DATE

PROBES_VALID = 3
"""A "willing" counts for this many probes: they are a beat apart, and answers take a while."""
BELIEVED_MAX: Final = 3 * STEP_MAX
"""So far above the others' words one alone may be: a hijacked TMR host can bring it there."""
CLAIM_MAX: Final = STEP_MAX - (1 << 20)
"""So far a claim goes above what two promised, below what they refuse as a leap: after a claim that
came to nothing the next one is higher."""
YIELD_FIRST_S: Final = 1.0
YIELD_MAX_S: Final = 600.0
"""How long a term is kept after the last one was given up for the same upstream's word alone: the
wait doubles from the first to the second."""
FORGIVEN_S: Final = 3600.0


REST_MIN_S: Final = 0.25
REST_MAX_S: Final = 8.0
"""So long no term is tried after one that nothing but another host could have helped."""


class PreVotes:
    """Asks, counts who is willing, and knows which term to claim next.

    Terms that lead nowhere would be prepared for ever, several a second, each a write at every
    upstream. So after each that ended with no log to adopt, although all that are here promised,
    the next one waits twice as long, until a host comes or goes.
    """

    def __init__(self, peers: Peers, host: str, nonce: int, verify: VerifyStore) -> None:
        """`nonce` is this process's part of each term that it claims."""
        self._peers = peers
        self._verify = verify
        self._host = host
        self._nonce = nonce
        self._probes = 0
        self._claimed = 0
        self._yields: dict[str, tuple[float, int]] = {}
        self._rest_s = REST_MIN_S
        self._rests_until_s = -1e9

    def rest(self, now_s: float, hopeless: bool) -> None:
        """A term ended without a log; with `hopeless` what was promised allows none."""
        if hopeless and all(peer.promise is not None for peer in self._peers if peer.up):
            self._rests_until_s = now_s + self._rest_s
            self._rest_s = min(2 * self._rest_s, REST_MAX_S)

    def wake(self) -> None:
        """Something changed: try again at once."""
        self._rest_s, self._rests_until_s = REST_MIN_S, -1e9

    def ask(self) -> list[Effect]:
        """Ask all whose link stands."""
        self._probes += 1
        return [Tell(peer.name, PreVote(self._probes)) for peer in self._peers if peer.up]

    def replied(self, now_s: float, peer: Peer, message: PreVoteReply) -> bool:
        """An answer came: whether two are willing now, and it is time for a term."""
        asked = message.number <= self._probes
        peer.willing = message.number if message.willing and asked else 0
        valid = max(0, self._probes - PROBES_VALID)
        willing = [p for p in self._peers if p.up and p.willing > valid]
        return len(willing) >= self._peers.needed and now_s >= self._rests_until_s

    def heard(self, peer: Peer, promised: Term) -> list[Effect]:
        """An upstream says what it promised; Doubted if that cannot be, once for each such word."""
        peer.promised = promised
        if not self._impossible(peer) or peer.doubted == promised:
            return []
        peer.doubted = promised
        return [Doubted(peer.name, f"claims an impossible term, {promised}")]

    def above(self, lone: Peer | None = None) -> Term:
        """The term to claim: above what two promised, and above what this one alone says it did."""
        second = self._vouched().counter
        counter = max(second, self._claimed) + 1
        if lone is not None and not self._impossible(lone):
            counter = max(counter, min(lone.promised.counter + 1, second + CLAIM_MAX))
        self._claimed = counter
        return Term(counter, self._host, self._nonce)

    def refused(self, peer: Peer, message: TermRefused) -> list[Effect]:
        """A request was refused: note what it says of the upstream."""
        peer.hears = message.hears or peer.hears
        if message.why == DAMAGED:
            peer.damaged = message.detail
        if message.why == OUT_OF_DATE:
            peer.refuses = message.detail
        far = message.term.counter > message.promised.counter + LEAP_MAX
        if message.why == BAD_REQUEST and far:
            peer.unmoved = peer.reached is not None
            peer.reached = peer.reached or 0
        return self.heard(peer, message.promised)

    def stepped(self, peer: Peer, message: Promise) -> list[Effect]:
        """A promise of another term than the one in hand, which it may lead to."""
        if peer.reached is not None:
            peer.reached = message.vow.adopted.counter
        return self.heard(peer, message.term)

    def prepare(self, term: Term, peers: Iterable[Peer]) -> list[Effect]:
        """Ask these for a promise of this term, or of one on the way to it."""
        return [Tell(peer.name, self._towards(term, peer)) for peer in peers]

    def _towards(self, term: Term, peer: Peer) -> Prepare:
        """What is asked next of an upstream that is to promise this term.

        It refuses what is too far above what it knows (`terms.counter_max`): one that was away
        while a hijacked TMR host took the others there is shown what two of them promised. One that
        knows of no store yet is not moved by that, and comes after them in steps.
        """
        if peer.reached is None:
            return Prepare(term)
        reached, vows = self._shown()
        most = counter_max(peer.promised, max(peer.reached, 0 if peer.unmoved else reached))
        return Prepare(Term(most, self._host, self._nonce) if term.counter > most else term, vows)

    def _shown(self) -> tuple[int, Vows]:
        """The highest counter of a term that two promised, and their vows: of this term, or of one
        whose log an upstream says that it adopted. 0 and none if there is no such term."""
        promises = [peer.promise for peer in self._peers if peer.promise is not None]
        knows = self._peers.membership().knows
        best: tuple[int, Vows] = 0, ()
        for vows in (tuple(p.vow for p in promises), *(p.grounds for p in promises)):
            counter = furthest(vows, knows, self._verify, self._peers.needed)
            if counter > best[0]:
                best = counter, vows
        return best

    def outdone(self, now_s: float, term: Term, peer: Peer, reachable: Iterable[str]) -> bool:
        """Whether to give up `term`, since this upstream says that it promised a higher one.

        It is if two say so, or if it takes this one to go on at all. Else, for one that was left
        out for no fault of its own, it is at most every `YIELD_FIRST_S`, doubled each time.
        """
        if peer.promised <= term or self._impossible(peer):
            return False
        if self._vouched() > term:
            return True
        here = set(reachable)
        others = [p for p in self._peers.voting() if p is not peer and p.name in here]
        if sum(not other.damaged for other in others) < self._peers.needed:
            return True
        at_s, count = self._yields.get(peer.name, (now_s, 0))
        count = 0 if now_s - at_s > FORGIVEN_S else count
        if count and now_s - at_s < min(YIELD_FIRST_S * 2.0 ** min(count - 1, 30), YIELD_MAX_S):
            return False
        self._yields[peer.name] = now_s, count + 1
        return True

    def _vouched(self) -> Term:
        """The highest term of which two say that they promised it, or a higher one."""
        return sorted(peer.promised for peer in self._peers)[-self._peers.needed]

    def _impossible(self, peer: Peer) -> bool:
        """Whether no honest upstream can have promised that, by what two others say.

        Before the founding nobody can tell.
        """
        vouched = self._vouched()
        return vouched != NO_TERM and peer.promised.counter > vouched.counter + BELIEVED_MAX
