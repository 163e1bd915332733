"""From stored entries to whoever listens: a record is read once, from its beginning.

What can go wrong in here is a gap. Leases may have ended in it, so all uses end where it begins,
for a reason that nobody knows; those that go on are met again at their next renewal.
"""

from __future__ import annotations

from typing import Final

from appliance.ledger.log.results import decode_result
from appliance.ledger.messages import Recorded, decode_body
from appliance.unreadable import UNREADABLE
from appliance.usage.figures import UsageGap
from appliance.usage.rows import rows_of
from appliance.usage.sessions import Listener, Sessions

GAPS_MAX: Final = 10_000
"""So many gaps are named; if there are more, the last one stands for all that follow."""


class Folding:
    """Feeds a listener with what a record says. `begin_ms` and `end_ms` are its first and last log
    time (Unix ms), `gaps` what is missing of it, `last_index` its last entry."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._sessions: Sessions | None = None
        self.begin_ms = 0
        self.end_ms = 0
        self.last_index = 0
        self.entries = 0
        self.gaps: list[UsageGap] = []

    def gap(self, gap: UsageGap) -> None:
        """These entries are not there."""
        before = self.gaps[-1] if self.gaps else None
        if before is not None and (before.last + 1 == gap.first or len(self.gaps) >= GAPS_MAX):
            self.gaps[-1] = UsageGap(before.first, gap.last)
        else:
            self.gaps.append(gap)
        if self._sessions is not None:
            self._sessions.gap()

    def entry(self, kept: Recorded) -> None:
        """The next entry that is there. What cannot be read counts as missing."""
        index = kept.entry.index
        try:
            body, result = decode_body(kept.entry.body), decode_result(kept.result)
        except UNREADABLE:
            self.gap(UsageGap(index, index))
            return
        if self._sessions is None:
            self._sessions = Sessions(self._listener, is_whole=index == 1)
        self.begin_ms = self.begin_ms or body.log_time_ms
        self.end_ms = max(self.end_ms, body.log_time_ms)
        self.last_index = index
        self.entries += 1
        self._sessions.feed(rows_of(index, body, result), body.log_time_ms)

    def close(self) -> None:
        """There is no more."""
        if self._sessions is not None:
            self._sessions.close(self.end_ms)
