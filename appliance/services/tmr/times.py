"""The containers' times as a TMR host shows them: with their ages, and how each clock stands.

The virtual container's times are the second-highest of the containers' (design D6): the median of
three, the earlier of two. Its system time is log time where that is ahead: licences are compared
with log time, and an alarm says so. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from appliance.clocks.voting import VOTERS_MIN, allowed_log_time_ms
from appliance.clocks.watching import clock_checks
from appliance.codec.api import ContainerTimes
from appliance.licences.state import State
from appliance.services.tmr.reports import Reports

FRESH_S: Final = 10.0
"""A report that is older says nothing about a clock any more."""


def container_times(
    reports: Reports, names: Iterable[str], needed: int = VOTERS_MIN
) -> dict[str, ContainerTimes]:
    """Each upstream's times as of now, by name; those of a silent one are as it last told them, and
    do not vote."""
    told: dict[str, tuple[ContainerTimes, float]] = {}
    for name in names:
        report = reports.of(name)
        if report is not None and report[0].times is not None:
            told[name] = (report[0].times, report[1])
    now_ms = {name: times.system_ms + round(age_s * 1000) for name, (times, age_s) in told.items()}
    fresh = {name: ms for name, ms in now_ms.items() if told[name][1] <= FRESH_S}
    stands = clock_checks(fresh, needed)
    shown = {}
    for name, (times, age_s) in told.items():
        stand, watch = stands.get(name), reports.clock(name)
        shown[name] = msgspec.structs.replace(
            times,
            system_ms=now_ms[name],
            box_age_s=_later(times.box_age_s, age_s),
            certified_age_s=_later(times.certified_age_s, age_s),
            offset_ms=stand.offset_ms if stand else None,
            outvoted=stand.outvoted if stand else False,
            drift_ppm=watch.drift_ppm,
            stepped_ms=watch.stepped_ms,
            slow_s=watch.slow_s,
        )
    return shown


def virtual_times(times: Mapping[str, ContainerTimes], state: State) -> ContainerTimes | None:
    """The virtual container's times; None while fewer than two containers tell theirs.

    `offset_ms` is how far log time is ahead of the vote: beyond the tolerance only certified
    updates of two containers bring it back, and `outvoted` says so.
    """
    needed = state.membership.needed
    box_ms = allowed_log_time_ms([one.box_ms for one in times.values()], 0, needed)
    voting = [one.system_ms for one in times.values() if one.offset_ms is not None]
    voted_ms = allowed_log_time_ms(voting, 0, needed)
    if box_ms is None or voted_ms is None:
        return None
    ahead_ms = max(0, state.log_time_ms - voted_ms)
    certified_ms = state.virtual_certified_ms()
    system_ms = voted_ms + ahead_ms
    return ContainerTimes(
        box_ms=box_ms,
        system_ms=system_ms,
        certified_ms=certified_ms,
        box_age_s=max(0.0, (system_ms - box_ms) / 1000),
        certified_age_s=None if certified_ms is None else (system_ms - certified_ms) / 1000,
        offset_ms=ahead_ms,
        outvoted=ahead_ms > LOG_TIME_AHEAD_MS,
    )


LOG_TIME_AHEAD_MS: Final = 10_000
"""Log time that is further ahead of the vote than this waits for two certified updates."""


def _later(age_s: float | None, by_s: float) -> float | None:
    return None if age_s is None else round(age_s + by_s, 3)
