"""A TMR host's metrics, at /metrics of its own addresses.

Counters grow as things happen (`services.tmr.counts`), gauges are read from the status at the
moment of a scrape. What can go wrong in here is that beats wait for it: ten thousand licences are
eighty thousand lines. So licences are read a few at a time, and the lines are written in a thread.
"""

from __future__ import annotations

import asyncio
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response

from appliance.codec import api
from appliance.codec.reports import NO_LOGS, Report
from appliance.licences.seat_states import STATES, seat_states
from appliance.services.metrics import HOST_READINGS, Reading, Readings, Sample, plain, rendered
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.watch.problems import SEVERITIES
from appliance.watch.verdict import WORDS

_IN_ONE_GO: Final = 256
"""Products whose seats are looked at before beats go out."""
ROLES: Final = ("active", "passive", "maintenance")


class Scrape(NamedTuple):
    """What the gauges are read from: this host's status and the virtual container."""

    status: api.StatusDocument
    licences: tuple[api.LicenceDocument, ...]
    queue: tuple[tuple[tuple[int, int], int], ...] = ()
    """How many wait for which product."""
    seats: Mapping[tuple[int, int], Mapping[str, int]] = MappingProxyType({})
    """What the seats of each product do (`licences.seat_states`)."""

    @property
    def own(self) -> api.HostStatus:
        """This host in its own status."""
        return next(host for host in self.status.tmr_hosts if host.name == self.status.host)


class TmrMetrics:
    """A TMR host's metrics, in a registry of their own: what it counts, and readings."""

    def __init__(self, host: TmrHost) -> None:
        self.registry = CollectorRegistry()
        self._host = host
        self._scrape = asyncio.Lock()
        self._read: tuple[Report, Scrape] | None = None
        """For the scrape that is under way."""
        for counter in host.counts.all:
            self.registry.register(counter)
        self.registry.register(Readings(lambda: self._readings()[0], HOST_READINGS))
        self.registry.register(Readings(lambda: self._readings()[1], READINGS))

    async def show(self, request: Request, caller: Caller) -> Response:
        """GET /metrics: one scrape after the other."""
        accept = request.headers.get("accept", "")
        async with self._scrape:
            listed: list[api.LicenceDocument] = []
            for some in self._host.overview.slices():
                listed += some
                await asyncio.sleep(0)
            seats: dict[tuple[int, int], dict[str, int]] = {}
            for of_some in seat_states(self._host.state, _IN_ONE_GO):
                seats |= of_some
                await asyncio.sleep(0)
            self._read = self._readings_with(listed, seats)
            try:
                body, media_type = await asyncio.to_thread(rendered, self.registry, accept)
            finally:
                self._read = None
        return Response(body, headers={"content-type": media_type})

    def _readings(self) -> tuple[Report, Scrape]:
        if self._read is not None:
            return self._read
        seats = dict(ChainMap(*seat_states(self._host.state, _IN_ONE_GO)))
        return self._readings_with(chain(*self._host.overview.slices()), seats)

    def _readings_with(
        self,
        listed: Iterable[api.LicenceDocument],
        seats: Mapping[tuple[int, int], Mapping[str, int]],
    ) -> tuple[Report, Scrape]:
        report = self._host.reports.own(NO_LOGS)
        waiting = self._host.state.waiting
        queue = tuple((product, len(those)) for product, those in waiting.items())
        return report, Scrape(self._host.overview.status(), tuple(listed), queue, seats)


def _per_upstream(
    read: Callable[[api.UpstreamStatus], float | None],
) -> Callable[[Scrape], list[Sample]]:
    return lambda seen: [((one.name,), read(one)) for one in seen.status.upstreams]


def _per_licence(
    read: Callable[[api.LicenceDocument], float | None],
) -> Callable[[Scrape], list[Sample]]:
    return lambda seen: [(_codes(one), read(one)) for one in seen.licences]


def _codes(one: api.LicenceDocument) -> tuple[str, str, str]:
    return str(one.firm_code), str(one.product_code), str(one.tmr_id)


def _name(product: tuple[int, int]) -> str:
    return f"{product[0]}:{product[1]}"


_UPSTREAM: Final = ("upstream",)
_LICENCE: Final = ("firm_code", "product_code", "tmr_id")

READINGS: Final[tuple[Reading[Scrape], ...]] = (
    Reading(
        "tmr_role",
        "1 for the role that this host has",
        ("role",),
        lambda seen: [((role,), float(seen.own.role == role)) for role in ROLES],
    ),
    plain(
        "tmr_address_held",
        "1 if the virtual IP is here",
        lambda seen: float(seen.own.holds_address),
    ),
    Reading(
        "tmr_verdict",
        "1 for the verdict on the system, as far as this host knows: serving, degraded or down",
        ("verdict",),
        lambda seen: [((word,), float(seen.status.verdict == word)) for word in WORDS],
    ),
    Reading(
        "tmr_problems",
        "How many problems of each level this host knows of: notice, warning, critical",
        ("level",),
        lambda seen: [
            ((level,), sum(one.severity == level for one in seen.status.findings))
            for level in SEVERITIES
        ],
    ),
    Reading(
        "tmr_finding",
        "A problem of docs/health.md that this host knows of: how many have it, subject and alike",
        ("problem", "level", "subject"),
        lambda seen: [
            ((one.code, one.severity, one.subject), 1.0 + one.others)
            for one in seen.status.findings
        ],
    ),
    plain(
        "tmr_term_counter",
        "Counter of this host's term; absent if it has none",
        lambda seen: seen.status.term.counter if seen.status.term else None,
    ),
    plain(
        "tmr_log_commit_index",
        "The newest entry known here to be committed",
        lambda seen: seen.status.commit_index,
    ),
    plain(
        "tmr_log_time_seconds",
        "The ledger's time, Unix time: what licences are compared with",
        lambda seen: seen.status.log_time_ms / 1000,
    ),
    Reading(
        "tmr_upstream_up",
        "1 if this upstream answers",
        _UPSTREAM,
        _per_upstream(lambda one: float(one.reachable)),
    ),
    Reading(
        "tmr_upstream_lag_entries",
        "Entries by which this upstream is behind",
        _UPSTREAM,
        _per_upstream(lambda one: one.lag),
    ),
    Reading(
        "tmr_upstream_heard_age_seconds",
        "Since this upstream was last heard",
        _UPSTREAM,
        _per_upstream(lambda one: one.last_heard_s),
    ),
    Reading(
        "tmr_upstream_clock_offset_seconds",
        "An upstream's system time minus the time that was voted; absent if it is not known",
        _UPSTREAM,
        _per_upstream(
            lambda one: (
                one.times.offset_ms / 1000
                if one.times is not None and one.times.offset_ms is not None
                else None
            )
        ),
    ),
    Reading(
        "tmr_upstream_clock_outvoted",
        "1 if this upstream's system time is out of tolerance and does not count",
        _UPSTREAM,
        _per_upstream(lambda one: None if one.times is None else float(one.times.outvoted)),
    ),
    plain("tmr_leases", "Leases that this host knows", lambda seen: seen.status.leases),
    Reading(
        "tmr_queue_places",
        "Check-outs that wait for a seat of a product; absent if none does",
        ("product",),
        lambda seen: [((_name(product),), count) for product, count in seen.queue],
    ),
    Reading(
        "tmr_seats",
        f"Seats of a product (FIRM:PRODUCT) by what they do, each once: {', '.join(STATES)}",
        ("product", "state"),
        lambda seen: [
            ((_name(product), state), count)
            for product, states in seen.seats.items()
            for state, count in states.items()
        ],
    ),
    Reading(
        "tmr_licence_seats",
        "Seats of a licence",
        _LICENCE,
        _per_licence(lambda one: one.quantity),
    ),
    Reading(
        "tmr_licence_seats_in_use",
        "Seats of a licence that are taken",
        _LICENCE,
        _per_licence(lambda one: one.in_use),
    ),
    Reading(
        "tmr_licence_seats_lingering",
        "Seats of a licence that were given back and are kept for their users for a while",
        _LICENCE,
        _per_licence(lambda one: one.lingering),
    ),
    Reading(
        "tmr_units_left",
        "What is left in a licence's unit counter, if it has one",
        _LICENCE,
        _per_licence(lambda one: one.units_left),
    ),
    Reading(
        "tmr_units_reserved",
        "Units of a licence that are taken, and given back if their program did not use them",
        _LICENCE,
        _per_licence(lambda one: None if one.units_left is None else one.units_reserved),
    ),
    Reading(
        "tmr_licence_info",
        "1, with the role of a licence and the access modes that it permits",
        (*_LICENCE, "role", "modes"),
        lambda seen: [
            ((*_codes(one), one.role, ",".join(one.modes)), 1.0) for one in seen.licences
        ],
    ),
    Reading(
        "tmr_licence_available",
        "1 if a licence can be used: 0 for every reason of a refusal but that no seat is free",
        _LICENCE,
        _per_licence(lambda one: float(one.available)),
    ),
    Reading(
        "tmr_licence_constituents_ok",
        "Constituents of a licence that match, are unlocked and are reached: three, if all is well",
        _LICENCE,
        _per_licence(lambda one: sum(part.state == "ok" for part in one.constituents)),
    ),
    Reading(
        "tmr_licence_expires_timestamp_seconds",
        "When a licence expires, Unix time, if it does",
        _LICENCE,
        _per_licence(lambda one: one.expires_at_s),
    ),
    Reading(
        "tmr_licence_usage_ends_timestamp_seconds",
        "When a licence's usage period is over, Unix time, once it has begun",
        _LICENCE,
        _per_licence(lambda one: one.usage_ends_s),
    ),
)
