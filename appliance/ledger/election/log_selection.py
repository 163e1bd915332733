"""Choosing a log among promises: the rule, and whom not to believe (design D1, D3).

The rule is: highest adopted term, then highest last index. It is right as long as promises are
true, so they are looked into before the chosen log is adopted: a store must have been shown two
vows of the term that it claims to have adopted, must hold what it signed, and must not contradict
the others. `proofs.weigh` is the same rule from the other side: each upstream checks by it what it
is asked to adopt.

What can go wrong in here is to judge by a log that the liar himself supplied. So who votes is read
from the log that was chosen, and a log by which its own promises do not count is no choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from appliance.details import code_of, detail
from appliance.ledger.certificates.proofs import (
    CONFLICT,
    NOT_CHOSEN,
    NOT_FOUNDED,
    TOO_FEW,
    CommitProof,
    Contains,
    VerifyStore,
    Vow,
    believable,
    best_on,
    has_signed,
    is_proven,
    is_signed,
    rank,
    voting,
    weigh,
)
from appliance.ledger.effects import Disputed, Effect
from appliance.ledger.election.terms import Term
from appliance.ledger.leader.peers import Peer, Peers
from appliance.ledger.log.tail import Tail
from appliance.ledger.membership.founding_anew import UNFOUNDED, founding, named
from appliance.ledger.membership.turned_back import TurnedBack
from appliance.ledger.messages import Entry, Promise
from appliance.licences.commands import Found

UNPROVEN_BYTES_MAX = 64 << 20
"""More than this of a log is not read on one upstream's word. An honest one is ahead of the others
by what is on its way, and by what two of them signed."""
FORGOT = detail("log-forgot")
NO_VOTE = detail("no-vote-yet")
WAIT_FOR_MORE = frozenset({TOO_FEW, CONFLICT, NOT_FOUNDED}) | UNFOUNDED


class LogSelection:
    """One term's choice. `chosen` is the promise of `holder`; `vows` justify it, once judged.

    `put_back` knows which stores were put back to an earlier state; with `hopeless`, no log can be
    adopted by what was promised.
    """

    def __init__(self, peers: Peers, tail: Tail, verify: VerifyStore, own: Found) -> None:
        """`own` founds a ledger from nothing."""
        self._own = self._founding = own
        self._peers = peers
        self._tail = tail
        self._verify = verify
        self.put_back = TurnedBack(peers, tail, verify)
        self.restart()

    def restart(self) -> None:
        """A term begins or ended."""
        self.chosen: Vow | None = None
        self.holder = ""
        self.vows: tuple[Vow, ...] = ()
        self._rejected: set[str] = set()
        self._judged: set[str] = set()
        self._misfits: set[str] = set()
        self._two_at_s: float | None = None
        self._unproven_bytes = 0
        self._doubts: dict[str, str] = {}
        self.hopeless = False

    def heard(self, now_s: float, peer: Peer, message: Promise) -> bool:
        """A promise came: False if it is not what the store that it names can have said."""
        vow = message.vow
        if vow.term != message.term or not vow.store or not is_signed(vow, self._verify):
            return False
        peer.store = vow.store
        if self._two_at_s is None and len(self._peers.promised()) + 1 >= self._peers.needed:
            self._two_at_s = now_s
        return True

    def ripe(self, now_s: float, patience_s: float) -> bool:
        """Whether to choose now: all three promised, or two did and the third had its time.

        The third is worth a beat: with two, one that lies or forgot could deny what only the
        third knows.
        """
        promised = {peer.name for peer in self._peers.promised()}
        if len(promised) < self._peers.needed or promised == self._judged:
            return False
        others = [p for p in self._peers if p.name not in promised and p.up]
        waited = self._two_at_s is not None and now_s - self._two_at_s >= patience_s
        return not others or waited

    def endless(self, entries: Sequence[Entry]) -> bool:
        """Whether with these entries too much was read of a log that its holder alone vouches for.

        A liar has as many entries as anybody would read.
        """
        ends = sorted(p.promise.vow.last_index for p in self._peers.promised() if p.promise)
        known = ends[-self._peers.needed] if len(ends) >= self._peers.needed else 0
        if entries[-1].index > known:
            known = max((known, *(proof.index for proof in self._proofs())))
        beyond = (entry for entry in entries if entry.index > known)
        self._unproven_bytes += sum(entry.held_bytes for entry in beyond)
        return self._unproven_bytes > UNPROVEN_BYTES_MAX

    def outdone(self) -> bool:
        """Whether a better log was promised while the chosen one was read."""
        best, chosen = self._best(), self.chosen
        if best is None or best.promise is None or chosen is None:
            return False
        return rank(best.promise.vow) > rank(chosen)

    def _best(self) -> Peer | None:
        """The holder that the rule prefers among those not rejected."""
        able = (peer for peer in self._peers.promised() if peer.name not in self._rejected)
        return max(able, key=Peer.rank, default=None)

    def choose(self) -> bool:
        """Choose by the rule among those not rejected; False if there are too few promises."""
        self.chosen, self.holder, self._unproven_bytes = None, "", 0
        promised, best = self._peers.promised(), self._best()
        self._judged = {peer.name for peer in promised}
        if best is None or best.promise is None or len(promised) < self._peers.needed:
            return False
        self.chosen, self.holder = best.promise.vow, best.name
        return True

    def found(self) -> Found:
        """What the ledger begins with if its log is empty; it lists the stores that promised.

        Its rules are the newest that this host and all three stores know, and no older ones than
        what is restored was made under.
        """
        promises = (peer.promise for peer in self._peers)
        known = min(self._tail.rules, *(p.rules for p in promises if p is not None))
        rules = max(self._founding.rules, known)
        stores = tuple((peer.name, peer.store) for peer in self._peers)
        return msgspec.structs.replace(named(self._founding, stores), rules=rules)

    def waits(self, why: str = "") -> str:
        """For what this term waits, and why what was promised is not enough."""
        self.hopeless = bool(self._doubts) or why in (TOO_FEW, CONFLICT)
        doubts = self._doubted()
        if why and doubts:
            return detail("waits-why-and-doubts", why=why, doubts=doubts)
        if why:
            return detail("waits-for-promise", why=why)
        return detail("waits-and-doubts", doubts=doubts) if doubts else detail("waits-for-promises")

    def too_long(self, phase: str) -> str:
        """A phase did not come to an end, and perhaps why."""
        doubts = self._doubted()
        if doubts:
            return detail("too-long-and-doubts", phase=phase, doubts=doubts)
        return detail("too-long", phase=phase)

    def _doubted(self) -> str:
        """Whose logs that were promised do not count, each with the code that says why."""
        return "; ".join(f"{name}: {code_of(why)}" for name, why in sorted(self._doubts.items()))

    def reject(self, why: str) -> list[Effect]:
        """The chosen log is no honest one, or ends where nobody may follow: choose without it."""
        assert self.chosen is not None
        self._rejected.add(self.holder)
        if why == NO_VOTE:
            return []
        self._doubts[self.holder] = why
        return [Disputed(self.holder, self.chosen.last_index)]

    def misfit(self, name: str, entries: Sequence[Entry]) -> None:
        """Of the chosen log these entries do not follow on what is here.

        What is committed here is common to all logs of this ledger. So if two upstreams give what
        does not follow on it, or the only one that can be read, the copy is of another ledger, from
        before this one was founded anew: it is dropped.
        """
        book = self._tail.book
        if not entries or book.last_index != book.commit_index:
            return  # It contradicts itself, or has nothing.
        self._misfits.add(name)
        others = [p for p in self._peers.promised() if p.name not in self._misfits]
        if len(self._misfits) >= self._peers.needed or len(others) < self._peers.needed:
            self._tail.forget()

    def judge(self, term: Term) -> str:
        """Whether the log that was read may be adopted: "" if so, else why not.

        WAIT_FOR_MORE are the reasons that one more promise may mend.
        """
        book, chosen = self._tail.book, self.chosen
        assert chosen is not None
        self.put_back.look()
        membership = book.state.membership
        promised = self._peers.promised()
        if not membership.voters:
            empty = all(p.promise and p.promise.vow.last_index == 0 for p in promised)
            self.vows = tuple(p.promise.vow for p in promised if p.promise)
            if len(promised) < len(self._peers):
                return NOT_FOUNDED
            if not empty:
                return NOT_CHOSEN  # A log that nobody founded is none.
            words = (p.promise.restore for p in promised if p.promise)
            found = founding(words, self._own, self._tail.rules)
            self._founding = found if isinstance(found, Found) else self._own
            return found if isinstance(found, str) else ""
        believed = list(self._believed())
        if all(peer.name != self.holder for peer in believed) and membership.knows(chosen.store):
            return detail("holder-contradicts")
        self.vows = tuple(peer.promise.vow for peer in believed if peer.promise)

        def contains(index: int, root: bytes) -> bool | None:
            return None if index < book.commit_index else book.root_at(index) == root

        why = weigh(term, self.vows, membership, contains)
        if why == CONFLICT and len(self.vows) == len(self._peers):
            return NOT_CHOSEN  # Nobody is left to wait for: two that agree win, if two do.
        return why or self._voteless(voting(term, self.vows, membership), contains)

    def _voteless(self, counted: Sequence[Vow], contains: Contains) -> str:
        """Why the log of a store without a vote is not taken: it goes on after those of all that
        vote and are on it. Nobody would adopt that end, and nothing can have committed it."""
        chosen = self.chosen
        assert chosen is not None
        if any(vow.store == chosen.store for vow in counted):
            return ""
        end = max((vow.last_index for vow in best_on(counted, contains)), default=0)
        return NO_VOTE if end < chosen.last_index else ""

    def _believed(self) -> Iterator[Peer]:
        """Those whose promise can be true."""
        membership = self._tail.book.state.membership
        proofs = list(self._proofs())
        for peer in self._peers.promised():
            promise = peer.promise
            assert promise is not None
            vow, commit = promise.vow, promise.commit
            if vow.proof_index and (
                commit not in proofs
                or (commit.index, commit.root) != (vow.proof_index, vow.proof_root)
            ):
                continue
            forgot = any(
                proof.index > vow.last_index and has_signed(vow.store, proof, self._verify)
                for proof in proofs
            )
            if forgot:
                self._doubts[peer.name] = FORGOT
            elif believable(vow, promise.grounds, membership, self._verify):
                yield peer

    def _proofs(self) -> Iterator[CommitProof]:
        """The proofs that promises showed, and that hold."""
        membership = self._tail.book.state.membership
        for peer in self._peers.promised():
            proof = peer.promise.commit if peer.promise is not None else None
            if proof is not None and is_proven(proof, membership, self._verify):
                yield proof

    def proven(self) -> int:
        """Up to which entry the log that is being read is proven to be committed.

        The newest such proof goes with the adopt: whoever holds other entries below it, which a
        hijacked host told nobody else, can know by it that those were never committed.
        """
        book = self._tail.book
        proofs = [p for p in self._proofs() if book.root_at(p.index) == p.root]
        newest = max((p for p in proofs if self._anchored(p)), key=lambda p: p.index, default=None)
        if newest is None:
            return 0
        self._tail.prove(newest)
        return newest.index

    def _anchored(self, proof: CommitProof) -> bool:
        """Whether two stores signed this that are known by more than the log being read.

        Whoever makes up a whole ledger lists stores of his own in it: they prove what he likes.
        """
        committed = self._tail.book.membership_at(self._tail.book.commit_index)
        here = {peer.store for peer in self._peers.promised()}
        signers = {
            voice.store
            for voice in proof.voices
            if voice.store in here or committed.knows(voice.store)
        }
        signed = sum(has_signed(store, proof, self._verify) for store in signers)
        return signed >= self._peers.needed
