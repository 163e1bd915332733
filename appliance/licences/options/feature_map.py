"""The feature map: each bit says whether one feature of the product is licensed.

A program may say with its check-out which bits it needs (`appliance.licences.wishes`): then it gets
a seat of a licence that has them all, or none.
"""

from __future__ import annotations

from typing import Final

from appliance.licences.bounds import COUNT_MAX
from appliance.licences.options.row import Case, Field, Kind, Option, Said
from appliance.licences.reason import at_rest

REASON: Final = at_rest(
    "features-not-licensed",
    "The licence lacks a feature that was asked for",
    "ask for fewer features, or have the vendor license them",
)


def _refuses(case: Case) -> bool:
    return bool(case.wishes.features & ~case.item.feature_map)


OPTION = Option(
    fields=(
        Field(
            "feature_map", "feature map", "--feature-map", "Feature map.", Kind.BITS, 0, COUNT_MAX
        ),
    ),
    name=Said("feature map", "Feature-Map", "機能マップ"),
    reason=REASON,
    why=Said("features not licensed", "Features nicht lizenziert", "未ライセンスの機能"),
    rests="lacks a feature that was asked for",
    refuses=_refuses,
)
