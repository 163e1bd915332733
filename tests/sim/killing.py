"""Which seed or scenario finds a planted bug, for the tests and for `tmr sim --mutants`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from appliance.ledger.invariants import InvariantViolation
from appliance.sim.options import malicious_swarm, swarm
from appliance.sim.run import run_seed
from appliance.sim.script import play
from tests.sim import (
    access_mutants,
    borrow_mutants,
    byzantine_mutants,
    disk_mutants,
    modes_mutants,
    mutants,
    queue_mutants,
    rules_mutants,
    seat_mutants,
    unit_runs,
    units_mutants,
    usage_mutants,
)
from tests.sim.planting import Mutant

SEEDS = range(240)
"""Part of those that test_seeds.py holds to be sound."""
MALICIOUS_SEEDS = range(90)
"""Those that test_byzantine.py holds to be sound."""
MUTANTS = (
    *mutants.MUTANTS,
    *disk_mutants.MUTANTS,
    *byzantine_mutants.MUTANTS,
    *rules_mutants.MUTANTS,
    *modes_mutants.MUTANTS,
    *access_mutants.MUTANTS,
    *queue_mutants.MUTANTS,
    *units_mutants.MUTANTS,
    *seat_mutants.POOL_MUTANTS,
    *borrow_mutants.MUTANTS,
    *usage_mutants.MUTANTS,
)
SCENARIOS = Path(__file__).parents[1] / "scenarios"


def killer(mutant: Mutant) -> str:
    """What finds this bug, with what is wrong then; "" if nothing does."""
    if mutant.unit:
        return unit_runs.first_failure(mutant)
    with pytest.MonkeyPatch.context() as monkeypatch:
        mutant.patch(monkeypatch)
        if mutant.scenario:
            return scenario_verdict(mutant.scenario)
        if needs_liar(mutant):
            return first_liar(mutant.also)
        return first_killer(mutant.exaggerate, mutant.also)


def needs_liar(mutant: Mutant) -> bool:
    """Whether this bug is looked for in seeds in which one host of five lies."""
    return mutant.malicious or mutant in byzantine_mutants.MUTANTS


def first_killer(exaggerate: str, also: tuple[int, ...] = ()) -> str:
    """The first seed that fails, `also` first, with what is wrong; "" if all hold."""
    for seed in (*also, *SEEDS):
        violation = run_seed(seed, swarm(seed, exaggerate)).violation
        if violation:
            return f"seed {seed}: {violation}"
    return ""


def first_liar(also: tuple[int, ...] = ()) -> str:
    """The same for seeds in which one host lies, `also` before the usual ones."""
    for seed in (*also, *MALICIOUS_SEEDS):
        violation = run_seed(seed, malicious_swarm(seed)).violation
        if violation:
            return f"malicious seed {seed}: {violation}"
    return ""


def scenario_verdict(name: str) -> str:
    """What is wrong when this scenario is played, "" if nothing is."""
    written = (SCENARIOS / f"{name}.txt").read_text(encoding="utf-8")
    try:
        return "" if play(written) == written else f"{name}: another transcript"
    except InvariantViolation as violation:
        return f"{name}: {violation}"


def summary() -> dict[str, Any]:
    """All of them: how many were planted and found, and the names of those that were not."""
    survived = [mutant.name for mutant in MUTANTS if not killer(mutant)]
    return {"planted": len(MUTANTS), "killed": len(MUTANTS) - len(survived), "survived": survived}
