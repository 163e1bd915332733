"""The commands that change who votes: founding, and replacing a store (design D7, `members`).

What can go wrong in here is two ways to judge one command: the machine applies it, and a replica
asks beforehand what a log would lead to. Both ask `unfit` and call `moved`.
"""

from __future__ import annotations

from collections.abc import Callable

from appliance.details import Detail
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.bounds import HASH_SIZE, LEDGER_ID_MAX, NAME_MAX, too_long
from appliance.licences.carry_over import mark_of
from appliance.licences.commands import Outcome
from appliance.licences.members import STORES, Membership, founders
from appliance.licences.records import Act
from appliance.licences.serials import Mask, Serial
from appliance.licences.state import State

ReadProof = Callable[[bytes, Membership], int]
"""The entry that these bytes prove to be committed by both remaining stores; or ValueError."""


def no_proof(data: bytes, membership: Membership) -> int:
    """For machines that meet no replacement."""
    raise ValueError("this host cannot read commit proofs")


def unfit(command: object) -> str:
    """Why a command that changes who votes cannot have an effect on any state, "" if it may.

    A replica asks who would vote by a log before it applies it: both go by this.
    """
    if isinstance(command, c.Replace) and (
        len(command.place) > NAME_MAX
        or len(command.new) > HASH_SIZE
        or too_long(command.who, command.why)
    ):
        return "place, store id, who or why is too long"
    if not isinstance(command, c.Found):
        return ""
    if not 0 < len(command.ledger_id) <= LEDGER_ID_MAX:
        return f"a ledger id has 1 to {LEDGER_ID_MAX} bytes"
    if len(command.names_key_hash) not in (0, HASH_SIZE):
        return f"the hash of a key has {HASH_SIZE} bytes"
    try:
        mask = Serial.parse(command.virtual_serial).mask
    except ValueError as error:
        return str(error)
    if mask is not Mask.VIRTUAL:
        return f"a virtual container's serial starts with 131, not {int(mask)}"
    return ""


def moved(
    membership: Membership,
    command: object,
    entry_index: int,
    read_proof: ReadProof,
    stores: int = STORES,
) -> Membership:
    """Who votes after this command of that entry, in a ledger of so many stores. Raises ValueError
    if it has no effect."""
    match command:
        case c.Found():
            if membership.voters:
                raise ValueError("This ledger is founded already.")
            return founders(command.stores, origin=mark_of(command), count=stores)
        case c.Replace():
            return membership.replace(command.place, command.new, entry_index)
        case c.Replaced():
            pending = membership.pending
            if pending is None:
                raise ValueError("No replacement is pending.")
            index = read_proof(command.proof, membership)
            if index < pending.index:
                raise ValueError(f"The proof ends at {index}, before {pending.index}.")
            return membership.replaced(entry_index)
    return membership


def replace(state: State, command: c.Replace | c.Replaced, read_proof: ReadProof) -> Outcome:
    """Apply one of the two commands of a replacement."""
    try:
        membership = moved(state.membership, command, state.entry_index, read_proof)
    except ValueError as error:
        return Outcome(reasons.NOT_REPLACED, said=Detail.of(str(error)))
    state.set_membership(membership)
    if isinstance(command, c.Replace):
        state.note(Act("replace", command.place, command.who, command.why, state.log_time_ms))
    return Outcome(reasons.DONE)
