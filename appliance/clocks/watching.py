"""Watches clocks from outside: which is out of tolerance, drifts, was stepped, or held back (pure).

A container's system time counts on its host's boot time, and is measured here against the boot time
of whoever watches: two clocks that nobody can set. What differs by more than crystals do is a step,
made by a restart with another computer's clock or by a certified update; what is left is drift.

What can go wrong in here is to blame the wrong one. Of three clocks the vote knows; of two it can
only say that the later one is not believed (`appliance.clocks.voting`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from appliance.clocks.voting import VOTERS_MIN, allowed_log_time_ms

TOLERANCE_MS: Final = 5_000
"""A clock that is further from the vote than this raises an alarm and is shown as outvoted."""
STEP_MS: Final = 1_500
"""Beyond this, what a clock gained or lost between two looks is a step: answers may be late."""
SLOW: Final = 0.8
"""Whose clock goes by less than this for each second of the watcher's is held back: a crystal is
off by a ten-thousandth, and a time daemon that puts a clock right slows it by a twelfth."""
SLOW_AFTER_S: Final = 60.0
"""A clock is called slow after it was so for so long, look after look: one answer may be late."""
DRIFT_AFTER_S: Final = 60.0
"""Drift is told only of a longer time than this: before, a late answer would look like drift."""
_PPM: Final = 1e6


class ClockCheck(NamedTuple):
    """How a clock stands to the vote: system time minus the vote, and whether it counts for
    nothing because of it."""

    offset_ms: int
    outvoted: bool


def clock_checks(times: Mapping[str, int], needed: int = VOTERS_MIN) -> dict[str, ClockCheck]:
    """How each of these system times (Unix ms, of one moment) stands to their vote; empty if they
    are too few to vote."""
    voted_ms = allowed_log_time_ms(list(times.values()), 0, needed)
    if voted_ms is None:
        return {}
    return {
        name: ClockCheck(ms - voted_ms, abs(ms - voted_ms) > TOLERANCE_MS)
        for name, ms in times.items()
    }


class ClockWatch:
    """One container's clock as it was seen again and again. Raises nothing."""

    def __init__(self) -> None:
        self._first: tuple[float, int] | None = None
        self._last: tuple[float, int] | None = None
        self.stepped_ms: int | None = None
        """By how much it was last stepped (ms), None if it never was."""
        self._slow_since_s: float | None = None

    def saw(self, boot_s: float, system_ms: int) -> None:
        """At this boot time of the watcher the clock said this. Boot times only go up."""
        if self._last is not None:
            passed_ms = (boot_s - self._last[0]) * 1000
            gained_ms = system_ms - self._last[1] - passed_ms
            if gained_ms > (SLOW - 1.0) * passed_ms:
                self._slow_since_s = None
            elif self._slow_since_s is None:
                self._slow_since_s = self._last[0]
            if abs(gained_ms) > STEP_MS:
                self.stepped_ms = round(gained_ms)
                self._first = None
        self._last = (boot_s, system_ms)
        if self._first is None:
            self._first = self._last

    def now_ms(self, boot_s: float) -> int | None:
        """What the clock says now, if it goes on as it was last seen; None if it never was."""
        if self._last is None:
            return None
        return self._last[1] + round((boot_s - self._last[0]) * 1000)

    @property
    def slow_s(self) -> float | None:
        """For how long it has stood still or gone far too slow, None if it has not for long."""
        if self._slow_since_s is None or self._last is None:
            return None
        slow_s = self._last[0] - self._slow_since_s
        return slow_s if slow_s >= SLOW_AFTER_S else None

    @property
    def drift_ppm(self) -> float | None:
        """By how much it gains on the watcher's boot time since its last step, in ppm."""
        if self._first is None or self._last is None:
            return None
        passed_s = self._last[0] - self._first[0]
        if passed_s < DRIFT_AFTER_S:
            return None
        gained_ms = self._last[1] - self._first[1] - passed_s * 1000
        return round(gained_ms / 1000 / passed_s * _PPM, 1)
