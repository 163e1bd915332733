"""Under which access rules seats are counted: what a lease, or who borrowed, remembers."""

from __future__ import annotations

import msgspec


class RuleCharge(
    msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False
):
    """So many seats of a product are counted under a rule of the set in force for it, by its number
    there: under a maximum, or as `reserved`."""

    rule: int
    product_code: int
    seats: int
    reserved: bool = False


RuleCharges = tuple[RuleCharge, ...]
