"""What vendors sign and the ledger takes over: updates of containers, and block lists.

Each reader is injected and depends on nothing but the bytes, so that all hosts come to the same
answer. What can go wrong in here is a reader that raises what it should not: every host would stop
at this entry, at each start anew. So that is a refusal too, and says that it is a defect.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from appliance.details import Detail, detail
from appliance.licences import commands as c
from appliance.licences import reasons, refuse
from appliance.licences.blocking import is_news
from appliance.licences.borrow_cuts import remember_terms, why_cut
from appliance.licences.commands import Outcome
from appliance.licences.deltas import changed_keys
from appliance.licences.model import BlockList, Container, ContainerUpdate
from appliance.licences.options import needs_rules
from appliance.licences.records import Act
from appliance.licences.refusals import BlockListRefused, UpdateRefused
from appliance.licences.state import State
from appliance.licences.updates import succeeded_container, updated_container

_Found = TypeVar("_Found")


def import_update(
    state: State,
    command: c.ImportUpdate,
    read_update: Callable[[bytes], ContainerUpdate],
    rules_of: Callable[[bytes], int],
) -> Outcome:
    """Take over one container's new content."""

    def look(update: ContainerUpdate) -> tuple[Container | None, Container | None]:
        made = updated_container(state.containers, update, alone=state.membership.is_alone)
        return made, succeeded_container(state.containers, state.block_list, update)

    found = understood(state, command.update, read_update, rules_of, look)
    if isinstance(found, Outcome):
        return found
    update, (container, gone) = found
    firm = update.firm
    name = f"update {firm.sequence} of firm {firm.firm_code} for container {update.serial}"
    state.set_host(command.who, update.serial)
    state.end_delivery((update.serial, firm.firm_code), firm.sequence)
    if container is None:
        return Outcome(reasons.DONE, said=Detail.of(f"{name} was already imported"))
    cut = why_cut(state, firm.firm_code, container)
    if cut is not None:
        return cut
    locked = bool(state.block_list.reason_for(container.serial))
    if gone is not None:
        state.remove_container(gone)
        name += f", which takes the place of container {gone.serial}"
    changed = changed_keys(update) if container.serial in state.containers else None
    remember_terms(state, firm.firm_code, container, changed)
    state.set_container(
        msgspec.structs.replace(container, locked=locked, contact_ms=state.log_time_ms), changed
    )
    state.note(Act("import", name, command.who, "", state.log_time_ms))
    return Outcome(reasons.DONE, said=Detail.of(f"imported {name}"))


def understood(
    state: State,
    data: bytes,
    read_update: Callable[[bytes], ContainerUpdate],
    rules_of: Callable[[bytes], int],
    look: Callable[[ContainerUpdate], _Found],
) -> tuple[ContainerUpdate, _Found] | Outcome:
    """An update, and what `look` finds of it; its refusal if it is none, or fits nothing here.

    Which rules it needs is looked at first: a release that does not know an option of it cannot
    tell what else may be wrong with it.
    """
    try:
        if rules_of(data) > state.rules:
            return refuse.rules_not_raised(state.rules)
        update = read_update(data)
        if any(needs_rules(item) > state.rules for item in update.firm.items):
            return refuse.rules_not_raised(state.rules)
        return update, look(update)
    except UpdateRefused as refused:
        return Outcome(reasons.UPDATE_REFUSED, said=Detail.of(refused.detail))
    except Exception as error:  # five dead hosts would be the alternative
        what = detail("update-unreadable", said=f"{type(error).__name__}: {error}")
        return Outcome(reasons.UPDATE_REFUSED, said=Detail.of(what))


def import_block_list(
    state: State, command: c.ImportBlockList, read_block_list: Callable[[bytes], BlockList]
) -> Outcome:
    """Take over a newer block list: it locks the containers it names, and unlocks all others."""
    try:
        block_list = read_block_list(command.block_list)
        news = is_news(state.block_list, block_list)
    except BlockListRefused as refused:
        return Outcome(reasons.BLOCK_LIST_REFUSED, said=Detail.of(refused.detail))
    except Exception as error:  # as for updates
        what = detail("block-list-unreadable", said=f"{type(error).__name__}: {error}")
        return Outcome(reasons.BLOCK_LIST_REFUSED, said=Detail.of(what))
    if not news:
        already = f"block list {block_list.number} was already imported"
        return Outcome(reasons.DONE, said=Detail.of(already))
    for container in state.set_block_list(block_list):
        action = "block" if container.locked else "unblock"
        why = block_list.reason_for(container.serial)
        state.note(Act(action, container.serial, command.who, why, state.log_time_ms))
    return Outcome(reasons.DONE, said=Detail.of(f"imported block list {block_list.number}"))
