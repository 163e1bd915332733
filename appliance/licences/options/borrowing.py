"""Borrowing: for how long seats may leave the plant, and how many at a time. Nobody borrows unless
the vendor says so.

Not of a licence with a unit counter: what a computer without a network takes, nobody counts.
"""

from __future__ import annotations

from appliance.licences.bounds import COUNT_MAX, DURATION_S_MAX
from appliance.licences.item import ItemOptions
from appliance.licences.modes import USER_LIMIT
from appliance.licences.options.row import Field, Kind, Option, Said


def _contradiction(item: ItemOptions) -> str:
    if item.borrow_max_s is None:
        return ""
    if item.units is not None:
        return "may be borrowed, and has a unit counter, which nobody keeps while it is out"
    if USER_LIMIT not in item.modes:
        return "may be borrowed, and does not permit the access mode user-limit"
    return ""


OPTION = Option(
    fields=(
        Field(
            "borrow_max_s",
            "longest time to borrow",
            "--borrow-max-s",
            "For how long a seat may be borrowed at most, or none.",
            Kind.SECONDS,
            1,
            DURATION_S_MAX,
        ),
    ),
    name=Said("may be borrowed for", "ausleihbar für", "貸出可能時間"),
    contradiction=_contradiction,
)
SEATS = Option(
    fields=(
        Field(
            "borrow_seats_max",
            "number of seats to borrow",
            "--borrow-seats-max",
            "How many seats may be borrowed at a time; all, if nothing is said.",
            Kind.COUNT,
            1,
            COUNT_MAX,
        ),
    ),
    name=Said("borrowed seats at most", "ausgeliehene Plätze höchstens", "貸出シート数上限"),
)
