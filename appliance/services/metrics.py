"""What both kinds of host have in common in their metrics, and how metrics are put on the wire.

Most are readings: taken from a snapshot at the moment of the scrape, so that they cost nothing
between scrapes and cannot disagree with the status. Names follow the conventions of Prometheus:
units last, in base units, and `_total` for what only counts up. docs/metrics.md lists them all; a
test compares it with `table`.

What can go wrong in here is a label with values without end: each comes from a table of this
program or from the licences and hosts that are configured, never from what a client sends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from prometheus_client import CollectorRegistry, disable_created_metrics
from prometheus_client.exposition import choose_encoder, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from appliance.clocks.asking import GOOD, NEVER
from appliance.codec.api import ContainerTimes
from appliance.codec.reports import Report

PLAIN_MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_ACCEPT_MAX: Final = 1_000

# When a counter began is for the scraper to notice; a series more for each of them says no more.
disable_created_metrics()  # type: ignore[no-untyped-call]

S = TypeVar("S")
Sample = tuple[tuple[str, ...], float | None]


class Reading(NamedTuple, Generic[S]):
    """One gauge: what its labels are called, and how its samples are read from a snapshot.

    A sample is the labels' values and the value; one without a value is left out.
    """

    name: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[S], Iterable[Sample]]


def plain(name: str, text: str, read: Callable[[S], float | None]) -> Reading[S]:
    """A reading without labels."""
    return Reading(name, text, (), lambda snapshot: [((), read(snapshot))])


class Readings(Collector, Generic[S]):
    """Gauges that are read from one snapshot for each scrape."""

    def __init__(self, look: Callable[[], S], readings: Sequence[Reading[S]]) -> None:
        self._look = look
        self._readings = readings

    def describe(self) -> Iterator[Metric]:
        """The gauges without samples: asked for when they are registered."""
        for reading in self._readings:
            yield _family(reading)

    def collect(self) -> Iterator[Metric]:
        """The gauges as they are now."""
        snapshot = self._look()
        for reading in self._readings:
            family = _family(reading)
            for labels, value in reading.read(snapshot):
                if value is not None:
                    family.add_metric(labels, value)
            yield family


def _family(reading: Reading[S]) -> GaugeMetricFamily:
    return GaugeMetricFamily(reading.name, reading.help, labels=reading.labels)


def rendered(registry: CollectorRegistry, accept: str) -> tuple[bytes, str]:
    """All metrics in the format that the scraper prefers, and that format's media type."""
    try:
        encode, media_type = choose_encoder(accept[:_ACCEPT_MAX])
    except (ValueError, TypeError):  # versions that are no versions
        encode, media_type = generate_latest, PLAIN_MEDIA_TYPE
    return encode(registry), media_type


def table(registry: CollectorRegistry) -> list[tuple[str, str, str]]:
    """Every metric of a registry: its name as a query names it, its type, its meaning."""
    rows = []
    # What a registry keeps its collectors in is its own business, but nothing else lists them.
    for collector in list(registry._collector_to_names):
        describe = getattr(collector, "describe", collector.collect)
        for metric in describe():
            suffix = "_total" if metric.type == "counter" else ""
            rows.append((metric.name + suffix, metric.type, metric.documentation))
    return sorted(rows)


# --- what every host tells of itself ---


def _seconds(unix_ms: int | None) -> float | None:
    return None if unix_ms is None else unix_ms / 1000


def _flag(value: bool | None) -> float | None:
    return None if value is None else float(value)


HOST_READINGS: Final[Sequence[Reading[Report]]] = (
    Reading(
        "tmr_build_info",
        "1, with the version that runs here",
        ("version",),
        lambda report: [((report.health.version,), 1.0)] if report.health else [],
    ),
    plain(
        "tmr_start_time_seconds",
        "When this process started, Unix time",
        lambda report: _seconds(report.health.started_at_ms) if report.health else None,
    ),
    plain(
        "tmr_disk_free_bytes",
        "Free on the disk that holds the store (upstreams) or the settings (TMR hosts)",
        lambda report: report.health.disk_free_bytes if report.health else None,
    ),
    plain(
        "tmr_disk_size_bytes",
        "Size of that disk",
        lambda report: report.health.disk_total_bytes if report.health else None,
    ),
    plain(
        "tmr_certificate_expires_timestamp_seconds",
        "When this host's TLS certificate ends, Unix time",
        lambda report: report.health.certificate_expires_at_s if report.health else None,
    ),
    plain(
        "tmr_clock_synchronised",
        "Whether a time daemon disciplines this host's clock; absent if it is not known",
        lambda report: _flag(report.health.clock_synchronised) if report.health else None,
    ),
)


def _times(times: ContainerTimes) -> list[Sample]:
    return [
        (("box",), _seconds(times.box_ms)),
        (("system",), _seconds(times.system_ms)),
        (("certified",), _seconds(times.certified_ms)),
    ]


CONTAINER_READINGS: Final[Sequence[Reading[Report]]] = (
    plain(
        "tmr_store_size_bytes",
        "Length of the store with the files that belong to it",
        lambda report: report.health.store_bytes if report.health else None,
    ),
    Reading(
        "tmr_container_time_seconds",
        "The container's three times, Unix time: box, system, and certified if there is one",
        ("clock",),
        lambda report: _times(report.times) if report.times else [],
    ),
    plain(
        "tmr_container_box_age_seconds",
        "How long ago box time was stored",
        lambda report: report.times.box_age_s if report.times else None,
    ),
    plain(
        "tmr_container_certified_age_seconds",
        "How long ago the certified time was set",
        lambda report: report.times.certified_age_s if report.times else None,
    ),
    plain(
        "tmr_store_damaged",
        "1 if the store is not what it was, so that this upstream takes no part",
        lambda report: float(bool(report.damage)),
    ),
    plain(
        "tmr_container_locked",
        "1 if this container is blocked",
        lambda report: float(bool(report.locked)),
    ),
    Reading(
        "tmr_time_server_ok",
        "Whether this time server answered properly when it was last asked",
        ("url",),
        lambda report: [
            ((one.url,), float(one.state == GOOD))
            for one in report.time_servers
            if one.state != NEVER
        ],
    ),
)
