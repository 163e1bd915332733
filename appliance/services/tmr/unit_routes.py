"""The client API's routes about units: rows of the table in `services.tmr.routes`."""

from __future__ import annotations

from typing import Final

from appliance.codec import api
from appliance.codec.api_units import (
    RefundRequest,
    ReserveRequest,
    SettledDocument,
    SettleRequest,
    TakingsDocument,
)
from appliance.licences.options import AT_REST
from appliance.services.routes import Route, number
from appliance.services.tmr.identity import OPERATE, SEAT, VIEW
from appliance.services.tmr.leases import Leases
from appliance.services.tmr.units import Units

LEASE: Final = ("lease-unknown", "lease-ended", "old-generation")
"""Why there may be no such lease."""
UNUSABLE: Final = ("unknown-product", *(row.word for row in AT_REST))
"""Why a licence may be of no use at present."""

OF_LEASES: Final = (
    Route(
        "units",
        "POST",
        "/v1/leases/{id}/units",
        "Take units from the unit counter",
        SEAT,
        Leases.consume,
        api.GrantDocument,
        api.ConsumeRequest,
        reasons=(
            *LEASE,
            "too-many-requests",
            "units-exhausted",
            "no-unit-counter",
            "number-out-of-order",
            "lease-conflict",
            *UNUSABLE,
        ),
        secret=True,
    ),
    Route(
        "reserve",
        "POST",
        "/v1/leases/{id}/units/reserve",
        "Take units, of which what is not used is given back",
        SEAT,
        Leases.reserve,
        api.GrantDocument,
        ReserveRequest,
        reasons=(
            *LEASE,
            "too-many-requests",
            "units-exhausted",
            "no-unit-counter",
            "number-out-of-order",
            "lease-conflict",
            "too-many-reserved",
            *UNUSABLE,
        ),
        secret=True,
    ),
    Route(
        "settle",
        "POST",
        "/v1/leases/{id}/units/settle",
        "Say how many units of a reservation were used",
        SEAT,
        Leases.settle,
        SettledDocument,
        SettleRequest,
        reasons=(
            *LEASE,
            "too-many-requests",
            "lease-conflict",
            "not-reserved",
            "beyond-reserve",
            "settlement-not-proven",
        ),
        secret=True,
    ),
)

OF_OPERATORS: Final = (
    Route(
        "takings",
        "GET",
        "/v1/units",
        "The last requests that took units, page by page",
        VIEW,
        Units.listed,
        TakingsDocument,
        query=(number("after", default=0),),
    ),
    Route(
        "refund",
        "POST",
        "/v1/units/refund",
        "Give units of one request back, where their vendor allows it; recorded with a reason",
        OPERATE,
        Units.refund,
        api.DoneDocument,
        RefundRequest,
        reasons=("refund-refused",),
    ),
)
