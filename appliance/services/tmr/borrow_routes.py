"""The client API's routes about borrowed seats: rows of the table in `services.tmr.routes`."""

from __future__ import annotations

from typing import Final

from appliance.codec import api
from appliance.codec.api_borrowing import (
    BorrowingDocument,
    BorrowingRequest,
    BorrowRequest,
    ReturnRequest,
    WriteOffRequest,
)
from appliance.services.routes import Route
from appliance.services.tmr.borrowing import Borrowing
from appliance.services.tmr.identity import CLIENT, OPERATE, SEAT
from appliance.services.tmr.unit_routes import UNUSABLE

OVER: Final = ("borrow-unknown", "borrow-ended")
"""Why nothing may be out under a key."""

OF_LOANS: Final = (
    Route(
        "borrow",
        "POST",
        "/v1/leases/{id}/borrow",
        "Borrow seats under the borrower's key, get a fresh receipt of them, or extend them",
        SEAT,
        Borrowing.borrow,
        api.GrantDocument,
        BorrowRequest,
        origin=True,
        reasons=(
            *OVER,
            *UNUSABLE,
            "borrow-not-permitted",
            "borrow-too-long",
            "borrow-limit",
            "borrow-time-uncertain",
            "borrow-not-proven",
            "no-seat-free",
            "lease-conflict",
            "too-many-leases",
            "over-quota",
            "denied-by-rule",
            "maximum-reached",
            "seats-reserved",
            "too-many-requests",
        ),
    ),
    Route(
        "return",
        "POST",
        "/v1/leases/{id}/return",
        "Give borrowed seats back, signed by the borrower, whoever brings it",
        SEAT,
        Borrowing.give_back,
        api.DoneDocument,
        ReturnRequest,
        reasons=(*OVER, "borrow-not-proven", "too-many-requests"),
        vital=True,
    ),
    Route(
        "write-off",
        "POST",
        "/v1/leases/{id}/write-off",
        "Say that what is borrowed under this key is lost; its seats stay counted until its end",
        OPERATE,
        Borrowing.write_off,
        api.DoneDocument,
        WriteOffRequest,
        reasons=OVER,
    ),
    Route(
        "borrowing",
        "GET",
        "/v1/borrowing",
        "What operators decided about borrowing, and which seats are held back after a restore",
        CLIENT,
        Borrowing.show,
        BorrowingDocument,
    ),
    Route(
        "operate-borrowing",
        "POST",
        "/v1/borrowing",
        "Borrow without certified time or no more; say that no seats are out but those known",
        OPERATE,
        Borrowing.operate,
        api.DoneDocument,
        BorrowingRequest,
    ),
)
