"""One list of problems and one scale of levels, for everybody who says how a system is.

`tmr status`, `tmr doctor`, `tmr alert`, the metrics and the monitor all show what `checks.examine`
finds, and nobody gives it another level or other words. A problem has a code, levels, and for each
case of it the sentences, with places that a finding's values fill (`appliance.watch.words`). The
monitor's translations are those of these sentences. docs/health.md has what each problem means; a
test walks both lists.
"""

from __future__ import annotations

from typing import Final

from appliance.watch.part_problems import PARTS
from appliance.watch.problem import CRITICAL, NOTICE, SEVERITIES, WARNING, Problem
from appliance.watch.service_problems import SERVICE

__all__ = ["CRITICAL", "LEVELS", "NOTICE", "PROBLEMS", "SEVERITIES", "WARNING", "rank"]

PROBLEMS: Final[dict[str, Problem]] = SERVICE | PARTS
"""Each problem by its code, which begins a finding's cause."""

LEVELS: Final = {code: problem.levels for code, problem in PROBLEMS.items()}


def rank(severity: str) -> int:
    """How bad a level is, from 0; an unknown one counts as the least."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0
