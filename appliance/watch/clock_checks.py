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
from appliance.watch.facts import NOTICE, WARNING, Facts, Finding
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
    """The containers' system times have to agree, log time and this computer's clock with them."""
    if facts.leading is None:
        return
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
        yield Finding(
            cause="clock-off/here",
            severity=NOTICE,
            what=f"This computer's clock is {(facts.now_ms - middle_ms) / 1000:+.0f} s off the "
            "containers' times.",
            remedy="Have this computer's clock kept by a time daemon, and compare again.",
        )


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


def _off(one: _Clock, others: Sequence[_Clock], now_ms: int | None) -> Finding:
    what = (
        f"The container of {one.name} is {one.off_ms / 1000:+.1f} s off the others: its time does"
    )
    if one.agrees_with(now_ms) and not any(other.agrees_with(now_ms) for other in others):
        return Finding(
            cause=f"clock-off/{one.name}",
            severity=WARNING,
            what=f"{what} not count, but this computer's clock agrees with it: the others may be"
            " wrong together.",
            remedy="Compare the clocks of all three upstreams (`timedatectl`) and put the wrong"
            " ones right; then `tmr time update --all --why …`.",
        )
    return Finding(
        cause=f"clock-off/{one.name}",
        severity=WARNING,
        what=f"{what} not count.",
        remedy=f"Put the clock of {one.name} right; a time that is ahead comes back only by"
        f" `tmr time update {one.name} --why …`.",
    )


def _one_of_two(known: Sequence[_Clock], outvoted: _Clock, now_ms: int | None) -> Finding:
    early, late = sorted(known, key=lambda clock: clock.system_ms)
    agreeing = [one.name for one in known if one.agrees_with(now_ms)]
    hint = f" This computer's clock agrees with {agreeing[0]}." if len(agreeing) == 1 else ""
    return Finding(
        cause=f"clock-off/{outvoted.name}",
        severity=WARNING,
        what=f"The containers of {early.name} and {late.name} are"
        f" {(late.system_ms - early.system_ms) / 1000:.1f} s apart, and of two nobody can tell who"
        f" is right: the earlier counts, which is {early.name}.{hint}",
        remedy="Compare the clocks of both hosts (`timedatectl`), put the wrong one right, then"
        " `tmr time update --all --why …`; or bring the third upstream back.",
    )


def _log_time(document: StatusDocument) -> Iterator[Finding]:
    virtual = document.virtual_times
    if virtual is not None and virtual.outvoted:
        ahead_s = (virtual.offset_ms or 0) / 1000
        yield Finding(
            cause="log-time-ahead",
            severity=WARNING,
            what=f"Log time, with which licences are compared, is {ahead_s:.0f} s ahead of the"
            " containers' clocks.",
            remedy="Get certified time for two containers: `tmr time update --all --why …`.",
        )
