"""How old the certified time may get before a licence rests, until a time server is asked again.

Only if the vendor set such a limit: without one, stale certified time stops nothing, since a
licence server must not stop a plant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from appliance.licences.bounds import CERTIFIED_AGE_S_MAX
from appliance.licences.item import ItemOptions
from appliance.licences.options.row import Case, Field, Kind, Option, Said
from appliance.licences.reason import at_rest

if TYPE_CHECKING:
    from appliance.licences.state import State

REASON: Final = at_rest(
    "certified-time-stale",
    "The licence wants a newer certified time",
    "update it with `tmr time update`",
)


def certified_until_ms(state: State, item: ItemOptions) -> int | None:
    """Until when (Unix ms) the certified time is young enough for this item; None if its vendor
    set no limit. Where none is known yet, it never was: 0."""
    if item.certified_age_max_s is None:
        return None
    certified_ms = state.virtual_certified_ms()
    return 0 if certified_ms is None else certified_ms + item.certified_age_max_s * 1000


def is_stale(state: State, item: ItemOptions) -> bool:
    """Whether this licence's vendor wants a newer certified time than the ledger knows."""
    until_ms = certified_until_ms(state, item)
    return until_ms is not None and state.log_time_ms >= until_ms


def _refuses(case: Case) -> bool:
    return case.item.certified_age_max_s is not None and is_stale(case.state, case.item)


OPTION = Option(
    fields=(
        Field(
            "certified_age_max_s",
            "age of the certified time",
            "--certified-age-max-s",
            "How old the certified time may get before the licence rests, or none.",
            Kind.SECONDS,
            1,
            CERTIFIED_AGE_S_MAX,
        ),
    ),
    name=Said("certified time at most", "zertifizierte Zeit höchstens", "認証時刻の最大経過時間"),
    reason=REASON,
    why=Said("certified time too old", "zertifizierte Zeit zu alt", "認証時刻が古すぎます"),
    rests="rests, since its vendor wants a newer certified time than there is",
    refuses=_refuses,
    until_ms=certified_until_ms,
)
