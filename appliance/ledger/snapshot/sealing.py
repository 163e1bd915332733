"""The coordinator's part in a snapshot: bringing together what upstreams seal (design D1, D3).

It signs nothing and cannot make a snapshot of anything: it only carries each store's seal to the
others. What can go wrong in here is to lose a seal with a term; it comes again with each beat's ack
until it is answered.
"""

from __future__ import annotations

from appliance.ledger.certificates.proofs import VerifyStore
from appliance.ledger.effects import Disputed, Effect
from appliance.ledger.leader.peers import Peer, Peers
from appliance.ledger.snapshot.seals import Seal, Sealed, StateHead, is_seal


class Sealing:
    """Keeps each upstream's newest seal, and what two of them agree on."""

    def __init__(self, peers: Peers, verify: VerifyStore) -> None:
        self._peers = peers
        self._verify = verify
        self._seals: dict[str, Seal] = {}
        self._sealed: Sealed | None = None
        self._disputed: set[tuple[str, int]] = set()

    def heard(self, peer: Peer, seal: Seal | None) -> list[Effect]:
        """An upstream's own seal came with an ack; Disputed if two others sealed otherwise."""
        if seal is None:
            self._seals.pop(peer.name, None)
            return []
        if self._seals.get(peer.name) == seal:
            return []
        if seal.voice.store != peer.store or not is_seal(seal, self._verify):
            return []
        self._seals[peer.name] = seal
        agreed: dict[StateHead, list[Seal]] = {}
        for voter in self._peers.voting():
            mine = self._seals.get(voter.name)
            if mine is not None and mine.voice.store == voter.store:
                agreed.setdefault(mine.head, []).append(mine)
        for head, seals in agreed.items():
            newer = self._sealed is None or head.index > self._sealed.head.index
            if len(seals) >= self._peers.needed and newer:
                self._sealed = Sealed(head, tuple(seal.voice for seal in seals))
        return self._disputes()

    def news_for(self, peer: Peer) -> Sealed | None:
        """What this upstream has to hear: that its seal is, or is not, what two others say."""
        seal, sealed = self._seals.get(peer.name), self._sealed
        if seal is None or sealed is None or seal.head.index != sealed.head.index:
            return None
        return sealed

    def _disputes(self) -> list[Effect]:
        sealed = self._sealed
        if sealed is None:
            return []
        effects: list[Effect] = []
        for name, seal in self._seals.items():
            other, head = seal.head, sealed.head
            alike = (other.index, other.format) == (head.index, head.format)
            told = (name, head.index) in self._disputed
            if alike and other != head and not told:
                self._disputed = {(name, head.index)} | {
                    known for known in self._disputed if known[1] == head.index
                }
                effects.append(Disputed(name, head.index))
        return effects
