"""What the state keeps of one who waits, and the bounds of all who do.

Values that never change; `appliance.licences.queue.book` keeps them.
"""

from __future__ import annotations

from typing import Final

import msgspec

from appliance.details import detail
from appliance.licences.commands import CheckOut, LeaseRef
from appliance.licences.records import Lease

PLACES_MAX: Final = 20_000
"""How many wait at a time, of all clients."""
PLACES_PER_PRODUCT_MAX: Final = 1_000
"""How many of them for one product."""
PLACES_PER_CLIENT_MAX: Final = 16
"""How many of them are one client's."""
WAIT_S_MAX: Final = 30 * 86_400
"""Nobody waits for longer, in seconds."""
HOLD_S: Final = 60
"""For so long an offered seat is held, unless an operator said otherwise, and never for longer than
a lease of it bears silence."""
HOLD_S_MAX: Final = 3_600
OVERTAKES_MAX: Final = 1_000
"""No operator allows more overtaking than this."""


class QueueRules(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What operators said of all who wait: how often each may be overtaken, and for how long an
    offered seat is held."""

    overtakes_max: int = 0
    hold_s: int = HOLD_S


FIRST_RULES: Final = QueueRules()


def why_not_queue(rules: tuple[int, int] | None) -> str:
    """What is wrong with these fields of QueueRules, "" if nothing is."""
    if rules is None:
        return ""
    overtakes, hold_s = rules
    if not 0 <= overtakes <= OVERTAKES_MAX:
        return detail("overtakes-range", most=OVERTAKES_MAX)
    return "" if 1 <= hold_s <= HOLD_S_MAX else detail("hold-range", most=HOLD_S_MAX)


class Place(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A check-out that waits, as it was asked but for the nonce.

    `number` is its place in the order of all who wait, and what a lease calls its generation. It
    waits since the state had the age `since_age_ms`, and bears `ttl_s` of silence. `overtaken` is
    how many that came later had seats before it. `held` is the lease that it may have until the
    state has the age `until_age_ms`, None while no seat is offered.
    """

    ask: CheckOut
    number: int
    since_age_ms: int
    ttl_s: int
    overtaken: int = 0
    held: Lease | None = None
    until_age_ms: int = 0

    @property
    def ref(self) -> LeaseRef:
        """Under which key it waits: that of the lease which it will be."""
        return self.ask.lease

    @property
    def products(self) -> tuple[tuple[int, int], ...]:
        """What it waits for, as (firm code, product code)."""
        return tuple((self.ask.firm_code, item.product_code) for item in self.ask.items)
