"""From where on something is worth a word."""

from __future__ import annotations

from typing import Final

DAY_S: Final = 86_400
# A run of site.yml renews what has less than 60 days left: at 45 nobody ran it for long.
CERTIFICATE_WARN_S: Final = 45 * DAY_S
CERTIFICATE_SOON_S: Final = 21 * DAY_S
CERTIFICATE_CRITICAL_S: Final = 7 * DAY_S
LICENCE_NOTICE_S: Final = 30 * DAY_S
LICENCE_WARN_S: Final = 7 * DAY_S
# Who still has not extended it does without it: no reason to be alarmed for ever.
LICENCE_FORGOTTEN_S: Final = 30 * DAY_S
RESTS_SOON_S: Final = 2 * DAY_S
UNITS_LOW_SHARE: Final = 0.10
REFUSED_MIN: Final = 10
DISK_WARN_SHARE: Final = 0.10
DISK_CRITICAL_SHARE: Final = 0.03
# A large disk with this much free is not full, whatever the share.
DISK_ENOUGH_BYTES: Final = 20 << 30
ARCHIVE_WARN_SHARE: Final = 0.8
CLOCK_OFF_MS: Final = 5_000
LAG_ENTRIES_MAX: Final = 1_000
REPORT_OLD_S: Final = 60.0
RESTARTS_MAX: Final = 5
