"""The rows of the usage record's routes (`services.tmr.routes`)."""

from __future__ import annotations

from typing import Final

from appliance.codec.api_usage import RecordDocument, UsageDocument, UsageNamesDocument
from appliance.services.routes import Route, flag, number, text
from appliance.services.tmr.asking import names
from appliance.services.tmr.identity import OPERATE, VIEW
from appliance.services.tmr.usage import Usage

OF_USAGE: Final = (
    Route(
        "usage",
        "GET",
        "/v1/usage",
        "Seats in use, uses and refusals from one log time to another, by hour, day or month, by"
        " product, user, host, group or client",
        VIEW,
        Usage.report,
        UsageDocument,
        query=(
            number("from_ms", default=0),
            number("to_ms", default=0),
            names("by"),
            flag("pseudonymous"),
        ),
    ),
    Route(
        "usage-record",
        "GET",
        "/v1/usage/record",
        "The usage record, page by page: entries, what came of each, and its endorsement",
        OPERATE,
        Usage.record,
        RecordDocument,
        query=(number("first", least=1, default=1), text("upstream")),
        reasons=("not-found",),
    ),
    Route(
        "usage-names",
        "GET",
        "/v1/usage/names",
        "The names that stand for tags in the usage record, page by page",
        VIEW,
        Usage.known,
        UsageNamesDocument,
        query=(number("after", default=0),),
    ),
)
