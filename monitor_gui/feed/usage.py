"""Usage over months: the active host's reports, or what comes of the record where it is too long.

A host folds a short record itself. A long one is read page by page and folded here, as `tmr usage
report` does: on a thread of its own, so that the feed goes on. What can go wrong in here is a
record that takes minutes; a page that asks anew meanwhile ends what was begun.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from appliance.client import AsyncClient, BadAnswer, ClientError, Refused
from appliance.ledger.messages import Recorded
from appliance.licences.names import pseudonym
from appliance.sentences import Sentence
from appliance.usage.calendar import DAY, HOUR, MONTH, ends_at, label, starts_at
from appliance.usage.figures import UsageGap
from appliance.usage.folding import Folding
from appliance.usage.proof import Break, read_recorded
from appliance.usage.reading import NobodyAnswers, Page, pages
from appliance.usage.report import PRODUCT, Report, TooMuch
from appliance.usage.sessions import EPISODE_MS
from monitor_gui.model.queries import Slot, UsageHeard, UsageQuery

SLOTS: Final = {MONTH: 12, DAY: 31, HOUR: 48}
"""How many months, days or hours are one stretch."""
TOO_LONG: Final = frozenset(("usage-entries-many", "usage-lines-many", "usage-record-slow"))
"""By these a host says that the record is to be folded elsewhere."""


def slots_of(query: UsageQuery, now_ms: int) -> tuple[Slot, ...]:
    """The stretch that is asked for, the oldest part first."""
    count, start_ms = SLOTS[query.period], starts_at(query.period, now_ms)
    found: list[Slot] = []
    for _ in range(count * (query.back + 1)):
        end_ms = ends_at(query.period, start_ms)
        found.append(Slot(start_ms, end_ms, label(query.period, start_ms)))
        start_ms = starts_at(query.period, start_ms - 1)
    return tuple(reversed(found[-count:]))


async def usage_of(
    client: AsyncClient, query: UsageQuery, upstreams: Sequence[str], now_ms: int
) -> UsageHeard:
    """The report. Raises ClientError."""
    slots = slots_of(query, now_ms)
    from_ms, to_ms = slots[0].start_ms, slots[-1].end_ms
    try:
        whole = await client.usage(query.period, from_ms=from_ms, to_ms=to_ms)
        each = await client.usage(query.period, PRODUCT, from_ms=from_ms, to_ms=to_ms)
    except Refused as refused:
        if getattr(refused.detail, "code", "") not in TOO_LONG:
            raise
    else:
        return UsageHeard(
            slots, whole.rows, each.rows, each.begin_ms, each.end_ms, _missing(each.gaps)
        )
    folded = Folded(query.period, slots)
    try:
        async for part in pages(Asking(client), upstreams):
            if isinstance(part, UsageGap):
                folded.gap(part)
            else:
                await asyncio.to_thread(folded.entries, part)
            if folded.is_over:
                break
    except NobodyAnswers:
        raise ClientError("no upstream gives its usage record") from None
    except TooMuch as much:
        raise ClientError(str(much)) from None
    return await asyncio.to_thread(folded.heard)


class Asking:
    """Asks the active host for pages of the record."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def __call__(self, name: str, first: int) -> Page | None:
        try:
            document = await self._client.usage_record(first, name)
        except Refused as refused:
            if refused.reason == "not-found":  # This upstream gives nothing; another one may.
                return None
            raise
        try:
            kept = await asyncio.to_thread(lambda: [read_recorded(one) for one in document.kept])
        except Break as broken:
            said = Sentence("{host} gives what is no usage record", host=name)
            raise BadAnswer(said) from broken
        return Page(kept)


class Folded:
    """A record that is folded into both reports."""

    def __init__(self, period: str, slots: tuple[Slot, ...]) -> None:
        self._slots = slots
        ends = slots[0].start_ms, slots[-1].end_ms
        self._whole = Report((period,), pseudonym, *ends)
        self._each = Report((period, PRODUCT), pseudonym, *ends)
        self._foldings = Folding(self._whole), Folding(self._each)

    @property
    def is_over(self) -> bool:
        """Whether nothing that follows counts."""
        return self._foldings[0].end_ms > self._slots[-1].end_ms + EPISODE_MS

    def gap(self, gap: UsageGap) -> None:
        """Nobody has these entries."""
        for folding in self._foldings:
            folding.gap(gap)

    def entries(self, part: Sequence[Recorded]) -> None:
        """The next entries that are there. Raises TooMuch."""
        for folding in self._foldings:
            for kept in part:
                folding.entry(kept)

    def heard(self) -> UsageHeard:
        """What came of it. Raises TooMuch."""
        for folding in self._foldings:
            folding.close()
        ends = self._foldings[1].begin_ms, self._foldings[1].end_ms
        return UsageHeard(
            self._slots,
            tuple(self._whole.rows(*ends)),
            tuple(self._each.rows(*ends)),
            *ends,
            _missing(self._foldings[1].gaps),
        )


def _missing(gaps: Sequence[UsageGap]) -> int:
    return sum(max(0, gap.last - gap.first + 1) for gap in gaps)
