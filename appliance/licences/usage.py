"""When the usage period of a licence begins (`options/usage_period.py` says what it is).

What can go wrong in here is a beginning that not all hosts know: so only commands write it, and a
host that asks itself whether somebody would get a seat does not. Nor may it get lost, since then
the period would begin anew: it is never forgotten, and a restore carries it.
"""

from __future__ import annotations

from collections.abc import Sequence

from appliance.licences.bounds import COUNT_MAX
from appliance.licences.commands import Outcome
from appliance.licences.model import LicenceKey, UsageStart
from appliance.licences.options.usage_period import STARTS_MAX, usage_start_ms
from appliance.licences.state import State


def begin(state: State, outcome: Outcome) -> None:
    """The licences of this grant are used from now on: their usage periods begin, if they have any
    that have not begun."""
    if not outcome.valid_for_s:  # An answer that is given again, on which nobody may rely.
        return
    for key in outcome.keys:
        item = state.periods.get(key)
        if item is not None and usage_start_ms(state, key, item) is None:
            state.set_usage_start(key, UsageStart(state.log_time_ms, item.usage_reset))


def lowered(state: State) -> None:
    """Log time went back: nothing has begun later than now."""
    for key, start in list(state.usage_starts.items()):
        if start.at_ms > state.log_time_ms:
            state.set_usage_start(key, UsageStart(state.log_time_ms, start.reset))


def why_not_carried_starts(
    starts: Sequence[tuple[LicenceKey, UsageStart]], log_time_ms: int
) -> str:
    """What is wrong with the beginnings that a founding at this log time carries, "" if nothing."""
    if len({key for key, _ in starts}) != len(starts) or len(starts) > STARTS_MAX:
        return f"usage periods begin once for each licence, and at most {STARTS_MAX}"
    if not all(0 <= one.at_ms <= log_time_ms and 0 <= one.reset <= COUNT_MAX for _, one in starts):
        return "no usage period began after the backup"
    return ""
