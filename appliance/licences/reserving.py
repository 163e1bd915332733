"""Reserved units: a numbered request takes them all, and what was not used is given back once.

A reservation is a consumption with a key (Ed25519) that its client drew for it. What was used is
said with a signature by that key, so that nobody else gives units back: not a TMR host that is
hijacked, and sees the secrets of leases. Until then all of it counts as used; and so it does at the
lease's end, unless the vendor's option `unsettled_units` says that it is given back then.

What can go wrong in here is a unit that is given back twice. So a reservation remembers what it was
settled to as long as its lease remembers the answer to its request; whoever repeats it later hears
that it is none any more. Of several licences, what was taken last is given back first.
"""

from __future__ import annotations

from typing import Final

import msgspec

from appliance.licences import commands as c
from appliance.licences import reasons, refuse
from appliance.licences.commands import Outcome
from appliance.licences.grants import Line
from appliance.licences.model import LicenceKey
from appliance.licences.options.unsettled import RETURNED
from appliance.licences.raising import VerifyStore
from appliance.licences.records import OPEN, Lease, Reserved, Shares, Tombstone, shares_of
from appliance.licences.settlements import settle_bytes
from appliance.licences.state import ANSWERS_MAX, State

RESERVED_MAX: Final = 16
"""Reservations of one lease that are not settled yet."""
KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64


def is_full(lease: Lease) -> bool:
    """Whether this lease can reserve no more until something is settled."""
    return sum(one.used == OPEN for one in lease.reserved) >= RESERVED_MAX


def key_of(lease: Lease, number: int) -> bytes:
    """The key of the reservation that this request made; empty if it is none, or forgotten."""
    found = _reserved(lease, number)
    return b"" if found is None else found.key


def _reserved(lease: Lease, number: int) -> Reserved | None:
    return next((one for one in lease.reserved if one.number == number), None)


def reserve(state: State, command: c.Consume, outcome: Outcome) -> None:
    """Remember that what this request has just taken may be settled."""
    lease, taking = state.leases[command.lease], state.newest_taking
    oldest = command.number - ANSWERS_MAX
    kept = [one for one in lease.reserved if one.used == OPEN or one.number > oldest]
    shares = shares_of(outcome)
    new = Reserved(command.number, command.settle_key, outcome.units_taken, shares, taking)
    state.set_reserved(lease, (*kept, new), lease.units_taken)
    _note(state, new, unsettled=True)


def settle(
    state: State,
    command: c.Settle,
    found: tuple[Lease | None, Tombstone | None],
    verify: VerifyStore,
) -> Outcome:
    """Give back what was not used of a reservation, once. `found` is what stands under its key."""
    lease, tombstone = found
    if lease is None:
        return refuse.lease_unknown(command.lease)
    if command.generation != lease.generation:
        return refuse.old_generation(lease, command.generation)
    one = _reserved(lease, command.number)
    if one is None:
        return refuse.not_reserved(command.number)
    used = command.used
    if not 0 <= used <= one.units:
        return refuse.beyond_reserve(command.number, used, one.units)
    data = settle_bytes(state.ledger_id, command.generation, command.number, used)
    if len(command.signature) > SIGNATURE_BYTES or not verify(one.key, data, command.signature):
        return refuse.not_proven(command.number)
    if one.used == OPEN:
        kept = less(one.shares, one.units - used)
        one = _settled(state, lease, one, kept)
    elif one.used != used:
        if tombstone is not None:
            return refuse.lease_ended(tombstone)
        return refuse.settled_otherwise(command.number, one.used)
    return taken_still(lease.key.firm_code, lease.generation, one.shares)


def _settled(state: State, lease: Lease, one: Reserved, kept: Shares) -> Reserved:
    """This open reservation of an active lease is settled: these shares of it stay taken."""
    for key, back in what_goes_back(one.shares, kept):
        state.use_units(key, -back)
    used = total(kept)
    done = msgspec.structs.replace(one, shares=kept, used=used)
    reserved = tuple(done if other is one else other for other in lease.reserved)
    state.set_reserved(lease, reserved, lease.units_taken - (one.units - used))
    _note(state, done, unsettled=False)
    return done


def at_end(state: State, lease: Lease) -> Lease:
    """The active lease that is about to end, with nothing open."""
    for one in lease.reserved:
        if one.used == OPEN:
            kept = tuple((key, units) for key, units in one.shares if not _returned(state, key))
            _settled(state, lease, one, kept)
            lease = state.leases[lease.ref]
    return lease


def _returned(state: State, key: LicenceKey) -> bool:
    """Whether the vendor gives this licence's unsettled units back."""
    item = state.items.get(key)
    return item is not None and item.unsettled_units == RETURNED


def _note(state: State, one: Reserved, *, unsettled: bool) -> None:
    """Let operators see what was settled, if that is still remembered."""
    taking = state.takings.get(one.taking)
    if taking is not None:
        changed = msgspec.structs.replace(taking, shares=one.shares, unsettled=unsettled)
        state.set_taking(one.taking, changed)


# --- shares ---


def total(shares: Shares) -> int:
    """All of it."""
    return sum(units for _, units in shares)


def less(shares: Shares, units: int) -> Shares:
    """What stays taken if so many are given back, the last ones first."""
    kept = []
    for key, taken in reversed(shares):
        back = min(taken, units)
        units -= back
        if taken > back:
            kept.append((key, taken - back))
    return tuple(reversed(kept))


def what_goes_back(shares: Shares, kept: Shares) -> Shares:
    """What of these shares does not stay taken, if only this is kept."""
    stays = dict(kept)
    backs = ((key, taken - stays.get(key, 0)) for key, taken in shares)
    return tuple((key, back) for key, back in backs if back)


def taken_still(firm_code: int, generation: int, shares: Shares) -> Outcome:
    """What is taken still of a request on the lease of this generation."""
    return Outcome(
        reasons.DONE,
        firm_code=firm_code,
        generation=generation,
        lines=tuple(Line(key.product_code, key.tmr_id, 0, units=units) for key, units in shares),
        units_taken=total(shares),
    )
