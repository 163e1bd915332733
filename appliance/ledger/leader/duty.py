"""May this TMR host serve, and may it hold the address? (design D4)

Two answers from one look at the situation: whether the coordinator should want a term, and the
verdict that keepalived gets by its track file. VRRP moves packets, the upstreams decide who serves;
so the verdict fails in few cases only, else two healthy hosts would throw the address to and fro:

    maintenance   an operator took this host out of service, or switched over a moment ago
    (a)           fewer than two upstreams are reached here, and the twin is known to reach two, for
                  longer than it takes both hosts to notice an upstream that is dead for both
    (b)           the address is here, the term is not, and two upstreams go on hearing another
                  coordinator: latched until they stop, or the twin's adverts are heard again

    newer rules   this release cannot read the ledger, and the twin is known to reach two upstreams

Having neither address nor term is healthy. If neither host reaches two upstreams, the holder keeps
the address and refuses honestly.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.details import detail


@dataclass(frozen=True, slots=True)
class Situation:
    """What one host knows. `others_heard` counts upstreams that hear another host coordinate;
    `out_of_date` says why this release cannot read the ledger."""

    has_address: bool
    serving: bool
    maintenance: bool
    aside: bool
    reached: int
    twin_reaches: int | None
    others_heard: int
    twin_adverts_heard: bool
    out_of_date: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """`wanted`: take or keep a term. `healthy`: keep or accept the address. `reason` says why."""

    wanted: bool
    healthy: bool
    reason: str


class Duty:
    """Judges situations in turn; remembers only since when the cases (a) and (b) hold.

    `hold_s` is 2a. Two upstreams must hear another coordinator for so long before that counts: they
    hold a dead one's promise for 2a, which must not look like a live one. What the twin reaches
    counts after twice that: its report may be older than what both of us have lost since.
    """

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self._cut_off_since_s: float | None = None
        self._other_since_s: float | None = None
        self._latched = False

    def judge(self, now_s: float, situation: Situation) -> Decision:
        """What follows from this situation at `now_s` (boot time)."""
        s = situation
        cut_off = self._cut_off(now_s, s)
        self._watch_other(now_s, s)
        if s.maintenance:
            return Decision(False, False, detail("in-maintenance"))
        if s.out_of_date:
            return Decision(False, s.twin_reaches is None or s.twin_reaches < 2, s.out_of_date)
        if s.aside:
            return Decision(False, False, detail("switched-over"))
        if cut_off:
            return Decision(s.has_address, False, detail("cut-off", reached=s.reached))
        if self._latched:
            return Decision(s.has_address, False, detail("other-coordinator"))
        if not s.has_address:
            return Decision(False, True, detail("address-elsewhere"))
        return Decision(True, True, detail("serves" if s.serving else "takes-term"))

    def _cut_off(self, now_s: float, s: Situation) -> bool:
        """Case (a), once it has lasted."""
        if s.reached >= 2 or s.twin_reaches is None or s.twin_reaches < 2:
            self._cut_off_since_s = None
            return False
        if self._cut_off_since_s is None:
            self._cut_off_since_s = now_s
        return now_s - self._cut_off_since_s > 2 * self._hold_s

    def _watch_other(self, now_s: float, s: Situation) -> None:
        if s.others_heard < 2 or s.serving:
            self._other_since_s, self._latched = None, False
            return
        if self._latched:
            self._latched = not s.twin_adverts_heard
            return
        if not s.has_address:
            self._other_since_s = None
        elif self._other_since_s is None:
            self._other_since_s = now_s
        elif now_s - self._other_since_s > self._hold_s:
            self._latched = not s.twin_adverts_heard
