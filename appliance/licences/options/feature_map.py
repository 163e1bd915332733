"""The feature map: each bit says whether one feature of the product is licensed."""

from __future__ import annotations

from appliance.licences.bounds import COUNT_MAX
from appliance.licences.options.row import Field, Kind, Option, Said

OPTION = Option(
    fields=(
        Field(
            "feature_map", "feature map", "--feature-map", "Feature map.", Kind.BITS, 0, COUNT_MAX
        ),
    ),
    name=Said("feature map", "Feature-Map", "機能マップ"),
)
