"""Clients wait for seats and are refused while everything breaks: what they are told holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from appliance.sim.clients import WAITED
from appliance.sim.options import swarm
from appliance.sim.run import run_seed

SEEDS = (0, 1, 2, 4, 10)


def test_seeds_in_which_clients_wait_are_sound() -> None:
    measured = Counter[str]()
    for seed in SEEDS:
        # One licence: a history knows not which of two has a seat that is held for somebody.
        options = replace(swarm(seed), waits=0.6, clients=6, tmr_ids=1)
        result = run_seed(seed, options)
        assert result.violation == "", seed
        measured.update(result.measured)
    assert measured[WAITED] > 100, "else nothing was tried"
