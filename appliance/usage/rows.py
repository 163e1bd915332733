"""Rows of the usage record: what one committed batch says about the use of licences.

A row is a function of the batch's commands, their outcomes and its log time, and of nothing else:
whoever has the batch makes the same rows, in any year and of any release that can read it. Which
commands say something is a table (`READERS`); a new command that does is one line there.

Refunds are no rows: they are an operator's later act, and `tmr units list` shows them.

What can go wrong in here is to take a renewal for a new use. A lease's generation is the number of
the command that granted it, counted from the ledger's beginning; so a grant is new if that is its
own number, and a renewal otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from appliance.ledger.log.results import Result
from appliance.ledger.messages import EntryBody
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.access.form import AccessRules
from appliance.licences.commands import Holder, Outcome
from appliance.licences.model import LicenceKey
from appliance.licences.modes import STATION_SHARE

GRANTED: Final = "granted"
RENEWED: Final = "renewed"
DENIED: Final = "denied"
QUEUED: Final = "queued"
EPISODE: Final = "episode"
EPISODE_OVER: Final = "episode-over"
UNITS: Final = "units"
SETTLED: Final = "settled"
CHECKED_IN: Final = "checked-in"
EXPIRED: Final = "expired"
RELEASED: Final = "released"
RETURNED: Final = "returned"
RULES: Final = "rules"
ENDS: Final = (CHECKED_IN, EXPIRED, RELEASED, RETURNED)
"""How a use ends."""
NO_DENIALS: Final = frozenset(
    (
        reasons.LEASE_ENDED,
        reasons.LEASE_CONFLICT,
        reasons.BAD_REQUEST,
        reasons.NOT_FOUNDED,
        reasons.RULES_NOT_RAISED,
        reasons.BORROW_TOO_LONG,
        reasons.BORROW_TIME_UNCERTAIN,
        reasons.BORROW_UNKNOWN,
        reasons.BORROW_ENDED,
        reasons.BORROW_NOT_PROVEN,
    )
)
"""Answers to a check-out or to borrowing that deny no seat: the request itself was wrong or too
late."""
NOBODY: Final = Holder()
Lines = tuple[tuple[LicenceKey, int], ...]


class Row(msgspec.Struct, frozen=True, gc=False):
    """What one command of a batch says: the entry's `index`, the command's `position` in it from 0
    on, log time (Unix ms), and by `kind`

        granted, renewed   lease `generation` of `client` holds these `lines` (licence, seats)
        denied             `client` asked for these `lines` (TMR-ID 0) and was refused for `reason`
        queued             as denied, but it waits for its turn, at place `generation`
        episode            as denied, and further refusals are not told one by one
        episode-over       the episode of that client and product had `number` refusals, and ended
                           with its seats (`is_granted`) or without
        units              request `number` on lease `generation` took units: how many of which
                           licence is in `units`; `reserves` says that it may be settled
        settled            of what request `number` reserved, `units` stay taken
        checked-in, expired, released, returned      lease `generation` ended
        rules              `rules` are the access rules from here on

    What is borrowed is granted, too, until `ends_ms` (log time, Unix ms; 0: it is not borrowed).
    `holder` has tags in the place of names. Leases with the same `share`, if there is one, use the
    seats of a licence together. `address` is where the serving host heard the client,
    `lease_id` under which id it asks for a seat.
    """

    index: int
    position: int
    kind: str
    at_ms: int
    client: str = ""
    generation: int = 0
    lines: Lines = ()
    holder: Holder = NOBODY
    share: bytes = b""
    address: bytes = b""
    reason: str = ""
    number: int = 0
    units: Lines = ()
    reserves: bool = False
    ends_ms: int = 0
    is_granted: bool = False
    lease_id: str = ""
    rules: AccessRules | None = None


class Place(msgspec.Struct, frozen=True):
    """Where a command stands: entry, position, log time (Unix ms), and its number in the ledger."""

    index: int
    position: int
    at_ms: int
    number: int


def _lines(outcome: Outcome) -> Lines:
    firm_code = outcome.firm_code
    return tuple(
        (LicenceKey(firm_code, line.product_code, line.tmr_id), line.seats)
        for line in outcome.lines
    )


def _check_out(place: Place, command: c.CheckOut, outcome: Outcome) -> Row | None:
    client, holder, address = command.lease.client, command.holder, command.address
    if outcome.reason == reasons.GRANTED:
        kind = GRANTED if outcome.generation == place.number else RENEWED
        share = command.station if command.wishes.mode == STATION_SHARE else b""
        return Row(
            place.index,
            place.position,
            kind,
            place.at_ms,
            client,
            outcome.generation,
            _lines(outcome),
            holder,
            share,
            address,
            lease_id=command.lease.lease_id,
        )
    if outcome.reason in NO_DENIALS:
        return None
    firm_code = command.firm_code
    wanted = tuple(
        (LicenceKey(firm_code, item.product_code, 0), item.seats) for item in command.items
    )
    waits = outcome.reason == reasons.QUEUED
    return Row(
        place.index,
        place.position,
        QUEUED if waits else DENIED,
        place.at_ms,
        client,
        outcome.generation if waits else 0,
        wanted,
        holder,
        b"",
        address,
        "" if waits else outcome.reason,
        lease_id=command.lease.lease_id,
    )


def _units(outcome: Outcome) -> Lines:
    firm_code = outcome.firm_code
    return tuple(
        (LicenceKey(firm_code, line.product_code, line.tmr_id), line.units)
        for line in outcome.lines
        if line.units
    )


def _consume(place: Place, command: c.Consume, outcome: Outcome) -> Row | None:
    """A repeated request is answered as the first one was: `Sessions` knows both by the number."""
    if outcome.reason != reasons.GRANTED:
        return None
    return Row(
        place.index,
        place.position,
        UNITS,
        place.at_ms,
        command.lease.client,
        outcome.generation,
        tuple(line for line in _lines(outcome) if line[1]),
        number=command.number,
        units=_units(outcome),
        reserves=bool(command.settle_key),
    )


def _settle(place: Place, command: c.Settle, outcome: Outcome) -> Row | None:
    if outcome.reason != reasons.DONE:
        return None
    return Row(
        place.index,
        place.position,
        SETTLED,
        place.at_ms,
        command.lease.client,
        outcome.generation,
        number=command.number,
        units=_units(outcome),
    )


def _ended(kind: str) -> Reader:
    def read(place: Place, command: Any, outcome: Outcome) -> Row | None:
        if outcome.reason != reasons.DONE:
            return None
        client = command.lease.client
        return Row(place.index, place.position, kind, place.at_ms, client, outcome.generation)

    return read


def _borrow(place: Place, command: c.Borrow, outcome: Outcome) -> Row | None:
    wanted = (LicenceKey(command.firm_code, command.product_code, 0), command.seats)
    if outcome.reason in NO_DENIALS:
        return None
    is_granted = outcome.reason == reasons.GRANTED
    kind = GRANTED if outcome.generation == place.number else RENEWED
    return Row(
        place.index,
        place.position,
        kind if is_granted else DENIED,
        place.at_ms,
        command.client,
        outcome.generation,
        _lines(outcome) if is_granted else (wanted,),
        command.holder,
        b"",
        command.address,
        "" if is_granted else outcome.reason,
        ends_ms=outcome.ends_at_ms,
    )


def _open_denial(place: Place, command: c.OpenDenial, outcome: Outcome) -> Row | None:
    if outcome.reason != reasons.DONE:
        return None
    return Row(
        place.index,
        place.position,
        EPISODE,
        place.at_ms,
        command.client,
        0,
        ((LicenceKey(command.firm_code, command.product_code, 0), command.seats),),
        command.holder,
        reason=command.reason,
    )


def _close_denial(place: Place, command: c.CloseDenial, outcome: Outcome) -> Row | None:
    if outcome.reason != reasons.DONE:
        return None
    return Row(
        place.index,
        place.position,
        EPISODE_OVER,
        place.at_ms,
        command.client,
        0,
        ((LicenceKey(command.firm_code, command.product_code, 0), 0),),
        number=command.count,
        is_granted=command.granted,
    )


def _return(place: Place, command: c.ReturnBorrowed, outcome: Outcome) -> Row | None:
    """A repeat is done as well, and names no grant."""
    if outcome.reason != reasons.DONE or not outcome.generation:
        return None
    return Row(place.index, place.position, RETURNED, place.at_ms, generation=outcome.generation)


def _set_access(place: Place, command: c.SetAccess, outcome: Outcome) -> Row | None:
    if outcome.reason != reasons.DONE:
        return None
    return Row(place.index, place.position, RULES, place.at_ms, rules=command.rules)


Reader = Callable[[Place, Any, Outcome], Row | None]
READERS: Final[dict[type, Reader]] = {
    c.CheckOut: _check_out,
    c.Consume: _consume,
    c.Settle: _settle,
    c.OpenDenial: _open_denial,
    c.CloseDenial: _close_denial,
    c.Borrow: _borrow,
    c.ReturnBorrowed: _return,
    c.CheckIn: _ended(CHECKED_IN),
    c.Expire: _ended(EXPIRED),
    c.Release: _ended(RELEASED),
    c.SetAccess: _set_access,
}
"""Which commands say something about use, and what."""


def rows_of(index: int, body: EntryBody, result: Result) -> Iterator[Row]:
    """The rows of an entry. What this release cannot read had no effect there either."""
    first = result.commands_applied - len(body.commands) + 1
    for position, (data, outcome) in enumerate(zip(body.commands, result.outcomes, strict=False)):
        try:
            command = c.decode_command(data)
        except msgspec.DecodeError:
            continue
        read = READERS.get(type(command))
        if read is None:
            continue
        row = read(Place(index, position, body.log_time_ms, first + position), command, outcome)
        if row is not None:
            yield row
