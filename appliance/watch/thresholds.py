"""From where on something is worth a word, and the findings that system and host share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from appliance.codec.api import ArchiveStatus
from appliance.watch.facts import CRITICAL, WARNING, Finding

DAY_S: Final = 86_400
# A run of site.yml renews what has less than 60 days left: at 45 nobody ran it for long.
CERTIFICATE_WARN_S: Final = 45 * DAY_S
CERTIFICATE_CRITICAL_S: Final = 7 * DAY_S
LICENCE_WARN_S: Final = 30 * DAY_S
DISK_WARN_SHARE: Final = 0.10
DISK_CRITICAL_SHARE: Final = 0.03
# A large disk with this much free is not full, whatever the share.
DISK_ENOUGH_BYTES: Final = 20 << 30
ARCHIVE_WARN_SHARE: Final = 0.8
CLOCK_OFF_MS: Final = 5_000
LAG_ENTRIES_MAX: Final = 1_000
REPORT_OLD_S: Final = 60.0
RESTARTS_MAX: Final = 5


def days(seconds: float) -> str:
    """A span in whole days, or hours where that says more."""
    if seconds >= 2 * DAY_S:
        return f"{seconds / DAY_S:.0f} days"
    return f"{max(0.0, seconds) / 3600:.0f} hours"


def disk_trouble(host: str, free: int | None, total: int | None) -> Iterator[Finding]:
    """A disk that fills up."""
    if free is None or not total or free >= DISK_ENOUGH_BYTES or free >= DISK_WARN_SHARE * total:
        return
    critical = free < DISK_CRITICAL_SHARE * total
    yield Finding(
        cause=f"disk/{host}",
        severity=CRITICAL if critical else WARNING,
        what=f"The disk of {host} has {free / (1 << 30):.1f} of {total / (1 << 30):.1f} GiB free.",
        remedy=f"Make room on {host}: `journalctl --vacuum-size=200M`, old releases in /opt/tmr, "
        "or a larger disk.",
    )


def archive_trouble(host: str, archive: ArchiveStatus | None) -> Iterator[Finding]:
    """An archive that is at its bound before it holds the days that it is to hold."""
    if archive is None or archive.days >= archive.days_wanted:
        return
    if archive.size_bytes < ARCHIVE_WARN_SHARE * archive.size_bytes_max:
        return
    size = archive.size_bytes_max / (1 << 20)
    yield Finding(
        cause=f"archive/{host}",
        severity=WARNING,
        what=f"The archive of {host} reaches its bound of {size:.0f} MiB with "
        f"{archive.days:.0f} of {archive.days_wanted:.0f} days: the oldest entries are deleted.",
        remedy=f"On {host} raise `archive_mib_max`, or lower `archive_days`, or copy the oldest "
        "segments away regularly: docs/archive.md.",
    )


def certificate_trouble(host: str, left_s: float) -> Iterator[Finding]:
    """A certificate that ends soon, or has ended."""
    if left_s >= CERTIFICATE_WARN_S:
        return
    ended = left_s <= 0
    yield Finding(
        cause=f"certificate/{host}",
        severity=CRITICAL if left_s < CERTIFICATE_CRITICAL_S else WARNING,
        what=f"The certificate of {host} "
        + ("has expired: no new connection is made." if ended else f"ends in {days(left_s)}."),
        remedy="Renew it: `ansible-playbook playbooks/site.yml --tags pki`, or "
        "playbooks/rotate_certificates.yml for all.",
    )
