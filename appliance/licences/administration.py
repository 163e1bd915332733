"""What is no lease: the founding, what vendors sign, clients, hosts, who votes, and log time.

What can go wrong in here: a reader that raises what it should not. Every host would stop at this
entry, at each start anew; so that is a refusal too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from appliance.details import detail
from appliance.licences import commands as c
from appliance.licences import raising, reasons, refuse
from appliance.licences.bindings import show_binding
from appliance.licences.bounds import HASH_SIZE, NAME_MAX, too_long
from appliance.licences.carry_over import carry_over, why_not_restore
from appliance.licences.certified import certify_time, lower_log_time
from appliance.licences.commands import Outcome
from appliance.licences.deliveries import keep_delivery
from appliance.licences.imports import import_block_list, import_update
from appliance.licences.loss import ReadSeen, note_loss
from appliance.licences.model import (
    NO_BLOCK_LIST,
    BindingShown,
    BlockList,
    CertifiedStatement,
    ContainerUpdate,
)
from appliance.licences.raising import VerifyStore
from appliance.licences.records import Act
from appliance.licences.refusals import BlockListRefused, StatementRefused
from appliance.licences.replacing import ReadProof, moved, replace, unfit
from appliance.licences.rules import FIRST
from appliance.licences.state import State

CLIENTS_MAX: Final = 10_000
"""Clients enrolled by token."""
HOSTS_MAX: Final = 16
"""Hosts that may be in maintenance."""


def no_block_lists(data: bytes) -> BlockList:
    """For machines that meet no block list."""
    raise BlockListRefused("malformed", "This ledger was started without a reader of block lists.")


def no_statements(data: bytes) -> CertifiedStatement:
    """For machines that meet no certified time."""
    raise StatementRefused("This ledger was started without a reader of certified statements.")


Brought = c.ImportUpdate | c.ImportBlockList | c.CertifyTime


def first_rules(data: bytes) -> int:
    """For machines whose updates are no files."""
    return FIRST


class Readers(NamedTuple):
    """What reads what others signed, each depending on nothing but the bytes."""

    update: Callable[[bytes], ContainerUpdate]
    """Verifies an update's signatures and decodes it; raises UpdateRefused."""
    block_list: Callable[[bytes], BlockList]
    """Raises BlockListRefused."""
    statement: Callable[[bytes], CertifiedStatement]
    """Raises StatementRefused."""
    proof: ReadProof
    """`appliance.licences.replacing`'s."""
    store: VerifyStore
    """`appliance.licences.raising`'s."""
    rules_of: Callable[[bytes], int]
    """Which rules an update needs, by the names of its options alone; raises nothing."""
    seen: ReadSeen
    """`appliance.licences.loss`'s."""
    binding: Callable[[bytes], BindingShown]
    """Raises StatementRefused."""
    stores: int
    """By how many a ledger here is founded."""


def found(state: State, command: c.Found, readers: Readers) -> Outcome:
    """The first entry of a ledger: who it is, who votes, and what lives on of a lost one."""
    if state.ledger_id:
        return refuse.said(reasons.ALREADY_FOUNDED, "founded-already", serial=state.virtual_serial)
    wrong = unfit(command) or why_not_restore(command, state.log_time_ms)
    if wrong:
        return refuse.bad(wrong)
    try:
        membership = moved(
            state.membership, command, state.entry_index, readers.proof, readers.stores
        )
        block_list = _restored_list(command, readers)
    except (ValueError, BlockListRefused) as error:
        return refuse.bad(str(error))
    state.found(
        command.ledger_id,
        command.virtual_serial,
        membership,
        command.rules,
        command.names_key_hash,
    )
    carry_over(state, command, block_list)
    return Outcome(reasons.DONE)


def _restored_list(command: c.Found, readers: Readers) -> BlockList:
    """The block list that a founding carries. Raises BlockListRefused."""
    if command.restored is None or not command.restored.block_list:
        return NO_BLOCK_LIST
    try:
        return readers.block_list(command.restored.block_list)
    except BlockListRefused:
        raise
    except Exception as error:  # As for what is imported: all hosts would stop.
        raise BlockListRefused("malformed", f"the block list is unreadable: {error}") from error


def bring(state: State, command: Brought, readers: Readers) -> Outcome:
    """Take over what somebody else signed: an update, a block list, a certified time."""
    if len(command.who) > NAME_MAX:
        return refuse.bad(detail("who-long"))
    if isinstance(command, c.ImportBlockList):
        return import_block_list(state, command, readers.block_list)
    if isinstance(command, c.CertifyTime):
        return certify_time(state, command, readers.statement)
    return import_update(state, command, readers.update, readers.rules_of)


def deliver(state: State, command: c.Deliver, readers: Readers) -> Outcome:
    """Keep what an operator brought for a container."""
    if len(command.who) > NAME_MAX:
        return refuse.bad(detail("who-long"))
    return keep_delivery(state, command, readers.update, readers.rules_of)


def shown_binding(state: State, command: c.ShowBinding, readers: Readers) -> Outcome:
    """Keep what a container says of what holds its key."""
    return show_binding(state, command, readers.binding)


def support(state: State, command: c.Support, readers: Readers) -> Outcome:
    """Keep which rules a host knows."""
    return raising.support(state, command, readers.store)


def lost(state: State, command: c.NoteLoss, readers: Readers) -> Outcome:
    """Take note that committed entries are not in this log."""
    return note_loss(state, command, readers.seen)


def enrol(state: State, command: c.Enrol) -> Outcome:
    """Admit a client by token, or dismiss one."""
    if not 0 < len(command.client) <= NAME_MAX or len(command.token_hash) > HASH_SIZE:
        return refuse.bad(detail("client-name", most=NAME_MAX))
    if too_long(command.who, command.why):
        return refuse.bad(detail("who-why-long"))
    new = command.token_hash and command.client not in state.clients
    if new and len(state.clients) >= CLIENTS_MAX:
        return refuse.said(reasons.TOO_MANY_CLIENTS, "enrolled-full", most=CLIENTS_MAX)
    action = "enrol" if command.token_hash else "dismiss"
    state.set_client(command.client, command.token_hash)
    state.note(Act(action, command.client, command.who, command.why, state.log_time_ms))
    return Outcome(reasons.DONE)


def operate(state: State, command: c.Operate) -> Outcome:
    """Put a host into maintenance or take it out, or note a switchover."""
    action, host = command.action, command.host
    if len(host) > NAME_MAX or too_long(command.who, command.why):
        return refuse.bad(detail("host-who-why-long"))
    act = Act(action, host, command.who, command.why, state.log_time_ms)
    if action == "maintenance-on":
        if host not in state.maintenance and len(state.maintenance) >= HOSTS_MAX:
            return refuse.bad(detail("maintenance-full", most=HOSTS_MAX))
        state.set_maintenance(host, act)
    elif action == "maintenance-off":
        state.set_maintenance(host, None)
    elif action != "switchover":
        return refuse.said(reasons.UNKNOWN_ACTION, "action-unknown", action=repr(action[:40]))
    state.note(act)
    return Outcome(reasons.DONE)


def replace_store(state: State, command: c.Replace | c.Replaced, readers: Readers) -> Outcome:
    """Replace a store that votes, or prove that it was."""
    wrong = unfit(command)
    if wrong:
        return refuse.bad(wrong)
    before = state.membership
    outcome = replace(state, command, readers.proof)
    if outcome.ok:
        raising.forget_replaced(state, before)
    return outcome


def lower_time(state: State, command: c.LowerLogTime) -> Outcome:
    """Log time goes back, on two certified tokens."""
    if len(command.who) > NAME_MAX:
        return refuse.bad(detail("who-long"))
    return lower_log_time(state, command)


def tick(state: State, command: c.Tick) -> Outcome:
    """Only log time moves."""
    return Outcome(reasons.DONE)
