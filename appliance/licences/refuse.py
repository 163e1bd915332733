"""The machine's refusals: the reason, which containers sign, and what is wrong and what to do.

The latter is for people and is not signed: a code of `appliance.details.refusals` with its values.
"""

from __future__ import annotations

from collections.abc import Iterable

from appliance.details import Detail
from appliance.licences import reasons
from appliance.licences.commands import LeaseRef, Outcome
from appliance.licences.grants import LINES_MAX
from appliance.licences.options import OPTIONS
from appliance.licences.records import CHECKED_IN, LAPSED, Lease, Tombstone


def said(reason: str, code: str, /, **values: str | int) -> Outcome:
    """A refusal with the sentence of this code, which says what to do, too."""
    return Outcome(reason, said=Detail(code, values))


def bad(what: str) -> Outcome:
    """A command that no host may carry out; `what` is wrong with it, a `detail`."""
    return Outcome(reasons.BAD_REQUEST, said=Detail.of(what))


def _told(reason: str, code: str, /, **values: str | int) -> Outcome:
    """A refusal with the sentence of this code, and the remedy of the reason's row."""
    return said(reason, code, **values, remedy=reasons.ROWS[reason].remedy)


def rules_not_raised(in_force: int) -> Outcome:
    """It needs rules above those in force; a release that does not know them says the same."""
    return _told(reasons.RULES_NOT_RAISED, "rules-lacking", in_force=in_force)


def rules_wait(version: int, hosts: Iterable[str]) -> Outcome:
    """These hosts did not say that they know the rules that are to be raised."""
    names = " and ".join(hosts)
    return said(reasons.RULES_NOT_RAISED, "rules-wait", version=version, hosts=names)


def not_available(firm_code: int, product_code: int) -> Outcome:
    """No licence of this product has two matching, unlocked constituents."""
    product = f"{firm_code}:{product_code}"
    return _told(reasons.UNKNOWN_PRODUCT, "no-such-licence", product=product)


_RESTS = {option.reason.word: option.rests for option in OPTIONS if option.reason is not None}


def at_rest(why: str, firm_code: int, product_code: int) -> Outcome:
    """The refusal for one of the reasons of `validity.why_rests`."""
    product = f"{firm_code}:{product_code}"
    return _told(why, "licence-rests", product=product, why=_RESTS[why])


def lease_unknown(ref: LeaseRef) -> Outcome:
    """Nothing is known under this key."""
    return _told(reasons.LEASE_UNKNOWN, "lease-not-there", lease=repr(ref.lease_id[:64]))


def lease_ended(tombstone: Tombstone) -> Outcome:
    """The lease under this key is over."""
    lease_id, reason = tombstone.lease.ref.lease_id, reasons.LEASE_ENDED
    if tombstone.how == CHECKED_IN:
        return _told(reason, "lease-checked-in", lease=lease_id)
    if tombstone.how == LAPSED:
        return _told(reason, "lease-lapsed", lease=lease_id)
    return _told(reason, "lease-released", lease=lease_id)


def old_generation(lease: Lease, generation: int) -> Outcome:
    """The command means another lease than the one under this key."""
    return _told(
        reasons.OLD_GENERATION,
        "generation-old",
        generation=generation,
        lease=lease.ref.lease_id,
        present=lease.generation,
    )


def no_seat_free(firm_code: int, product_code: int, wanted: int = 1) -> Outcome:
    """Fewer seats are free than are wanted."""
    product = f"{firm_code}:{product_code}"
    if wanted > 1:
        return _told(reasons.NO_SEAT_FREE, "seats-fewer", product=product, wanted=wanted)
    return _told(reasons.NO_SEAT_FREE, "seats-taken", product=product)


def others_wait(firm_code: int, product_code: int) -> Outcome:
    """Seats are free, but somebody waits for them who came before."""
    return _told(reasons.NO_SEAT_FREE, "seats-awaited", product=f"{firm_code}:{product_code}")


def waited_in_vain(firm_code: int, product_code: int, waited_ms: int) -> Outcome:
    """Its time to wait has passed, and it had no turn."""
    product, waited_s = f"{firm_code}:{product_code}", waited_ms // 1000
    return _told(reasons.NO_SEAT_FREE, "waited-in-vain", product=product, waited_s=waited_s)


def never_satisfiable(firm_code: int, product_code: int, wanted: int, most: int) -> Outcome:
    """More seats are asked for than this client can ever have."""
    product = f"{firm_code}:{product_code}"
    return _told(
        reasons.NEVER_SATISFIABLE, "seats-beyond", product=product, wanted=wanted, most=most
    )


def queue_full(most: int) -> Outcome:
    """Nobody else can wait."""
    return _told(reasons.QUEUE_FULL, "queue-full", most=most)


def queue_full_for_client(most: int) -> Outcome:
    """This client has as many places as one client can."""
    return _told(reasons.QUEUE_FULL, "queue-full-client", most=most)


def queue_full_for_product(firm_code: int, product_code: int, most: int) -> Outcome:
    """As many wait for this product as can."""
    product = f"{firm_code}:{product_code}"
    return _told(reasons.QUEUE_FULL, "queue-full-product", most=most, product=product)


def old_place(ref: LeaseRef, number: int, generation: int) -> Outcome:
    """A call names another place than the one under this key."""
    return _told(
        reasons.OLD_GENERATION,
        "place-old",
        lease=ref.lease_id[:64],
        place=number,
        generation=generation,
    )


def seats_scattered(firm_code: int, product_code: int, wanted: int) -> Outcome:
    """There are as many seats, but of more licences than one lease can name."""
    product = f"{firm_code}:{product_code}"
    return said(
        reasons.NO_SEAT_FREE, "seats-scattered", product=product, wanted=wanted, most=LINES_MAX
    )


def exclusive_conflict(firm_code: int, product_code: int, wanted: bool) -> Outcome:
    """An exclusive lease needs its station for itself: the one that is `wanted`, or one held."""
    product = f"{firm_code}:{product_code}"
    if wanted:
        return _told(reasons.EXCLUSIVE_CONFLICT, "exclusive-wanted", product=product)
    return _told(reasons.EXCLUSIVE_CONFLICT, "exclusive-held", product=product)


def too_many_leases(leases_max: int) -> Outcome:
    """The table of leases is full."""
    return _told(reasons.TOO_MANY_LEASES, "leases-full", most=leases_max)


def too_many_of_client(leases_max: int) -> Outcome:
    """This client has as many leases as one client may have."""
    return said(reasons.TOO_MANY_LEASES, "client-full", most=leases_max)


def over_quota(firm_code: int, product_code: int, held: int, quota: int) -> Outcome:
    """An operator allows each client only so many seats of this product."""
    product = f"{firm_code}:{product_code}"
    return _told(reasons.OVER_QUOTA, "quota-reached", product=product, held=held, quota=quota)


def denied_by_rule(firm_code: int, product_code: int, line: int, version: int) -> Outcome:
    """A rule denies, or (line 0) none of a set allows that denies whom it does not name."""
    product, reason = f"{firm_code}:{product_code}", reasons.DENIED_BY_RULE
    if line:
        return _told(reason, "rule-denies", product=product, line=line, version=version)
    return _told(reason, "no-rule-allows", product=product, version=version)


def maximum_reached(
    firm_code: int, product_code: int, held: int, most: int, line: int, version: int
) -> Outcome:
    """A rule lets those whom it names have so many seats, and they have them."""
    return _told(
        reasons.MAXIMUM_REACHED,
        "maximum-taken",
        product=f"{firm_code}:{product_code}",
        held=held,
        most=most,
        line=line,
        version=version,
    )


def too_many_rules(firm_code: int, product_code: int, most: int) -> Outcome:
    """More rules count somebody's seats than a lease can remember."""
    product = f"{firm_code}:{product_code}"
    return _told(reasons.MAXIMUM_REACHED, "rules-count-too-many", product=product, most=most)


def seats_reserved(firm_code: int, product_code: int, line: int, version: int) -> Outcome:
    """As many seats are free as are wanted, but not for whoever asks."""
    product = f"{firm_code}:{product_code}"
    return _told(reasons.SEATS_RESERVED, "seats-kept", product=product, line=line, version=version)


def other_version(base: int, in_force: int) -> Outcome:
    """The rules were made for another version than the one in force."""
    return said(reasons.ACCESS_REFUSED, "access-other-version", base=base, in_force=in_force)


def over_reserved(
    firm_code: int, product_code: int, quantity: int, line: int, column: int
) -> Outcome:
    """More seats are reserved than there are."""
    return said(
        reasons.ACCESS_REFUSED,
        "access-over-reserved",
        product=f"{firm_code}:{product_code}",
        quantity=quantity,
        line=line,
        column=column,
    )


def other_check_out(ref: LeaseRef) -> Outcome:
    """A check-out under a key in use differs in more than its nonce."""
    return _told(reasons.LEASE_CONFLICT, "lease-of-another", lease=ref.lease_id)


def other_request(number: int, units: int, product_code: int) -> Outcome:
    """A numbered request differs from the one that was answered under this number."""
    return said(
        reasons.LEASE_CONFLICT,
        "number-other-request",
        number=number,
        units=units,
        product=product_code,
    )


def out_of_order(number: int, expected: int) -> Outcome:
    """A numbered request is neither the next one nor remembered."""
    return said(reasons.OUT_OF_ORDER, "number-out-of-order", number=number, expected=expected)


def no_unit_counter(firm_code: int, product_code: int) -> Outcome:
    """Units are asked of a product of which no usable licence counts any."""
    product = f"{firm_code}:{product_code}"
    return _told(reasons.NO_UNIT_COUNTER, "units-uncounted", product=product)


def units_exhausted(firm_code: int, product_code: int, left: int, units: int) -> Outcome:
    """More units are asked than are left."""
    product = f"{firm_code}:{product_code}"
    return _told(reasons.UNITS_EXHAUSTED, "units-fewer", product=product, left=left, units=units)


def units_scattered(firm_code: int, product_code: int, units: int) -> Outcome:
    """There are as many units, but of more licences than one request can name."""
    product = f"{firm_code}:{product_code}"
    return said(
        reasons.UNITS_EXHAUSTED, "units-scattered", product=product, units=units, most=LINES_MAX
    )


def too_many_reserved(most: int) -> Outcome:
    """A lease with too many open reservations wants one more."""
    return _told(reasons.TOO_MANY_RESERVED, "reservations-full", most=most)


def not_reserved(number: int) -> Outcome:
    """A request is settled that is no reservation, or none any more."""
    return _told(reasons.NOT_RESERVED, "reservation-not-open", number=number)


def beyond_reserve(number: int, used: int, units: int) -> Outcome:
    """More was used than was reserved, or less than nothing."""
    return _told(
        reasons.BEYOND_RESERVE, "reservation-exceeded", number=number, used=used, units=units
    )


def not_proven(number: int) -> Outcome:
    """A settlement without the signature of who reserved."""
    return _told(reasons.NOT_PROVEN, "settlement-unsigned", number=number)


def settled_otherwise(number: int, used: int) -> Outcome:
    """A reservation was settled before, to something else."""
    return said(reasons.LEASE_CONFLICT, "settled-otherwise", number=number, used=used)


def no_refund(code: str, /, **values: str | int) -> Outcome:
    """An operator's refund that cannot be."""
    return _told(reasons.NO_REFUND, code, **values)
