"""The maintenance period: from which to which day programs were released that a licence is for.

A program says with its check-out when it was released (`appliance.licences.wishes`); that is
compared with the period, both days included. No clock is asked: a program of the period goes on
working when the period is over. A program that says nothing is not checked, as in CodeMeter:
whoever sells maintenance has to let his programs say their release dates.
"""

from __future__ import annotations

from typing import Final

from appliance.licences.item import ItemOptions
from appliance.licences.options.row import Case, Field, Kind, Option, Said
from appliance.licences.reason import at_rest

REASON: Final = at_rest(
    "maintenance-not-covered",
    "The licence's maintenance does not cover this program",
    "use a release of that time, or ask the vendor for maintenance",
)


def _refuses(case: Case) -> bool:
    released, item = case.wishes.release_date, case.item
    if not released:
        return False
    first, last = item.maintenance_from, item.maintenance_until
    return (first is not None and released < first) or (last is not None and released > last)


def _contradiction(item: ItemOptions) -> str:
    first, last = item.maintenance_from, item.maintenance_until
    if first is None or last is None or first <= last:
        return ""
    return "has a maintenance that ends before it begins"


OPTION = Option(
    fields=(
        Field(
            "maintenance_from",
            "first day of maintenance",
            "--maintenance-from",
            "First release date of the programs that it is for, or none.",
            Kind.DATE,
        ),
        Field(
            "maintenance_until",
            "last day of maintenance",
            "--maintenance-until",
            "Last release date of the programs that it is for, or none.",
            Kind.DATE,
        ),
    ),
    name=Said("maintenance", "Wartung", "保守期間"),
    reason=REASON,
    why=Said("maintenance does not cover it", "nicht von der Wartung gedeckt", "保守期間外"),
    rests="has a maintenance that does not cover this program's release date",
    refuses=_refuses,
    contradiction=_contradiction,
)
