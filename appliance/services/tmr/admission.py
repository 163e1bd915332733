"""Who may go on: each request's certificate is asked for anew, and each client's pace is bounded.

TLS looks at a certificate once, when a connection is made, and a resumed session shows the old one
again. So both of its ends are looked at here for every request: whether it was dismissed, which the
ledger says, and whether it has ended. What time it is the ledger says, too, since one wrong clock
must not shut out everybody: this computer's clock counts while it is near log time.

The pace is a bucket of tokens for each client. What costs one is what may become an entry of the
ledger, which three disks keep; a heartbeat is none. What can go wrong in here is a table that
grows with names: it has room for BUCKETS_MAX, and a full bucket is forgotten first, since a new one
is full as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from appliance.adapters.pki import Identity
from appliance.ledger.book import Book
from appliance.services.tmr.problems import Refusal

ORDERS_PER_S: Final = 1_000
"""Requests of one client in a second, in the long run, that may become entries."""
ORDERS_BURST: Final = 10_000
"""How many of them at once: after a failover all of a client's programs come back together."""
BUCKETS_MAX: Final = 10_000
NEAR_MS: Final = 120_000
"""An idle ledger's log time moves once a minute."""


def now_ms(log_time_ms: int, wall_ms: int) -> int:
    """Unix ms to compare a certificate's end with: this computer's clock if it is near log time,
    else log time, which three upstreams vote on."""
    if log_time_ms and abs(wall_ms - log_time_ms) > NEAR_MS:
        return log_time_ms
    return wall_ms


def why_not(identity: Identity, book: Book, wall_ms: int) -> str:
    """Why this certificate is good no more, "" if it is good."""
    dismissed = book.state.dismissed.get(identity.serial)
    if dismissed is not None:
        return f"this certificate of {identity.name} was dismissed: use a new one"
    ended = identity.ends_at_s and identity.ends_at_s * 1000 <= now_ms(book.log_time_ms, wall_ms)
    if ended:
        return f"this certificate of {identity.name} has ended: use a new one"
    return ""


class Pace:
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
                f"{client} asks for more than {self._per_s:g} check-outs, units and check-ins a"
                " second: wait a second, then repeat it with the same id",
            )
        if len(self._buckets) >= BUCKETS_MAX:
            # The one that was used longest ago comes first, and is full again soonest.
            del self._buckets[next(iter(self._buckets))]
        self._buckets[client] = (left - 1.0, now_s)
