"""What a founding may carry of borrowed seats (`appliance.licences.carry_over`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from appliance.licences.borrow_bytes import BORROWER_BYTES
from appliance.licences.bounds import COUNT_MAX, LEDGER_ID_MAX, NAME_MAX, SEATS_MAX
from appliance.licences.commands import Borrowed
from appliance.licences.modes import NO_STATION, STATION_BYTES

BORROWED_MAX: Final = 4_000
"""So many loans are out at a time: a restore carries them all."""


def why_not_carried_out(borrowed: Sequence[Borrowed]) -> str:
    """What is wrong with what a founding carries of borrowed seats, "" if nothing is."""
    if len({one.borrower for one in borrowed}) != len(borrowed) or len(borrowed) > BORROWED_MAX:
        return f"seats are borrowed once under each key, and at most {BORROWED_MAX} times"
    if len({one.generation for one in borrowed}) != len(borrowed):
        return "each loan has a generation of its own"
    for one in borrowed:
        times = (one.granted_at_ms, one.ends_at_ms, one.until_age_ms, one.lost_at_ms)
        if (
            len(one.borrower) != BORROWER_BYTES
            or len(one.client) > NAME_MAX
            or not 1 <= one.seats <= SEATS_MAX
            or not 0 <= one.generation <= COUNT_MAX
            or not all(0 <= ms <= COUNT_MAX for ms in times)
            or len(one.ledger_id) > LEDGER_ID_MAX
            or len(one.station) not in (len(NO_STATION), STATION_BYTES)
            or one.ruled
        ):
            return "what is borrowed has a key, a client, seats and an end"
    return ""
