"""A fixed budget of seeds, each a cluster's whole life; more with `tmr sim --seeds A..B`."""

from __future__ import annotations

import pytest

from appliance.sim.run import run_seed

SEEDS = 240
PER_TEST = 20


@pytest.mark.parametrize("first", range(0, SEEDS, PER_TEST))
def test_seeds_hold(first: int) -> None:
    results = [run_seed(seed) for seed in range(first, first + PER_TEST)]
    failed = [result for result in results if result.violation]
    assert not failed, "\n".join(
        [f"tmr sim --seeds {r.seed}: {r.violation}\n{r.options}" for r in failed]
        + failed[0].trace[-40:]
    )
    # A history too long to judge is no pass: it must stay the exception.
    assert sum(result.undecided for result in results) <= 3
    assert sum(result.entries for result in results) > 100


def test_a_seed_replays() -> None:
    """The same seed gives the same life, to the last input."""
    one, other = run_seed(11), run_seed(11)
    assert (one.inputs, one.entries, one.calls) == (other.inputs, other.entries, other.calls)
    assert one.faults == other.faults
