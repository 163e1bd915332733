"""What an operator brought for a container, kept in the ledger until that container has it.

A group is answered by one file for all three, and one of their hosts may be away. So each update is
an entry, and waits in the state: its container imports it when its host is back (and is heard of by
an entry of its own, `imports`), through failovers and snapshots. It counts for nothing before that.
What can go wrong in here is a place that stays taken: so a container has one for each firm, a newer
update takes the place of an older one, and what is imported, however it came, is waited for no
more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from appliance.details import Detail
from appliance.licences import commands as c
from appliance.licences import reasons, refuse
from appliance.licences.commands import Outcome
from appliance.licences.imports import understood
from appliance.licences.model import ContainerUpdate
from appliance.licences.records import Delivery
from appliance.licences.state import State
from appliance.licences.updates import updated_container

DELIVERIES_MAX: Final = 12
"""How many updates wait at most: four firms' for each of three containers."""


def keep_delivery(
    state: State,
    command: c.Deliver,
    read_update: Callable[[bytes], ContainerUpdate],
    rules_of: Callable[[bytes], int],
) -> Outcome:
    """Keep this update for its container, if it fits what that is known to hold."""
    found = understood(
        state,
        command.update,
        read_update,
        rules_of,
        lambda update: updated_container(state.containers, update, alone=state.membership.is_alone),
    )
    if isinstance(found, Outcome):
        return found
    update, fits = found
    firm = update.firm
    name = f"update {firm.sequence} of firm {firm.firm_code} for container {update.serial}"
    key = (update.serial, firm.firm_code)
    before = state.deliveries.get(key)
    if fits is None:
        return Outcome(reasons.DONE, said=Detail.of(f"{name} was already imported"))
    if before is not None and before.sequence >= firm.sequence:
        return Outcome(reasons.DONE, said=Detail.of(f"{name} waits already"))
    if before is None and len(state.deliveries) >= DELIVERIES_MAX:
        return refuse.said(reasons.UPDATE_REFUSED, "deliveries-full", most=DELIVERIES_MAX)
    state.set_delivery(key, Delivery(firm.sequence, command.update))
    return Outcome(reasons.DONE, said=Detail.of(f"{name} waits for its container"))
