"""What log time an entry may carry: the vote of the containers' clocks, and the one way back (D6).

    log time of an entry    a replica stores it if
    equal to the last one   always
    later                   it is at most the second-highest of the signed system times that the
                            entry carries, plus a tolerance
    of a restored ledger's  it is that at which the backup ended
    founding
    earlier                 the entry holds LowerLogTime and nothing else; the ledger holds fresh
                            certified tokens of two containers that show an earlier time; it is not
                            earlier than they say; and it is the vote, within the tolerance

So one wrong clock moves nothing, a coordinator cannot push time, and nobody sets it back without a
time server of the licence root. What can go wrong in here: counting a container twice, or a time
that nobody signed. An unproven time counts for nothing and stops nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from appliance.clocks.voting import allowed_log_time_ms, may_move
from appliance.details import detail
from appliance.ledger.certificates.receipts import TimeStatement, time_bytes
from appliance.ledger.messages import Entry, EntryBody, decode_body
from appliance.ledger.replica.surroundings import Verify, is_timely
from appliance.licences.certified import lowest_log_time_ms
from appliance.licences.commands import Found, LowerLogTime, decode_command
from appliance.licences.state import State
from appliance.unreadable import UNREADABLE

LOG_TIME_TOLERANCE_MS: Final = 2_000
"""How far log time may run ahead of the vote: the times are a little old when they are counted."""
LOWERED_TOLERANCE_MS: Final = 10_000
"""How far a lowered log time may be from the vote, either way."""


def unacceptable(entry: Entry, previous_ms: int, state: State, verify: Verify) -> str:
    """Why this entry's log time cannot be stored after `previous_ms`, "" if it can."""
    try:
        body: EntryBody = decode_body(entry.body)
    except UNREADABLE as error:
        return detail("entry-unreadable", index=entry.index, said=error)
    begins = _begins_at(body, state)
    if begins is not None:
        return "" if body.log_time_ms == begins else detail("time-of-restored")
    if body.log_time_ms == previous_ms:
        return ""
    seen = proven(body.times, state, verify)
    if body.log_time_ms < previous_ms:
        return _why_not_lower(body, previous_ms, seen, state)
    times, needed = list(seen.values()), state.membership.needed
    if not may_move(previous_ms, body.log_time_ms, times, LOG_TIME_TOLERANCE_MS, needed):
        return detail("time-not-allowed", time=body.log_time_ms)
    return ""


def proven(times: Sequence[TimeStatement], state: State, verify: Verify) -> dict[str, int]:
    """The system times that containers of this ledger signed, Unix ms by serial: one each.

    Of two by one container the later counts: the other may be an old one, said again by somebody
    else to hold log time back.
    """
    seen: dict[str, int] = {}
    for time in times:
        if is_timely(time, state, verify):
            seen[time.serial] = max(time.system_time_ms, seen.get(time.serial, 0))
    return seen


def last_said_ms(
    newest: Iterable[Entry], serial: str, signed: Callable[[bytes, bytes], bool]
) -> int:
    """The system time (Unix ms) that this container signed last, by the newest of a log's entries
    that carries one; 0 if none does. `signed` tells whether data and signature are its own."""
    for entry in reversed(tuple(newest)):
        try:
            times = decode_body(entry.body).times
        except UNREADABLE:
            continue
        said = [
            one.system_time_ms
            for one in times
            if one.serial == serial
            and signed(time_bytes(serial, one.system_time_ms), one.signature)
        ]
        if said:
            return max(said)
    return 0


def vote_ms(times: Sequence[int], state: State) -> int:
    """The log time for which these system times vote (Unix ms), 0 if they are too few."""
    return allowed_log_time_ms(times, 0, state.membership.needed) or 0


def lowered_ms(state: State, current_ms: int, times: Sequence[int]) -> int | None:
    """What log time the vote and certified times agree on below `current_ms`, None if they do not.

    This is what an honest coordinator proposes; `unacceptable` is what a replica makes of it.
    """
    lowest_ms, voted_ms = lowest_log_time_ms(state, current_ms), vote_ms(times, state)
    if lowest_ms is None or not voted_ms:
        return None
    proposed_ms = max(lowest_ms, voted_ms)
    if proposed_ms >= current_ms or proposed_ms - voted_ms > LOWERED_TOLERANCE_MS:
        return None
    return proposed_ms


def _why_not_lower(body: EntryBody, previous_ms: int, seen: dict[str, int], state: State) -> str:
    times = {"time": body.log_time_ms, "previous": previous_ms}
    if len(body.commands) != 1 or not _is_lowering(body.commands[0]):
        return detail("time-lower", **times)
    lowest_ms = lowest_log_time_ms(state, previous_ms)
    if lowest_ms is None:
        return detail("time-lower-uncertified", **times)
    if body.log_time_ms < lowest_ms:
        return detail("time-below-certified", **times, certified=lowest_ms)
    voted_ms = vote_ms(list(seen.values()), state)
    if not voted_ms or abs(body.log_time_ms - voted_ms) > LOWERED_TOLERANCE_MS:
        return detail("time-lower-unvoted", **times)
    return ""


def _begins_at(body: EntryBody, state: State) -> int | None:
    """The log time at which this entry founds a ledger anew from a backup, None if it does not.

    Nobody's clock proves it: each of the three stores was told of this founding, time and all.
    """
    if state.founded:
        return None
    try:
        command = decode_command(body.commands[0]) if body.commands else None
    except UNREADABLE:
        return None
    restored = command.restored if isinstance(command, Found) else None
    return restored.log_time_ms if restored is not None else None


def _is_lowering(data: bytes) -> bool:
    try:
        return type(decode_command(data)) is LowerLogTime
    except UNREADABLE:
        return False
