"""The ledger was put back: what proves it, what rests then, and until when.

Two stores sign each entry that is committed, and two containers each grant. Whoever kept such a
proof of entry *n* can show it to a ledger that ends before *n*. If that proof stands in an entry
of index *n* or less, the log with that entry is not the one that was proven: no entry can hold a
signature of a root that covers the entry itself. So the proof, its place in the log, and the two
disks that stored it there are all that is needed, and no host's word (design D3).

    what is lost     counts as                                                   until
    ---------------  ----------------------------------------------------------  ----------------
    units            perhaps used: unit counters rest, as after a restore        a vendor confirms
    seats            free: at most one receipt period may be used twice          by itself
    the alarm        `ledger-rolled-back`                                        an operator's act

What can go wrong in here is a false alarm. A proof of an entry that this log has passed proves
nothing by its place, so it has no effect. And after a vendor confirmed the counters they rest
again only for a proof that was not counted before.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from msgspec.structs import replace

from appliance.details import Detail, detail
from appliance.licences import commands as c
from appliance.licences import reasons, refuse
from appliance.licences.bounds import COUNT_MAX, NAME_MAX, too_long
from appliance.licences.commands import Outcome
from appliance.licences.records import Act, Loss
from appliance.licences.state import State

SEEN_BYTES_MAX: Final = 16 << 10
"""A proof of a commit, or a receipt, is smaller."""
KEY_BYTES: Final = 16

ReadSeen = Callable[[bytes, State], tuple[int, bytes]]
"""The entry that these bytes prove to be committed, and its root; or ValueError."""


def nothing_seen(data: bytes, state: State) -> tuple[int, bytes]:
    """For machines that meet no ledger which was put back."""
    raise ValueError("this host cannot read what proves an entry")


def note_loss(state: State, command: c.NoteLoss, read: ReadSeen) -> Outcome:
    """Take note that entries are lost, if that is proven."""
    numbers = 0 <= command.units <= COUNT_MAX and 0 <= command.leases <= COUNT_MAX
    if len(command.seen) > SEEN_BYTES_MAX or len(command.who) > NAME_MAX or not numbers:
        return refuse.bad(detail("loss-long"))
    try:
        index, root = read(command.seen, state)
    except Exception as error:  # five dead hosts would be the alternative
        return refuse.bad(detail("loss-unproven", said=error))
    if index < state.entry_index:
        return refuse.bad(detail("loss-own-entry", index=index))
    loss = state.loss
    if root == loss.root:
        return Outcome(reasons.DONE, said=Detail.of(f"entry {index} is known to be lost"))
    if not loss.key or _is_confirmed(state, loss.key):
        key = sha256(b"tmr-loss-1\x00" + state.ledger_id + root).digest()[:KEY_BYTES]
        loss = Loss(index, root, state.entry_index, key)
    if index >= loss.index:
        loss = replace(loss, index=index, root=root)
    state.set_loss(
        replace(
            loss,
            units=max(loss.units, command.units),
            leases=max(loss.leases, command.leases),
            seen_by=loss.seen_by or command.who,
            noted=state.entry_index,
        )
    )
    return Outcome(reasons.DONE, said=Detail.of(f"entry {index} was committed, and is lost"))


def accept_loss(state: State, command: c.AcceptLoss) -> Outcome:
    """An operator took note of what is lost. Unit counters go on resting."""
    if too_long(command.who, command.why):
        return refuse.bad(detail("who-why-long"))
    state.set_loss(replace(state.loss, accepted=state.entry_index))
    what = f"entry {state.loss.index}" if state.loss.key else "as a TMR host found"
    state.note(Act("accept-loss", what, command.who, command.why, state.log_time_ms))
    return Outcome(reasons.DONE)


def _is_confirmed(state: State, key: bytes) -> bool:
    """Whether a vendor confirmed his counters since this loss."""
    said = key.hex()
    return any(
        firm.units_confirmed == said for one in state.containers.values() for firm in one.firms
    )
