"""Reading a record that lies at several upstreams: what one lacks, another may have.

An upstream that took a snapshot over lacks the entries before it, and one whose archive is full
lacks the oldest. So each stretch is asked of the others where one has a gap; only what none of them
has is a gap of the record.

What can go wrong in here is a reader that never ends: each page has to bring it further.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import NamedTuple

from appliance.ledger.messages import Recorded
from appliance.usage.figures import UsageGap


class Page(NamedTuple):
    """What one upstream has: entries in order, from the one that was asked for on or later."""

    kept: Sequence[Recorded]


Ask = Callable[[str, int], Awaitable[Page | None]]
"""(upstream, first entry) -> its page; None if it does not answer."""


class NobodyAnswers(Exception):
    """No upstream answers."""


async def pages(
    ask: Ask, upstreams: Sequence[str], first: int = 1
) -> AsyncIterator[Sequence[Recorded] | UsageGap]:
    """The record from entry `first` on, stretch by stretch, with its gaps in their places.

    Upstreams are asked in this order, the same one for as long as it has what follows. Raises
    NobodyAnswers.
    """
    source = 0
    while True:
        best: Sequence[Recorded] = ()
        answered = False
        for turn in range(len(upstreams)):
            number = (source + turn) % len(upstreams)
            page = await ask(upstreams[number], first)
            if page is None:
                continue
            answered = True
            kept = [one for one in page.kept if one.entry.index >= first]
            if kept and (not best or kept[0].entry.index < best[0].entry.index):
                best, source = kept, number
            if best and best[0].entry.index == first:
                break
        if not answered:
            raise NobodyAnswers
        if not best:
            return
        if best[0].entry.index > first:
            yield UsageGap(first, best[0].entry.index - 1)
        yield best
        first = best[-1].entry.index + 1
