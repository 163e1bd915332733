"""The checks of the containers' clocks: which is off, and which of them may be right all the same.

What can go wrong in here is to send somebody to the wrong clock. Of three that vote, two may be
wrong together; of two, nobody can tell which is wrong. So each finding says what is known, and no
more (docs/time.md has the table that this follows).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median_low
from typing import Final, NamedTuple

from appliance.codec.api import StatusDocument
from appliance.watch.facts import NOTICE, WARNING, Facts, Finding, Value, found
from appliance.watch.thresholds import CLOCK_OFF_MS

_ALL: Final = 3
"""With so many clocks the vote is the median, and the odd one out is known."""


class _Clock(NamedTuple):
    """One upstream's clock: system time as last told (Unix ms), and how far off the vote it is."""

    name: str
    system_ms: int
    off_ms: int
    outvoted: bool

    @property
    def is_off(self) -> bool:
        return self.outvoted or abs(self.off_ms) > CLOCK_OFF_MS

    def agrees_with(self, now_ms: int | None) -> bool:
        """Whether it says about this time."""
        return now_ms is not None and abs(now_ms - self.system_ms) <= CLOCK_OFF_MS


def clocks(facts: Facts) -> Iterator[Finding]:
    """The containers' system times have to go on and to agree, log time and this computer's clock
    with them."""
    if facts.leading is None:
        return
    yield from _slow(facts.leading)
    known = _known(facts.leading)
    off = [one for one in known if one.is_off]
    if off and len(known) < _ALL:
        yield _one_of_two(known, off[0], facts.now_ms if facts.own_clock else None)
        return
    here_ms = facts.now_ms if facts.own_clock else None
    for one in off:
        yield _off(one, [other for other in known if other is not one], here_ms)
    yield from _log_time(facts.leading)
    if not facts.own_clock:
        return
    middle_ms = median_low(one.system_ms for one in known) if known else facts.now_ms
    if abs(facts.now_ms - middle_ms) > CLOCK_OFF_MS:
        yield found("clock-off", NOTICE, "here", "here", off_ms=facts.now_ms - middle_ms)


def _known(document: StatusDocument) -> list[_Clock]:
    """The clocks of the upstreams that tell theirs; of two without a vote none counts as off."""
    told = [
        (one, one.system_time_ms)
        for one in document.upstreams
        if one.reachable and one.system_time_ms is not None
    ]
    middle_ms = median_low(ms for _, ms in told) if len(told) >= _ALL else None
    found = []
    for one, ms in told:
        voted_ms = one.times.offset_ms if one.times is not None else None
        if voted_ms is None:
            voted_ms = 0 if middle_ms is None else ms - middle_ms
        outvoted = one.times is not None and one.times.outvoted
        found.append(_Clock(one.name, ms, voted_ms, outvoted))
    # An offset without somebody to differ from is one of a moment ago.
    return found if len(found) > 1 else [one._replace(off_ms=0, outvoted=False) for one in found]


def _slow(document: StatusDocument) -> Iterator[Finding]:
    """Clocks that are held back agree with each other, if it is all of them; so they are compared
    with the time that passes at the TMR host, which nobody can set."""
    for one in document.upstreams:
        slow_s = one.times.slow_s if one.times is not None and one.reachable else None
        if slow_s is not None:
            yield found("clock-slow", WARNING, one.name, host=one.name, slow_s=slow_s)


def _off(one: _Clock, others: Sequence[_Clock], now_ms: int | None) -> Finding:
    alone = one.agrees_with(now_ms) and not any(other.agrees_with(now_ms) for other in others)
    case = "agrees" if alone else ""
    return found("clock-off", WARNING, one.name, case, host=one.name, off_ms=one.off_ms)


def _one_of_two(known: Sequence[_Clock], outvoted: _Clock, now_ms: int | None) -> Finding:
    early, late = sorted(known, key=lambda clock: clock.system_ms)
    values: dict[str, Value] = {
        "hosts": (early.name, late.name),
        "apart_s": (late.system_ms - early.system_ms) / 1000,
        "first": early.name,
    }
    agreeing = [one.name for one in known if one.agrees_with(now_ms)]
    if len(agreeing) != 1:
        return found("clock-off", WARNING, outvoted.name, "one-of-two", **values)
    return found(
        "clock-off", WARNING, outvoted.name, "one-of-two-agrees", **values, name=agreeing[0]
    )


def _log_time(document: StatusDocument) -> Iterator[Finding]:
    virtual = document.virtual_times
    if virtual is not None and virtual.outvoted:
        yield found("log-time-ahead", WARNING, ahead_s=(virtual.offset_ms or 0) / 1000)
