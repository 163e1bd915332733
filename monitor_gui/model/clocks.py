"""The containers' clocks against the vote: log time follows the second-highest of three (D6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from appliance.codec.api import StatusDocument

OUTVOTED_MS: Final = 2_000
"""A clock further off than what replicas tolerate has no say in log time."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One container's system time. `offset_ms` is from the vote; None where it is not known."""

    host: str
    serial: str
    system_time_ms: int | None
    offset_ms: int | None
    outvoted: bool
    reachable: bool


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
    vote_ms = known[(len(known) - 1) // 2] if len(known) >= 2 else None
    found = []
    for upstream in document.upstreams:
        time_ms = upstream.system_time_ms
        comparable = time_ms is not None and vote_ms is not None and upstream.reachable
        offset_ms = time_ms - vote_ms if comparable and time_ms and vote_ms else None
        outvoted = offset_ms is not None and abs(offset_ms) > OUTVOTED_MS
        found.append(
            Clock(
                upstream.name,
                upstream.serial,
                time_ms,
                offset_ms,
                outvoted and len(known) > 2,
                upstream.reachable,
            )
        )
    return found
