"""What two upstreams contradict in a third, told to people: at once, then every minute at most.

A twin that the vendor has yet to issue anew contradicts every batch, hundreds a second; the metric
counts them all, the log and the event stream need not.
"""

from __future__ import annotations

import logging
from typing import Final

from appliance.adapters.quiet import Quiet, without_numbers
from appliance.ledger.effects import Disputed, Doubted
from appliance.ledger.leader.coordinator import Coordinator
from appliance.services.tmr.events import Hub

TELL_EVERY_S: Final = 60.0

log = logging.getLogger(__name__)


class Disputes:
    """Tells of each upstream's disputes how many there were since it told of them last."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._untold: dict[str, int] = {}
        self._told_at_s: dict[str, float] = {}
        self._doubted_at_s: dict[str, float] = {}

    def note(self, now_s: float, effect: Disputed) -> None:
        """One more; `now_s` is boot time."""
        name = effect.upstream
        count = self._untold.get(name, 0) + 1
        if name in self._told_at_s and now_s - self._told_at_s[name] < TELL_EVERY_S:
            self._untold[name] = count
            return
        self._untold[name], self._told_at_s[name] = 0, now_s
        log.error("disputed upstream=%s index=%d count=%d", name, effect.index, count)
        self._hub.publish("disputed", {"upstream": name, "index": effect.index, "count": count})

    def doubted(self, now_s: float, effect: Doubted) -> None:
        """An upstream said what no honest one says; it was not believed, and it is named."""
        name = effect.upstream
        if now_s - self._doubted_at_s.get(name, -TELL_EVERY_S) >= TELL_EVERY_S:
            self._doubted_at_s[name] = now_s
            log.error("doubted upstream=%s why=%s", name, effect.what)


def tell_apart(quiet: Quiet, coordinator: Coordinator, now_s: float) -> None:
    """What keeps an upstream out and no time mends; `now_s` is boot time."""
    for peer in coordinator.peers:
        found = coordinator.put_back.get(peer.store)
        if found is not None:
            quiet.tell(
                now_s,
                ("put back", peer.store),
                logging.ERROR,
                "two logs, both vouched for: %s signed entry %d, which %s holds, and does not hold"
                " it any more: its disk was put back to an earlier state",
                *(found.place, found.signed_index, found.known_by),
            )
        if peer.refuses:
            key = ("refuses", peer.name, without_numbers(peer.refuses))
            text = "upstream=%s refuses the log that it is given: %s"
            quiet.tell(now_s, key, logging.WARNING, text, peer.name, peer.refuses)
