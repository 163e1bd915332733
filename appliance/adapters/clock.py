"""The computer's clocks. Durations count on boot time, which nobody can set; sleep counts too.

What can go wrong in here is to mix them: boot time starts anew with each boot and means nothing on
another host; the computer's clock may jump either way.
"""

from __future__ import annotations

import sys
import time

if sys.platform == "linux":

    def boot_ns() -> int:
        """Nanoseconds since boot, time in sleep included (CLOCK_BOOTTIME)."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def boot_s() -> float:
        """Boot time in seconds: what the ledger's cores take as `now_s`."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

else:

    def boot_ns() -> int:
        """Nanoseconds since some point of this boot (the system's monotonic clock)."""
        return time.monotonic_ns()

    def boot_s() -> float:
        """That, in seconds: what the ledger's cores take as `now_s`."""
        return time.monotonic()


def boot_ms() -> int:
    """Boot time in whole milliseconds."""
    return boot_ns() // 1_000_000


def wall_ms() -> int:
    """The computer's clock, Unix milliseconds. It may be wrong, and it may jump."""
    return time.time_ns() // 1_000_000
