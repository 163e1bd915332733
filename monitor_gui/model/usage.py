"""How seats were used since this monitor began to watch: in memory, thinned as it grows older.

Each licence has one series of (monitor's clock, seats in use). A series that is full drops every
second of its older half, so that hours stay in sight and the last minutes stay fine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from appliance.codec.api import LeaseDocument, LicenceDocument

POINTS_MAX: Final = 1_000
SERIES_MAX: Final = 500
Key = tuple[int, int, int]


@dataclass(slots=True)
class Series:
    """Seats in use over time, of one licence or of all."""

    name: str
    quantity: int = 0
    peak: int = 0
    peak_at_s: float = 0.0
    points: list[tuple[float, int]] = field(default_factory=list)
    _seat_seconds: float = 0.0
    _begun_s: float | None = None

    def add(self, at_s: float, used: int, quantity: int) -> None:
        """So many seats are in use now; a clock that went back counts as standing still."""
        if self.points:
            at_s = max(at_s, self.points[-1][0])
        if self._begun_s is None:
            self._begun_s = at_s
        if self.points:
            last_s, before = self.points[-1]
            self._seat_seconds += before * (at_s - last_s)
        self.quantity = quantity
        if used > self.peak:
            self.peak, self.peak_at_s = used, at_s
        self.points.append((at_s, used))
        if len(self.points) > POINTS_MAX:
            half = len(self.points) // 2
            self.points[:half] = self.points[:half:2]

    @property
    def now(self) -> int:
        """Seats in use."""
        return self.points[-1][1] if self.points else 0

    def mean(self) -> float:
        """Seats in use on average."""
        if self._begun_s is None or self.points[-1][0] <= self._begun_s:
            return float(self.now)
        return self._seat_seconds / (self.points[-1][0] - self._begun_s)


class Usage:
    """The series of all licences, and of all seats together."""

    def __init__(self) -> None:
        self.all = Series("")
        self.each: dict[Key, Series] = {}

    def hear(self, licences: tuple[LicenceDocument, ...], at_s: float) -> None:
        """The licences as they are now."""
        usable = [licence for licence in licences if licence.available]
        if usable or not licences:  # Without any, as without a quorum, nobody knows.
            self.all.add(at_s, sum(x.in_use for x in usable), sum(x.quantity for x in usable))
        for licence in licences:
            key = licence.firm_code, licence.product_code, licence.tmr_id
            series = self.each.get(key)
            if series is None:
                if len(self.each) >= SERIES_MAX:
                    continue
                name = licence.text or f"{licence.firm_code}:{licence.product_code}"
                series = self.each[key] = Series(name)
            series.add(at_s, licence.in_use, licence.quantity)


def longest(leases: tuple[LeaseDocument, ...], most: int) -> list[LeaseDocument]:
    """The leases that are held longest, the oldest first.

    They come in the order of their grants; looking through a hundred thousand would hold the window
    up, so only twice as many as wanted are put in order.
    """
    first = leases[: 2 * most]
    return sorted(first, key=lambda lease: (lease.granted_at_ms, lease.generation))[:most]
