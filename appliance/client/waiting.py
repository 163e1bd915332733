"""Waiting for a seat: the same check-out is repeated until it has its turn (docs/queue.md).

How soon it asks again is the servers' to say: who is next asks often, the last seldom. What can go
wrong in here is a wait that never ends, so its time is counted here as well, by the boot clock.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Final

from appliance.client.clock import Clock
from appliance.client.engine import Sent
from appliance.client.errors import WaitedInVain
from appliance.client.transport import Answer
from appliance.client.wire import problem_of, read
from appliance.codec.api_queue import PlaceDocument, WaitRequest
from appliance.licences.queue.place import WAIT_S_MAX
from appliance.licences.reasons import NO_SEAT_FREE

WAITS: Final = 202
"""HTTP's status of an answer to one who waits."""
SOONEST_S: Final = 0.05
"""Whatever a server says, nobody asks sooner again."""
OnQueue = Callable[[PlaceDocument], None]


class Waiting:
    """One check-out that waits for `wait_s` at most; `on_queue` hears where it stands, whenever
    that has changed. Raises ValueError for a time that nobody waits."""

    def __init__(self, wait_s: float = 0.0, on_queue: OnQueue | None = None) -> None:
        if not 0 <= wait_s <= WAIT_S_MAX:
            raise ValueError(f"wait_s is 0 to {WAIT_S_MAX} seconds")
        self._wait_s = wait_s
        self._on_queue = on_queue
        self._told: tuple[int, int, int] | None = None

    @property
    def request(self) -> WaitRequest | None:
        """What the check-out says of it."""
        return WaitRequest(s=math.ceil(self._wait_s)) if self._wait_s else None

    async def turn(
        self,
        ask: Callable[[], Awaitable[tuple[Answer, Sent]]],
        leave: Callable[[int], Awaitable[None]],
        now: Clock,
    ) -> tuple[Answer, Sent]:
        """The answer once it has its turn. Raises WaitedInVain, and what `ask` raises; a place that
        is left without a word is lost after a while."""
        answer, sent = await ask()
        begun_s = sent.sent_at_s
        while answer.status == WAITS:
            place = read(answer, PlaceDocument)
            self._tell(place)
            left_s = self._wait_s - (now() - begun_s)
            if left_s <= 0:
                await leave(place.place)
                raise WaitedInVain(now() - begun_s)
            await asyncio.sleep(max(SOONEST_S, min(place.ask_again_s, left_s)))
            answer, sent = await ask()
        problem = problem_of(answer)
        if self._told is not None and problem is not None and problem.reason == NO_SEAT_FREE:
            raise WaitedInVain(now() - begun_s)
        return answer, sent

    def _tell(self, place: PlaceDocument) -> None:
        told = place.place, place.position, place.of
        if told != self._told and self._on_queue is not None:
            self._on_queue(place)
        self._told = told


NOT_WAITING: Final = Waiting()
"""A request that is answered at once."""
