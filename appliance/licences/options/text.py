"""The product's name for people."""

from __future__ import annotations

from appliance.licences.bounds import TEXT_MAX
from appliance.licences.options.row import Field, Kind, Option

OPTION = Option(
    fields=(Field("text", "text", "--text", "What people read.", Kind.TEXT, 0, TEXT_MAX),),
    name="text",
    names={"de": "Text", "ja": "テキスト"},
)
