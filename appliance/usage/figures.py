"""What a usage report says: plain values, which programs and documents share."""

from __future__ import annotations

import msgspec


class UsageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a report: for the period that begins at `start_ms` (Unix ms; `period` is its
    label, 0 and empty if the report is not cut by time), and for those of `of`.

    `in_use_peak` and `in_use_avg` are seats, `seat_s` is how long they were held altogether.
    `sessions` began here. `denials` are episodes of refusals without an end in a seat, `waits`
    those that ended in one, after `waited_s` in all, at most `waited_s_max`; `requests_denied` are
    their single requests, and `why` how many of them were refused for which reason. `units` were
    taken, less what was given back.
    """

    start_ms: int
    period: str
    of: dict[str, str]
    in_use_peak: int
    in_use_avg: float
    seat_s: float
    sessions: int
    denials: int
    waits: int
    waited_s: float
    waited_s_max: float
    requests_denied: int
    why: dict[str, int]
    units: int


class UsageGap(msgspec.Struct, frozen=True):
    """No upstream has the entries from `first` to `last` any more, or in order."""

    first: int
    last: int
