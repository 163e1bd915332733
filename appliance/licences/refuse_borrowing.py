"""Why seats are not lent, in words; as `refuse`, of which it is a part."""

from __future__ import annotations

from typing import Final

from appliance.licences import reasons
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
    what = f"Licence {key} may not be borrowed: its vendor does not allow it"
    return told(reasons.BORROW_NOT_PERMITTED, what)


def lost(ends_at_ms: int) -> Outcome:
    """Something that this client borrowed is written off."""
    what = f"This client borrowed seats that are written off as lost until {day(ends_at_ms)}"
    return told(reasons.BORROW_NOT_PERMITTED, what)


def too_long(key: LicenceKey, seconds: int, most_s: int) -> Outcome:
    """It is asked for longer than is allowed."""
    what = f"Licence {key} may be borrowed for {hours(most_s)} at most, and {hours(seconds)}"
    return told(reasons.BORROW_TOO_LONG, f"{what} were asked for")


def uncertain(why: str) -> Outcome:
    """Nobody knows well enough what time it is."""
    what = f"Nothing is lent now, since {why}"
    return told(reasons.BORROW_TIME_UNCERTAIN, what)


def all_lent(key: LicenceKey, out: int, most: int, *, in_doubt: bool) -> Outcome:
    """As many seats are out as may be."""
    what = f"{out} of {most} seats of licence {key} that may be borrowed are out"
    if in_doubt:
        what += ", or may be, since this ledger was restored from a backup"
    return told(reasons.BORROW_LIMIT, what)


def too_many_loans(most: int, of: str) -> Outcome:
    """The table is full."""
    return told(reasons.BORROW_LIMIT, f"{most} loans of {of} are out, which is all that can be")


def unknown() -> Outcome:
    """Nothing is out under this key."""
    return told(reasons.BORROW_UNKNOWN, "Nothing is borrowed here under this key")


def ended(how: str) -> Outcome:
    """What was out under this key is not any more."""
    return told(reasons.BORROW_ENDED, f"What was borrowed under this key is {how}")


def not_proven() -> Outcome:
    """It is not signed by who borrowed."""
    return told(reasons.BORROW_NOT_PROVEN, "The request is not signed with the borrower's key")


def other_request() -> Outcome:
    """The key stands for another request."""
    return Outcome(
        reasons.LEASE_CONFLICT,
        detail="Something else is borrowed under this key; repeat that request unchanged, or draw"
        " a new key.",
    )


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
