"""The receipt period: for how long a client may rely on a receipt without asking again."""

from __future__ import annotations

from appliance.licences.bounds import DURATION_S_MAX
from appliance.licences.options.row import Field, Kind, Option, Said

OPTION = Option(
    fields=(
        Field(
            "receipt_valid_s",
            "receipt period",
            "--receipt-valid-s",
            "How long a receipt holds.",
            Kind.SECONDS,
            1,
            DURATION_S_MAX,
        ),
    ),
    name=Said("receipt period", "Gültigkeit eines Belegs", "レシートの有効期間"),
)
