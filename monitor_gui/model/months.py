"""A usage report as rows and bars: each hour, day or month of a stretch, of all products or one.

What nobody knows, since the record begins later, is None and never 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.codec.api import LicenceDocument
from appliance.usage.figures import UsageRow
from monitor_gui.model.queries import UsageHeard
from monitor_gui.model.queue import called

REASONS_MAX: Final = 6
PRODUCTS_MAX: Final = 500
BACK_MAX: Final = 60
"""Nobody looks further back than so many stretches."""
Product = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One period. `denials` are true denials: somebody gave up; `requests` are single refusals,
    `why` for which reasons. Without `known` there is no record of it."""

    start_ms: int
    label: str
    known: bool
    peak: int = 0
    average: float = 0.0
    sessions: int = 0
    denials: int = 0
    waits: int = 0
    longest_wait_s: float = 0.0
    requests: int = 0
    why: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Bars:
    """What is drawn: a bar each at its place of `count`, none where nothing is known; `top` and
    `denials_top` are the heights of what there has to be room for."""

    count: int = 0
    places: tuple[int, ...] = ()
    peaks: tuple[float, ...] = ()
    averages: tuple[float, ...] = ()
    denials: tuple[float, ...] = ()
    top: float = 1.0
    denials_top: float = 1.0


def products(heard: UsageHeard, names: Mapping[Product, str]) -> list[tuple[Product, str]]:
    """The products of a report with their names, in the order of these."""
    found = {_product(row) for row in heard.each} - {None}
    known = sorted(product for product in found if product is not None)[:PRODUCTS_MAX]
    return sorted(((one, called(one, names)) for one in known), key=lambda pair: pair[1])


def period_rows(heard: UsageHeard, product: Product | None) -> list[PeriodRow]:
    """One row for each period; of that product, or of all together."""
    rows = heard.whole if product is None else heard.each
    of = {row.start_ms: row for row in rows if product is None or _product(row) == product}
    return [
        _row(slot.start_ms, slot.label, slot.end_ms > heard.begin_ms > 0, of.get(slot.start_ms))
        if slot.start_ms <= heard.end_ms
        else PeriodRow(slot.start_ms, slot.label, False)
        for slot in heard.slots
    ]


def _row(start_ms: int, label: str, known: bool, row: UsageRow | None) -> PeriodRow:
    if row is None:
        return PeriodRow(start_ms, label, known)
    why = sorted(row.why.items(), key=lambda pair: (-pair[1], pair[0]))
    return PeriodRow(
        start_ms,
        label,
        True,
        row.in_use_peak,
        row.in_use_avg,
        row.sessions,
        row.denials,
        row.waits,
        row.waited_s_max,
        row.requests_denied,
        tuple(why[:REASONS_MAX]),
    )


def _product(row: UsageRow) -> Product | None:
    firm, _, code = row.of.get("product", "").partition(":")
    if firm.isdecimal() and code.isdecimal() and max(len(firm), len(code)) <= 20:
        return int(firm), int(code)
    return None


def bars(rows: Sequence[PeriodRow], quantity: int | None) -> Bars:
    """What is drawn of these rows. A licence's seats are in sight, too."""
    known = [(number, row) for number, row in enumerate(rows) if row.known]
    peaks = tuple(float(row.peak) for _, row in known)
    denials = tuple(float(row.denials) for _, row in known)
    return Bars(
        len(rows),
        tuple(number for number, _ in known),
        peaks,
        tuple(float(row.average) for _, row in known),
        denials,
        max([1.0, float(quantity or 0), *peaks]),
        max([1.0, *denials]),
    )


def ticks(labels: Sequence[str], most: int) -> list[tuple[int, str]]:
    """Which labels stand below the bars: every one, or every second, third …, at most so many. Each
    as short as it can be: a day without its year, an hour without its day."""
    step = max(1, -(-len(labels) // max(1, most)))
    return [(number, _short(labels[number])) for number in range(0, len(labels), step)]


def _short(label: str) -> str:
    day, _, hour = label.partition("T")
    if hour:
        return f"{day[8:]}. {hour}:00"
    return day[5:] if len(day) > 7 else day


def seats_of(licences: Sequence[LicenceDocument] | None, product: Product | None) -> int | None:
    """How many seats there are now of a product, or of all; None while nobody knows."""
    found = [
        one.quantity
        for one in licences or ()
        if one.available and product in (None, (one.firm_code, one.product_code))
    ]
    return sum(found) if found else None
