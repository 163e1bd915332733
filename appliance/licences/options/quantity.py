"""The licence quantity: how many seats there are. With 0 nobody can check out."""

from __future__ import annotations

from appliance.licences.bounds import COUNT_MAX
from appliance.licences.options.row import Field, Kind, Option, Said

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
    name=Said("quantity", "Anzahl", "数量"),
)
