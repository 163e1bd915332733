"""How many requests may be under way at once: of everybody, and of each client (pure).

Every request of somebody known passes `enter` when it is known who asks, and `leave` when its
answer is on its way. What can go wrong in here is a place that is never given back: so whoever
enters leaves in a `finally`. Bounds on what is kept in the ledger (seats, leases, tombstones) are
the licence machine's and not these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from appliance.details import detail
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.problems import Refusal

KEPT_FRACTION: Final = 4
"""Of all places one in so many is kept for heartbeats, check-ins and operators."""
LISTS_MAX: Final = 256
"""Requests other than those on one lease, under way at once: each may hold a page in memory."""
LISTS_PER_CLIENT_MAX: Final = 16
HOLDERS_AGE_MAX_S: Final = 1.0
"""How old the list of those that hold leases may be, by which places are kept for them."""


class Requests:
    """Counts requests under way. `most` of all clients together, `most_per_client` of each."""

    def __init__(self, most: int, most_per_client: int) -> None:
        self._most = most
        self._unkept = most - most // KEPT_FRACTION
        self._most_per_client = most_per_client
        self._count = 0
        self._of: dict[str, int] = {}

    def __len__(self) -> int:
        return self._count

    def enter(self, who: Caller, vital: bool = False) -> None:
        """One more is under way. `vital` ones, and operators', may take the kept places.

        Raises Refusal "overloaded", and then nothing is counted.
        """
        client, own = who.client, self._of.get(who.client, 0)
        if own >= self._most_per_client:
            raise Refusal("overloaded", detail("client-requests-full", client=client, count=own))
        full = self._count >= self._unkept and (
            self._count >= self._most or not (vital or who.is_operator)
        )
        if full:
            raise Refusal("overloaded", detail("requests-full", count=self._count))
        self._count += 1
        self._of[client] = own + 1

    def leave(self, client: str) -> None:
        """One is answered."""
        self._count -= 1
        left = self._of[client] - 1
        if left:
            self._of[client] = left
        else:
            del self._of[client]


class Holders:
    """Who holds leases, as of at most HOLDERS_AGE_MAX_S ago: asked only when places are few."""

    def __init__(self, find: Callable[[], set[str]], boot_s: Callable[[], float]) -> None:
        self._find = find
        self._boot_s = boot_s
        self._found: set[str] = set()
        self._at_s = float("-inf")

    def __contains__(self, client: str) -> bool:
        now_s = self._boot_s()
        if now_s - self._at_s > HOLDERS_AGE_MAX_S:
            self._found, self._at_s = self._find(), now_s
        return client in self._found
