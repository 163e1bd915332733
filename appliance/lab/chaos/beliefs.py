"""When a client relies on a seat, by its own count. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from appliance.lab.chaos.facts import ref
from appliance.lab.chaos.records import Row
from appliance.licences import reasons
from appliance.licences.commands import LeaseRef
from appliance.licences.modes import STATION_SHARE
from appliance.sim.history import ALIVE, CHECK_IN, CHECK_OUT, FOREVER, GONE


class Belief(NamedTuple):
    """A stretch in which a client relies on its seats, by its own count: pairs of TMR-ID and seats.
    With a `share` (its client and station) they are one seat with all others of that share."""

    lease: LeaseRef
    seats: tuple[tuple[int, int], ...]
    from_s: float
    until_s: float
    share: tuple[str, bytes] | None = None


def beliefs(rows: Sequence[Row]) -> list[Belief]:
    """When the client of one lease relied on it, from all of its requests in order of sending.

    It relies on it from a grant's arrival until its own count runs out, counted from the sending:
    of the lease, which heartbeats extend, and of the receipt, which only a new one does; or until
    it sends its check-in, or hears that the lease is gone.
    """
    news: list[tuple[float, int, Row]] = []
    for number, row in enumerate(rows):
        if row.asked.kind == CHECK_IN:
            news.append((row.asked.called_s, number, row))
        elif row.told is not None:
            news.append((row.told.returned_s, number, row))
    news.sort(key=lambda one: one[:2])
    found: list[Belief] = []
    ttl_s = 0
    seats: tuple[tuple[int, int], ...] = ()
    asked = rows[0].asked
    share = (asked.client, asked.station) if asked.mode == STATION_SHARE else None
    alive_until_s = valid_until_s = began_s = -1.0

    def end(at_s: float) -> None:
        nonlocal began_s
        if began_s >= 0:
            until_s = min(at_s, alive_until_s, valid_until_s)
            if until_s > began_s:
                found.append(Belief(ref(rows[0]), seats, began_s, until_s, share))
        began_s = -1.0

    for at_s, _, row in news:
        if began_s >= 0 and at_s > min(alive_until_s, valid_until_s):
            end(at_s)
        told, sent_s = row.told, row.asked.called_s
        if row.asked.kind == CHECK_IN:
            end(at_s)
            alive_until_s = valid_until_s = -1.0
            break
        assert told is not None
        if told.reason == reasons.GRANTED and row.asked.kind == CHECK_OUT:
            seats, ttl_s = told.seats, told.lease_ttl_s
            alive_until_s = max(alive_until_s, sent_s + ttl_s)
            valid_until_s = max(valid_until_s, sent_s + told.valid_for_s)
            if began_s < 0 and at_s < min(alive_until_s, valid_until_s):
                began_s = at_s
        elif told.reason == ALIVE:
            alive_until_s = max(alive_until_s, sent_s + ttl_s)
            if began_s < 0 and seats and at_s < min(alive_until_s, valid_until_s):
                began_s = at_s
        elif told.reason in (GONE, reasons.LEASE_ENDED, reasons.LEASE_UNKNOWN):
            end(at_s)
    end(FOREVER)
    return found


def believed(held: Iterable[Belief], tmr_id: int) -> int:
    """How many seats of a licence these come to."""
    seats, shares = 0, set()
    for belief in held:
        of_it = sum(count for one, count in belief.seats if one == tmr_id)
        if belief.share is None:
            seats += of_it
        elif of_it:
            shares.add(belief.share)
    return seats + len(shares)
