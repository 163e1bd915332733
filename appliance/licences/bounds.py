"""How long what a command carries may be, and how high the numbers of a vendor's update.

What is longer or higher has no effect on any state.
"""

from __future__ import annotations

import re
from typing import Final

NAME_MAX: Final = 256
"""Characters of a client's name, a lease id, each name of a holder, a host's name, `who`."""
WHY_MAX: Final = 1_024
"""Characters of a reason that an operator gives."""
HASH_SIZE: Final = 32
"""Bytes of a SHA-256; shorter ones can never be proven and do no harm."""
PRODUCTS_MAX: Final = 16
"""Products of one check-out."""
SEATS_MAX: Final = 1_000_000
"""Seats of one product in one check-out."""
TAG_BYTES: Final = 16
"""Bytes of a name's tag (`licences.names`)."""
LEDGER_ID_MAX: Final = 64
"""Bytes of a ledger id."""
CODE_MAX: Final = 2**32 - 1
"""The highest firm code, product code and TMR-ID."""
COUNT_MAX: Final = 2**53 - 1
"""The highest quantity, unit counter, feature map, sequence and time: what JSON readers keep."""
DURATION_S_MAX: Final = 366 * 86_400
"""The longest lease lifetime and receipt period, in seconds."""
SECONDS_MAX: Final = 253_402_300_799
"""The end of the year 9999."""
CERTIFIED_AGE_S_MAX: Final = 100 * DURATION_S_MAX
"""The longest limit on the age of the certified time, in seconds."""
TEXT_MAX: Final = 256
"""Characters of a firm's name, a product's text, a CmActID."""


def too_long(who: str, why: str) -> bool:
    """Whether an act says more of itself than it may."""
    return len(who) > NAME_MAX or len(why) > WHY_MAX


_DATE: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_date(text: str) -> bool:
    """Whether this is an ISO date, such as 2026-09-01: as texts they have the order of the days."""
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    year, month, day = map(int, match.groups())
    leaps = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day <= _DAYS[month - 1] + (leaps and month == 2)
