"""Planted bugs of access rules (`appliance.licences.access`)."""

from __future__ import annotations

import pytest

from appliance.licences.access import rulebook
from appliance.licences.access.form import ALLOW
from appliance.licences.access.rulebook import Ruled, Verdict
from appliance.sim.options import ACCESS
from tests.sim.planting import Mutant


def _last_rule_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the first rules of who asks and of its groups the last one decides."""

    def verdict(ruled: Ruled, keys: list[bytes]) -> Verdict:
        turned = max((ruled.first[key] for key in keys if key in ruled.first), default=-1)
        if turned < 0:
            return Verdict(ruled.allows, -1)
        return Verdict(ruled.rules[turned].action == ALLOW, turned)

    monkeypatch.setattr(rulebook, "verdict", verdict)


MUTANTS = (Mutant("the last access rule decides", _last_rule_decides, exaggerate=ACCESS),)
