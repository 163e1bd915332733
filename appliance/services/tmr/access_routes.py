"""The client API's routes about access rules: rows of `services.tmr.routes`."""

from __future__ import annotations

from typing import Final

from appliance.codec.api_access import (
    AccessAppliedDocument,
    AccessDocument,
    AccessExplained,
    ApplyAccessRequest,
    UndoAccessRequest,
)
from appliance.licences.bounds import SEATS_MAX
from appliance.services.routes import Route, number, text
from appliance.services.tmr.access import ACCESS_BYTES_MAX, AccessRoutes
from appliance.services.tmr.identity import ADMINISTER, VIEW

OF_ACCESS: Final = (
    Route(
        "access",
        "GET",
        "/v1/access",
        "The access rules in force, or (with version) rules that were in force before",
        VIEW,
        AccessRoutes.show,
        AccessDocument,
        query=(number("version", default=0),),
        reasons=("not-found",),
    ),
    Route(
        "apply-access",
        "POST",
        "/v1/access",
        "Put access rules in force, all of them at once",
        ADMINISTER,
        AccessRoutes.apply,
        AccessAppliedDocument,
        ApplyAccessRequest,
        reasons=("access-rules-refused",),
        body_bytes_max=ACCESS_BYTES_MAX,
    ),
    Route(
        "undo-access",
        "POST",
        "/v1/access/undo",
        "Put access rules in force again that were in force before",
        ADMINISTER,
        AccessRoutes.undo,
        AccessAppliedDocument,
        UndoAccessRequest,
        reasons=("access-rules-refused", "not-found"),
    ),
    Route(
        "explain-access",
        "GET",
        "/v1/access/explain",
        "What a check-out by somebody would be told now, by which rule, and what that rests on",
        VIEW,
        AccessRoutes.explain,
        AccessExplained,
        query=(
            number("firm_code"),
            number("product_code"),
            text("client"),
            text("user"),
            text("host"),
            text("address"),
            number("seats", 1, SEATS_MAX, default=1),
        ),
    ),
)
