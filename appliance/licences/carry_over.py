"""What lives on of a ledger that was lost, in the one that is founded in its stead (design D7).

    of the old state     in the new ledger
    -------------------  -----------------------------------------------------------------------
    ledger id            a new one, so that no receipt and no replica of the old one fits; the old
                         one, with the entry and the root at which the backup ended, is `origin`
    virtual serial       the same
    who votes            three new stores; the old ones are strangers
    log time             goes on from the backup's, so that no licence that ended begins anew
    commands applied     goes on, a leap ahead of all that the old ledger can have got to, so that
                         no late request on an old lease fits a new one by its generation
    history of outcomes  goes on: what was endorsed before stays provable beside what comes after
    unit counters used   the same; at rest until the vendor confirms, since units may have been
                         used after the backup was taken
    units refunded       the same in all; what was taken in the old ledger can be refunded no more
    usage periods begun  the same: a licence that was used for a week is not new
    enrolled clients     the same, and the certificates that were dismissed, and quotas
    queue's rules        the same: how often who waits may be overtaken, how long an offer is held
    denial episodes      none: those that were open are closed by nobody
    block list           the same: a container that was blocked stays so
    seats that are out   the same, until they come back or end; as many more are held back as may
                         have been lent after the backup (`counting.held_back`)
    leases, seats, ended none: nobody knows who held what when the ledger was lost. Who holds an
    leases, places         old lease is told that it is unknown, and checks out anew; what it
                         was told last may count on for one receipt period at most
    containers,          none: each container brings its updates and its certified time by
    certified times      itself, and one that was lost has to be issued anew
    maintenance, acts    none: the backup is the record of what was

What can go wrong in here is to believe a list because it is short: all of this comes from an
operator's word at each upstream, and still every value has its bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import msgspec
from msgspec.structs import astuple, replace

from appliance.licences.borrow_carried import why_not_carried_out
from appliance.licences.bounds import COUNT_MAX
from appliance.licences.commands import Borrowed, Found, Restored, encode_command
from appliance.licences.dismissing import why_not_carried
from appliance.licences.model import BlockList, LicenceKey
from appliance.licences.queue.place import FIRST_RULES, why_not_queue
from appliance.licences.records import Act
from appliance.licences.state import State
from appliance.licences.usage import why_not_carried_starts

GENERATION_LEAP: Final = 1 << 32
"""How far generations leap ahead: more commands than a lost tail of the old log can have held."""
RESTORED_BYTES_MAX: Final = 2 << 20
"""A founding with all that it carries has to fit into one message, and one page of a backup."""
_ID_BYTES_MAX: Final = 64
_CLIENTS_MAX: Final = 10_000
_NAME_MAX: Final = 256
_HASH_BYTES: Final = 32


def intent_of(
    state: State, root: bytes, log_time_ms: int, who: str, why: str, *, clients: bool = True
) -> Found:
    """The founding of a ledger in which this state, at that root and log time, lives on.

    Its own ledger id and the stores that vote are left empty: they are the coordinator's to fill.
    """
    restored = Restored(
        state.ledger_id,
        state.entry_index,
        root,
        log_time_ms,
        state.commands_applied,
        next((one.cmact_id for one in state.containers.values()), ""),
        tuple(sorted(state.units_used.items())),
        tuple(sorted(state.clients.items())) if clients else (),
        state.block_list.data,
        who,
        why,
        tuple(sorted(state.dismissed.items())),
        tuple(sorted(state.quotas.items())),
        state.history_root,
        tuple(sorted(state.usage_starts.items())),
        tuple(sorted(state.units_refunded.items())),
        tuple(_carried(state, out) for _, out in sorted(state.borrowed.items())),
        None if state.queue_rules == FIRST_RULES else astuple(state.queue_rules),
    )
    return Found(b"", state.virtual_serial, (), restored, state.rules)


def _carried(state: State, out: Borrowed) -> Borrowed:
    """What is out, in a ledger that begins at age 0 and has access rules of its own."""
    return replace(out, until_age_ms=max(0, out.until_age_ms - state.age_ms), ruled=())


def mark_of(founding: Found) -> bytes:
    """What tells a restore from any other, whoever votes, whatever its ledger is called and whoever
    asked for it; empty for the founding of a ledger from nothing."""
    restored = founding.restored
    if restored is None:
        return b""
    bare = msgspec.structs.replace(restored, who="", why="")
    return sha256(encode_command(Found(b"", founding.virtual_serial, (), bare))).digest()


def why_not_restore(founding: Found, log_time_ms: int) -> str:
    """What is wrong with what a founding at this log time carries, "" if nothing is."""
    restored = founding.restored
    if restored is None:
        return ""
    if not 0 < len(restored.ledger_id) <= _ID_BYTES_MAX:
        return f"the lost ledger's id has 1 to {_ID_BYTES_MAX} bytes"
    if restored.ledger_id == founding.ledger_id:
        return "a restored ledger has an id of its own"
    if len(restored.history_root) != _HASH_BYTES:
        return f"a history root has {_HASH_BYTES} bytes"
    if log_time_ms != restored.log_time_ms:
        return "a restored ledger begins at the lost one's log time"
    if not 0 <= restored.commands_applied <= COUNT_MAX - GENERATION_LEAP:
        return "more commands than any ledger applies"
    if not (_is_counted(restored.units_used) and _is_counted(restored.units_refunded)):
        return "units are counted once for each licence, from 1 up"
    wrong = why_not_carried_starts(restored.usage_starts, log_time_ms)
    if wrong:
        return wrong
    names = {name for name, _ in restored.clients}
    if len(names) != len(restored.clients) or len(names) > _CLIENTS_MAX:
        return f"clients are enrolled once each, and at most {_CLIENTS_MAX}"
    if any(
        not (0 < len(name) <= _NAME_MAX and 0 < len(token_hash) <= _HASH_BYTES)
        for name, token_hash in restored.clients
    ):
        return "an enrolled client has a name and a SHA-256"
    wrong = why_not_carried(restored.dismissed, restored.quotas) or why_not_queue(restored.queue)
    if wrong:
        return wrong
    wrong = why_not_carried_out(restored.borrowed)
    if wrong:
        return wrong
    if len(restored.who) > _NAME_MAX or len(restored.why) > 4 * _NAME_MAX:
        return "who or why is too long"
    return ""


def _is_counted(units: Sequence[tuple[LicenceKey, int]]) -> bool:
    each_once = len({key for key, _ in units}) == len(units)
    return each_once and all(0 < count <= COUNT_MAX for _, count in units)


def carry_over(state: State, founding: Found, block_list: BlockList) -> None:
    """Let what a founding carries live on in the state, which is founded and empty."""
    restored = founding.restored
    if restored is None:
        return
    # Dismissals count from this entry on: that of the lost ledger says nothing in this one.
    dismissed = [(one, replace(what, index=state.entry_index)) for one, what in restored.dismissed]
    state.carry(restored, restored.commands_applied + GENERATION_LEAP, dismissed)
    state.set_block_list(block_list)
    what = f"{restored.ledger_id.hex()} up to entry {restored.index}"
    state.note(Act("restore", what, restored.who, restored.why, state.log_time_ms))
