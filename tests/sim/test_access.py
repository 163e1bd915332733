"""Access rules are applied while everything breaks: no grant is against those of its entry."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.licences.reasons import DENIED_BY_RULE, MAXIMUM_REACHED, SEATS_RESERVED
from appliance.sim import history
from appliance.sim.history import Call
from appliance.sim.options import ACCESS, swarm
from appliance.sim.run import run_seed

SEEDS_MIN, SEEDS_MAX = 12, 64
TOLD = {DENIED_BY_RULE, MAXIMUM_REACHED, SEATS_RESERVED}


def test_seeds_in_which_rules_come_and_go_are_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    told: set[str] = set()
    step = history.step

    def noted(licence: Any, call: Call) -> Any:
        if call.answer is not None:
            told.add(call.answer.reason)
        return step(licence, call)

    monkeypatch.setattr(history, "step", noted)
    for seed in range(SEEDS_MAX):
        assert run_seed(seed, swarm(seed, ACCESS)).violation == "", seed
        if seed >= SEEDS_MIN and told >= TOLD:
            break
    assert told >= TOLD, "else nothing was tried"
