"""Leases: seats that clients hold, the units that they take, and how leases end.

The life of a lease, by what stands under its key (authenticated client, id chosen by the client):

    command       none               active                             ended (tombstone)
    ------------  -----------------  ---------------------------------  -------------------------
    CheckOut      GRANTED -> active  same body: GRANTED again           LEASE_ENDED
                  or refused (1)     other body: LEASE_CONFLICT (2)
                  or QUEUED (4)
    Consume       LEASE_UNKNOWN      next number: GRANTED or refused    answered: first answer
                                     answered number: first answer (3)  other: LEASE_ENDED
                                     other number: OUT_OF_ORDER
    CheckIn       LEASE_UNKNOWN      DONE -> ended                      DONE if a CheckIn ended
                                                                        it, else LEASE_ENDED
    Expire,       LEASE_UNKNOWN      DONE -> ended                      LEASE_ENDED
    Release
    any but CheckOut, with a generation other than the lease's: OLD_GENERATION, no effect
    ten minutes of log time after its end: ended -> none, and the key is free again

(1) In this order: UNKNOWN_PRODUCT without an available licence; if all available ones rest, the
    reason of the one that came furthest in the table of options; NO_SEAT_FREE, TOO_MANY_LEASES,
    OVER_QUOTA (`appliance.licences.seats` judges). A refused check-out creates no lease and
    is not remembered: a retry is judged anew. That is safe, for whichever of both answers
    arrives, at most one seat is held, under a key that this client knows; a grant that nobody heard
    of lapses for want of heartbeats, or the client finds it again by repeating the request.
(2) "Same body" leaves out only the nonce. Generation and lifetime are the first answer's; the
    licence's terms, validity and units left are as of now, since a receipt vouches for them now. If
    a licence of the lease ended, rests or is not available at present, the lease moves to another
    one of the product (`seats.settled`); if none has room: UNKNOWN_PRODUCT or an option's reason,
    while the seats are kept. A Consume moves it as well.
(3) Any answer to the next number, refusals included, uses the number up and is remembered with the
    lease, so that a retry gets it even if the vendor added units in between: else a duplicate that
    arrives late could take units after its client was told "no". These are the answers listed in
    reasons.NUMBER_USED_UP; all others use no number up. The units of a repeated answer are the
    first one's; its terms are as of now, its validity 0 if the licence or the lease has ended.
(4) It waits for its turn: `licences.queue.waiting` has what becomes of its place.

So a refusal changes nothing but the count of commands, what became overdue, (3), and where a lease
that asked for units sits. A lowered
quantity ends no lease: those above it end in their own time, and nothing is granted until then.
"""

from __future__ import annotations

from typing import Final

from appliance.details import detail
from appliance.licences import commands as c
from appliance.licences import refuse, reserving
from appliance.licences.administration import Readers
from appliance.licences.bounds import COUNT_MAX, HASH_SIZE, NAME_MAX, TAG_BYTES, too_long
from appliance.licences.commands import LeaseRef, Outcome
from appliance.licences.granting import given_back, granted, granted_again, held, made
from appliance.licences.grants import LINES_MAX
from appliance.licences.model import LicenceKey
from appliance.licences.modes import ADDRESS_BYTES, why_no_party
from appliance.licences.offers import Charges
from appliance.licences.pools import allot, counters, units_left
from appliance.licences.products import why_no_items
from appliance.licences.queue.place import WAIT_S_MAX
from appliance.licences.queue.waiting import at_queue, end_place
from appliance.licences.records import (
    CHECKED_IN,
    LAPSED,
    RELEASED,
    Act,
    Answer,
    Lease,
    Shares,
    Tombstone,
)
from appliance.licences.reserving import (
    KEY_BYTES,
    RESERVED_MAX,
    at_end,
    is_full,
    key_of,
    reserve,
)
from appliance.licences.seats import judge, settled
from appliance.licences.state import State
from appliance.licences.validity import lingers_for_ms
from appliance.licences.wishes import NO_WISHES, why_not

USED_MAX: Final = 50_000
"""Unit counters that can have been used: they are never forgotten, and a restore carries them."""
NONCE_MAX: Final = 64
"""Bytes of a nonce."""

_HOW: Final = {c.CheckIn: CHECKED_IN, c.Expire: LAPSED, c.Release: RELEASED}


def check_out(state: State, command: c.CheckOut) -> Outcome:
    """The seats that are asked for, those held already, or a refusal."""
    if _oversize(command):
        return refuse.bad(detail("check-out-long"))
    wrong = _why_not(command)
    if wrong:
        return refuse.bad(wrong)
    if not 0 <= command.wait_s <= WAIT_S_MAX:
        return refuse.bad(detail("wait-range", most=WAIT_S_MAX))
    queue = command.wait_s or state.places
    found = at_queue(state, command) if queue else judge(state, command)
    if isinstance(found, Outcome):
        return found
    if isinstance(found, Lease):
        if found is not state.leases[found.ref]:
            state.move(found)
        return held(state, found)
    return _grant(state, command, found)


def _why_not(command: c.CheckOut) -> str:
    """What is wrong with what is asked for, "" if nothing is. Of one seat, with no wishes and no
    station, there is nothing to look at."""
    placed = command.station or len(command.address) not in ADDRESS_BYTES
    if command.seats == 1 and not command.more and not placed and command.wishes == NO_WISHES:
        return ""
    wrong = why_not(command.wishes) or why_no_items(command.items)
    return wrong or why_no_party(command.party, max(item.seats for item in command.items))


def _grant(state: State, command: c.CheckOut, charges: Charges) -> Outcome:
    lease = made(state, command, charges, state.commands_applied)
    state.grant(lease)
    left = units_left(state, charges, command.product_code, command.wishes)
    return granted(state, lease, left)


def consume(state: State, command: c.Consume) -> Outcome:
    """Units from the counters of a product that a lease holds, once for each number."""
    if len(command.nonce) > NONCE_MAX:
        return refuse.bad(detail("nonce-long"))
    if len(command.settle_key) not in (0, KEY_BYTES):
        return refuse.bad(detail("settle-key-bytes", bytes=KEY_BYTES))
    if command.units < 1:
        return refuse.bad(detail("units-none"))
    lease, tombstone = _find(state, command.lease)
    if lease is None:
        return refuse.lease_unknown(command.lease)
    if command.generation != lease.generation:
        return refuse.old_generation(lease, command.generation)
    product_code, own = command.product_code, lease.lines[0].key.product_code
    if not product_code:
        product_code = own
    elif product_code != own and not _holds(lease, product_code):
        return refuse.bad(detail("product-not-held", product=product_code))
    for answer in lease.answers:
        if answer.number == command.number:
            if answer.outcome.ok and key_of(lease, answer.number) != command.settle_key:
                return refuse.other_request(answer.number, answer.units, answer.product_code)
            asked = command.units, product_code
            return _answer_again(state, lease, answer, asked, ended=tombstone is not None)
    if tombstone is not None:
        return refuse.lease_ended(tombstone)
    if command.number != lease.last_number + 1:
        return refuse.out_of_order(command.number, lease.last_number + 1)
    if command.settle_key and is_full(lease):
        return refuse.too_many_reserved(RESERVED_MAX)
    now = settled(state, lease)
    if isinstance(now, Outcome):
        outcome = now
    else:
        if now is not lease:
            state.move(now)
            lease = now
        outcome = _take_units(state, lease, product_code, command.units)
    state.answer(lease, Answer(command.number, command.units, outcome, product_code))
    if command.settle_key and outcome.ok:
        reserve(state, command, outcome)
    return outcome


def settle(state: State, command: c.Settle, readers: Readers) -> Outcome:
    """Of reserved units, what was not used is given back, once."""
    return reserving.settle(state, command, _find(state, command.lease), readers.store)


def _holds(lease: Lease, product_code: int) -> bool:
    return any(charge.key.product_code == product_code for charge in lease.lines)


def _take_units(state: State, lease: Lease, product_code: int, units: int) -> Outcome:
    """What a next numbered request is answered; takes nothing yet."""
    firm_code, own = lease.key.firm_code, [charge.key for charge in lease.lines]
    found = counters(state, firm_code, product_code, lease.wishes, own)
    if not found:
        return refuse.no_unit_counter(firm_code, product_code)
    key, left = found[0]
    if len(found) > 1:
        left = sum(holds for _, holds in found)
    if units > left:
        return refuse.units_exhausted(firm_code, product_code, left, units)
    if len(found) == 1 and key in own:
        taken: Shares = ((key, units),)
    else:
        spare = LINES_MAX - len(own) + sum(key in own and holds > 0 for key, holds in found)
        taken = allot(found, units, spare)
        if not taken or len({*own, *(key for key, _ in taken)}) > LINES_MAX:
            return refuse.units_scattered(firm_code, product_code, units)
    if len(state.units_used) + len(taken) > USED_MAX and _too_many_counters(state, taken):
        return refuse.bad(detail("counters-full", most=USED_MAX))
    after = min(left - units, COUNT_MAX)
    return granted(state, lease, after, taken)


def _too_many_counters(state: State, taken: Shares) -> bool:
    fresh = sum(key not in state.units_used for key, _ in taken)
    return bool(fresh) and len(state.units_used) + fresh > USED_MAX


def end(state: State, command: c.CheckIn | c.Expire | c.Release) -> Outcome:
    """The seats are free again, whoever says so."""
    if isinstance(command, c.Release) and too_long(command.who, command.why):
        return refuse.bad(detail("who-why-long"))
    place = state.place(command.lease)
    if place is not None:
        return end_place(state, place, command)
    lease, tombstone = _find(state, command.lease)
    if lease is None:
        return refuse.lease_unknown(command.lease)
    if command.generation != lease.generation:
        return refuse.old_generation(lease, command.generation)
    how = _HOW[type(command)]
    if tombstone is not None:
        if how != CHECKED_IN or tombstone.how != CHECKED_IN:
            return refuse.lease_ended(tombstone)
    else:
        lingers = isinstance(command, c.CheckIn) and not command.no_linger
        kept = _lingering(state, lease) if lingers else []
        state.end(at_end(state, lease), how)
        if kept:
            state.linger(lease, kept)
        if isinstance(command, c.Release):
            subject = f"{lease.ref.client}/{lease.ref.lease_id}"
            state.note(Act("release", subject, command.who, command.why, state.log_time_ms))
    return given_back(lease)


def _lingering(state: State, lease: Lease) -> list[tuple[LicenceKey, int, int]]:
    """Which seats this lease frees that are kept for its user: of which licence, how many, and for
    how many ms. To a licence that is not there nobody comes back."""
    kept = []
    for charge in lease.lines:
        offer = state.offered.get(charge.key)
        if offer is not None and offer.item.linger_s:
            for_ms = lingers_for_ms(state, offer.key, offer.item)
            kept.append((offer.key, state.frees(lease, charge), for_ms))
    return kept


def _find(state: State, ref: LeaseRef) -> tuple[Lease | None, Tombstone | None]:
    """The lease under this key, active or ended; the tombstone is None if it is active."""
    lease = state.leases.get(ref)
    if lease is not None:
        return lease, None
    tombstone = state.ended(ref)
    return (tombstone.lease, tombstone) if tombstone is not None else (None, None)


def _answer_again(
    state: State, lease: Lease, answer: Answer, asked: tuple[int, int], ended: bool
) -> Outcome:
    """The first answer to a numbered request, on the terms on which it may be relied on now."""
    if (answer.units, answer.product_code) != asked:
        return refuse.other_request(answer.number, answer.units, answer.product_code)
    outcome = answer.outcome
    return granted_again(state, lease, outcome, usable=not ended) if outcome.ok else outcome


def _oversize(command: c.CheckOut) -> bool:
    ref, holder = command.lease, command.holder
    return (
        len(ref.lease_id) > NAME_MAX
        or len(ref.client) > NAME_MAX
        or len(command.secret_hash) > HASH_SIZE
        or len(command.nonce) > NONCE_MAX
        or len(holder.user) > TAG_BYTES
        or len(holder.host) > TAG_BYTES
        or len(holder.application) > TAG_BYTES
    )
