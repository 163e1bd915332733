"""Every planted bug is found: by the first of the fixed seeds that meets it, or by its scenario.

Without a mutant those seeds and scenarios are sound, as tests/sim/test_seeds.py and
tests/scenarios check. `pytest -rP` shows which killed which.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.ledger.invariants import InvariantViolation
from appliance.sim.options import swarm
from appliance.sim.run import run_seed
from appliance.sim.script import play
from tests.sim.mutants import MUTANTS, Mutant

SEEDS = range(240)
"""Part of those that test_seeds.py holds to be sound."""
SCENARIOS = Path(__file__).parents[1] / "scenarios"


def first_killer(exaggerate: str) -> str:
    """The first seed that fails, with what is wrong; "" if all hold."""
    for seed in SEEDS:
        violation = run_seed(seed, swarm(seed, exaggerate)).violation
        if violation:
            return f"seed {seed}: {violation}"
    return ""


def scenario_verdict(name: str) -> str:
    """What is wrong when this scenario is played, "" if nothing is."""
    written = (SCENARIOS / f"{name}.txt").read_text(encoding="utf-8")
    try:
        return "" if play(written) == written else f"{name}: another transcript"
    except InvariantViolation as violation:
        return f"{name}: {violation}"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_is_killed(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.patch(monkeypatch)
    killer = (
        scenario_verdict(mutant.scenario) if mutant.scenario else first_killer(mutant.exaggerate)
    )
    print(f"{mutant.name} is killed by {killer}")
    assert killer, f"{mutant.name} survives"


def test_there_are_enough_and_no_two_are_alike() -> None:
    assert len(MUTANTS) >= 20
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
