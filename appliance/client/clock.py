"""The clock on which leases and receipts run out: boot time, which no one can set (design D6).

It counts on while the machine sleeps, which plain monotonic time on Linux does not, so that a
notebook does not wake up believing in a lease that ended in the meantime.
"""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]


def boot_clock() -> Clock:
    """A clock in seconds: CLOCK_BOOTTIME where the system has one, else monotonic time."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    if boot is None:
        return time.monotonic
    clock_id: int = boot
    return lambda: time.clock_gettime(clock_id)
