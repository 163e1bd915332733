"""From when on something is worth an alert; `[alerts]` in monitor.toml."""

from __future__ import annotations

import msgspec


class AlertLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Thresholds of the alert rules; a rule with 0 of days or percent is off."""

    licence_expires_d: int = 30
    certificate_expires_d: int = 21
    certified_age_d: int = 7
    seats_free: int = 0
    units_left_percent: int = 10
    disk_free_percent: int = 10
    lag_entries: int = 1_000
    raise_after_s: int = 3
    clear_after_s: int = 30


def trouble(limits: AlertLimits) -> str:
    """What is wrong with them, "" if nothing is."""
    for name in limits.__struct_fields__:
        value = getattr(limits, name)
        most = 100 if name.endswith("_percent") else 1_000_000
        if not 0 <= value <= most:
            return f"alerts.{name} is {value}, not 0 to {most}"
    return ""
