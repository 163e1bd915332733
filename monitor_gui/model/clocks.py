"""The containers' times against the vote: log time follows the second-highest of three (D6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from appliance.codec.api import StatusDocument, UpstreamStatus

OUTVOTED_MS: Final = 2_000
"""A clock further off than what replicas tolerate has no say in log time."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One container's times in Unix ms; what is not known is None. `offset_ms` is from the vote,
    the ages are what they were when the host was heard."""

    host: str
    serial: str
    system_time_ms: int | None
    offset_ms: int | None
    outvoted: bool
    reachable: bool
    box_ms: int | None = None
    box_age_s: float | None = None
    certified_ms: int | None = None
    certified_age_s: float | None = None
    locked: str = ""


Number = TypeVar("Number", int, float)


def middle(values: Sequence[Number]) -> Number:
    """The median, the lower of the two in the middle. Raises IndexError for no values."""
    return sorted(values)[(len(values) - 1) // 2]


def disagreement_ms(document: StatusDocument) -> int:
    """How far two clocks are apart if just two are known and it matters, else 0."""
    known = [
        upstream.system_time_ms
        for upstream in document.upstreams
        if upstream.system_time_ms is not None and upstream.reachable
    ]
    apart_ms = max(known) - min(known) if len(known) == 2 else 0
    return apart_ms if apart_ms > OUTVOTED_MS else 0


def clocks(document: StatusDocument) -> list[Clock]:
    """The clocks as the answering host heard them last, in the order of the upstreams.

    The vote here is the median of what is known, the earlier of two: what the ledger would take.
    Unreachable upstreams do not vote.
    """
    known = sorted(
        upstream.system_time_ms
        for upstream in document.upstreams
        if upstream.system_time_ms is not None and upstream.reachable
    )
    vote_ms = middle(known) if len(known) >= 2 else None
    return [_clock(upstream, vote_ms, len(known)) for upstream in document.upstreams]


def _clock(upstream: UpstreamStatus, vote_ms: int | None, voters: int) -> Clock:
    """One clock by the vote taken here, else by the container's own report of it."""
    time_ms, times = upstream.system_time_ms, upstream.times
    offset_ms, outvoted = None, False
    if upstream.reachable:
        if time_ms is not None and vote_ms is not None:
            offset_ms = time_ms - vote_ms
            outvoted = abs(offset_ms) > OUTVOTED_MS and voters > 2
        elif times is not None:
            offset_ms, outvoted = times.offset_ms, times.outvoted
    if times is None:
        return Clock(
            upstream.name,
            upstream.serial,
            time_ms,
            offset_ms,
            outvoted,
            upstream.reachable,
            locked=upstream.locked,
        )
    return Clock(
        upstream.name,
        upstream.serial,
        times.system_ms if time_ms is None else time_ms,
        offset_ms,
        outvoted,
        upstream.reachable,
        times.box_ms,
        times.box_age_s,
        times.certified_ms,
        times.certified_age_s,
        upstream.locked,
    )


def virtual_clock(document: StatusDocument) -> Clock:
    """The virtual container's times; its system time is the ledger's log time where no more is
    known. It is what the others are compared with, so it has no offset."""
    times = document.virtual_times
    log_ms = document.log_time_ms or None
    if times is None:
        return Clock("", document.virtual_serial, log_ms, None, False, True)
    return Clock(
        "",
        document.virtual_serial,
        times.system_ms,
        None,
        False,
        True,
        times.box_ms,
        times.box_age_s,
        times.certified_ms,
        times.certified_age_s,
    )
