"""How often one address may come or ask: a bucket each, and a bound on the buckets (pure).

What can go wrong in here is memory: a crowd of addresses, each seen once. Beyond ADDRESSES_MAX the
one that asked longest ago is forgotten, which at worst gives it a full bucket again.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

ADDRESSES_MAX: Final = 4_096
BURST: Final = 10
"""What an address may ask at once, however few requests a minute it has."""
_MINUTE_S: Final = 60.0


class RateLimit:
    """Counts what addresses do. `now_s` is any clock that only goes forward."""

    def __init__(self, per_minute: int) -> None:
        self._rate_per_s = per_minute / _MINUTE_S
        self._size = float(max(BURST, per_minute))
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, address: str, now_s: float) -> float:
        """0.0 if this request may be answered, and then it is counted; else when to come again."""
        level = self._level(address, now_s)
        allowed = level >= 1.0
        self._buckets.pop(address, None)
        self._buckets[address] = (level - allowed, now_s)
        if len(self._buckets) > ADDRESSES_MAX:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1.0 - level) / self._rate_per_s

    def look_s(self, address: str, now_s: float) -> float:
        """As `wait_s`, but nothing is counted."""
        level = self._level(address, now_s)
        return 0.0 if level >= 1.0 else (1.0 - level) / self._rate_per_s

    def _level(self, address: str, now_s: float) -> float:
        level, at_s = self._buckets.get(address, (self._size, now_s))
        return min(self._size, level + (now_s - at_s) * self._rate_per_s)
