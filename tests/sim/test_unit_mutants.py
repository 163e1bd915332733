"""Planted bugs that a test of one thing finds, which is named beside each."""

from __future__ import annotations

import pytest

from tests.sim.killing import MUTANTS, killer
from tests.sim.planting import Mutant


@pytest.mark.parametrize(
    "mutant", [one for one in MUTANTS if one.unit], ids=lambda mutant: mutant.name
)
def test_mutant_is_killed(mutant: Mutant) -> None:
    found = killer(mutant)
    print(f"{mutant.name} is killed by {found}")
    assert found, f"{mutant.name} survives"
