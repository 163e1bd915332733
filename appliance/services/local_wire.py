"""The way between a TMR host and its only upstream where both are one process (`tmr serve
standalone`).

It stands in the place of links, with their promises and no others: messages arrive in their order
and in a later turn of the event loop, never within the call that sends them; what does not fit is
lost and said to be; while a disk is behind nothing is delivered to it. Messages are immutable, so
nobody encodes them. What can go wrong in here is an answer that comes to somebody else: each
question has a number of its own, which stands for a connection of its own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Self

from appliance.ledger.effects import Origin

HELD_MAX: Final = 10_000
"""Messages under way in either direction."""
ASKED_WITHIN_S: Final = 3.0
LEDGER: Final = 0
"""The number of the coordinator's own link."""

Receive = Callable[[Origin, Any], None]


class LocalWire:
    """Between the TMR host `host` and the upstream `place`. Make it on the event loop.

    `failed` hears what a receiver raised: nothing goes on as if nothing was. Towards the upstream
    it has the methods of a LinkServer, towards the TMR host those of links and questions.
    """

    def __init__(self, host: str, place: str, failed: Callable[[Exception], None]) -> None:
        self._host, self._place, self._failed = host, place, failed
        self._loop = asyncio.get_running_loop()
        self._to_upstream: deque[tuple[Origin, Any]] = deque()
        self._to_host: deque[tuple[Origin, Any]] = deque()
        self._questions: dict[int, asyncio.Future[Any]] = {}
        self._asked = LEDGER
        self._woken = self._paused = self._open = False
        self._upstream: Receive | None = None
        self._heard: Callable[[str, Any], None] | None = None

    # --- the upstream's side ---

    def leading_to(self, receive: Receive) -> Self:
        """This is who receives what the TMR host says."""
        self._upstream = receive
        return self

    async def start(self) -> None:
        """From here on messages arrive."""
        self._open = True
        self._wake()

    async def close(self) -> None:
        """Nothing arrives any more."""
        self._open = False
        self._to_upstream.clear()
        self._to_host.clear()

    @property
    def peers(self) -> list[Origin]:
        """Whose links stand."""
        return [Origin(self._host, LEDGER)] if self._open else []

    def pause(self) -> None:
        """The disk is behind: let what comes wait."""
        self._paused = True

    def resume(self) -> None:
        """It has caught up."""
        self._paused = False
        self._wake()

    def send(self, to: Origin, message: Any) -> bool:
        """An answer of the upstream; False if it is lost."""
        return self._put(self._to_host, to, message)

    # --- the TMR host's side ---

    def connect(self, heard: Callable[[str, Any], None]) -> None:
        """This is who hears the upstream's answers, with its name."""
        self._heard = heard

    def tell(self, name: str, message: Any) -> bool:
        """What the coordinator says to the upstream; False if it is lost."""
        return self._put(self._to_upstream, Origin(self._host, LEDGER), message)

    async def ask(self, name: str, question: Any, within_s: float = ASKED_WITHIN_S) -> Any:
        """The first answer to a question beside the ledger. Raises TimeoutError."""
        self._asked += 1
        number = self._asked
        came = self._questions[number] = self._loop.create_future()
        try:
            if not self._put(self._to_upstream, Origin(self._host, number), question):
                raise TimeoutError
            async with asyncio.timeout(within_s):
                return await came
        finally:
            del self._questions[number]

    # --- inside ---

    def _put(self, queue: deque[tuple[Origin, Any]], whose: Origin, message: Any) -> bool:
        if not self._open or len(queue) >= HELD_MAX:
            return False
        queue.append((whose, message))
        self._wake()
        return True

    def _wake(self) -> None:
        if self._open and not self._woken:
            self._woken = True
            self._loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        """Deliver what is here now; what follows from it comes in the next turn."""
        self._woken = False
        try:
            for _ in range(len(self._to_host)):
                self._answer(*self._to_host.popleft())
            for _ in range(len(self._to_upstream)):
                if self._paused or self._upstream is None or not self._to_upstream:
                    break
                self._upstream(*self._to_upstream.popleft())
        except Exception as error:  # A receiver's mistake: it must not end in silence.
            self._failed(error)
            return
        if self._to_host or (self._to_upstream and not self._paused):
            self._wake()

    def _answer(self, to: Origin, message: Any) -> None:
        if to.link == LEDGER:
            if self._heard is not None:
                self._heard(self._place, message)
            return
        came = self._questions.get(to.link)
        if came is not None and not came.done():
            came.set_result(message)
