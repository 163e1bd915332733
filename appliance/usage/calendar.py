"""Hours, days and months of log time (UTC), as a report is cut into."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

HOUR: Final = "hour"
DAY: Final = "day"
MONTH: Final = "month"
PERIODS: Final = (HOUR, DAY, MONTH)
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
LAST_MS: Final = 253_370_764_800_000
"""9999-01-01: no log time lies behind it."""


def starts_at(period: str, at_ms: int) -> int:
    """When the period begins in which this log time lies, both Unix ms."""
    if period == HOUR:
        return at_ms - at_ms % HOUR_MS
    if period == DAY:
        return at_ms - at_ms % DAY_MS
    day = _date(at_ms)
    return _ms(date(day.year, day.month, 1))


def ends_at(period: str, start_ms: int) -> int:
    """When the period that begins then is over, both Unix ms."""
    if period == HOUR:
        return start_ms + HOUR_MS
    if period == DAY:
        return start_ms + DAY_MS
    day = _date(start_ms)
    return _ms(date(day.year + day.month // 12, day.month % 12 + 1, 1))


def label(period: str, start_ms: int) -> str:
    """What a period is called: 2026-11-30T22, 2026-11-30, 2026-11."""
    at = datetime.fromtimestamp(start_ms / 1000, UTC)
    return at.strftime({HOUR: "%Y-%m-%dT%H", DAY: "%Y-%m-%d", MONTH: "%Y-%m"}[period])


def moment(at_ms: int) -> str:
    """A log time as people read it, in UTC, to the second."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(text: str) -> int:
    """Unix ms of `2026-11`, `2026-11-30` or `2026-11-30T22:15`, in UTC. Raises ValueError."""
    for form in ("%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"):
        try:
            at = datetime.strptime(text.removesuffix("Z"), form)
        except ValueError:
            continue
        return round(at.replace(tzinfo=UTC).timestamp() * 1000)
    raise ValueError(f"{text!r} is no time such as 2026-11, 2026-11-30 or 2026-11-30T22:15 (UTC)")


def _date(at_ms: int) -> date:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date()


def _ms(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY_MS
