"""The commands that change who votes: founding, and replacing a store (design D7, `members`).

What can go wrong in here is two ways to judge one command: the machine applies it, and a replica
asks beforehand what a log would lead to. Both call `moved`.
"""

from __future__ import annotations

from collections.abc import Callable

from appliance.licences import commands as c
from appliance.licences.commands import Outcome
from appliance.licences.members import Membership, founders
from appliance.licences.records import Act
from appliance.licences.restoring import mark_of
from appliance.licences.state import State

ReadProof = Callable[[bytes, Membership], int]
"""The entry that these bytes prove to be committed by both remaining stores; or ValueError."""


def no_proof(data: bytes, membership: Membership) -> int:
    """For machines that meet no replacement."""
    raise ValueError("this host cannot read commit proofs")


def moved(
    membership: Membership, command: object, entry_index: int, read_proof: ReadProof
) -> Membership:
    """Who votes after this command of that entry. Raises ValueError if it has no effect."""
    match command:
        case c.Found():
            if membership.voters:
                raise ValueError("This ledger is founded already.")
            return founders(command.stores, origin=mark_of(command))
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
        return Outcome(c.NOT_REPLACED, detail=str(error))
    state.set_membership(membership)
    if isinstance(command, c.Replace):
        state.note(Act("replace", command.place, command.who, command.why, state.log_time_ms))
    return Outcome(c.DONE)
