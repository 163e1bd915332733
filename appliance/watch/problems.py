"""One list of problems and one scale of levels, for everybody who says how a system is.

`tmr status`, `tmr doctor`, `tmr alert`, the metrics and the monitor all show what `checks.examine`
finds, and nobody gives it another level. docs/health.md has what each means and what to do; a test
walks both lists.
"""

from __future__ import annotations

from typing import Final

NOTICE: Final = "notice"
"""All are served, and stay so if any one host fails: to be looked at some time."""
WARNING: Final = "warning"
"""All are served, but one more failure, or the passing of time, ends that."""
CRITICAL: Final = "critical"
"""Somebody is not served, or something was lost."""
SEVERITIES: Final = (NOTICE, WARNING, CRITICAL)

LEVELS: Final[dict[str, tuple[str, ...]]] = {
    # The service.
    "no-answer": (CRITICAL,),
    "not-serving": (CRITICAL,),
    "two-active": (WARNING,),
    "told-in-short": (WARNING,),
    "requests-refused": (NOTICE, WARNING),
    # TMR hosts.
    "tmr-down": (WARNING,),
    "twins-apart": (WARNING,),
    "maintenance": (WARNING,),
    "standby-cut-off": (WARNING,),
    "address-silent": (WARNING,),
    "address-twice": (CRITICAL,),
    "address-nowhere": (CRITICAL,),
    "vrrp": (WARNING,),
    "adverts-not-heard": (WARNING,),
    "vrrp-stranger": (WARNING,),
    # Upstreams.
    "upstream-down": (WARNING,),
    "upstream-apart": (WARNING,),
    "upstream-behind": (WARNING,),
    "store-damaged": (WARNING,),
    "store-no-vote": (WARNING,),
    "disk-put-back": (CRITICAL,),
    "container-locked": (WARNING,),
    # All hosts.
    "report-old": (NOTICE,),
    "versions-differ": (NOTICE,),
    "disk": (WARNING, CRITICAL),
    "archive": (WARNING,),
    "certificate": (NOTICE, WARNING, CRITICAL),
    # Times.
    "clock-unsynchronised": (NOTICE,),
    "clock-off": (NOTICE, WARNING),
    "log-time-ahead": (WARNING,),
    "time-server": (NOTICE, WARNING),
    # Licences.
    "licence-unusable": (CRITICAL,),
    "licence-twin": (NOTICE,),
    "licence-expiry": (NOTICE, WARNING, CRITICAL),
    "licence-rests": (WARNING, CRITICAL),
    "units-unconfirmed": (CRITICAL,),
    "units-gone": (WARNING,),
    "units-low": (NOTICE,),
    # The host on which `tmr doctor` runs.
    "settings": (CRITICAL,),
    "store-missing": (CRITICAL,),
    "unit-down": (CRITICAL,),
    "unit-foreign": (CRITICAL,),
    "unit-disabled": (WARNING,),
    "unit-restarts": (WARNING,),
    "certificate-misfit": (CRITICAL,),
}
"""Each problem's code, which begins its cause, and the levels it may have."""


def rank(severity: str) -> int:
    """How bad a level is, from 0; an unknown one counts as the least."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0
