"""The feature map: each bit says whether one feature of the product is licensed."""

from __future__ import annotations

from appliance.licences.bounds import COUNT_MAX
from appliance.licences.options.row import Field, Kind, Option

OPTION = Option(
    fields=(
        Field(
            "feature_map", "feature map", "--feature-map", "Feature map.", Kind.BITS, 0, COUNT_MAX
        ),
    ),
    name="feature map",
    names={"de": "Feature-Map", "ja": "機能マップ"},
)
