"""An upstream's metrics, at /metrics of its administration port."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry

from appliance.codec.api import ArchiveStatus
from appliance.codec.reports import Report
from appliance.services.metrics import (
    CONTAINER_READINGS,
    HOST_READINGS,
    Reading,
    Readings,
    plain,
)
from appliance.services.upstream.documents import UpstreamStatusDocument

READINGS: Final[tuple[Reading[UpstreamStatusDocument], ...]] = (
    plain(
        "tmr_promised_term_counter",
        "Counter of the term that this upstream promised last",
        lambda status: status.promised.counter if status.promised else 0,
    ),
    plain(
        "tmr_adopted_term_counter",
        "Counter of the term whose log this upstream adopted",
        lambda status: status.adopted.counter if status.adopted else 0,
    ),
    plain("tmr_log_index", "The newest entry received", lambda status: status.last_index),
    plain("tmr_log_durable_index", "The newest entry on disk", lambda status: status.durable_index),
    plain(
        "tmr_log_commit_index",
        "The newest entry known here to be committed",
        lambda status: status.commit_index,
    ),
    plain(
        "tmr_log_base_index",
        "Entries up to this one are gone from the log, into the archive",
        lambda status: status.base_index,
    ),
    plain(
        "tmr_snapshot_index",
        "After which entry the snapshot is that stands for them",
        lambda status: status.snapshot_index,
    ),
    plain(
        "tmr_coordinator_heard",
        "1 if a coordinator is heard",
        lambda status: float(bool(status.hears)),
    ),
    plain("tmr_links", "Connections of TMR hosts", lambda status: len(status.links)),
    plain(
        "tmr_container_licences",
        "Product items in this container",
        lambda status: len(status.container.licences),
    ),
)

ARCHIVE_READINGS: Final[tuple[Reading[Report], ...]] = (
    plain(
        "tmr_archive_size_bytes",
        "Log entries that were archived",
        lambda report: archive.size_bytes if (archive := _archive(report)) else None,
    ),
    plain(
        "tmr_archive_limit_bytes",
        "How large that archive may become: then its oldest entries are deleted",
        lambda report: archive.size_bytes_max if (archive := _archive(report)) else None,
    ),
)


def _archive(report: Report) -> ArchiveStatus | None:
    return report.health.archive if report.health else None


def registry_of(
    status: Callable[[], UpstreamStatusDocument], report: Callable[[], Report]
) -> CollectorRegistry:
    """A registry of its own for one upstream."""
    registry = CollectorRegistry()
    registry.register(Readings(report, (*HOST_READINGS, *CONTAINER_READINGS, *ARCHIVE_READINGS)))
    registry.register(Readings(status, READINGS))
    return registry
