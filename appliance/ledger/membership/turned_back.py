"""Which stores do not hold any more what they signed: their disks were put back (issue 12, HA1).

A proof of a commit bears the signatures of two stores, each given once the entry was durable
there. A store that signed an entry never loses it by itself: whatever it adopts later has that
entry in it. So one that shows another log was put back to an earlier state, by a snapshot of its
virtual machine or a copy of its disk. Nothing is decided by this: it is for people to know.

What can go wrong in here is to accuse an honest store. So the signature is verified, and where the
log that a store holds now cannot be compared, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from appliance.ledger.certificates.proofs import CommitProof, VerifyStore, has_signed, is_proven
from appliance.ledger.leader.peers import Peer, Peers
from appliance.ledger.log.tail import Tail

STORES_MAX: Final = 8
"""For so many stores it is remembered: the newest."""


@dataclass(frozen=True, slots=True)
class PutBack:
    """The store at `place` signed entry `signed_index`, which `known_by` holds, and lacks it.

    `root` is the log's there, `witness` the store that showed the signature.
    """

    place: str
    signed_index: int
    known_by: str
    root: bytes
    witness: bytes


class TurnedBack:
    """What was found, by the id of the store that was put back.

    It is remembered until that store holds the entry again, or one of the two is replaced.
    """

    def __init__(self, peers: Peers, tail: Tail, verify: VerifyStore) -> None:
        self._peers = peers
        self._tail = tail
        self._verify = verify
        self._found: dict[bytes, PutBack] = {}

    def get(self, store: bytes) -> PutBack | None:
        """What was found of this store, None if nothing was, or if it is mended."""
        found = self._found.get(store)
        if found is None:
            return None
        peer, window = self._peers[found.place], self._tail.window
        mended = peer.in_term and window.root_at(found.signed_index) == found.root
        if mended or self._peers[found.known_by].store != found.witness:
            del self._found[store]
            return None
        return found

    def look(self) -> None:
        """Compare what the promises at hand show with what their stores hold, by the log that is
        read or served."""
        for found, store in self._look(self._tail):
            self._found.pop(store, None)
            self._found[store] = found
            if len(self._found) > STORES_MAX:
                del self._found[next(iter(self._found))]

    def _look(self, tail: Tail) -> Iterator[tuple[PutBack, bytes]]:
        for witness in self._peers:
            proof = witness.promise.commit if witness.promise is not None else None
            if proof is None or not is_proven(proof, tail.book.state.membership, self._verify):
                continue
            for peer in self._peers:
                if (
                    peer is not witness
                    and peer.store
                    and has_signed(peer.store, proof, self._verify)
                    and _lacks(peer, proof, tail)
                ):
                    found = PutBack(peer.name, proof.index, witness.name, proof.root, witness.store)
                    yield found, peer.store


def _lacks(peer: Peer, proof: CommitProof, tail: Tail) -> bool:
    """Whether this store's log, as it showed it in this term, is without the proven entry."""
    vow = peer.promise.vow if peer.promise is not None else None
    window = tail.window
    if peer.in_term or (vow is not None and window.root_at(vow.last_index) == vow.last_root):
        here = window.root_at(proof.index)
        if proof.index > window.last_index or (here is not None and here != proof.root):
            return True
    if vow is None or peer.in_term:
        return False
    return proof.index > vow.last_index or proof.term > vow.adopted
