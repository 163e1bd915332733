"""Why seats are not lent, in words; as `refuse`, of which it is a part."""

from __future__ import annotations

from typing import Final

from appliance.licences import reasons, refuse
from appliance.licences.borrow_book import RETURNED
from appliance.licences.commands import Outcome
from appliance.licences.model import LicenceKey
from appliance.licences.refuse import _told as told

NEAREST: Final = (
    reasons.BORROW_NOT_PERMITTED,
    reasons.BORROW_TOO_LONG,
    reasons.BORROW_TIME_UNCERTAIN,
    reasons.BORROW_LIMIT,
    reasons.NO_SEAT_FREE,
    reasons.TOO_MANY_LEASES,
    reasons.OVER_QUOTA,
    reasons.BAD_REQUEST,
    reasons.SEATS_RESERVED,
    reasons.MAXIMUM_REACHED,
)
"""Why several licences of a product are not lent: the later one says what is nearest."""


def not_lent(key: LicenceKey) -> Outcome:
    """The vendor does not allow it."""
    return told(reasons.BORROW_NOT_PERMITTED, "borrow-not-allowed", licence=str(key))


def lost(ends_at_ms: int) -> Outcome:
    """Something that this client borrowed is written off."""
    return told(reasons.BORROW_NOT_PERMITTED, "borrower-lost", until=day(ends_at_ms))


def too_long(key: LicenceKey, seconds: int, most_s: int) -> Outcome:
    """It is asked for longer than is allowed."""
    values = {"licence": str(key), "most": hours(most_s), "wanted": hours(seconds)}
    return told(reasons.BORROW_TOO_LONG, "borrow-too-long", **values)


def uncertain(code: str) -> Outcome:
    """Nobody knows well enough what time it is."""
    return told(reasons.BORROW_TIME_UNCERTAIN, code)


def all_lent(key: LicenceKey, out: int, most: int, *, in_doubt: bool) -> Outcome:
    """As many seats are out as may be."""
    code = "borrowed-all-perhaps" if in_doubt else "borrowed-all"
    return told(reasons.BORROW_LIMIT, code, licence=str(key), out=out, most=most)


def too_many_loans(most: int) -> Outcome:
    """This ledger keeps as many loans as it can."""
    return told(reasons.BORROW_LIMIT, "loans-full", most=most)


def too_many_of_client(most: int) -> Outcome:
    """This client has as many loans as one may have."""
    return told(reasons.BORROW_LIMIT, "loans-full-of-client", most=most)


def unknown() -> Outcome:
    """Nothing is out under this key."""
    return told(reasons.BORROW_UNKNOWN, "loan-unknown")


def ended(how: str) -> Outcome:
    """What was out under this key is not any more."""
    code = "loan-returned" if how == RETURNED else "loan-over"
    return told(reasons.BORROW_ENDED, code)


def not_proven() -> Outcome:
    """It is not signed by who borrowed."""
    return told(reasons.BORROW_NOT_PROVEN, "loan-unproven")


def other_request() -> Outcome:
    """The key stands for another request."""
    return refuse.said(reasons.LEASE_CONFLICT, "loan-otherwise")


def hours(seconds: int) -> str:
    """A time to borrow, for people."""
    if seconds % 3600 == 0:
        return f"{seconds // 3600} h"
    return f"{seconds} s"


def day(unix_ms: int) -> str:
    """A moment of log time to the minute, without asking for a clock or a time zone: this room
    imports neither. By days_from_civil (H. Hinnant), backwards."""
    minutes = unix_ms // 60_000
    days, minute = divmod(minutes, 1_440)
    era, of_era = divmod(days + 719_468, 146_097)
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    date = of_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    year += era * 400 + (month <= 2)
    return f"{year:04}-{month:02}-{date:02} {minute // 60:02}:{minute % 60:02} UTC"
