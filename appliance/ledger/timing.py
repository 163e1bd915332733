"""The one interval that all others follow from (design D4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OFFER_EVERY_BEATS: Final = 8
"""So seldom an upstream offers what its container knows and the ledger does not."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Intervals in seconds, from the VRRP advert interval *a*.

    A coordinator beats every a/2; an upstream's promise holds for H = 2a after the last beat; VRRP
    notices a dead master after about 3a, when H has run out. Raises ValueError for an interval that
    keepalived cannot carry.
    """

    advert_int_s: float = 0.3

    def __post_init__(self) -> None:
        if not 0.01 <= self.advert_int_s <= 40.0:
            raise ValueError(
                f"advert_int_s must be from 0.01 to 40 seconds, not {self.advert_int_s}"
            )

    @property
    def beat_s(self) -> float:
        """How often a coordinator beats, and how often a claim is repeated."""
        return self.advert_int_s / 2

    @property
    def hold_s(self) -> float:
        """H: how long an upstream stays with a coordinator it no longer hears."""
        return self.advert_int_s * 2

    @property
    def give_up_s(self) -> float:
        """How long an attempt to take a term may go without progress before it starts again."""
        return self.advert_int_s * 10

    @property
    def patience_s(self) -> float:
        """How long an answer may take before it is asked for again."""
        return self.give_up_s / 3
