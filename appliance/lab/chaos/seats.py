"""How many seats of each licence the log gave out, counted anew from its answers alone. Pure.

The licence machine counts as it goes; this reads what it answered, entry by entry, and knows of no
table of its. A share is one seat for all of its leases, a seat that lingers is somebody's for as
long as its licence says (in the ledger's own age), and a share that uses a product exclusively is
alone with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from appliance.lab.chaos.facts import Act, Facts, Issued
from appliance.licences import reasons
from appliance.licences.commands import LeaseRef
from appliance.licences.modes import EXCLUSIVE, NO_LIMIT, STATION_SHARE
from appliance.licences.state import AGE_STEP_MS_MAX
from appliance.sim.history import CHECK_IN, CHECK_OUT, EXPIRE, RELEASE

Party = tuple[str, bytes, bytes]
_ENDS: Final = (CHECK_IN, EXPIRE, RELEASE)


class _Held(NamedTuple):
    """A lease: who has it, how its seats count, and product code, TMR-ID and seats of each line."""

    party: Party
    mode: str
    lines: tuple[tuple[int, int, int], ...]


class _Lingers(NamedTuple):
    """A seat that was given back, and until which age it is kept for whom."""

    tmr_id: int
    party: Party
    until_ms: int


@dataclass
class _Count:
    """All seats at one moment."""

    issued: dict[int, Issued]
    leases: dict[LeaseRef, _Held] = field(default_factory=dict)
    lingering: list[_Lingers] = field(default_factory=list)
    age_ms: int = 0

    def seats(self, tmr_id: int) -> int:
        """Those of one licence that nobody else may have."""
        seats, shares = 0, set()
        for held in self.leases.values():
            of_it = sum(count for _, one, count in held.lines if one == tmr_id)
            if held.mode == STATION_SHARE and of_it:
                shares.add(held.party)
            elif held.mode != NO_LIMIT:
                seats += of_it
        kept = sum(one.tmr_id == tmr_id and one.until_ms > self.age_ms for one in self.lingering)
        return seats + len(shares) + kept

    def granted(self, act: Act) -> str:
        """A check-out was; gives what is wrong with that, "" for nothing."""
        held = _Held(act.party, act.mode, act.lines)
        if act.lease in self.leases:
            self.leases[act.lease] = held  # the same lease, renewed
        else:
            for _, tmr_id, _ in act.lines:
                mine = [x for x in self.lingering if (x.tmr_id, x.party) == (tmr_id, act.party)]
                if mine:
                    self.lingering.remove(mine[0])  # its own seat is taken back
            wrong = self._shared_with(held)
            self.leases[act.lease] = held
            if wrong:
                return wrong
        for _, tmr_id, _ in act.lines:
            licence = self.issued[tmr_id]
            if (seats := self.seats(tmr_id)) > licence.quantity:
                return f"{seats} seats of TMR licence {tmr_id}, which has {licence.quantity}"
        return ""

    def _shared_with(self, new: _Held) -> str:
        """Whether somebody uses a product exclusively at this station, and yet not alone."""
        products = {product for product, *_ in new.lines}
        for held in self.leases.values():
            same = held.party == new.party and products & {product for product, *_ in held.lines}
            if same and new.party[1] and EXCLUSIVE in (held.mode, new.mode):
                return f"an exclusive use of product {min(same)} beside another one"
        return ""

    def ended(self, act: Act) -> None:
        """A lease did."""
        held = self.leases.pop(act.lease, None)
        if held is None or act.kind != CHECK_IN or act.no_linger:
            return
        for _, tmr_id, seats in held.lines:
            linger_ms = self.issued[tmr_id].linger_s * 1000
            if linger_ms and held.mode not in (NO_LIMIT, STATION_SHARE):
                kept = _Lingers(tmr_id, held.party, self.age_ms + linger_ms)
                self.lingering += [kept] * seats


def ledger_seats(facts: Facts) -> list[str]:
    """What the log gave out and should not have, the first of it, in a sentence."""
    count = _Count({one.tmr_id: one for one in facts.issued})
    before_ms = 0
    for entry in facts.log.entries:
        step_ms = max(0, entry.log_time_ms - before_ms) if before_ms else 0
        count.age_ms += min(step_ms, AGE_STEP_MS_MAX)
        before_ms = entry.log_time_ms
        for act in entry.acts:
            if act.kind == CHECK_OUT and act.reason == reasons.GRANTED and act.lines:
                if wrong := count.granted(act):
                    return [f"entry {entry.index} gives {act.lease.lease_id} {wrong}"]
            elif act.kind in _ENDS and act.reason == reasons.DONE:
                count.ended(act)
    return []
