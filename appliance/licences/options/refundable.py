"""How many units operators may refund in all, for jobs that failed: none unless the vendor says so,
since operators are the plant's own people."""

from __future__ import annotations

from appliance.licences.bounds import COUNT_MAX
from appliance.licences.options.row import Field, Kind, Option, Said

OPTION = Option(
    fields=(
        Field(
            "refundable_units",
            "number of refundable units",
            "--refundable-units",
            "How many units operators may refund in all, each refund with its reason on record.",
            Kind.COUNT,
            0,
            COUNT_MAX,
        ),
    ),
    name=Said("refundable units", "erstattbare Einheiten", "返還可能ユニット"),
)
