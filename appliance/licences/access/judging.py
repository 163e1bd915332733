"""What the access rules in force say of a check-out, and under which of them its seats are counted.

    allow, deny   the first that matches decides, in the order of the document; else the default
    max           all that match have to have room: what counts is the least of them
    reserve       seats of the product, over all its licences. Free ones stand behind what is
                  reserved and not used, earlier lines first; what is left is for everybody

A seat is counted under each `max` that matches, and under the first `reserve` that matches and has
room. Its lease remembers that, so what is counted follows from leases alone (`licences.counting`).
Rules are looked at when a seat is asked for, and never again while its lease lives.

What can go wrong in here is a walk over all rules at each check-out. There is one: where more is
reserved than is free, so that somebody has to give way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from appliance.licences import refuse
from appliance.licences.access.charges import RuleCharge, RuleCharges
from appliance.licences.access.form import RESERVE
from appliance.licences.access.rulebook import (
    Asker,
    Rulebook,
    Ruled,
    Said,
)
from appliance.licences.commands import CheckOut, Outcome
from appliance.licences.counting import RESERVED
from appliance.licences.model import LicenceKey
from appliance.licences.modes import NO_LIMIT, STATION_SHARE, Party
from appliance.licences.offers import Charge, Charges
from appliance.licences.pools import usable
from appliance.licences.records import Lease
from appliance.licences.state import State

COUNTED_MAX: Final = 64
"""Rules that count the seats of one product for whoever asks; a lease remembers them all."""
NONE: RuleCharges = ()


def asker_of(command: CheckOut) -> Asker:
    """Who asks, as rules see it."""
    holder = command.holder
    return Asker(command.lease.client, holder.user, holder.host, command.address)


def holder_of(lease: Lease) -> Asker:
    """Who holds a lease, as rules see it."""
    return Asker(lease.ref.client, lease.holder.user, lease.holder.host, lease.address)


def denied(state: State, command: CheckOut) -> Outcome | None:
    """Why a rule keeps this check-out from one of its products; None if none does."""
    if not command.more and _said(state, command).verdict.allows:
        return None
    products = [item.product_code for item in command.items]
    return why_denied(state, command.firm_code, products, asker_of(command))


def _said(state: State, command: CheckOut) -> Said:
    """What the rules say of a check-out's first product."""
    holder, client = command.holder, command.lease.client
    product = command.firm_code, command.product_code
    return _rulebook(state).said((*product, client, holder.user, holder.host, command.address))


def _counts(state: State, command: CheckOut) -> bool:
    """Whether a rule counts seats of what is asked for."""
    if command.more:
        return True
    ruled, _, mine = _said(state, command)
    return bool(mine) or (ruled is not None and bool(ruled.reserves))


def why_denied(
    state: State, firm_code: int, products: Iterable[int], asker: Asker
) -> Outcome | None:
    """Why a rule, or a default, keeps somebody from one of these products; None if none does."""
    for product_code in products:
        ruled, said, _ = said_of(state, (firm_code, product_code), asker)
        if not said.allows and ruled is not None:
            line = ruled.rules[said.rule].line if said.rule >= 0 else 0
            return refuse.denied_by_rule(firm_code, product_code, line, state.access_version)
    return None


def said_of(state: State, product: tuple[int, int], asker: Asker) -> Said:
    """What the rules in force say of who asks for a product."""
    return _rulebook(state).said((*product, *asker))


def _rulebook(state: State) -> Rulebook:
    assert isinstance(state.rulebook, Rulebook)
    return state.rulebook


def why_not(state: State, command: CheckOut, charges: Charges) -> Outcome | None:
    """Why a check-out may not have these seats, which it would get; None if it may."""
    if not _counts(state, command):
        return None
    party = command.party
    for ruled, mine, of in _counting(state, charges, asker_of(command), party):
        if len(mine) > COUNTED_MAX:
            return refuse.too_many_rules(*_product(of), COUNTED_MAX)
        wrong = _over(state, ruled, mine, of, party) or _kept(state, ruled, mine, of, party)
        if wrong is not None:
            return wrong
    return None


def ruled_by(state: State, command: CheckOut, charges: Charges) -> RuleCharges:
    """Under which rules the seats of a check-out are counted, to which `why_not` says nothing."""
    if not _counts(state, command):
        return NONE
    party, found = command.party, NONE
    for ruled, mine, of in _counting(state, charges, asker_of(command), party):
        joins = state.takes_none(of[0].key, party)
        found += tuple(_charged(state, ruled, mine, of, party, joins=joins))
    return found


def counted_anew(state: State, lease: Lease, joined: set[LicenceKey]) -> RuleCharges:
    """Under which rules the seats of an active lease are counted, as far as there is room; of this
    lease nothing may be counted yet. It has no seat of its own of the licences that it `joined`."""
    party, found = lease.party, NONE
    for ruled, mine, of in _counting(state, lease.lines, holder_of(lease), party):
        joins = of[0].key in joined
        found += tuple(_charged(state, ruled, mine[:COUNTED_MAX], of, party, joins=joins))
    return found


def _counting(
    state: State, charges: Charges, asker: Asker, party: Party
) -> Iterator[tuple[Ruled, Sequence[int], Sequence[Charge]]]:
    """Product by product: its rules, those of them that count somebody's seats, and the seats."""
    if party.mode == NO_LIMIT:
        return
    for product in dict.fromkeys((one.key.firm_code, one.key.product_code) for one in charges):
        ruled, _, mine = said_of(state, product, asker)
        if ruled is not None and (mine or ruled.reserves):
            of = charges
            if len(charges) > 1:
                of = tuple(one for one in charges if one.key.product_code == product[1])
            yield ruled, mine, of


def _over(
    state: State, ruled: Ruled, mine: Sequence[int], of: Sequence[Charge], party: Party
) -> Outcome | None:
    """Why the least of all maxima that match has no room; None if it has."""
    product, seats = _product(of), _seats(of)
    for number in mine:
        rule = ruled.rules[number]
        if rule.action == RESERVE or _shares(state, product, number, party):
            continue
        held = state.ruled.get((*product, number), 0)
        if held + seats > rule.seats:
            return refuse.maximum_reached(
                *product, held, rule.seats, rule.line, state.access_version
            )
    return None


def _kept(
    state: State, ruled: Ruled, mine: Sequence[int], of: Sequence[Charge], party: Party
) -> Outcome | None:
    """Why free seats of the product are kept for others; None if enough are not."""
    if not ruled.reserves:
        return None
    product = _product(of)
    wanted = sum(
        0 if state.takes_none(one.key, party) else one.seats - _lingering(state, one, party)
        for one in of
    )
    free = free_seats(state, product)
    idle = ruled.reserved - state.ruled.get((*product, RESERVED), 0)
    if idle <= free:
        own = sum(room for _, room in _rooms(state, ruled, mine, product))
        blocked = wanted > free - idle + own
    else:
        blocked = wanted > _backed(state, ruled, mine, product, free)
    if not blocked:
        return None
    others = (n for n, _ in _rooms(state, ruled, ruled.reserves, product) if n not in mine)
    line = ruled.rules[next(others, ruled.reserves[0])].line
    return refuse.seats_reserved(*product, line, state.access_version)


def _backed(
    state: State, ruled: Ruled, mine: Sequence[int], product: tuple[int, int], free: int
) -> int:
    """How many of these free seats somebody may have where more is reserved, earlier lines
    first."""
    own = 0
    for number, room in _rooms(state, ruled, ruled.reserves, product):
        backed = min(room, free)
        free -= backed
        if number in mine:
            own += backed
        if not free:
            break
    return own + free


def _charged(
    state: State,
    ruled: Ruled,
    mine: Sequence[int],
    of: Sequence[Charge],
    party: Party,
    *,
    joins: bool,
) -> Iterator[RuleCharge]:
    """Each maximum that matches, and of the reserves the first ones with room; whoever `joins` a
    share takes no seat."""
    product, seats = _product(of), _seats(of)
    left = 0 if joins else seats
    for number in mine:
        rule = ruled.rules[number]
        if rule.action != RESERVE:
            yield RuleCharge(number, product[1], seats)
            continue
        if _shares(state, product, number, party):
            yield RuleCharge(number, product[1], seats, reserved=True)
            left = 0
            continue
        taken = min(left, rule.seats - state.ruled.get((*product, number), 0))
        if taken > 0:
            left -= taken
            yield RuleCharge(number, product[1], taken, reserved=True)


def _rooms(
    state: State, ruled: Ruled, numbers: Iterable[int], product: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """Those of these rules that reserve, and how many of their seats are not used."""
    for number in numbers:
        rule = ruled.rules[number]
        if rule.action == RESERVE:
            room = rule.seats - state.ruled.get((*product, number), 0)
            if room > 0:
                yield number, room


def _shares(state: State, product: tuple[int, int], number: int, party: Party) -> bool:
    """Whether the seat of this party's share is counted under that rule already."""
    return party.mode == STATION_SHARE and (*product, number, *party.place) in state.ruled


def free_seats(state: State, product: tuple[int, int]) -> int:
    """The seats of a product that nobody has, of all its licences that can be used."""
    return sum(
        max(0, state.free(offer.key, offer.item))
        for offer in usable(state, state.offers.get(product, ()))
    )


def _lingering(state: State, charge: Charge, party: Party) -> int:
    """How many of these seats linger now, for this party or for nobody any more."""
    if charge.key not in state.lingering:
        return 0
    return min(charge.seats, state.spare(charge.key, party.owner, charge.seats))


def _product(of: Sequence[Charge]) -> tuple[int, int]:
    return of[0].key.firm_code, of[0].key.product_code


def _seats(of: Sequence[Charge]) -> int:
    return sum(charge.seats for charge in of)
