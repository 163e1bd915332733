"""One host of five lies, any one: what the design promises of that holds, the rest is counted.

More with `tmr sim --malicious --seeds A..B`; `pytest -rP` shows what was measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from appliance.ledger import adoption, choice, following, proofs, standing
from appliance.ledger.replica import Replica
from appliance.ledger.standing import Standing
from appliance.sim.malice import TMR_LIES, UPSTREAM_LIES
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
        [f"tmr sim --malicious --seeds {r.seed}: {r.violation}\n{r.options}" for r in failed]
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


def _vows_not_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (adoption, choice, proofs):
        monkeypatch.setattr(module, "is_signed", lambda *_: True)


def _grounds_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "believable", lambda *_: True)


def _no_consent_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Standing, "consents_to", lambda *_: True)


def _log_time_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Was real: only appends were, and whoever made up a log could move log time by years."""
    monkeypatch.setattr(adoption, "unacceptable", lambda *_: "")


def _log_time_of_appends_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Replica, "_unacceptable", lambda *_: "")


def _names_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Was real: whoever is named in a proof was taken to have signed it."""

    def named(store: bytes, proof: Any, verify: Any) -> bool:
        return any(voice.store == store for voice in proof.voices)

    for module in (standing, choice):
        monkeypatch.setattr(module, "has_signed", named)


MUTANTS: dict[str, Patch] = {
    "upstreams do not weigh vows": _weighs_nothing,
    "proofs are not verified": _proofs_not_verified,
    "vows are not verified": _vows_not_verified,
    "grounds are not looked at": _grounds_not_looked_at,
    "consent is not asked for": _no_consent_asked,
    "log time of an adopt is not judged": _log_time_not_judged,
    "log time of an append is not judged": _log_time_of_appends_not_judged,
    "a name in a proof counts as a voice": _names_count,
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


def test_two_faults_at_once_are_counted() -> None:
    """A liar, and an honest upstream that is cut off or down: more than three replicas bear."""
    broken = Counter(
        result.violation[:40]
        for seed in range(60)
        if (result := run_seed(seed, malicious_swarm(seed, two_faults=True))).violation
    )
    print(f"with two faults, of 60 seeds: {dict(broken)}")
