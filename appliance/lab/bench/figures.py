"""Pure figures: what many measured times amount to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds: how many, their median, the 99th percentile and the longest."""

    count: int
    median_s: float
    p99_s: float
    max_s: float


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that `share` (0 to 1) of the values do not exceed: the nearest rank.

    `ordered` is ascending. Raises ValueError if it is empty or `share` is out of range.
    """
    if not ordered:
        raise ValueError("no values")
    if not 0 <= share <= 1:
        raise ValueError(f"a share is from 0 to 1, not {share}")
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(times_s: Iterable[float]) -> Spread | None:
    """The spread of these times, None if there are none."""
    ordered = sorted(times_s)
    if not ordered:
        return None
    return Spread(
        count=len(ordered),
        median_s=rounded(quantile(ordered, 0.5)),
        p99_s=rounded(quantile(ordered, 0.99)),
        max_s=rounded(ordered[-1]),
    )


def rounded(value_s: float) -> float:
    """Seconds to the microsecond: more digits say nothing."""
    return round(value_s, 6)


def interruption(cut_at_s: float, answered_at_s: Sequence[float]) -> float | None:
    """What a client that asks without pause saw of a cut: its longest time without an answer.

    `answered_at_s` is ascending; time before the cut does not count. None if nothing was answered
    after the cut.
    """
    longest_s: float | None = None
    before_s = cut_at_s
    for at_s in answered_at_s:
        if at_s > cut_at_s:
            longest_s = max(longest_s or 0.0, at_s - before_s)
            before_s = at_s
    return longest_s
