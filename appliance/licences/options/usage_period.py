"""The usage period: how long a licence works from its first use on (an emergency licence's week).

It begins with the first grant that is committed, at that entry's log time, which the state keeps;
to list, to explain or to be refused begins nothing. A vendor lets it begin anew by a higher
`usage_reset`: what began under a lower number is forgotten, once. Log time that is set back takes
the beginning with it, since nothing has begun in the future.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from appliance.licences.bounds import COUNT_MAX, DURATION_S_MAX
from appliance.licences.item import ItemOptions
from appliance.licences.options.row import Case, Field, Kind, Option, Said
from appliance.licences.reason import at_rest

if TYPE_CHECKING:
    from appliance.licences.model import LicenceKey
    from appliance.licences.state import State

REASON: Final = at_rest(
    "usage-period-over",
    "The licence's usage period is over",
    "use another licence, or ask the vendor to reset its usage period",
)


STARTS_MAX: Final = 20_000
"""Usage periods that can have begun: they are never forgotten, and a restore carries them. What
would be one more cannot be used, as if its period were over."""


def usage_start_ms(state: State, key: LicenceKey, item: ItemOptions) -> int | None:
    """When this licence's usage period began (log time, Unix ms); None if it has none, or it has
    not begun since the vendor last reset it."""
    if item.usage_period_s is None:
        return None
    start = state.usage_starts.get(key)
    return None if start is None or start.reset < item.usage_reset else start.at_ms


def usage_end_ms(state: State, key: LicenceKey, item: ItemOptions) -> int | None:
    """When it is over (log time, Unix ms), or would be if it began now; None if it has none."""
    if item.usage_period_s is None:
        return None
    start_ms = usage_start_ms(state, key, item)
    begun_ms = state.log_time_ms if start_ms is None else start_ms
    return begun_ms + item.usage_period_s * 1000


def _over(case: Case) -> bool:
    if case.item.usage_period_s is None:
        return False
    state, key = case.state, case.key
    if key not in state.usage_starts:
        return len(state.usage_starts) >= STARTS_MAX
    end_ms = usage_end_ms(state, key, case.item)
    return end_ms is not None and state.log_time_ms >= end_ms


def _nothing_to_reset(item: ItemOptions) -> str:
    if item.usage_reset and item.usage_period_s is None:
        return "has a reset of the usage period, and no usage period"
    return ""


OPTION = Option(
    fields=(
        Field(
            "usage_period_s",
            "usage period",
            "--usage-period-s",
            "How long the licence works from its first use on, or none.",
            Kind.SECONDS,
            1,
            DURATION_S_MAX,
        ),
    ),
    name=Said("usage period", "Nutzungsdauer", "使用期間"),
    reason=REASON,
    why=Said("usage period over", "Nutzungsdauer abgelaufen", "使用期間終了"),
    rests="cannot be used any more: its usage period is over",
    refuses=_over,
    ends_ms=usage_end_ms,
)
RESET = Option(
    fields=(
        Field(
            "usage_reset",
            "reset of the usage period",
            "--usage-reset",
            "A higher number than before lets the usage period begin anew, once.",
            Kind.COUNT,
            0,
            COUNT_MAX,
        ),
    ),
    name=Said("usage period reset", "Nutzungsdauer neu begonnen", "使用期間リセット"),
    contradiction=_nothing_to_reset,
)
