"""Putting other access rules in force, all of them at once (docs/access.md).

Whoever changes rules names the version that the change is made to: of two at once, one is told that
the other was first. No lease ends by it. What is held is counted anew, in the order in which it was
granted, so that a limit counts those who were there before it. Seats that are offered to who waits
are offered anew, under the new rules.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec.structs import replace

from appliance.details import Detail, detail
from appliance.licences import reasons, refuse
from appliance.licences.access.form import ALL, RESERVE, Access, AccessRules, why_not
from appliance.licences.access.judging import counted_anew
from appliance.licences.access.rulebook import ruled_for
from appliance.licences.bounds import COUNT_MAX, too_long
from appliance.licences.commands import Outcome, SetAccess
from appliance.licences.model import LicenceKey
from appliance.licences.modes import STATION_SHARE
from appliance.licences.pools import usable
from appliance.licences.records import Act, Lease, lease_of
from appliance.licences.state import State

ACCESS_KEPT: Final = 8
"""So many versions are remembered: the one in force, and those that can be had back."""


def set_access(state: State, command: SetAccess) -> Outcome:
    """Put these rules in force, on top of the version that they were made for."""
    if too_long(command.who, command.why):
        return refuse.bad(detail("who-why-long"))
    wrong = why_not(command.rules)
    if wrong:
        return refuse.bad(wrong)
    version = state.access_version
    in_force = state.access.get(version)
    if in_force is not None and in_force.rules == command.rules:
        return Outcome(
            reasons.DONE, said=Detail.of(f"these rules are in force already, as {version}")
        )
    if command.base != version:
        return refuse.other_version(command.base, version)
    over = over_reserved(state, command.rules)
    if over is not None:
        return over
    if version >= COUNT_MAX:
        return refuse.bad(detail("access-no-higher"))
    state.withdraw_holds()
    made = (command.who, command.why, state.log_time_ms, state.entry_index)
    state.set_access(Access(version + 1, command.rules, *made), version + 1 - ACCESS_KEPT)
    _count_anew(state)
    subject = f"version {version + 1}, {command.rules.rules} rules"
    state.note(Act("access", subject, command.who, command.why, state.log_time_ms))
    return Outcome(reasons.DONE, said=Detail.of(f"version {version + 1} is in force"))


def over_reserved(state: State, form: AccessRules) -> Outcome | None:
    """Why these rules reserve more seats of a product than there are; None if they do not."""
    for one in form.sets:
        if ALL in one.scope or one.scope not in state.offers:
            continue  # A set for many reserves of each what there is of it.
        left = quantity = quantity_of(state, one.scope)
        for rule in one.rules:
            left -= rule.seats if rule.action == RESERVE else 0
            if left < 0:
                return refuse.over_reserved(*one.scope, quantity, rule.line, rule.column)
    return None


def quantity_of(state: State, product: tuple[int, int]) -> int:
    """The seats of a product in all, of its licences that can be used."""
    return sum(offer.item.quantity for offer in usable(state, state.offers.get(product, ())))


class Over(NamedTuple):
    """The rules in force reserve more seats of a product than the `quantity` that there is."""

    product: tuple[int, int]
    reserved: int
    quantity: int


def over_by_now(state: State) -> list[Over]:
    """Of which products the rules in force reserve more seats than there are by now, in order: a
    licence may have become smaller since."""
    found: list[Over] = []
    if not state.rulebook:
        return found
    for product in sorted(state.offers):
        ruled = ruled_for(state.rulebook, *product)
        if ruled is None or not ruled.reserved:
            continue
        quantity = quantity_of(state, product)
        if ruled.reserved > quantity:
            found.append(Over(product, ruled.reserved, quantity))
    return found


def _count_anew(state: State) -> None:
    """Count the seats of all leases under the rules in force, those first that were granted
    first."""
    out = map(lease_of, state.borrowed.values())
    leases = sorted((*state.leases.values(), *out), key=lambda lease: lease.generation)
    for lease in leases:
        if lease.ruled:
            _set_ruled(state, replace(lease, ruled=()))
    if not state.rulebook:
        return
    shares: set[tuple[LicenceKey, str, bytes, bytes]] = set()
    for lease in leases:
        bare = replace(lease, ruled=())
        mine: set[tuple[LicenceKey, str, bytes, bytes]] = set()
        if lease.wishes.mode == STATION_SHARE:
            mine = {(charge.key, *lease.party.place) for charge in lease.lines}
        ruled = counted_anew(state, bare, {share[0] for share in mine & shares})
        shares |= mine
        if ruled:
            _set_ruled(state, replace(bare, ruled=ruled))


def _set_ruled(state: State, lease: Lease) -> None:
    """Count what is held, or out, under the rules that this lease names."""
    out = state.borrowed.get(lease.generation)
    if out is not None:
        state.set_borrowed(replace(out, ruled=lease.ruled))
    else:
        state.set_ruled(lease)
