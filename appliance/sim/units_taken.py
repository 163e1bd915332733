"""What the simulator's reference counts of units: what each request took, and what of it stays."""

from __future__ import annotations

from dataclasses import dataclass, field

from appliance.ledger.invariants import InvariantViolation
from appliance.licences.commands import Consume, LeaseRef, Outcome, Settle
from appliance.licences.model import LicenceKey
from appliance.licences.records import shares_of

Numbered = tuple[LeaseRef, int, int]
"""A lease, its generation, and the number of a request on it."""


@dataclass(slots=True)
class UnitsTaken:
    """By request and licence."""

    of: dict[Numbered, dict[LicenceKey, int]] = field(default_factory=dict)

    def granted(
        self, command: Consume | Settle, outcome: Outcome, taken: dict[LicenceKey, int]
    ) -> None:
        """A consumption was granted or settled: `taken` counts what that changes, licence by
        licence. A consumption that is answered again changes nothing."""
        numbered = (command.lease, command.generation, command.number)
        if isinstance(command, Settle):
            if outcome.units_taken != command.used:
                raise InvariantViolation(f"request {numbered} was settled to another number")
        elif numbered in self.of:
            return
        before, after = self.of.get(numbered, {}), dict(shares_of(outcome))
        self.of[numbered] = after
        for key in before.keys() | after.keys():
            taken[key] = taken.get(key, 0) + after.get(key, 0) - before.get(key, 0)
