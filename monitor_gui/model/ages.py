"""How long ago something was, in words, and when that is too long to be believed."""

from __future__ import annotations

from typing import Final

from monitor_gui.model.phrases import Phrase, say

STALE_AFTER_S: Final = 3.0
"""An answer older than this no longer says how things are; polls are half a second apart."""

_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86_400


def duration(seconds: float) -> Phrase:
    """A length of time with two parts at most: "4 min 5 s". Negative counts as nothing."""
    if seconds < 1:
        return say("{n} ms", n=round(max(0.0, seconds) * 1000))
    whole = int(seconds)
    if whole < _MINUTE_S:
        return say("{n} s", n=whole)
    if whole < _HOUR_S:
        return say("{m} min {s} s", m=whole // 60, s=whole % 60)
    if whole < _DAY_S:
        return say("{h} h {m} min", h=whole // _HOUR_S, m=whole % _HOUR_S // 60)
    return say("{d} d {h} h", d=whole // _DAY_S, h=whole % _DAY_S // _HOUR_S)


def precise(seconds: float) -> Phrase:
    """A measured length of time: "547 ms", "1.44 s", and coarser where that says enough."""
    if 1 <= seconds < 10:
        return say("{n} s", n=f"{seconds:.2f}")
    return duration(seconds)


def age(at_s: float | None, now_s: float) -> Phrase:
    """How old something is: "now", "5 s ago", or "never"."""
    if at_s is None:
        return say("never")
    if now_s - at_s < 1:
        return say("now")
    return say("{age} ago", age=duration(now_s - at_s))


def is_stale(at_s: float | None, now_s: float) -> bool:
    """Whether this is too old to be shown as if it were so now."""
    return at_s is None or now_s - at_s > STALE_AFTER_S
