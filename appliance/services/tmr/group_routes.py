"""The client API's routes about the group of containers: rows of `services.tmr.routes`."""

from __future__ import annotations

from typing import Final

from appliance.codec.api_groups import (
    ActivateRequest,
    GroupFileDocument,
    GroupFileRequest,
    GroupReceiptRequest,
    ImportedDocument,
    ImportRequest,
)
from appliance.services.routes import Route
from appliance.services.tmr.groups import IMPORT_BYTES_MAX, Groups
from appliance.services.tmr.identity import OPERATE

OF_GROUPS: Final = (
    Route(
        "activate",
        "POST",
        "/v1/group/activate",
        "Show a vendor's ticket for all three containers, and import what comes of it",
        OPERATE,
        Groups.activate,
        ImportedDocument,
        ActivateRequest,
        reasons=("containers-missing", "transfer-refused", "update-refused"),
    ),
    Route(
        "group-request",
        "POST",
        "/v1/group/request",
        "A file that asks a vendor for all three containers, to be carried to him",
        OPERATE,
        Groups.request,
        GroupFileDocument,
        GroupFileRequest,
        reasons=("containers-missing",),
    ),
    Route(
        "group-import",
        "POST",
        "/v1/group/import",
        "Give each container its part of the file that a vendor answered",
        OPERATE,
        Groups.receive,
        ImportedDocument,
        ImportRequest,
        reasons=("update-refused",),
        body_bytes_max=IMPORT_BYTES_MAX,
    ),
    Route(
        "group-receipt",
        "POST",
        "/v1/group/receipt",
        "A file that confirms to a vendor what the containers imported",
        OPERATE,
        Groups.receipt,
        GroupFileDocument,
        GroupReceiptRequest,
        reasons=("not-found",),
    ),
)
