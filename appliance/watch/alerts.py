"""When somebody is told: one alert for each cause, repeated seldom, and an all-clear (issue 5).

Both TMR hosts look, and one speaks: the active one, or each if none is active. The other remembers
what it sees, so that after a failover it neither falls silent nor starts from nothing. A cause has
to last `hold_s` before it is told of, and to be gone as long before the all-clear, so that a
failover of a second wakes nobody.

What can go wrong in here is an alert that is lost because nobody took it: what the webhook did not
accept is owed and tried again at each pass. So an alert may come twice, and never not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

from appliance.watch.facts import Facts, Finding
from appliance.watch.problems import rank

CAUSES_MAX: Final = 200
NOTICES_MAX: Final = 50

Kind = Literal["alert", "repeat", "clear"]


class KnownCause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is remembered of a cause, times in Unix ms.

    `seen_ms` is when it was last seen, `gone_ms` when it was first not seen any more, 0 while it
    is there; `told_ms` when it was last told of, 0 for never; `owed` what the webhook has yet to
    take.
    """

    finding: Finding
    since_ms: int
    seen_ms: int
    gone_ms: int = 0
    told_ms: int = 0
    owed: Literal["", "alert", "repeat", "clear"] = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be told now. `again` says that the journal has it already."""

    kind: Kind
    finding: Finding
    since_ms: int
    again: bool = False


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How long a cause has to last, and after how long it is told of again, in seconds."""

    hold_s: float = 30.0
    repeat_s: float = 4 * 3600.0


def speaks(facts: Facts, host: str) -> bool:
    """Whether this TMR host is the one that tells."""
    active = [row.name for row in facts.tmr_hosts if row.role == "active"]
    return not active or host in active


def remembered(
    known: Mapping[str, KnownCause], findings: Iterable[Finding], now_ms: int
) -> dict[str, KnownCause]:
    """What is known after a look: new causes begin, absent ones begin to be gone."""
    present = {one.cause: one for one in findings}
    after: dict[str, KnownCause] = {}
    for cause, old in known.items():
        if cause in present:
            after[cause] = _seen(old, present[cause], now_ms)
        else:
            after[cause] = old if old.gone_ms else msgspec.structs.replace(old, gone_ms=now_ms)
    for cause, finding in present.items():
        if cause not in after and len(after) < CAUSES_MAX:
            after[cause] = KnownCause(finding=finding, since_ms=now_ms, seen_ms=now_ms)
    return after


def _seen(old: KnownCause, finding: Finding, now_ms: int) -> KnownCause:
    """A cause that is still there; one that got worse is told of anew."""
    worse = rank(finding.severity) > rank(old.finding.severity)
    return msgspec.structs.replace(
        old,
        finding=finding,
        seen_ms=now_ms,
        gone_ms=0,
        told_ms=0 if worse else old.told_ms,
        owed="" if old.owed == "clear" or worse else old.owed,
    )


def due(known: Mapping[str, KnownCause], now_ms: int, pace: Pace) -> tuple[Notice, ...]:
    """What has to be told now, the worst first and all-clears last."""
    notices = [
        Notice(kind=kind, finding=one.finding, since_ms=one.since_ms, again=kind == one.owed)
        for one in known.values()
        if (kind := _kind(one, now_ms, pace)) is not None
    ]
    notices.sort(key=lambda n: (n.kind == "clear", -rank(n.finding.severity), n.finding.cause))
    return tuple(notices[:NOTICES_MAX])


def _kind(one: KnownCause, now_ms: int, pace: Pace) -> Kind | None:
    hold_ms, repeat_ms = pace.hold_s * 1000, pace.repeat_s * 1000
    if one.gone_ms:
        # The other host may have told of it, if it lasted: then the all-clear is ours to give.
        lasted = one.told_ms > 0 or one.seen_ms - one.since_ms >= hold_ms > 0
        return "clear" if lasted and now_ms - one.gone_ms >= hold_ms else None
    if one.owed in ("alert", "repeat"):
        return "alert" if one.owed == "alert" else "repeat"
    if not one.told_ms:
        return "alert" if now_ms - one.since_ms >= hold_ms else None
    return "repeat" if now_ms - one.told_ms >= repeat_ms else None


def settled(
    known: Mapping[str, KnownCause],
    told: Mapping[str, bool],
    notices: Iterable[Notice],
    now_ms: int,
) -> dict[str, KnownCause]:
    """What is known after telling: `told` says for each cause whether the webhook took it."""
    after = dict(known)
    for notice in notices:
        taken = told[notice.finding.cause]
        if notice.kind == "clear" and taken:
            del after[notice.finding.cause]
        else:
            after[notice.finding.cause] = msgspec.structs.replace(
                known[notice.finding.cause], told_ms=now_ms, owed="" if taken else notice.kind
            )
    return after


def forgotten(
    known: Mapping[str, KnownCause], now_ms: int, pace: Pace, spoke: bool
) -> dict[str, KnownCause]:
    """Without what is over: of it the speaking host has told, or there was nothing to tell.

    The speaking host keeps what is still owed; the other one leaves all of it to that host.
    """
    return {
        cause: one
        for cause, one in known.items()
        if not one.gone_ms
        or now_ms - one.gone_ms < pace.hold_s * 1000
        or (spoke and (one.owed or one.told_ms))
    }
