"""What the address process decides. Pure: each input comes with `now`, each answer is effects.

    input                          what follows
    -----                          ------------
    no verdict, or none for long   keepalived is told "unhealthy": a host without a TMR process
    a verdict from the TMR service   must not hold the address
                                   it is passed on; repeated ones cost nothing
    keepalived ended by itself     report at once, remove the address, start again with back-off
    the TMR service drops it       unhealthy until the twin has it, or did not take it for a bound
    the address is here without    report; once it has lasted: remove the address and kill the
    keepalived being its master      keepalived that does not see to it (hung, or not ours)
    address, link, advert, state,
    a stranger's adverts           report

If the TMR processes of both hosts are down, both are unhealthy and nobody holds the address: there
is nobody who could answer on it. The first one that comes back takes it. `now` is monotonic, in
seconds, and goes on while the process is frozen: after a thaw the last verdict is old, so the host
is unhealthy until its TMR service has spoken again.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from appliance.details import Detail
from appliance.services.vip_protocol import (
    REASON_CHARACTERS_MAX,
    DropAddress,
    FromTmr,
    Verdict,
    VipState,
    VrrpState,
)

NEVER_STARTED = "the TMR service has not given a verdict yet"
SILENT = "the TMR service has not given a verdict for too long"
GONE = "the TMR service has gone"
DROPPING = "the TMR service gives the address to its twin"
STOPPING = "the address process stops"


@dataclass(frozen=True, slots=True)
class Timing:
    """All bounds, in seconds, from the advert interval `a` (design D4)."""

    advert_int_s: float
    # The upstreams hold their promise to this host for 2a, so the twin cannot serve sooner anyway.
    gone_bound_s: float
    # A TMR service that is connected and says nothing is hung or frozen.
    silent_bound_s: float
    # How long the address may stand where it should not: keepalived itself needs milliseconds.
    trespass_bound_s: float
    # How long a dropped address is left to the twin before this host may take it again.
    drop_bound_s: float
    report_interval_s: float
    restart_pause_min_s: float = 0.1
    restart_pause_max_s: float = 5.0
    # A keepalived that lived this long has earned a quick restart.
    stable_after_s: float = 10.0

    @classmethod
    def of(cls, advert_int_s: float) -> Timing:
        """The bounds that go with an advert interval."""
        return cls(
            advert_int_s=advert_int_s,
            gone_bound_s=2 * advert_int_s,
            silent_bound_s=max(1.0, 10 * advert_int_s),
            trespass_bound_s=max(0.3, 5 * advert_int_s),
            drop_bound_s=max(1.0, 10 * advert_int_s),
            report_interval_s=max(0.05, advert_int_s),
        )

    def master_down_s(self, priority: int) -> float:
        """How long VRRP goes without an advert before it takes over (RFC 9568, 6.1)."""
        return self.advert_int_s * (3 + (256 - priority) / 256)


@dataclass(frozen=True, slots=True)
class WriteVerdict:
    """Tell keepalived by its track_file."""

    healthy: bool


@dataclass(frozen=True, slots=True)
class StartKeepalived:
    """Start it, as BACKUP. If that fails, report `keepalived_ended`."""


@dataclass(frozen=True, slots=True)
class KillKeepalived:
    """SIGKILL to all of it; its end is then reported as any other."""


@dataclass(frozen=True, slots=True)
class RemoveAddress:
    """Take the virtual address off the interface, if it is there."""

    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """Send this to the TMR service, if it is connected."""

    state: VipState


Effect = WriteVerdict | StartKeepalived | KillKeepalived | RemoveAddress | Report


class VipCore:
    """The address process' decisions. Every method takes `now` and returns effects to perform."""

    def __init__(self, timing: Timing, priority: int, now: float) -> None:
        self._timing = timing
        self._priority = priority
        self._holds = False
        self._link_up = False
        self._vrrp: VrrpState = "unknown"
        self._alive = False
        self._starts = 0
        self._started_at = now
        self._restart_at = now
        self._restart_pause_s = timing.restart_pause_min_s
        self._verdict: Verdict | None = None
        self._verdict_at = now
        self._gone_at: float | None = None
        self._written: bool | None = None
        self._trespass_since: float | None = None
        self._twin_at: float | None = None
        self._twin_priority: int | None = None
        self._reported: VipState | None = None
        self._report_at = now
        self._dropping_until: float | None = None
        self._stranger = ""
        self._stopping = False

    # ---- inputs -------------------------------------------------------------------------------

    def tick(self, now: float) -> list[Effect]:
        """Time has passed; call it at `wake_at` or more often."""
        return self._settle(now)

    def address(self, now: float, present: bool) -> list[Effect]:
        """The kernel says that the virtual address is on the interface, or is not."""
        self._holds = present
        return self._settle(now)

    def link(self, now: float, up: bool) -> list[Effect]:
        """The kernel says that the interface passes frames, or does not."""
        self._link_up = up
        return self._settle(now)

    def vrrp(self, now: float, state: VrrpState) -> list[Effect]:
        """keepalived has told its state on the FIFO."""
        self._vrrp = state
        return self._settle(now)

    def advert_heard(self, now: float, priority: int) -> list[Effect]:
        """The twin has sent an advert; priority 0 is its resignation."""
        self._twin_at = now
        self._twin_priority = priority
        if priority > 0 and not self._holds:
            # The twin has taken the address: what was dropped for its sake has arrived.
            self._dropping_until = None
        return self._settle(now)

    def stranger(self, now: float, who: str) -> list[Effect]:
        """Somebody else sends adverts for the address, or nobody does ("")."""
        self._stranger = who
        return self._settle(now)

    def keepalived_ended(self, now: float) -> list[Effect]:
        """keepalived has ended or could not be started; what it held may still be there."""
        if now - self._started_at >= self._timing.stable_after_s:
            self._restart_pause_s = self._timing.restart_pause_min_s
        self._restart_at = now + self._restart_pause_s
        self._restart_pause_s = min(2 * self._restart_pause_s, self._timing.restart_pause_max_s)
        self._alive = False
        self._vrrp = "unknown"
        # Not only if the address is known to be here: the kernel's message may be under way.
        return [*self._settle(now), RemoveAddress("keepalived has ended")]

    def tmr_connected(self, now: float) -> list[Effect]:
        """A TMR service has connected. Its predecessor's verdict holds until its bound runs out."""
        self._reported = None
        return self._settle(now)

    def tmr_gone(self, now: float) -> list[Effect]:
        """The connection to the TMR service has ended."""
        self._gone_at = now
        return self._settle(now)

    def tmr_said(self, now: float, message: FromTmr) -> list[Effect]:
        """The TMR service has given its verdict, or wants the address to move."""
        self._gone_at = None
        if isinstance(message, DropAddress):
            # Not by removing the address: keepalived resigns then, but a host of higher priority
            # takes it back before its twin does (seen with 2.2.7). FAULT leaves it to the twin.
            if self._holds or self._vrrp == "master":
                self._dropping_until = now + self._timing.drop_bound_s
            return self._settle(now)
        self._verdict = _shortened(message)
        self._verdict_at = now
        return self._settle(now)

    def stop(self, now: float) -> list[Effect]:
        """An orderly stop has begun: nothing is started or reported as healthy any more."""
        self._stopping = True
        return self._settle(now)

    # ---- what follows -------------------------------------------------------------------------

    def wake_at(self) -> float:
        """When `tick` is next due, if nothing happens before."""
        times = [self._report_at]
        if not self._alive and not self._stopping:
            times.append(self._start_due())
        if self._gone_at is not None and self._written:
            times.append(self._gone_at + self._timing.gone_bound_s)
        if self._dropping_until is not None:
            times.append(self._dropping_until)
        if self._trespass_since is not None:
            times.append(self._trespass_since + self._timing.trespass_bound_s)
        return min(times)

    def _settle(self, now: float) -> list[Effect]:
        effects: list[Effect] = []
        if self._dropping_until is not None and now >= self._dropping_until:
            self._dropping_until = None
        healthy, reason = self._judge(now)
        if healthy != self._written:
            self._written = healthy
            effects.append(WriteVerdict(healthy))
        if not self._alive and not self._stopping and now >= self._start_due():
            self._alive = True
            self._starts += 1
            self._started_at = now
            effects.append(StartKeepalived())
        effects += self._watch_trespass(now)
        state = self._state(now, healthy, reason)
        if now >= self._report_at or self._differs(state):
            self._reported = state
            self._report_at = now + self._timing.report_interval_s
            effects.append(Report(state))
        return effects

    def _start_due(self) -> float:
        """When keepalived may start: not on top of an address that is still being removed."""
        return self._restart_at + (self._timing.trespass_bound_s if self._holds else 0.0)

    def _judge(self, now: float) -> tuple[bool, str]:
        """Whether this host may hold the address, and why."""
        if self._stopping:
            return False, STOPPING
        if self._verdict is None:
            return False, NEVER_STARTED
        if self._gone_at is not None and now >= self._gone_at + self._timing.gone_bound_s:
            return False, GONE
        if now >= self._verdict_at + self._timing.silent_bound_s:
            return False, SILENT
        if self._dropping_until is not None:
            return False, DROPPING
        return self._verdict.healthy, self._verdict.reason

    def _watch_trespass(self, now: float) -> list[Effect]:
        """The address stands here without a right to it: bear that for a bound, then end it."""
        rightful = self._alive and self._vrrp == "master" and self._written is True
        if not self._holds or rightful:
            self._trespass_since = None
            return []
        if self._trespass_since is None:
            self._trespass_since = now
        if now < self._trespass_since + self._timing.trespass_bound_s:
            return []
        # Once per bound: a removal that failed is tried again.
        self._trespass_since = now
        if self._alive and self._vrrp == "master":
            # It was told to let go and does not: hung, or stopped while its parent lives.
            return [KillKeepalived(), RemoveAddress("keepalived does not let go of it")]
        return [RemoveAddress("keepalived is not its master")]

    def _state(self, now: float, healthy: bool, reason: str) -> VipState:
        age_s = None if self._twin_at is None else max(0.0, now - self._twin_at)
        heard = (
            age_s is not None
            and self._twin_priority != 0
            and age_s <= self._timing.master_down_s(self._priority)
        )
        return VipState(
            holds_address=self._holds,
            vrrp=self._vrrp,
            keepalived_alive=self._alive,
            link_up=self._link_up,
            twin_heard=heard,
            twin_advert_age_s=age_s,
            twin_priority=self._twin_priority,
            healthy=healthy,
            reason=reason,
            keepalived_starts=self._starts,
            stranger=Detail.of(self._stranger),
        )

    def _differs(self, state: VipState) -> bool:
        """Whether the TMR service would want to know now; an age alone can wait."""
        before = self._reported
        return before is None or _without_age(before) != _without_age(state)


def _shortened(verdict: Verdict) -> Verdict:
    """The verdict with its reason cut to a length that fits a line."""
    return Verdict(healthy=verdict.healthy, reason=verdict.reason[:REASON_CHARACTERS_MAX])


def _without_age(state: VipState) -> VipState:
    return msgspec.structs.replace(state, twin_advert_age_s=None)
