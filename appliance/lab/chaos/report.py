"""Figures of a run, for people and for programs. Pure.

What a fault cost is what a prober went through: it asks again as soon as it is answered, so the
longest time between two of its answers, from the strike until all is whole again, is how long an
application would have waited.
"""

from __future__ import annotations

import bisect
import itertools
import math
import statistics
from collections.abc import Sequence

import msgspec

from appliance.lab.chaos.judge import Judgement
from appliance.lab.chaos.records import Records


class Struck(msgspec.Struct, frozen=True, kw_only=True):
    """One round as it went. Instants are boot time; `whole_s` is None if it never came to that.

    `kind` is what the table counts it under, `faults` each fault with whom it really met.
    """

    kind: str
    faults: tuple[str, ...]
    struck_s: float
    healed_s: float
    whole_s: float | None


class ReportLine(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of fault. `recovery` is the time from healing until all is whole."""

    kind: str
    count: int
    interruption_median_s: float | None
    interruption_worst_s: float | None
    recovery_median_s: float | None
    recovery_worst_s: float | None


class ChaosReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a run.

    `planned` rounds are struck unless there was something wrong, no time left, or only faults that
    cannot be had here; `skipped` says why not.
    """

    seed: int
    minutes: float
    took_s: float
    planned: int
    rounds: int
    faults: int
    table: tuple[ReportLine, ...]
    interruption_median_s: float | None
    interruption_worst_s: float | None
    skipped: dict[str, str]
    restarts: int
    calls: int
    unanswered: int
    entries: int
    histories: int
    history_calls_max: int
    history_calls_total: int
    history_steps: int
    violations: tuple[str, ...]
    record: str
    struck: tuple[Struck, ...]


def answers_of(records: Records, clients: Sequence[str]) -> list[list[float]]:
    """When each of these clients was answered, in order."""
    found: dict[str, list[float]] = {client: [] for client in clients}
    for row in records.rows:
        if row.told is not None and row.asked.client in found:
            found[row.asked.client].append(row.told.returned_s)
    return [sorted(times) for times in found.values()]


def interruption_s(
    answered_s: Sequence[float], from_s: float, until_s: float, next_s: float = math.inf
) -> float | None:
    """The longest time without an answer, begun within this stretch; None without any answer.

    `answered_s` is in order. What lasted at the strike already is counted from then on. An end
    without a further answer counts as one at `until_s`; at `next_s` the next fault's time begins.
    """
    if not answered_s:
        return None
    times = [from_s]
    for answer_s in answered_s[bisect.bisect_right(answered_s, from_s) :]:
        times.append(min(answer_s, next_s))
        if answer_s >= min(until_s, next_s):
            break
    else:
        times.append(max(min(until_s, next_s), times[-1]))
    return max(after_s - before_s for before_s, after_s in itertools.pairwise(times))


def table(struck: Sequence[Struck], answered_s: Sequence[Sequence[float]]) -> list[ReportLine]:
    """One line a kind, in the order in which they were first met."""
    seen: dict[str, list[float]] = {}
    recoveries: dict[str, list[float]] = {}
    counts: dict[str, int] = {}
    for one, next_s in zip(struck, _following(struck), strict=True):
        counts[one.kind] = counts.get(one.kind, 0) + 1
        mine = seen.setdefault(one.kind, [])
        until_s = one.healed_s if one.whole_s is None else one.whole_s
        for times in answered_s:
            waited_s = interruption_s(times, one.struck_s, until_s, next_s)
            if waited_s is not None:
                mine.append(waited_s)
        if one.whole_s is not None:
            recoveries.setdefault(one.kind, []).append(one.whole_s - one.healed_s)
    return [
        ReportLine(
            kind=kind,
            count=count,
            interruption_median_s=_median(seen[kind]),
            interruption_worst_s=_worst(seen[kind]),
            recovery_median_s=_median(recoveries.get(kind, [])),
            recovery_worst_s=_worst(recoveries.get(kind, [])),
        )
        for kind, count in counts.items()
    ]


def report(
    *,
    seed: int,
    minutes: float,
    took_s: float,
    planned: int,
    struck: Sequence[Struck],
    skipped: dict[str, str],
    restarts: int,
    entries: int,
    answered_s: Sequence[Sequence[float]],
    judgement: Judgement,
    record: str,
) -> ChaosReport:
    """All figures of a run."""
    waits = [
        waited_s
        for one, next_s in zip(struck, _following(struck), strict=True)
        for times in answered_s
        if (waited_s := interruption_s(times, one.struck_s, one.whole_s or one.healed_s, next_s))
    ]
    sizes = judgement.histories.values()
    return ChaosReport(
        seed=seed,
        minutes=minutes,
        took_s=round(took_s, 1),
        planned=planned,
        rounds=len(struck),
        faults=sum(len(one.faults) for one in struck),
        table=tuple(table(struck, answered_s)),
        interruption_median_s=_median(waits),
        interruption_worst_s=_worst(waits),
        skipped=skipped,
        restarts=restarts,
        calls=judgement.calls,
        unanswered=judgement.unanswered,
        entries=entries,
        histories=len(sizes),
        history_calls_max=max(sizes, default=0),
        history_calls_total=sum(sizes),
        history_steps=judgement.steps,
        violations=tuple(judgement.violations),
        record=record,
        struck=tuple(struck),
    )


def _following(struck: Sequence[Struck]) -> list[float]:
    """For each round, when the next one was struck."""
    return [*(one.struck_s for one in struck[1:]), math.inf]


def _median(values: Sequence[float]) -> float | None:
    return round(statistics.median(values), 3) if values else None


def _worst(values: Sequence[float]) -> float | None:
    return round(max(values), 3) if values else None
