"""Terms: who may coordinate, strictly ordered, never used twice (design D1)."""

from __future__ import annotations

from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]
"""A number of at most 64 bits on the wire, as `appliance.ledger.receipts` lays it out."""


class Term(msgspec.Struct, frozen=True, array_like=True, order=True):
    """(counter, host, 64 random bits drawn at process start): a restarted host never reuses one."""

    counter: Count
    host: str
    nonce: Count

    def __str__(self) -> str:
        return f"{self.counter}.{self.host}.{self.nonce & 0xFFFF:04x}"


NO_TERM = Term(0, "", 0)


_COUNTER_STEP_MAX = 1 << 32
_FIRST_COUNTER_MAX = 1 << 62


def counter_max(promised: Term) -> int:
    """The highest counter that is believed after this promise.

    A coordinator goes one above the highest it saw. Without a bound one stolen host could use up
    all 64 bits by a single claim, and no term would ever follow. A new replica has seen nothing.
    """
    if promised == NO_TERM:
        return _FIRST_COUNTER_MAX
    return promised.counter + _COUNTER_STEP_MAX
