"""The product's name for people."""

from __future__ import annotations

from appliance.licences.bounds import TEXT_MAX
from appliance.licences.options.row import Field, Kind, Option, Said

OPTION = Option(
    fields=(Field("text", "text", "--text", "What people read.", Kind.TEXT, 0, TEXT_MAX),),
    name=Said("text", "Text", "テキスト"),
)
