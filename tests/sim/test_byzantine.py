"""One host of five lies, any one: what the design promises of that holds, the rest is counted.

`pytest -rP` shows what was measured.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any, get_args

import pytest

from appliance.ledger.messages import FromTmr, FromUpstream
from appliance.sim.byzantine.fields import paths_of
from appliance.sim.byzantine.tmr_host import TMR_LIES
from appliance.sim.byzantine.upstream import UPSTREAM_LIES
from appliance.sim.options import HOSTS, malicious_swarm
from appliance.sim.run import Result, run_seed

SEEDS_EACH = 18
"""Lives in which the same host lies."""


@cache
def lives(liar: str) -> tuple[Result, ...]:
    """What came of the lives in which this host lies."""
    first = HOSTS.index(liar)
    seeds = range(first, first + SEEDS_EACH * len(HOSTS), len(HOSTS))
    return tuple(run_seed(seed, malicious_swarm(seed)) for seed in seeds)


@pytest.mark.parametrize("liar", HOSTS)
def test_one_liar_breaks_nothing(liar: str) -> None:
    results = lives(liar)
    failed = [result for result in results if result.violation]
    assert not failed, "\n".join(
        [f"malicious_swarm({r.seed}): {r.violation}\n{r.options}" for r in failed]
        + failed[0].trace[-40:]
    )
    assert {result.options["malicious"] for result in results} == {liar}
    measured: Counter[str] = Counter()
    for result in results:
        measured.update(result.measured)
    print(f"measured: {dict(measured)}")
    assert sum(result.entries for result in results) > 50


@pytest.mark.parametrize(
    ("liars", "said"), [(HOSTS[:3], FromUpstream), (HOSTS[3:], FromTmr)], ids=["upstream", "tmr"]
)
def test_every_field_of_every_message_is_lied_about(liars: tuple[str, ...], said: Any) -> None:
    """The fields are those of the definitions: a new one has to be lied about, too."""
    told: Counter[str] = Counter()
    for liar in liars:
        for result in lives(liar):
            told.update(result.in_fields)
    fields = {
        ".".join((message.__name__, *path))
        for message in get_args(said)
        for path in paths_of(message)
    }
    assert len(fields) > 150
    assert set(told) == fields


@pytest.mark.parametrize(
    ("liars", "lies"), [(HOSTS[:3], UPSTREAM_LIES), (HOSTS[3:], TMR_LIES)], ids=["upstream", "tmr"]
)
def test_every_lie_is_told(liars: tuple[str, ...], lies: tuple[str, ...]) -> None:
    """By some host of that kind: tmr2 is seldom active, so it has fewer occasions than tmr1."""
    told: Counter[str] = Counter()
    for liar in liars:
        for result in lives(liar):
            told.update(result.lies)
    print(f"told: {dict(told)}")
    assert set(told) == set(lies)
