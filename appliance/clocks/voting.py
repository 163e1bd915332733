"""How three clocks vote on log time, so that one wrong clock has no effect (design D6).

Log time may not pass the second-highest of the containers' signed system times plus a tolerance:
the median of three, the earlier of two. One clock set to 2050 is never the second-highest, and one
set to 2009 lowers it to the earlier of the other two at most. What can go wrong in here: to count
one clock twice. Callers verify the signatures and pass one time per container. `needed` is how many
have to agree: two of three, or the one where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence

VOTERS_MIN = 2
"""How many of three containers must state their time before log time moves."""


def allowed_log_time_ms(
    times: Sequence[int], tolerance_ms: int, needed: int = VOTERS_MIN
) -> int | None:
    """The latest log time that these system times allow, in Unix ms; None if they are too few.

    `times` are Unix ms in any order, one per container.
    """
    if len(times) < needed:
        return None
    return sorted(times)[-needed] + tolerance_ms


def may_move(
    previous_ms: int,
    proposed_ms: int,
    times: Sequence[int],
    tolerance_ms: int,
    needed: int = VOTERS_MIN,
) -> bool:
    """Whether a replica may store a batch whose log time is `proposed_ms` after `previous_ms`.

    Never before the previous log time; equal to it always; later only as far as
    `allowed_log_time_ms` lets it. `times` are Unix ms, one per container.
    """
    if proposed_ms <= previous_ms:
        return proposed_ms == previous_ms
    allowed_ms = allowed_log_time_ms(times, tolerance_ms, needed)
    return allowed_ms is not None and proposed_ms <= allowed_ms
