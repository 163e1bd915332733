"""Planted bugs of how the rules rise (`appliance.licences.rules`, `raising`)."""

from __future__ import annotations

import pytest

from appliance.ledger.log import book as book_module
from appliance.licences import raising
from appliance.licences.rules import FIRST
from appliance.licences.snapshot import Loader
from appliance.licences.state import State
from tests.sim.planting import Mutant, always

UNIT = "tests/unit/licences/test_rules.py"


def _snapshot_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever begins with a snapshot begins with the first rules."""
    state = Loader.state

    def forgetful(self: Loader) -> State:
        loaded = state(self)
        loaded.rules = min(loaded.rules, FIRST)
        loaded.take_changes()
        return loaded

    monkeypatch.setattr(Loader, "state", forgetful)


def _knows_less_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that does not know the rules in force applies what it can read."""
    monkeypatch.setattr(book_module, "is_newer", lambda in_force, known: False)


MUTANTS = (
    Mutant("rules raised without a host that knows less", always((raising, "missing"), gives=())),
    Mutant(
        "an older word about the rules replayed",
        always((raising, "is_old"), gives=False),
        unit=UNIT,
    ),
    Mutant("a snapshot forgets the rules", _snapshot_forgets, unit=UNIT),
    Mutant("a host that knows less goes on", _knows_less_and_goes_on),
)
