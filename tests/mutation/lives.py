"""Whole lives in the simulator, for changes that no test of one room notices.

A change of the coordinator is often seen only by what becomes of five hosts under faults: a split
ledger, a lost entry, a majority that serves nobody. `make mutation` runs these after the tests of
the room; they are a small part of `tests/sim`.
"""

from __future__ import annotations

import pytest

from appliance.sim.options import malicious_swarm, swarm
from appliance.sim.run import run_seed

SEEDS = 3
LIARS_SEEDS = 3


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_life_with_faults_breaks_nothing(seed: int) -> None:
    assert run_seed(seed, swarm(seed)).violation == ""


@pytest.mark.parametrize("seed", range(LIARS_SEEDS))
def test_a_life_with_a_liar_breaks_nothing(seed: int) -> None:
    assert run_seed(seed, malicious_swarm(seed)).violation == ""
