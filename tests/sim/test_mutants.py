"""Every planted bug is found: by the first of the fixed seeds that meets it, or by its scenario.

Those that a test of one thing finds are in test_unit_mutants.py, so that two processors share them.

Without a mutant those seeds and scenarios are sound, as tests/sim/test_seeds.py, test_byzantine.py
and tests/scenarios check. `pytest -rP` shows which killed which.
"""

from __future__ import annotations

import pytest

from appliance.sim.options import malicious_swarm, swarm
from appliance.sim.run import run_seed
from tests.sim.killing import MALICIOUS_SEEDS, MUTANTS, SEEDS, killer, needs_liar
from tests.sim.planting import Mutant


@pytest.mark.parametrize(
    "mutant", [one for one in MUTANTS if not one.unit], ids=lambda mutant: mutant.name
)
def test_mutant_is_killed(mutant: Mutant) -> None:
    found = killer(mutant)
    print(f"{mutant.name} is killed by {found}")
    assert found, f"{mutant.name} survives"


def test_further_seeds_are_sound_without_a_mutant() -> None:
    also = {(needs_liar(one), one.exaggerate, seed) for one in MUTANTS for seed in one.also}
    for liar, exaggerate, seed in sorted(also):
        options = malicious_swarm(seed) if liar else swarm(seed, exaggerate)
        if seed not in (MALICIOUS_SEEDS if liar else SEEDS):
            assert run_seed(seed, options).violation == ""


def test_there_are_enough_and_no_two_are_alike() -> None:
    assert len(MUTANTS) >= 20
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
