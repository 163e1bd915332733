"""What a grant is given: the terms of its licences as they are now, in the fields of an outcome."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from appliance.licences.access.judging import ruled_by
from appliance.licences.commands import CheckOut, Outcome
from appliance.licences.grants import KIND_GRANTED, Line
from appliance.licences.model import LicenceKey
from appliance.licences.modes import NO_LIMIT, NO_STATION, share_of
from appliance.licences.offers import Charges
from appliance.licences.pools import units_left
from appliance.licences.reasons import DONE, GRANTED
from appliance.licences.records import Lease, Shares, shares_of
from appliance.licences.roles import RANK
from appliance.licences.state import State
from appliance.licences.validity import time_left
from appliance.licences.wishes import wishes_hash


def granted(state: State, lease: Lease, units_left: int | None, taken: Shares = ()) -> Outcome:
    """A lease's seats of available licences, on their present terms, with units that were
    `taken`."""
    charge, units, mode = lease.lines[0], taken[0][1] if taken else 0, lease.wishes.mode
    if len(lease.lines) > 1 or len(taken) > 1 or (taken and taken[0][0] != charge.key):
        return _of_several(state, lease, units_left, taken)
    offer, seats = state.offered[charge.key], charge.seats
    item, line = offer.item, offer.line
    counted = 0 if mode == NO_LIMIT else seats
    if counted != 1 or units:
        key = charge.key
        line = (Line(key.product_code, key.tmr_id, counted, line[0].item_hash, units),)
    end_ms, valid_s = time_left(state, offer)
    return Outcome(
        GRANTED,
        KIND_GRANTED,
        mode,
        item.role,
        share_of(mode, lease.station),
        b"",
        wishes_hash(lease.wishes),
        line,
        offer.key.firm_code,
        lease.generation,
        seats,
        item.feature_map,
        valid_s,
        lease.lease_ttl_s,
        end_ms or 0,
        units,
        units_left,
    )


def _of_several(state: State, lease: Lease, units_left: int | None, taken: Shares) -> Outcome:
    mode, units = lease.wishes.mode, dict(taken)
    seats = {charge.key: charge.seats for charge in lease.lines}
    counted: Mapping[LicenceKey, int] = {} if mode == NO_LIMIT else seats
    offers = [state.offered[key] for key in (*seats, *(key for key in units if key not in seats))]
    features = offers[0].item.feature_map
    for offer in offers[1:]:
        features &= offer.item.feature_map
    ends_ms, valid_s = zip(*(time_left(state, offer) for offer in offers), strict=True)
    return Outcome(
        GRANTED,
        kind=KIND_GRANTED,
        mode=mode,
        share=share_of(mode, lease.station),
        wishes_hash=wishes_hash(lease.wishes),
        role=max((offer.item.role for offer in offers), key=RANK.__getitem__),
        lines=tuple(
            msgspec.structs.replace(
                offer.line[0], seats=counted.get(offer.key, 0), units=units.get(offer.key, 0)
            )
            for offer in offers
        ),
        firm_code=lease.key.firm_code,
        generation=lease.generation,
        seats=sum(seats.values()),
        features=features,
        valid_for_s=min(valid_s),
        lease_ttl_s=lease.lease_ttl_s,
        ends_at_ms=min((end_ms for end_ms in ends_ms if end_ms is not None), default=0),
        units_taken=sum(units.values()),
        units_left=units_left,
    )


def held(state: State, lease: Lease) -> Outcome:
    """Where a lease stands whose licences are all available."""
    left = units_left(state, lease.lines, lease.key.product_code, lease.wishes)
    return granted(state, lease, left)


def made(state: State, command: CheckOut, charges: Charges, generation: int) -> Lease:
    """The lease that a check-out has with these seats, from now on."""
    placed = bool(command.station or command.address) and any(
        state.offered[charge.key].placed for charge in charges
    )
    return Lease(
        command.lease,
        charges,
        command.secret_hash,
        command.holder,
        generation,
        state.log_time_ms,
        ttl_s(state, charges),
        wishes=command.wishes,
        station=command.station if placed else NO_STATION,
        address=command.address if placed or state.rulebook else b"",
        ruled=ruled_by(state, command, charges) if state.rulebook else (),
    )


def ttl_s(state: State, charges: Charges) -> int:
    """The lifetime of a lease of these licences: the shortest of theirs."""
    if len(charges) == 1:
        return state.offered[charges[0].key].item.lease_ttl_s
    return min(state.offered[charge.key].item.lease_ttl_s for charge in charges)


def granted_again(state: State, lease: Lease, before: Outcome, usable: bool) -> Outcome:
    """What a numbered request was granted before: its units are the first answer's, its seats and
    terms are those of now, for containers vouch for no others. If it is not `usable` any more, or a
    licence is not there, it is valid for no moment."""
    taken = shares_of(before)
    keys = (*(charge.key for charge in lease.lines), *(key for key, _ in taken))
    if not all(key in state.offered for key in keys):
        return msgspec.structs.replace(before, valid_for_s=0)
    now = granted(state, lease, before.units_left, taken)
    return now if usable else msgspec.structs.replace(now, valid_for_s=0)


def given_back(lease: Lease) -> Outcome:
    """The seats of this lease are free."""
    lines = [
        Line(charge.key.product_code, charge.key.tmr_id, charge.seats) for charge in lease.lines
    ]
    firm_code = lease.key.firm_code
    return Outcome(DONE, lines=tuple(lines), firm_code=firm_code, generation=lease.generation)
