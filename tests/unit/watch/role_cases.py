"""What makes the problems about a licence's role: facts, and the finding that they lead to."""

from __future__ import annotations

from appliance.codec.api import LicencesDocument
from appliance.watch.facts import WARNING, Facts
from tests.unit.watch.facts_world import DAY_S, NOW_S, facts, licence


def emergency(**changes) -> Facts:
    """The only licence is an emergency licence, with two seats in use if nothing else is said."""
    one = licence(**{"role": "emergency", "in_use": 2} | changes)
    return facts(licences=LicencesDocument(virtual_serial="131-1", licences=(one,)))


ALONE = [
    (
        emergency(),
        (
            "emergency-licence/100001:10#4",
            WARNING,
            "Emergency licence 100001:10#4 (CAD) has 2 of 5 seats in use.",
        ),
    ),
    (
        emergency(usage_ends_s=NOW_S + 40 * DAY_S),
        (
            "emergency-licence/100001:10#4",
            WARNING,
            "has 2 of 5 seats in use, and its usage period ends in 40 days",
        ),
    ),
]
