"""How a licence comes back: ordered by two containers, taken away, confirmed, credited (pure).

    one container orders    nothing happens; the order counts for ORDER_S
    a second one orders     the return waits for GRACE_S; until then any of them calls it off
    then                    all three get an update without it, which names it as returned
    two confirmed           its ticket may be used again, unless its use is counted

What can go wrong in here is a licence that is there twice. A receipt proves a key, and not that
anything was deleted: so the licence is named as returned, for good, in every update that its group
gets from then on. The ledger counts it no more as soon as one container of the three imports one of
those, whatever the others still hold. And a container that has yet to confirm, or that shows less
than it confirmed, is issued nothing new.
"""

from __future__ import annotations

from collections.abc import Collection, Container
from typing import Final

import msgspec

from appliance.licences.merge import QUORUM
from appliance.licences.model import LicenceKey, ProductItem
from appliance.services.central.issued import Held
from appliance.services.central.refusals import CentralRefused

ORDER_S: Final = 7 * 86_400
"""For how long one container's order waits for a second one's."""
GRACE_S: Final = 86_400
"""How long a return can be called off once two containers ordered it."""


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """One licence on its way back.

    `orders` are the containers that ordered it and when, `due_at_s` is when it is taken away (None
    while only one ordered it), `sequences` say by which update each container confirms, and are
    empty until it is taken away. Times are Unix seconds.
    """

    product_code: int
    tmr_id: int
    cmact_id: str
    counted: bool
    orders: dict[str, int]
    due_at_s: int | None = None
    sequences: dict[str, int] = {}

    def key(self, firm_code: int) -> LicenceKey:
        """Which licence of that firm."""
        return LicenceKey(firm_code, self.product_code, self.tmr_id)

    @property
    def taken(self) -> bool:
        """Whether it is taken away: from then on it is not called off."""
        return bool(self.sequences)

    def is_due(self, now_s: int) -> bool:
        """Whether it is to be taken away now."""
        return not self.taken and self.due_at_s is not None and now_s >= self.due_at_s

    def waiting_for(self, confirmed: dict[str, int]) -> tuple[str, ...]:
        """The containers that have not confirmed yet; `confirmed` is the newest sequence of each
        that did. Nobody while it is not taken away."""
        return tuple(
            serial
            for serial, sequence in self.sequences.items()
            if confirmed.get(serial, 0) < sequence
        )

    def is_settled(self, confirmed: dict[str, int]) -> bool:
        """Whether all of its containers confirmed it."""
        return self.taken and not self.waiting_for(confirmed)

    def is_back(self, confirmed: dict[str, int]) -> bool:
        """Whether two of its containers confirmed that they do not have it any more."""
        done = len(self.sequences) - len(self.waiting_for(confirmed))
        return self.taken and done >= QUORUM


class PutBack(msgspec.Struct, frozen=True, kw_only=True):
    """A container that showed less than it had confirmed: with its signed `request` as evidence.

    Its disk was put back, or it confirmed what it did not import. Times are Unix seconds.
    """

    serial: str
    confirmed: int
    held: int
    at_s: int
    request: bytes


def ordered(
    known: Return | None,
    holders: Collection[tuple[Held, ProductItem]],
    key: LicenceKey,
    serial: str,
    now_s: int,
    blocked: Container[str] = (),
) -> Return:
    """The return of this licence, as `known` before, after `serial`, one of its `holders`, ordered
    it.

    What a container ordered that is `blocked` since counts for nothing. One that is due or taken
    away is as it was. Raises CentralRefused if that container does not hold the licence.
    """
    if known is not None and known.taken and serial in known.sequences:
        return known
    serials = {held.serial: (held.container.cmact_id, item) for held, item in holders}
    if serial not in serials:
        raise CentralRefused(f"Container {serial} holds no licence {key}.")
    if known is None or known.taken:
        known = Return(
            product_code=key.product_code,
            tmr_id=key.tmr_id,
            cmact_id=serials[serial][0],
            counted=any(
                item.units is not None or item.usage_period_s is not None
                for _, item in serials.values()
            ),
            orders={},
        )
    if known.due_at_s is not None:
        return known
    young = {
        one: at_s
        for one, at_s in known.orders.items()
        if now_s - at_s <= ORDER_S and one in serials and one not in blocked
    }
    orders = {**young, serial: now_s}
    due_at_s = now_s + GRACE_S if len(orders) >= QUORUM else None
    return msgspec.structs.replace(known, orders=orders, due_at_s=due_at_s)


def check_called_off(known: Return | None, key: LicenceKey) -> Return:
    """The return that is to be called off. Raises CentralRefused if it cannot be."""
    if known is None:
        raise CentralRefused(f"Nobody ordered licence {key} to be taken back.")
    if known.taken:
        raise CentralRefused(
            f"Licence {key} is taken away already; ask the vendor to issue it again."
        )
    return known


def check_not_behind(
    unsettled: Collection[Return],
    firm_code: int,
    confirmed: dict[str, int],
    serials: Collection[str],
) -> None:
    """Raises CentralRefused if one of these containers has yet to confirm a return."""
    for one in unsettled:
        for serial in one.waiting_for(confirmed):
            if serial in serials:
                raise CentralRefused(
                    f"Container {serial} has not confirmed yet that {one.key(firm_code)}, which was"
                    " given back, is gone from it: run `tmr container update` there first."
                )
