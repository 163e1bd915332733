"""What the customer wants to read of a licence: a cost centre, a contract, a room."""

from __future__ import annotations

from appliance.licences.bounds import TEXT_MAX
from appliance.licences.options.row import Field, Kind, Option, Said

OPTION = Option(
    fields=(
        Field(
            "customer_text",
            "customer's text",
            "--customer-text",
            "What the customer wants to read, such as a cost centre.",
            Kind.TEXT,
            0,
            TEXT_MAX,
        ),
    ),
    name=Said("customer's text", "Text des Kunden", "顧客用テキスト"),
)
