"""Usage over months: stretches of time, rows and bars, and a long record that is folded here."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from appliance.client import ClientError, Refused
from appliance.codec.api_usage import RecordDocument, UsageDocument
from appliance.licences.names import pseudonym
from appliance.sentences import Sentence
from appliance.usage.calendar import read_moment
from appliance.usage.folding import Folding
from appliance.usage.report import Report
from monitor_gui.feed.usage import slots_of, usage_of
from monitor_gui.model.months import bars, period_rows, products, seats_of, ticks
from monitor_gui.model.queries import UsageHeard, UsageQuery
from tests.unit.monitor.documents import licence, usage_row
from tests.unit.usage.record import begun_ms, lived

NOW_MS = read_moment("2026-11-30T22:15")
MONTHS = slots_of(UsageQuery("month"), NOW_MS)


def heard(*rows: Any, begin: str = "2026-03-05") -> UsageHeard:
    """A report of a year with these lines of product 100:10."""
    return UsageHeard(MONTHS, (), rows, read_moment(begin), NOW_MS)


@pytest.mark.parametrize(
    ("period", "back", "first", "last", "count"),
    [
        ("month", 0, "2025-12", "2026-11", 12),
        ("month", 1, "2024-12", "2025-11", 12),
        ("day", 0, "2026-10-31", "2026-11-30", 31),
        ("hour", 0, "2026-11-28T23", "2026-11-30T22", 48),
    ],
)
def test_a_stretch_ends_now_or_where_the_one_after_begins(
    period: str, back: int, first: str, last: str, count: int
) -> None:
    slots = slots_of(UsageQuery(period, back), NOW_MS)
    assert (slots[0].label, slots[-1].label, len(slots)) == (first, last, count)
    assert all(a.end_ms == b.start_ms for a, b in pairwise(slots))


def test_what_is_before_the_record_is_not_known_and_what_is_empty_is_zero() -> None:
    may = MONTHS[5]
    found = period_rows(heard(usage_row(may.start_ms, peak=8, denials=2)), (100, 10))
    assert [row.known for row in found] == [False] * 3 + [True] * 9
    assert [(row.label, row.peak, row.denials) for row in found[4:6]] == [
        ("2026-04", 0, 0),
        ("2026-05", 8, 2),
    ]
    assert not any(row.known for row in period_rows(heard(begin="1970-01-01"), (100, 10)))


def test_products_have_their_names_and_what_is_none_is_left_out() -> None:
    rows = [usage_row(MONTHS[5].start_ms, name) for name in ("100:20", "100:10", "x:1", "")]
    assert products(heard(*rows), {(100, 20): "Aligner"}) == [
        ((100, 10), "100:10"),
        ((100, 20), "Aligner"),
    ]


def test_bars_have_room_for_the_seats_and_labels_for_each_other() -> None:
    row = usage_row(MONTHS[5].start_ms, peak=8, denials=2)
    drawn = bars(period_rows(heard(row), (100, 10)), 10)
    assert (drawn.top, drawn.denials_top, drawn.peaks[2], drawn.averages[2]) == (10, 2, 8, 4)
    assert (drawn.count, drawn.places) == (12, tuple(range(3, 12))), "none where nothing is known"
    assert bars([], None).top == 1
    labels = [slot.label for slot in slots_of(UsageQuery("hour"), NOW_MS)]
    assert ticks(labels, 6)[:2] == [(0, "28. 23:00"), (8, "29. 07:00")]
    assert ticks(["2026-11-30"], 6) == [(0, "11-30")]
    assert seats_of([licence(10), licence(20, quantity=4)], (100, 20)) == 4
    assert seats_of([licence(10, ("ok",))], None) is None


def test_a_record_that_is_too_long_for_a_host_is_folded_here_to_the_same_figures() -> None:
    kept = list(lived().upstreams["up1"].recorded())
    asked: list[tuple[str, int]] = []

    async def usage(*by: str, **ends: int) -> UsageDocument:
        much = Sentence("the record has more than {most} entries", most=1)
        much.code = "usage-entries-many"
        raise Refused("bad-request", much, 400)

    async def usage_record(first: int, name: str) -> RecordDocument:
        asked.append((name, first))
        if name == "up2":
            raise Refused("not-found", "it has none", 404)
        part = [msgspec.msgpack.encode(one) for one in kept if one.entry.index >= first][:9]
        return RecordDocument(
            ledger_id=b"",
            upstream=name,
            first=first,
            kept=tuple(part),
            last_index=len(kept),
            certificates=(),
        )

    client = cast("Any", SimpleNamespace(usage=usage, usage_record=usage_record))
    found = asyncio.run(usage_of(client, UsageQuery("hour"), ("up2", "up1"), begun_ms()))
    assert asked[:3] == [("up2", 1), ("up1", 1), ("up1", 10)]
    whole = Report(("hour",), pseudonym, found.slots[0].start_ms, found.slots[-1].end_ms)
    folding = Folding(whole)
    for one in kept:
        folding.entry(one)
    folding.close()
    assert list(found.whole) == whole.rows(folding.begin_ms, folding.end_ms)
    assert sum(row.sessions for row in found.each) > 0
    with pytest.raises(ClientError, match="no upstream"):
        asyncio.run(usage_of(client, UsageQuery("hour"), ("up2",), begun_ms()))
