"""The checks of what every host has: a disk, an archive, a certificate."""

from __future__ import annotations

from collections.abc import Iterator

from appliance.codec.health_documents import ArchiveStatus
from appliance.watch.facts import CRITICAL, NOTICE, WARNING, Facts, Finding, found
from appliance.watch.thresholds import (
    ARCHIVE_WARN_SHARE,
    CERTIFICATE_CRITICAL_S,
    CERTIFICATE_SOON_S,
    DISK_CRITICAL_SHARE,
    DISK_ENOUGH_BYTES,
    DISK_WARN_SHARE,
)


def disk_trouble(facts: Facts, host: str, free: int | None, total: int | None) -> Iterator[Finding]:
    """A disk that fills up."""
    if free is None or not total or free >= facts.margins.disk_free_share * total:
        return
    severity = CRITICAL if free < DISK_CRITICAL_SHARE * total else WARNING
    if free >= DISK_ENOUGH_BYTES or free >= DISK_WARN_SHARE * total:
        # Not full, whatever its share: of that only somebody hears who wants to.
        if facts.margins.disk_free_share <= DISK_WARN_SHARE:
            return
        severity = NOTICE
    yield found("disk", severity, host, host=host, free_bytes=free, total_bytes=total)


def archive_trouble(host: str, archive: ArchiveStatus | None) -> Iterator[Finding]:
    """An archive that is at its bound before it holds the days that it is to hold."""
    if archive is None or archive.days >= archive.days_wanted:
        return
    if archive.size_bytes >= ARCHIVE_WARN_SHARE * archive.size_bytes_max:
        yield found(
            "archive",
            WARNING,
            host,
            host=host,
            most_bytes=archive.size_bytes_max,
            held_days=round(archive.days),
            wanted_days=round(archive.days_wanted),
        )


def certificate_trouble(facts: Facts, host: str, expires_at_s: float) -> Iterator[Finding]:
    """A certificate that ends soon, or has ended."""
    left_s = expires_at_s - facts.now_ms / 1000
    if left_s >= facts.margins.certificate_s:
        return
    severity = WARNING if left_s < CERTIFICATE_SOON_S else NOTICE
    if left_s < CERTIFICATE_CRITICAL_S:
        severity = CRITICAL
    if left_s <= 0:
        yield found("certificate", severity, host, "over", host=host)
    else:
        yield found("certificate", severity, host, host=host, left_s=left_s)
