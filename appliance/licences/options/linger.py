"""The linger time: for how long a seat is kept for its user after it was given back.

It is no longer than the lease lifetime. Else who ends a program by force, so that its seat lapses,
would have it free sooner than who gives it back.
"""

from __future__ import annotations

from appliance.licences.bounds import DURATION_S_MAX
from appliance.licences.item import ItemOptions
from appliance.licences.modes import NO_LIMIT
from appliance.licences.options.row import Field, Kind, Option, Said


def _contradiction(item: ItemOptions) -> str:
    if item.linger_s > item.lease_ttl_s:
        return "has a linger time above its lease lifetime"
    if item.linger_s and item.modes == (NO_LIMIT,):
        return "has a linger time, and no access mode that takes a seat"
    return ""


OPTION = Option(
    fields=(
        Field(
            "linger_s",
            "linger time",
            "--linger-s",
            "How long a seat that was given back is kept for its user.",
            Kind.SECONDS,
            0,
            DURATION_S_MAX,
        ),
    ),
    name=Said("linger time", "Nachhaltezeit", "保持時間"),
    contradiction=_contradiction,
)
