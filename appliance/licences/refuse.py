"""The machine's refusals, in words: one sentence that says what is wrong and what to do.

The reason is part of what containers sign, `detail` is for people and is not.
"""

from __future__ import annotations

from collections.abc import Iterable

from appliance.licences import reasons
from appliance.licences.commands import LeaseRef, Outcome
from appliance.licences.grants import LINES_MAX
from appliance.licences.options import OPTIONS
from appliance.licences.records import Lease, Tombstone


def bad(what: str) -> Outcome:
    """A command that no host may carry out: `what` completes "The request is refused: ..."."""
    return Outcome(reasons.BAD_REQUEST, detail=f"The request is refused: {what}.")


def rules_not_raised(in_force: int) -> Outcome:
    """It needs rules above those in force; a release that does not know them says the same."""
    what = f"This needs newer rules than are in force (rules {in_force})"
    return _told(reasons.RULES_NOT_RAISED, what)


def rules_wait(version: int, hosts: Iterable[str]) -> Outcome:
    """These hosts did not say that they know the rules that are to be raised."""
    names = " and ".join(hosts)
    return Outcome(
        reasons.RULES_NOT_RAISED,
        detail=f"Rules {version} wait for {names}: upgrade {names}, then `tmr rules raise`.",
    )


def _told(reason: str, what: str) -> Outcome:
    """A refusal in one sentence: what is wrong, and the remedy of its row."""
    return Outcome(reason, detail=f"{what}; {reasons.ROWS[reason].remedy}.")


def not_available(firm_code: int, product_code: int) -> Outcome:
    """No licence of this product has two matching, unlocked constituents."""
    what = f"There is no available licence {firm_code}:{product_code} here"
    return _told(reasons.UNKNOWN_PRODUCT, what)


_RESTS = {option.reason.word: option.rests for option in OPTIONS if option.reason is not None}


def at_rest(why: str, firm_code: int, product_code: int) -> Outcome:
    """The refusal for one of the reasons of `validity.why_rests`."""
    return _told(why, f"The licence {firm_code}:{product_code} {_RESTS[why]}")


def lease_unknown(ref: LeaseRef) -> Outcome:
    """Nothing is known under this key."""
    return _told(reasons.LEASE_UNKNOWN, f"There is no lease {ref.lease_id[:64]!r} of this client")


def lease_ended(tombstone: Tombstone) -> Outcome:
    """The lease under this key is over."""
    return _told(reasons.LEASE_ENDED, f"Lease {tombstone.lease.ref.lease_id} was {tombstone.how}")


def old_generation(lease: Lease, generation: int) -> Outcome:
    """The command means another lease than the one under this key."""
    return _told(
        reasons.OLD_GENERATION,
        f"Generation {generation} of lease {lease.ref.lease_id} is not the present one,"
        f" {lease.generation}",
    )


def no_seat_free(firm_code: int, product_code: int, wanted: int = 1) -> Outcome:
    """Fewer seats are free than are wanted."""
    what = f"All seats of {firm_code}:{product_code} are taken"
    if wanted > 1:
        what = f"Fewer than {wanted} seats of {firm_code}:{product_code} are free"
    return _told(reasons.NO_SEAT_FREE, what)


def others_wait(firm_code: int, product_code: int) -> Outcome:
    """Seats are free, but somebody waits for them who came before."""
    what = f"The free seats of {firm_code}:{product_code} are for those who wait already"
    return _told(reasons.NO_SEAT_FREE, what)


def waited_in_vain(firm_code: int, product_code: int, waited_ms: int) -> Outcome:
    """Its time to wait has passed, and it had no turn."""
    what = f"No seat of {firm_code}:{product_code} became free in {waited_ms / 1000:.0f} s"
    return _told(reasons.NO_SEAT_FREE, what)


def never_satisfiable(firm_code: int, product_code: int, wanted: int, most: int) -> Outcome:
    """More seats are asked for than this client can ever have."""
    what = f"{wanted} seats of {firm_code}:{product_code} are asked for, and {most} are the most"
    return _told(reasons.NEVER_SATISFIABLE, what)


def queue_full(what: str) -> Outcome:
    """Nobody else can wait."""
    return _told(reasons.QUEUE_FULL, f"{what}, which is all that can")


def old_place(ref: LeaseRef, number: int, generation: int) -> Outcome:
    """A call names another place than the one under this key."""
    return Outcome(
        reasons.OLD_GENERATION,
        detail=f"{ref.lease_id[:64]!r} waits at place {number}, not {generation}; repeat the"
        " check-out to learn where it stands.",
    )


def seats_scattered(firm_code: int, product_code: int, wanted: int) -> Outcome:
    """There are as many seats, but of more licences than one lease can name."""
    return Outcome(
        reasons.NO_SEAT_FREE,
        detail=f"{wanted} seats of {firm_code}:{product_code} are free, but of more licences than"
        f" one lease can hold ({LINES_MAX}); ask for fewer seats at a time.",
    )


def exclusive_conflict(firm_code: int, product_code: int, wanted: bool) -> Outcome:
    """An exclusive lease needs its station for itself: the one that is `wanted`, or one held."""
    product = f"{firm_code}:{product_code}"
    what = (
        f"Exclusive use of {product} was asked for, and this station uses it already"
        if wanted
        else f"This station uses {product} exclusively"
    )
    return _told(reasons.EXCLUSIVE_CONFLICT, what)


def too_many_leases(leases_max: int) -> Outcome:
    """The table of leases is full."""
    what = f"This ledger holds {leases_max} leases, which is all it can"
    return _told(reasons.TOO_MANY_LEASES, what)


def too_many_of_client(leases_max: int) -> Outcome:
    """This client has as many leases as one client may have."""
    return Outcome(
        reasons.TOO_MANY_LEASES,
        detail=f"This client holds {leases_max} leases, which is all that one client can; check"
        " some in first, or use a further client certificate.",
    )


def over_quota(firm_code: int, product_code: int, held: int, quota: int) -> Outcome:
    """An operator allows each client only so many seats of this product."""
    return _told(
        reasons.OVER_QUOTA,
        f"This client holds {held} seats of {firm_code}:{product_code}, and an operator allows one"
        f" client no more than {quota}",
    )


def denied_by_rule(firm_code: int, product_code: int, line: int, version: int) -> Outcome:
    """A rule denies, or (line 0) none of a set allows that denies whom it does not name."""
    rule = f"line {line} of the access rules denies" if line else "no access rule allows"
    what = f"{rule[:1].upper()}{rule[1:]} {firm_code}:{product_code} to whoever asks here"
    return _told(reasons.DENIED_BY_RULE, f"{what} (version {version})")


def maximum_reached(
    firm_code: int, product_code: int, held: int, most: int, line: int, version: int
) -> Outcome:
    """A rule lets those whom it names have so many seats, and they have them."""
    return _told(
        reasons.MAXIMUM_REACHED,
        f"Line {line} of the access rules allows {most} seats of {firm_code}:{product_code}, and"
        f" {held} are taken under it (version {version})",
    )


def too_many_rules(firm_code: int, product_code: int, most: int) -> Outcome:
    """More rules count somebody's seats than a lease can remember."""
    return _told(
        reasons.MAXIMUM_REACHED,
        f"More than {most} access rules count the seats of {firm_code}:{product_code} for whoever"
        " asks here",
    )


def seats_reserved(firm_code: int, product_code: int, line: int, version: int) -> Outcome:
    """As many seats are free as are wanted, but not for whoever asks."""
    return _told(
        reasons.SEATS_RESERVED,
        f"Line {line} of the access rules reserves the free seats of {firm_code}:{product_code} for"
        f" others (version {version})",
    )


def other_version(base: int, in_force: int) -> Outcome:
    """The rules were made for another version than the one in force."""
    return Outcome(
        reasons.ACCESS_REFUSED,
        detail=f"The change was made to version {base} of the access rules, and version {in_force}"
        " is in force: look at it with `tmr access show`, then make the change to that.",
    )


def over_reserved(
    firm_code: int, product_code: int, quantity: int, line: int, column: int
) -> Outcome:
    """More seats are reserved than there are."""
    return Outcome(
        reasons.ACCESS_REFUSED,
        detail=f"Line {line}, column {column}: with this more seats of {firm_code}:{product_code}"
        f" are reserved than the {quantity} that there are; reserve fewer.",
    )


def other_check_out(ref: LeaseRef) -> Outcome:
    """A check-out under a key in use differs in more than its nonce."""
    return _told(reasons.LEASE_CONFLICT, f"Lease {ref.lease_id} was checked out by another request")


def other_request(number: int, units: int, product_code: int) -> Outcome:
    """A numbered request differs from the one that was answered under this number."""
    return Outcome(
        reasons.LEASE_CONFLICT,
        detail=f"Request {number} on this lease asked for {units} units of product {product_code};"
        " repeat it unchanged, or use the next number.",
    )


def out_of_order(number: int, expected: int) -> Outcome:
    """A numbered request is neither the next one nor remembered."""
    return Outcome(
        reasons.OUT_OF_ORDER,
        detail=f"Request {number} is out of order: the next number on this lease is {expected}.",
    )


def no_unit_counter(firm_code: int, product_code: int) -> Outcome:
    """Units are asked of a product of which no usable licence counts any."""
    what = f"No licence of {firm_code}:{product_code} that this lease may use has a unit counter"
    return _told(reasons.NO_UNIT_COUNTER, what)


def units_exhausted(firm_code: int, product_code: int, left: int, units: int) -> Outcome:
    """More units are asked than are left."""
    what = f"{firm_code}:{product_code} has {left} units left, fewer than the {units} asked for"
    return _told(reasons.UNITS_EXHAUSTED, what)


def units_scattered(firm_code: int, product_code: int, units: int) -> Outcome:
    """There are as many units, but of more licences than one request can name."""
    return Outcome(
        reasons.UNITS_EXHAUSTED,
        detail=f"{firm_code}:{product_code} has {units} units, but of more licences than one"
        f" request can take from ({LINES_MAX}); ask for fewer units at a time.",
    )


def too_many_reserved(most: int) -> Outcome:
    """A lease with too many open reservations wants one more."""
    return _told(reasons.TOO_MANY_RESERVED, f"This lease has {most} open reservations")


def not_reserved(number: int) -> Outcome:
    """A request is settled that is no reservation, or none any more."""
    return _told(reasons.NOT_RESERVED, f"Request {number} on this lease is no open reservation")


def beyond_reserve(number: int, used: int, units: int) -> Outcome:
    """More was used than was reserved, or less than nothing."""
    what = f"Request {number} on this lease reserved {units} units, and {used} are said to be used"
    return _told(reasons.BEYOND_RESERVE, what)


def not_proven(number: int) -> Outcome:
    """A settlement without the signature of who reserved."""
    return _told(reasons.NOT_PROVEN, f"The settlement of request {number} is not signed as it must")


def settled_otherwise(number: int, used: int) -> Outcome:
    """A reservation was settled before, to something else."""
    return Outcome(
        reasons.LEASE_CONFLICT,
        detail=f"Request {number} on this lease was settled before, with {used} units used; repeat"
        " that unchanged, or leave it.",
    )


def no_refund(why: str) -> Outcome:
    """An operator's refund that cannot be."""
    return _told(reasons.NO_REFUND, f"There is no refund: {why}")
