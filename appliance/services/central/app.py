"""License Central's HTTP face, for containers that are activated and updated over the network.

    POST /v1/challenge   nothing -> {"challenge": what the next request has to answer, base64}
    POST /v1/activate    {"ticket": ..., "request": a request file}
                         -> {"waiting_for": how many more have to show it}
    POST /v1/update      a request file -> the next update file, or 204: it has them all
    POST /v1/receipts    a receipt file -> 204
    POST /v1/return      an order file  -> {"tmr_id": ..., "orders_missing": ..., ...}
    GET  /healthz        anybody

All other bodies are signed files (`application/jose`), so that TLS is there for privacy: who asks
is proven by what he signed. A ticket is in no address and in no line of the log. What can go wrong
in here is work for strangers: bodies are bounded while they are read, and few requests work on the
vendors' directory at a time.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from typing import Final, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from appliance.adapters import clock
from appliance.adapters.doors.doorkeeper import site_of
from appliance.adapters.doors.rates import RateLimit
from appliance.codec.activation import ActivationRefused, read_activation
from appliance.codec.api import Document
from appliance.codec.signed_files import FILE_BYTES_MAX
from appliance.services.central.refusals import CentralRefused
from appliance.services.central.transfers import NO_SUCH_TICKET, Transfers
from appliance.services.problems import (
    Handler,
    Refused,
    exception_handlers,
    json_answer,
    read_body,
)

FILE_MEDIA_TYPE: Final = "application/jose"
AT_A_TIME: Final = 4
"""Requests that work on the directory at once; the others wait, as many as may be connected."""
WRONG_TICKETS_PER_MINUTE: Final = 10
"""Of one address; who mistypes one has a few more tries."""
_TITLES: Final = {
    "transfer-refused": "The transfer is refused",
}

T = TypeVar("T")

log = logging.getLogger(__name__)


class ActivatedDocument(Document, frozen=True):
    """Answer to an activation: how many more containers have to show the ticket."""

    waiting_for: int


class ChallengeDocument(Document, frozen=True):
    """Answer to whoever wants to ask: what the request has to answer."""

    challenge: bytes


class TakenBackDocument(Document, frozen=True):
    """Answer to a return: how many more containers have to order it, when it is taken away (Unix
    time), whether it is, and which containers have yet to confirm that it is gone."""

    tmr_id: int
    orders_missing: int
    due_at_s: int | None
    taken: bool
    waiting_for: tuple[str, ...]


def make_app(transfers: Transfers, boot_s: Callable[[], float] = clock.boot_s) -> Starlette:
    """License Central as an ASGI application. `boot_s` is the boot clock."""
    turns = asyncio.Semaphore(AT_A_TIME)
    wrong_tickets = RateLimit(WRONG_TICKETS_PER_MINUTE)

    async def work(act: Callable[..., T], *arguments: object) -> T:
        async with turns:
            try:
                return await asyncio.to_thread(act, *arguments)
            except CentralRefused as refused:
                raise Refused(422, "transfer-refused", refused.detail) from None
            except OSError as error:
                log.error("the disk failed: why=%s", error)
                raise Refused(507, "storage-failed", "The vendor's disk failed.") from None

    async def challenge(request: Request) -> Response:
        return json_answer(ChallengeDocument(challenge=transfers.challenge()))

    async def activate(request: Request) -> Response:
        # Looked at before anything of the body is read: a guess takes no lock.
        address = site_of(request.client.host if request.client else "")
        wait_s = wrong_tickets.look_s(address, boot_s())
        if wait_s:
            raise Refused(
                429,
                "too-many-requests",
                f"Too many tickets from {address} were none: come again in {math.ceil(wait_s)} s.",
                math.ceil(wait_s),
            )
        try:
            shown = read_activation(await _file(request))
        except ActivationRefused as refused:
            raise Refused(400, "bad-request", refused.detail) from None
        if not await work(transfers.knows, shown.ticket):
            wrong_tickets.wait_s(address, boot_s())
            raise Refused(422, "transfer-refused", NO_SUCH_TICKET)
        left = await work(transfers.activate, shown.ticket, shown.request.encode())
        return json_answer(ActivatedDocument(waiting_for=left))

    async def update(request: Request) -> Response:
        found = await work(transfers.update, await _file(request))
        if found is None:
            return Response(status_code=204)
        name = f'attachment; filename="{found.file_name}"'
        return Response(
            found.data, media_type=FILE_MEDIA_TYPE, headers={"content-disposition": name}
        )

    async def receipts(request: Request) -> Response:
        await work(transfers.confirm, await _file(request))
        return Response(status_code=204)

    async def take_back(request: Request) -> Response:
        made = await work(transfers.take_back, await _file(request))
        return json_answer(TakenBackDocument(**made._asdict()))

    async def healthz(request: Request) -> Response:
        return json_answer({"healthy": True})

    return Starlette(
        routes=[
            Route("/v1/challenge", challenge, methods=["POST"]),
            Route("/v1/activate", _logged(activate), methods=["POST"]),
            Route("/v1/update", _logged(update), methods=["POST"]),
            Route("/v1/receipts", _logged(receipts), methods=["POST"]),
            Route("/v1/return", _logged(take_back), methods=["POST"]),
            Route("/healthz", healthz, methods=["GET"]),
        ],
        exception_handlers=exception_handlers(_TITLES, "License Central"),
    )


def _logged(handler: Handler) -> Handler:
    """The handler, with one line in the log for each request."""

    async def told(request: Request) -> Response:
        act = request.url.path.split("/")[2]
        peer = request.client.host if request.client else ""
        try:
            response = await handler(request)
        except Refused as refused:
            log.warning("%s: peer=%s refused=%s", act, peer, refused.detail)
            raise
        log.info("%s: peer=%s status=%d", act, peer, response.status_code)
        return response

    return told


async def _file(request: Request) -> bytes:
    return await read_body(request, FILE_BYTES_MAX, "A file")
