"""The role: whether a licence is for every day, for busy days, or for the day on which others fail.

A check-out is given a seat of a main licence first, then of an overflow licence, and of an
emergency licence only while its product has neither of them (`appliance.licences.pools`). A program
may say that it wants no emergency licence (`appliance.licences.wishes`).
"""

from __future__ import annotations

from typing import Final

from appliance.licences.options.row import Case, Field, Kind, Option, Said
from appliance.licences.reason import at_rest
from appliance.licences.roles import EMERGENCY, MAIN, OVERFLOW, ROLES

REASON: Final = at_rest(
    "emergency-declined",
    "Only an emergency licence is left, and none was wanted",
    "allow emergency licences, or have the main licence mended",
)

NAMES: Final = {
    MAIN: Said("main", "Hauptlizenz", "メイン"),
    OVERFLOW: Said("overflow", "Überlauflizenz", "超過用"),
    EMERGENCY: Said("emergency", "Notfalllizenz", "緊急用"),
}
"""What people call the roles."""


def _refuses(case: Case) -> bool:
    return case.item.role == EMERGENCY and not case.wishes.emergency


OPTION = Option(
    fields=(
        Field(
            "role",
            "role",
            "--role",
            "What it is for: every day, busy days, or the day on which the others fail.",
            Kind.WORD,
            words=ROLES,
        ),
    ),
    name=Said("role", "Rolle", "役割"),
    reason=REASON,
    why=Said("only an emergency licence", "nur eine Notfalllizenz", "緊急ライセンスのみ"),
    rests="is left as an emergency licence only, which this program does not want",
    refuses=_refuses,
)
