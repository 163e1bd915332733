"""What the state keeps of units: what is used, reserved, refunded, and which requests took some.

The base of `appliance.licences.state.State`; what becomes of units is said in `reserving` and
`refunds`. Only the handlers that `appliance.licences.machine` lists write.
"""

from __future__ import annotations

from typing import Final

import msgspec

from appliance.licences.counting import Counting
from appliance.licences.model import LicenceKey
from appliance.licences.records import Lease, Reserved, Taking
from appliance.licences.undo import ABSENT

TAKINGS_MAX: Final = 20_000
"""How many requests that took units are remembered; what is forgotten cannot be refunded."""


class UnitBooks(Counting):
    """The tables of a state, with what writes those of units."""

    __slots__ = ()

    def use_units(self, key: LicenceKey, units: int) -> None:
        """Take so many of this licence's units; give them back if that is negative."""
        used = self.units_used.get(key, 0) + units
        self._put(self.units_used, key, used or ABSENT)

    def keep_taking(self, taking: Taking) -> None:
        """Remember what was taken, and forget the oldest beyond TAKINGS_MAX."""
        number, takings = self._takings_next, self.takings
        self._put(takings, number, taking)
        self._takings_next = number + 1
        if number - TAKINGS_MAX in takings:
            self._put(takings, number - TAKINGS_MAX, ABSENT)

    @property
    def newest_taking(self) -> int:
        """The number of the last units that were taken."""
        return self._takings_next - 1

    def set_taking(self, number: int, taking: Taking) -> None:
        """What is remembered under this number has changed."""
        self._put(self.takings, number, taking)

    def set_reserved(self, lease: Lease, reserved: tuple[Reserved, ...], units_taken: int) -> None:
        """What an active lease has reserved, and what it has taken in all."""
        changed = msgspec.structs.replace(lease, reserved=reserved, units_taken=units_taken)
        self._put(self.leases, lease.ref, changed)

    def set_refunded(self, key: LicenceKey, units: int) -> None:
        """Operators have given back so many of this licence's units in all."""
        self._put(self.units_refunded, key, units)
