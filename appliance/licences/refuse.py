"""The machine's refusals, in words: one sentence that says what is wrong and what to do.

The reason is part of what containers sign, `detail` is for people and is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from appliance.licences import reasons
from appliance.licences.commands import LeaseRef, Outcome
from appliance.licences.model import LicenceKey
from appliance.licences.records import Lease, Tombstone


def bad(what: str) -> Outcome:
    """A command that no host may carry out: `what` completes "The request is refused: ..."."""
    return Outcome(reasons.BAD_REQUEST, detail=f"The request is refused: {what}.")


def rules_not_raised(in_force: int) -> Outcome:
    """It needs rules above those in force; a release that does not know them says the same."""
    return Outcome(
        reasons.RULES_NOT_RAISED,
        detail=f"This needs newer rules than are in force (rules {in_force}); see with `tmr rules"
        " status` which hosts have to be upgraded, then raise the rules with `tmr rules raise`.",
    )


def rules_wait(version: int, hosts: Iterable[str]) -> Outcome:
    """These hosts did not say that they know the rules that are to be raised."""
    names = " and ".join(hosts)
    return Outcome(
        reasons.RULES_NOT_RAISED,
        detail=f"Rules {version} wait for {names}: upgrade {names}, then `tmr rules raise`.",
    )


def not_available(firm_code: int, product_code: int) -> Outcome:
    """No licence of this product has two matching, unlocked constituents."""
    return Outcome(
        reasons.UNKNOWN_PRODUCT,
        detail=f"There is no available licence {firm_code}:{product_code} here; check the codes,"
        " or list all licences to see which constituents are missing or differ.",
    )


def expired(firm_code: int, product_code: int) -> Outcome:
    """Every available licence of this product has ended."""
    return Outcome(
        reasons.EXPIRED,
        detail=f"The licence {firm_code}:{product_code} has expired; ask the vendor to extend it.",
    )


def certified_stale(firm_code: int, product_code: int) -> Outcome:
    """The certified time is older than the vendor of this licence allows."""
    return Outcome(
        reasons.CERTIFIED_STALE,
        detail=f"The licence {firm_code}:{product_code} rests, since its vendor wants a newer"
        " certified time than there is; update it with `tmr time update`.",
    )


def units_unconfirmed(firm_code: int, product_code: int) -> Outcome:
    """The ledger was restored, and the vendor has not said yet how many units are left."""
    return Outcome(
        reasons.UNITS_UNCONFIRMED,
        detail=f"The unit counter of {firm_code}:{product_code} rests, since this system was"
        " restored from a backup; import the vendor's update that confirms it.",
    )


_AT_REST: Final = {
    reasons.EXPIRED: expired,
    reasons.CERTIFIED_STALE: certified_stale,
    reasons.UNITS_UNCONFIRMED: units_unconfirmed,
}


def at_rest(why: str, firm_code: int, product_code: int) -> Outcome:
    """The refusal for one of the reasons of `validity.why_rests`."""
    return _AT_REST[why](firm_code, product_code)


def lease_unknown(ref: LeaseRef) -> Outcome:
    """Nothing is known under this key."""
    return Outcome(
        reasons.LEASE_UNKNOWN,
        detail=f"There is no lease {ref.lease_id[:64]!r} of this client; check out first.",
    )


def lease_ended(tombstone: Tombstone) -> Outcome:
    """The lease under this key is over."""
    return Outcome(
        reasons.LEASE_ENDED,
        detail=f"Lease {tombstone.lease.ref.lease_id} was {tombstone.how}; check out under a new"
        " lease id.",
    )


def old_generation(lease: Lease, generation: int) -> Outcome:
    """The command means another lease than the one under this key."""
    return Outcome(
        reasons.OLD_GENERATION,
        detail=f"Generation {generation} of lease {lease.ref.lease_id} is not the present one,"
        f" {lease.generation}; repeat the check-out to learn where it stands.",
    )


def no_seat_free(firm_code: int, product_code: int) -> Outcome:
    """Every seat is taken."""
    return Outcome(
        reasons.NO_SEAT_FREE,
        detail=f"All seats of {firm_code}:{product_code} are taken; try again when one is free, or"
        " ask an operator to release one.",
    )


def too_many_leases(leases_max: int) -> Outcome:
    """The table of leases is full."""
    return Outcome(
        reasons.TOO_MANY_LEASES,
        detail=f"This ledger holds {leases_max} leases, which is all it can; try again when some"
        " have ended.",
    )


def too_many_of_client(leases_max: int) -> Outcome:
    """This client has as many leases as one client may have."""
    return Outcome(
        reasons.TOO_MANY_LEASES,
        detail=f"This client holds {leases_max} leases, which is all that one client can; check"
        " some in first, or use a further client certificate.",
    )


def over_quota(firm_code: int, product_code: int, seats: int) -> Outcome:
    """An operator allows each client only so many seats of this product."""
    return Outcome(
        reasons.OVER_QUOTA,
        detail=f"This client holds {seats} seats of {firm_code}:{product_code}, which is all that"
        " an operator allows one client; check one in first, or ask the operator.",
    )


def other_check_out(ref: LeaseRef) -> Outcome:
    """A check-out under a key in use differs in more than its nonce."""
    return Outcome(
        reasons.LEASE_CONFLICT,
        detail=f"Lease {ref.lease_id} was checked out by another request; choose a new lease id,"
        " or repeat that request unchanged.",
    )


def other_request(number: int, units: int) -> Outcome:
    """A numbered request differs from the one that was answered under this number."""
    return Outcome(
        reasons.LEASE_CONFLICT,
        detail=f"Request {number} on this lease asked for {units} units; repeat it unchanged, or"
        " use the next number.",
    )


def out_of_order(number: int, expected: int) -> Outcome:
    """A numbered request is neither the next one nor remembered."""
    return Outcome(
        reasons.OUT_OF_ORDER,
        detail=f"Request {number} is out of order: the next number on this lease is {expected}.",
    )


def no_unit_counter(key: LicenceKey) -> Outcome:
    """Units are asked of a licence that counts none."""
    return Outcome(
        reasons.NO_UNIT_COUNTER,
        detail=f"Licence {key} has no unit counter: use it without consuming units.",
    )


def units_exhausted(key: LicenceKey, left: int, units: int) -> Outcome:
    """More units are asked than are left."""
    return Outcome(
        reasons.UNITS_EXHAUSTED,
        detail=f"Licence {key} has {left} units left, fewer than the {units} asked for; ask for"
        " fewer, or have the vendor add some.",
    )
