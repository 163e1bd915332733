"""The verdict: does it serve, in one word and one line, from what was found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from appliance.watch.checks import examine
from appliance.watch.facts import Facts, Finding
from appliance.watch.problems import NOTICE, rank
from appliance.watch.words import brief

SERVING: Final = "serving"
DEGRADED: Final = "degraded"
DOWN: Final = "down"
WORDS: Final = (SERVING, DEGRADED, DOWN)

_NOBODY_SERVED: Final = frozenset(("no-answer", "not-serving"))
_ONE_STORE_LESS: Final = frozenset(
    ("upstream-down", "upstream-apart", "store-damaged", "container-shut", "store-no-vote")
)


class Verdict(NamedTuple):
    """`word` is "serving" (at most notices), "degraded" (warnings, or some are not served) or
    "down" (nobody is served); `reason` is one line without a full stop."""

    word: str
    reason: str
    findings: tuple[Finding, ...]


def judge(facts: Facts) -> Verdict:
    """The verdict on these facts, and all that was found."""
    findings = examine(facts)
    return Verdict(*summed_up(findings, alone=facts.is_alone), findings)


def summed_up(findings: Iterable[Finding], *, alone: bool = False) -> tuple[str, str]:
    """Word and reason of a verdict on these findings; `alone` of a server on one host."""
    bad = [one for one in findings if rank(one.severity) > rank(NOTICE)]
    over = next((one for one in bad if one.code in _NOBODY_SERVED), None)
    if over is not None:
        return DOWN, brief(over)
    if not bad:
        return SERVING, "this server stands alone" if alone else "all three upstreams answer"
    lost = [one for one in bad if one.code in _ONE_STORE_LESS and not alone]
    others = [one for one in bad if one not in lost]
    told = brief(others[0]) if others else ""
    if lost:
        told = f"serving on two of three: {', '.join(map(brief, lost))}"
        more = len(others)
    else:
        more = len(others) - 1
    if more:
        word = "problem" if more == 1 else "problems"
        told += f"; {more} more {word}: see `tmr doctor`"
    return DEGRADED, told
