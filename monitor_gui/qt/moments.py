"""Moments as people read them: local time, and a number where no calendar has it."""

from __future__ import annotations

import time


def clock(unix_s: float) -> str:
    """Date and time."""
    return _shown("%Y-%m-%d %H:%M:%S", unix_s)


def clock_ms(unix_ms: int) -> str:
    """Date and time with milliseconds."""
    return f"{_shown('%Y-%m-%d %H:%M:%S', unix_ms / 1000)}.{unix_ms % 1000:03d}"


def today(unix_s: float) -> str:
    """A moment of today by its time alone."""
    return clock(unix_s).removeprefix(time.strftime("%Y-%m-%d "))


def today_ms(unix_ms: int) -> str:
    """A moment of today by its time alone, with milliseconds."""
    return clock_ms(unix_ms).removeprefix(time.strftime("%Y-%m-%d "))


def _shown(form: str, unix_s: float) -> str:
    try:
        return time.strftime(form, time.localtime(unix_s))
    except (OverflowError, OSError, ValueError):
        return str(unix_s)
