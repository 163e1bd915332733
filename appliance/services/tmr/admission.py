"""How much one client may ask for: a bucket of tokens each.

What costs one is what may become an entry of the ledger, which three disks keep; a heartbeat is
none. What can go wrong in here is a table that grows with names: it has room for BUCKETS_MAX, and
the one that was used longest ago is forgotten first, since that is full again soonest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from appliance.details import detail
from appliance.services.tmr.problems import Refusal

ORDERS_PER_S: Final = 1_000
"""Requests of one client in a second, in the long run, that may become entries."""
ORDERS_BURST: Final = 10_000
"""How many of them at once: after a failover all of a client's programs come back together."""
BUCKETS_MAX: Final = 10_000


class ClientPace:
    """Token buckets by client: `burst` at once, and `per_s` in a second of `boot_s`."""

    def __init__(self, boot_s: Callable[[], float], per_s: float, burst: float) -> None:
        self._boot_s = boot_s
        self._per_s = per_s
        self._burst = burst
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, client: str) -> None:
        """One request of this client. Raises Refusal "too-many-requests"."""
        now_s = self._boot_s()
        left, at_s = self._buckets.pop(client, (self._burst, now_s))
        left = min(self._burst, left + (now_s - at_s) * self._per_s)
        if left < 1.0:
            self._buckets[client] = (left, now_s)
            raise Refusal(
                "too-many-requests",
                detail("client-too-fast", client=client, per_s=f"{self._per_s:g}"),
            )
        if len(self._buckets) >= BUCKETS_MAX:
            # The one that was used longest ago comes first, and is full again soonest.
            del self._buckets[next(iter(self._buckets))]
        self._buckets[client] = (left - 1.0, now_s)
