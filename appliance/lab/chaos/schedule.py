"""Which faults, on whom, when: a pure function of the seed and of how long it shall go on.

Faults come in rounds. A round strikes once, or once in a while with two faults at the same time,
holds them for a while and is healed; the next one begins when there was time to recover. Kinds are
dealt from a shuffled deck that holds each kind once, so that a short run sees most of them and a
long one all of them equally often.

"active" and "passive" stand for whoever is so when the round begins. Clocks are set back on any
host, but ahead on one upstream of a run only: two clocks ahead of the true time are believed by
design (ARCHITECTURE, D6), which would not be a fault of the system.
"""

from __future__ import annotations

import enum
import random
from typing import Final

import msgspec

UPSTREAMS: Final = ("up1", "up2", "up3")
TMRS: Final = ("active", "passive")


class FaultKind(enum.StrEnum):
    """Every kind of fault, in words."""

    POWER_UPSTREAM = "power cut of an upstream"
    POWER_TWO = "power cut of two upstreams"
    POWER_ACTIVE = "power cut of the active TMR host"
    POWER_PASSIVE = "power cut of the passive TMR host"
    POWER_TMRS = "power cut of both TMR hosts"
    POWER_ALL = "power cut of all five"
    FREEZE_UPSTREAM = "freeze of an upstream"
    FREEZE_TWO = "freeze of two upstreams"
    FREEZE_ACTIVE = "freeze of the active TMR host"
    CUT_UPSTREAM = "link cut of an upstream"
    CUT_ACTIVE = "link cut of the active TMR host"
    ONE_WAY = "one-way cut"
    VRRP_CUT = "VRRP-only cut"
    DISK_FULL = "full disk"
    DISKS_FULL = "two full disks"
    CLOCK_STEP = "clock step"
    RESTART = "process restart"
    SLOW_LINK = "slow link"


TWO_AT_ONCE: Final = "two at once"

# How long a fault stays: long enough to be noticed (holds are 0.2 s in the lab), at times longer
# than the churners' leases live.
HOLD_MIN_S: Final = 0.3
HOLD_MAX_S: Final = 6.0
RECOVERY_MIN_S: Final = 3.0
RECOVERY_MAX_S: Final = 5.0
FIRST_AT_S: Final = 3.0
PAIR_SHARE: Final = 0.2
YEAR_S: Final = 365 * 86_400
BACK_S: Final = (1, 60, 3_600, 86_400, YEAR_S, 17 * YEAR_S)
AHEAD_S: Final = (60, 86_400, 24 * YEAR_S)
DELAY_MS: Final = (20, 60, 150)


class Strike(msgspec.Struct, frozen=True, kw_only=True):
    """One fault. `hosts` are names, or "active" or "passive"; of a one-way cut, from and to.

    `how` tells more where the kind leaves it open: the process to restart and the signal, or
    whether a disk fills up beneath a running upstream ("live") or before it starts ("start").
    `amount` is the clock's offset in seconds, or the delay of a slow link in ms.
    """

    kind: FaultKind
    hosts: tuple[str, ...]
    how: str = ""
    amount: int = 0


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """Faults that are there together: struck at `at_s` from the start, healed `hold_s` later."""

    at_s: float
    hold_s: float
    strikes: tuple[Strike, ...]

    @property
    def name(self) -> str:
        """The kind of the fault, or that there are two."""
        return self.strikes[0].kind if len(self.strikes) == 1 else TWO_AT_ONCE


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """A run's faults. `ahead` is the upstream whose clock may be set ahead."""

    seed: int
    minutes: float
    ahead: str
    rounds: tuple[Round, ...]


def plan(seed: int, minutes: float) -> Schedule:
    """The schedule of this seed: always the same for the same arguments."""
    rng = random.Random(f"chaos {seed} {float(minutes)!r}")
    ahead = rng.choice(UPSTREAMS)
    rounds: list[Round] = []
    deck: list[FaultKind] = []
    at_s, end_s = FIRST_AT_S, minutes * 60
    while True:
        if not deck:
            deck = list(FaultKind)
            rng.shuffle(deck)
        strikes = [_strike(rng, deck.pop(), ahead)]
        if rng.random() < PAIR_SHARE:
            # An own draw, not one from the deck: it is in addition.
            second = _strike(rng, rng.choice(tuple(FaultKind)), ahead)
            if (
                not set(second.hosts) & set(strikes[0].hosts)
                and second.kind is not FaultKind.VRRP_CUT
            ):
                strikes.append(second)
        hold_s = round(HOLD_MIN_S * (HOLD_MAX_S / HOLD_MIN_S) ** rng.random(), 3)
        if at_s + hold_s + RECOVERY_MIN_S > end_s:
            break
        rounds.append(Round(at_s=round(at_s, 3), hold_s=hold_s, strikes=tuple(strikes)))
        at_s += hold_s + rng.uniform(RECOVERY_MIN_S, RECOVERY_MAX_S)
    return Schedule(seed=seed, minutes=minutes, ahead=ahead, rounds=tuple(rounds))


def _strike(rng: random.Random, kind: FaultKind, ahead: str) -> Strike:
    upstream = rng.choice(UPSTREAMS)
    match kind:
        case FaultKind.POWER_UPSTREAM | FaultKind.FREEZE_UPSTREAM | FaultKind.CUT_UPSTREAM:
            return Strike(kind=kind, hosts=(upstream,))
        case FaultKind.POWER_TWO | FaultKind.FREEZE_TWO:
            return Strike(kind=kind, hosts=tuple(rng.sample(UPSTREAMS, 2)))
        case FaultKind.POWER_PASSIVE:
            return Strike(kind=kind, hosts=("passive",))
        case FaultKind.POWER_TMRS:
            return Strike(kind=kind, hosts=tuple(rng.sample(TMRS, 2)))
        case FaultKind.POWER_ALL:
            return Strike(kind=kind, hosts=tuple(rng.sample((*UPSTREAMS, *TMRS), 5)))
        case FaultKind.ONE_WAY:
            return Strike(kind=kind, hosts=_one_way(rng, upstream))
        case FaultKind.VRRP_CUT:
            return Strike(kind=kind, hosts=TMRS)
        case FaultKind.DISK_FULL:
            return Strike(kind=kind, hosts=(upstream,), how=rng.choice(("live", "start")))
        case FaultKind.DISKS_FULL:
            return Strike(
                kind=kind, hosts=tuple(rng.sample(UPSTREAMS, 2)), how=rng.choice(("live", "start"))
            )
        case FaultKind.CLOCK_STEP:
            return _clock_step(rng, ahead)
        case FaultKind.RESTART:
            return _restart(rng, upstream)
        case FaultKind.SLOW_LINK:
            host = rng.choice((*UPSTREAMS, "active"))
            return Strike(kind=kind, hosts=(host,), amount=rng.choice(DELAY_MS))
        case _:  # of the active host
            return Strike(kind=kind, hosts=("active",))


def _one_way(rng: random.Random, upstream: str) -> tuple[str, ...]:
    """Who is not heard by whom any more; "all" stands for everybody."""
    pairs = (
        ("active", upstream),
        (upstream, "active"),
        ("active", "passive"),
        ("passive", "active"),
        ("active", "all"),
        (upstream, "all"),
    )
    return rng.choice(pairs)


def _clock_step(rng: random.Random, ahead: str) -> Strike:
    host = rng.choice((*UPSTREAMS, *TMRS))
    back = rng.random() < 0.5 and host != ahead
    amount = -rng.choice(BACK_S) if back else rng.choice(AHEAD_S)
    if amount > 0 and host not in (ahead, *TMRS):
        host = ahead
    return Strike(kind=FaultKind.CLOCK_STEP, hosts=(host,), amount=amount)


def _restart(rng: random.Random, upstream: str) -> Strike:
    process = rng.choice(("upstream", "tmr", "vip", "keepalived"))
    host = upstream if process == "upstream" else rng.choice(TMRS)
    # What keepalived does when it is asked to end is its own affair; a dead one is our problem.
    signal = "kill" if process == "keepalived" else rng.choice(("kill", "term"))
    return Strike(kind=FaultKind.RESTART, hosts=(host,), how=f"{process} {signal}")
