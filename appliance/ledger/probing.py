"""Before a claim: would two upstreams promise? Nothing is persisted for it (design D4)."""

from __future__ import annotations

from typing import Final

from appliance.ledger.effects import Effect, Tell
from appliance.ledger.messages import Probe, ProbeReply
from appliance.ledger.peers import Peer, Peers
from appliance.licences.members import VOTES_NEEDED

PROBES_VALID = 3
"""A "willing" counts for this many probes: they are a beat apart, and answers take a while."""


REST_MIN_S: Final = 0.25
REST_MAX_S: Final = 8.0
"""So long no term is tried after one that nothing but another host could have helped."""


class Probing:
    """Asks, and counts who is willing.

    Terms that lead nowhere would be prepared for ever, several a second, each a write at every
    upstream. So after each that ended with no log to adopt, although all that are here promised,
    the next one waits twice as long, until a host comes or goes.
    """

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self._probes = 0
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
        return [Tell(peer.name, Probe(self._probes)) for peer in self._peers if peer.up]

    def replied(self, now_s: float, peer: Peer, message: ProbeReply) -> bool:
        """An answer came: whether two are willing now, and it is time for a term."""
        peer.willing = message.number if message.willing else 0
        valid = max(0, self._probes - PROBES_VALID)
        willing = [p for p in self._peers if p.up and p.willing > valid]
        return len(willing) >= VOTES_NEEDED and now_s >= self._rests_until_s
