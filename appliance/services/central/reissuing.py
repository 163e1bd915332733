"""What becomes of a firm's records when licences are issued anew for lost containers (pure).

Of a whole group that is lost, each new twin gets what its predecessor held, in a ledger that was
restored (docs/backup.md). Of one lost container, one new one gets it, as the same twin of the same
group, in the ledger that lives (docs/replacing.md). What can go wrong in here is a licence that two
containers hold: so who is gone holds nothing from then on, and there is nothing to issue twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from appliance.services.central.firms import FirmStore
from appliance.services.central.issued import IssuedContainer
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.returning import Return
from appliance.services.central.root import ActivatedContainer


class Moved(NamedTuple):
    """The new containers with what they hold, the lost ones with nothing, and all returns."""

    made: tuple[IssuedContainer, ...]
    emptied: tuple[IssuedContainer, ...]
    returns: tuple[Return, ...]


def move_group(
    firm: FirmStore, cmact_id: str, group: Sequence[ActivatedContainer], ledger_id: str
) -> Moved:
    """All licences of the group `cmact_id`, which is lost, for this new one: each twin gets what
    its predecessor held, under the same TMR-IDs, with the units confirmed.

    Raises CentralRefused.
    """
    lost = {held.container.twin: held for held in firm.held_by(cmact_id)}
    for container in group:
        if any(one.container.serial == container.serial for one in firm.containers):
            raise CentralRefused(
                f"Container {container.serial} holds licences of firm {firm.firm_code} already:"
                " use `tmr central updates` to hand them out once more."
            )
    made = tuple(
        IssuedContainer(
            container=container,
            sequence=1,
            items=lost[container.twin].items,
            units_confirmed=ledger_id,
        )
        for container in group
        if container.twin in lost
    )
    heirs = {container.twin: container.serial for container in group}
    emptied = tuple(_emptied(held, heirs[twin]) for twin, held in lost.items())
    return Moved(made, emptied, firm.returns)


def holder(firm: FirmStore, lost: str, activated: Sequence[ActivatedContainer]) -> IssuedContainer:
    """Who holds the licences that this firm issued for the twin that `lost` was last.

    That is `lost`, or, if this firm was not asked when `lost` took a place over, a predecessor.
    Raises CentralRefused if nobody holds any.
    """
    predecessors = {one.serial: one.replaces for one in activated}
    issued = {one.container.serial: one for one in firm.containers}
    serial = lost
    while serial:
        held = issued.get(serial)
        if held is not None and held.items:
            return held
        serial = predecessors.get(serial, "")
    raise CentralRefused(
        f"Container {lost} holds no licence of firm {firm.firm_code}; what was issued anew already"
        " is handed out once more by `tmr central updates`."
    )


def move_one(firm: FirmStore, held: IssuedContainer, new: ActivatedContainer) -> Moved:
    """All that `held` holds, for the container that takes its place, beside what that has already.

    A licence that is on its way back is there when the new one confirms that it does not have it.
    """
    issued = {one.container.serial: one for one in firm.containers}
    before = issued.get(new.serial, IssuedContainer(container=new))
    made = msgspec.structs.replace(
        before,
        sequence=before.sequence + 1,
        items=(*held.items, *before.items),
        units_confirmed=held.units_confirmed,
    )
    gone = held.container.serial
    returns = tuple(
        msgspec.structs.replace(
            one,
            orders={serial: at for serial, at in one.orders.items() if serial != gone},
            sequences={
                **{serial: at for serial, at in one.sequences.items() if serial != gone},
                **({new.serial: made.sequence} if gone in one.sequences else {}),
            },
        )
        for one in firm.returns
    )
    return Moved((made,), (_emptied(held, new.serial),), returns)


def _emptied(held: IssuedContainer, heir: str) -> IssuedContainer:
    return msgspec.structs.replace(held, items=(), heir=heir)
