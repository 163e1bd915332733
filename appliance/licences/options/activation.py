"""The activation time: the first second at which a licence works."""

from __future__ import annotations

from typing import Final

from appliance.licences.bounds import SECONDS_MAX
from appliance.licences.item import ItemOptions
from appliance.licences.options.row import Field, Kind, Option, Said
from appliance.licences.reason import at_rest

REASON: Final = at_rest(
    "not-yet-active", "The licence does not work yet", "wait, or ask the vendor to change that"
)


def _not_yet(item: ItemOptions, now_ms: int) -> bool:
    return item.activates_at_s is not None and now_ms < item.activates_at_s * 1000


def _contradiction(item: ItemOptions) -> str:
    begins_s, ends_s = item.activates_at_s, item.expires_at_s
    if begins_s is None or ends_s is None or begins_s < ends_s:
        return ""
    return "ends before it begins: its expiration time is not after its activation time"


OPTION = Option(
    fields=(
        Field(
            "activates_at_s",
            "activation time",
            "--activates",
            "First day (2030-01-01, all of it), or a time with hours, or none.",
            Kind.BEGIN,
            0,
            SECONDS_MAX,
        ),
    ),
    name=Said("begins", "beginnt", "利用開始"),
    reason=REASON,
    why=Said("licence does not work yet", "Lizenz gilt noch nicht", "ライセンス開始前"),
    rests="does not work yet",
    at=_not_yet,
    contradiction=_contradiction,
)
