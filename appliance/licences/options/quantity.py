"""The licence quantity: how many seats there are. With 0 nobody can check out."""

from __future__ import annotations

from appliance.licences.bounds import COUNT_MAX
from appliance.licences.options.row import Field, Kind, Option

OPTION = Option(
    fields=(
        Field(
            "quantity",
            "licence quantity",
            "--quantity",
            "Licence quantity (seats).",
            Kind.COUNT,
            0,
            COUNT_MAX,
        ),
    ),
    name="quantity",
    names={"de": "Anzahl", "ja": "数量"},
)
