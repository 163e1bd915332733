"""Making commit proofs of what upstreams acked (design D3).

A proof costs two verifications, so not every batch gets one: the newest that landed is proven when
a beat goes out and takes it along. What can go wrong in here is one bad signature that spoils all
proofs; so signatures are looked at one by one, and the third upstream's may stand in.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.ledger.certificates.proofs import CommitProof, VerifyStore, Voice, ack_bytes
from appliance.ledger.election.terms import Term
from appliance.ledger.leader.batches import Flight
from appliance.ledger.leader.peers import FOLLOWING, Peers
from appliance.ledger.log.tail import Tail


class Proving:
    """Makes proofs for the tail to keep; knows what the next one can be made of."""

    def __init__(self, peers: Peers, tail: Tail, verify: VerifyStore) -> None:
        self._peers = peers
        self._tail = tail
        self._verify = verify
        self._proof: CommitProof | None = None
        self._landed: tuple[Term, int, bytes, Mapping[str, Voice], Mapping[str, bytes]] | None = (
            None
        )

    def adopted(self, term: Term) -> None:
        """Two upstreams adopted the log as it ends here."""
        book = self._tail.book
        voices = {
            peer.name: peer.adopted
            for peer in self._peers
            if peer.phase == FOLLOWING
            and peer.adopted is not None
            and peer.match_root == book.last_root
        }
        self._landed = (term, book.last_index, book.last_root, voices, {})

    def landed(self, flight: Flight) -> None:
        """A batch is committed; more acks of it may still come."""
        entry = flight.entry
        self._landed = (entry.term, entry.index, entry.root, flight.acks, flight.digests)

    def proof(self) -> CommitProof | None:
        """The newest proof that was made here, made now if something newer landed."""
        if self._landed is not None:
            term, index, root, voices, digests = self._landed
            proof = self._made(term, index, root, voices, digests)
            if proof is not None:
                self._proof, self._landed = proof, None
                self._tail.prove(proof)
        return self._proof

    def _made(
        self,
        term: Term,
        index: int,
        root: bytes,
        voices: Mapping[str, Voice],
        digests: Mapping[str, bytes],
    ) -> CommitProof | None:
        """A proof of two voters' words that say the same and are signed."""
        by_digest: dict[bytes, list[Voice]] = {}
        for peer in self._peers.voting():
            voice, digest = voices.get(peer.name), digests.get(peer.name, b"")
            if voice is None or voice.store != peer.store:
                continue
            data = ack_bytes(term, index, root, digest)
            if self._verify(voice.store, data, voice.signature):
                agreed = by_digest.setdefault(digest, [])
                agreed.append(voice)
                if len(agreed) == self._peers.needed:
                    return CommitProof(term, index, root, digest, tuple(agreed))
        return None
