"""Whether entries that another upstream gives are those that this one lacks.

An upstream that took a snapshot over, or has a new disk, lacks the entries before. Others have
them, but each alone may lie. What is given, with what came of it, is followed from entry to entry
(`usage.proof`) on into the record that is here. An entry that was endorsed here names both chains:
so nothing that leads to it can be another log, or have other outcomes.

What can go wrong in here is to keep what is not proven yet: so the end decides over all of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from appliance.ledger.messages import Recorded
from appliance.usage.figures import UsageGap
from appliance.usage.proof import Break, Chain
from appliance.verifier.layouts import ZERO_ROOT

BEFORE: Final = 100
"""So many entries before a gap are asked for as well: the chains begin where one is endorsed."""


class Filling:
    """Follows what is given for one gap, from somewhat before it to behind it."""

    def __init__(self, gap: UsageGap) -> None:
        self.gap = gap
        self._chain = Chain()

    @property
    def asks_from(self) -> int:
        """From which entry on it is asked for."""
        return max(1, self.gap.first - BEFORE)

    def begin_anew(self) -> None:
        """What was given before is followed by a gap there, too, so it leads nowhere."""
        self._chain = Chain()

    def feed(self, kept: Recorded) -> bytes | None:
        """The next entry that is given. The log's root before it if it is to be kept; None if it is
        none of the gap, or the chains have not begun. Raises Break."""
        index, last = kept.entry.index, self._chain.last
        try:
            self._chain.feed(kept)
        except Break:
            if last is None and index > 1:
                return None
            raise
        if index < self.gap.first or (last is None and index > 1):
            return None
        return ZERO_ROOT if last is None else last.log_root

    def closes(self, own: Iterable[Recorded]) -> None:
        """All was given: see whether it leads to what is here behind the gap. Raises Break."""
        own_index, last = self.gap.last + 1, self._chain.last
        if last is None or last.index != self.gap.last:
            raise Break(self.gap.last, "nobody gave the last entries of the gap")
        for kept in own:
            self._chain.feed(kept)
            statement = self._chain.statement
            if statement is not None and statement.index >= own_index:
                return
        raise Break(own_index, "this upstream endorsed nothing behind the gap")
