"""One host of five lies, any one: what the design promises of that holds, the rest is counted.

`pytest -rP` shows what was measured.
"""

from __future__ import annotations

from collections import Counter

import pytest

from appliance.sim.hijack import TMR_LIES
from appliance.sim.malice import UPSTREAM_LIES
from appliance.sim.options import HOSTS, malicious_swarm
from appliance.sim.run import run_seed

SEEDS_EACH = 18
"""Lives in which the same host lies."""


@pytest.mark.parametrize("liar", HOSTS)
def test_one_liar_breaks_nothing(liar: str) -> None:
    first = HOSTS.index(liar)
    results = [
        run_seed(seed, malicious_swarm(seed))
        for seed in range(first, first + SEEDS_EACH * len(HOSTS), len(HOSTS))
    ]
    failed = [result for result in results if result.violation]
    assert not failed, "\n".join(
        [f"malicious_swarm({r.seed}): {r.violation}\n{r.options}" for r in failed]
        + failed[0].trace[-40:]
    )
    assert {result.options["malicious"] for result in results} == {liar}
    told: Counter[str] = Counter()
    measured: Counter[str] = Counter()
    for result in results:
        told.update(result.lies)
        measured.update(result.measured)
    print(f"{liar} lied: {dict(told)}")
    print(f"measured: {dict(measured)}")
    assert set(told) == set(UPSTREAM_LIES if liar.startswith("up") else TMR_LIES)
    assert sum(result.entries for result in results) > 100
