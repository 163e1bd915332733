"""One host of five lies, any one: what the design promises of that holds, the rest is counted.

`pytest -rP` shows what was measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from appliance.ledger import adoption, choice, fetching, following, incoming, keeping, standing
from appliance.sim.hijack import TMR_LIES
from appliance.sim.malice import UPSTREAM_LIES
from appliance.sim.options import HOSTS, malicious_swarm
from appliance.sim.run import run_seed

SEEDS_EACH = 18
"""Lives in which the same host lies."""
Patch = Callable[[pytest.MonkeyPatch], None]


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


def _weighs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adoption, "weigh", lambda *_: "")


def _proofs_not_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (choice, following, standing, adoption):
        monkeypatch.setattr(module, "is_proven", lambda *_: True)


def _seals_not_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (fetching, incoming, keeping):
        monkeypatch.setattr(module, "is_sealed", lambda *_: True)


MUTANTS: dict[str, Patch] = {
    "seals are not verified": _seals_not_verified,
    "upstreams do not weigh vows": _weighs_nothing,
    "proofs are not verified": _proofs_not_verified,
}
"""Planted bugs that only a liar meets."""


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_killed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[name](monkeypatch)
    for seed in range(SEEDS_EACH * len(HOSTS)):
        violation = run_seed(seed, malicious_swarm(seed)).violation
        if violation:
            print(f"{name} is killed by seed {seed}: {violation}")
            return
    pytest.fail(f"{name} survives")
