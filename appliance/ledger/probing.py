"""Before a claim: would two upstreams promise? Nothing is persisted for it (design D4)."""

from __future__ import annotations

from appliance.ledger.effects import Effect, Tell
from appliance.ledger.messages import Probe, ProbeReply
from appliance.ledger.peers import Peer, Peers
from appliance.licences.members import VOTES_NEEDED

PROBES_VALID = 3
"""A "willing" counts for this many probes: they are a beat apart, and answers take a while."""


class Probing:
    """Asks, and counts who is willing."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self._probes = 0

    def ask(self) -> list[Effect]:
        """Ask all whose link stands."""
        self._probes += 1
        return [Tell(peer.name, Probe(self._probes)) for peer in self._peers if peer.up]

    def replied(self, peer: Peer, message: ProbeReply) -> bool:
        """An answer came: whether two are willing now."""
        peer.willing = message.number if message.willing else 0
        valid = max(0, self._probes - PROBES_VALID)
        willing = [p for p in self._peers if p.up and p.willing > valid]
        return len(willing) >= VOTES_NEEDED
