"""What outlives the monitor of an alert: kept by the feed, used by the book of alerts."""

from __future__ import annotations

import msgspec


class Remembered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One alert by its key. Times are Unix seconds; `level` is how bad it was."""

    key: str
    since_unix_s: float
    acknowledged: bool = False
    snoozed_until_unix_s: float = 0.0
    level: int = 0
