"""The client API's routes about the queue: rows of the table in `services.tmr.routes`."""

from __future__ import annotations

from typing import Final

from appliance.codec import api
from appliance.codec.api_queue import QueueDocument, SetQueueRequest
from appliance.services.routes import Route, number
from appliance.services.tmr.identity import ADMINISTER, CLIENT
from appliance.services.tmr.queueing import Queueing

ROUTES: Final = (
    Route(
        "queue",
        "GET",
        "/v1/queue",
        "The caller's places in the queue, page by page; all, for operators",
        CLIENT,
        Queueing.listed,
        QueueDocument,
        query=(
            number("after", default=0),
            number("firm_code", default=0),
            number("product_code", default=0),
        ),
    ),
    Route(
        "set-queue",
        "POST",
        "/v1/queue",
        "Say how often who waits may be overtaken, and for how long an offered seat is held",
        ADMINISTER,
        Queueing.set,
        api.DoneDocument,
        SetQueueRequest,
    ),
)
