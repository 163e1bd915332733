"""How often something happened lately, in a ring of seconds, so that memory stays flat."""

from __future__ import annotations

from typing import Final

WINDOW_S: Final = 60


class Rate:
    """Counts per second of the last minute. Times are whole seconds of a clock that never ends."""

    def __init__(self) -> None:
        self._counts = [0] * WINDOW_S
        self._second = 0
        self.total = 0

    def add(self, at_s: float, count: int = 1) -> None:
        """`count` more happened at that time."""
        self._roll(int(at_s))
        self._counts[self._second % WINDOW_S] += count
        self.total += count

    def last_minute(self, now_s: float) -> int:
        """How many there were in the last minute."""
        self._roll(int(now_s))
        return sum(self._counts)

    def per_second(self, now_s: float, over_s: int = 5) -> float:
        """The mean of the last whole seconds."""
        self._roll(int(now_s))
        return (
            sum(self._counts[(self._second - i) % WINDOW_S] for i in range(1, over_s + 1)) / over_s
        )

    def history(self, now_s: float) -> list[int]:
        """The last minute, oldest second first."""
        self._roll(int(now_s))
        return [self._counts[(self._second + 1 + i) % WINDOW_S] for i in range(WINDOW_S)]

    def _roll(self, second: int) -> None:
        for passed in range(max(self._second + 1, second - WINDOW_S + 1), second + 1):
            self._counts[passed % WINDOW_S] = 0
        self._second = max(self._second, second)
