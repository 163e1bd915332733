"""When a lease was silent for its lifetime: boot time, in the coordinator's memory (design D6).

Nothing here is logged; only the expiry that follows is. A new coordinator gives every lease one
fresh lifetime, so that a failover never ends one.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from appliance.licences.commands import LeaseRef


@dataclass(slots=True)
class _Life:
    generation: int
    ttl_s: float
    deadline_s: float
    heard_s: float
    over: bool = False


STALE_MAX: Final = 64
"""Heap entries of ended leases that are kept beside as many as there are leases."""


class LeaseClock:
    """Deadlines of all active leases. A touch is O(1); a lease's heap entry moves on when due.

    The heap may hold entries of leases that have ended: as many as there are leases, and STALE_MAX.
    """

    def __init__(self) -> None:
        self._lives: dict[LeaseRef, _Life] = {}
        self._heap: list[tuple[float, LeaseRef, int]] = []

    def restart(self, now_s: float, leases: Iterable[tuple[LeaseRef, int, float]]) -> None:
        """Forget all and give each (lease, generation, lifetime in seconds) a fresh lifetime."""
        self._lives.clear()
        self._heap.clear()
        for lease, generation, ttl_s in leases:
            self.start(now_s, lease, generation, ttl_s)

    def start(self, now_s: float, lease: LeaseRef, generation: int, ttl_s: float) -> None:
        """A lease was granted, or its grant repeated: it has been heard of now."""
        life = self._lives.get(lease)
        if life is not None and life.generation == generation:
            life.deadline_s, life.heard_s = now_s + ttl_s, now_s
            self.revive(lease, generation)
            return
        self._lives[lease] = _Life(generation, ttl_s, now_s + ttl_s, now_s)
        heapq.heappush(self._heap, (now_s + ttl_s, lease, generation))
        self._drop_stale()

    def touch(self, now_s: float, lease: LeaseRef, generation: int) -> float | None:
        """A heartbeat: the lifetime in seconds that it starts anew, None for an unknown lease.

        A lease that was reported as due is being ended, and nobody knows yet whether that succeeds:
        then the lifetime is 0.
        """
        life = self._lives.get(lease)
        if life is None or life.generation != generation:
            return None
        if life.over:
            return 0.0
        life.deadline_s, life.heard_s = now_s + life.ttl_s, now_s
        return life.ttl_s

    def is_over(self, lease: LeaseRef, generation: int) -> bool:
        """Whether this lease was reported as due, and nothing was heard of it since."""
        life = self._lives.get(lease)
        return life is not None and life.generation == generation and life.over

    def revive(self, lease: LeaseRef, generation: int) -> None:
        """It shall not be ended after all: should it still be silent, it will be due again."""
        if self.is_over(lease, generation):
            life = self._lives[lease]
            life.over = False
            heapq.heappush(self._heap, (life.deadline_s, lease, generation))
            self._drop_stale()

    def end(self, lease: LeaseRef) -> None:
        """The lease has ended."""
        self._lives.pop(lease, None)
        self._drop_stale()

    def _drop_stale(self) -> None:
        """Build the heap anew once most of it is of ended leases: O(1) a call, amortised."""
        if len(self._heap) > 2 * len(self._lives) + STALE_MAX:
            self._heap = [
                (life.deadline_s, lease, life.generation)
                for lease, life in self._lives.items()
                if not life.over
            ]
            heapq.heapify(self._heap)

    def age_s(self, now_s: float, lease: LeaseRef) -> float | None:
        """Seconds since the lease was last heard of, None if it is not known here."""
        life = self._lives.get(lease)
        return None if life is None else now_s - life.heard_s

    def due(self, now_s: float, most: int) -> list[tuple[LeaseRef, int]]:
        """At most `most` leases whose lifetime is over; each is returned once."""
        over: list[tuple[LeaseRef, int]] = []
        while self._heap and self._heap[0][0] <= now_s and len(over) < most:
            _, lease, generation = heapq.heappop(self._heap)
            life = self._lives.get(lease)
            if life is None or life.generation != generation:
                continue
            if life.deadline_s > now_s:
                heapq.heappush(self._heap, (life.deadline_s, lease, generation))
            else:
                life.over = True
                over.append((lease, generation))
        return over
