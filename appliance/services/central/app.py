"""License Central's HTTP face, for containers that are activated and updated over the network.

Its routes are the table `ROUTES`. All bodies but that of an activation are signed files
(`application/jose`), so that TLS is there for privacy: who asks is proven by what he signed. A
ticket is in no address and in no line of the log. What can go wrong in here is work for strangers:
bodies are bounded while they are read, and few requests work on the vendors' directory at a time.
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

from appliance.adapters import clock
from appliance.adapters.doors.doorkeeper import site_of
from appliance.adapters.doors.rates import RateLimit
from appliance.codec.activation import ActivationRefused, read_activation
from appliance.codec.api import Document
from appliance.codec.signed_files import FILE_BYTES_MAX
from appliance.services.central.refusals import CentralRefused, RecordsFailed
from appliance.services.central.transfers import NO_SUCH_TICKET, Transfers
from appliance.services.faces import application
from appliance.services.problems import Refused, json_answer, read_body
from appliance.services.routes import File, Route

FILE_MEDIA_TYPE: Final = "application/jose"
GROUP_MEDIA_TYPE: Final = "application/json"
AT_A_TIME: Final = 4
"""Requests that work on the directory at once; the others wait, as many as may be connected."""
WRONG_TICKETS_PER_MINUTE: Final = 10
"""Of one address; who mistypes one has a few more tries."""
_TITLES: Final = {
    "transfer-refused": "The transfer is refused",
}

T = TypeVar("T")

log = logging.getLogger(__name__)


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


class Face:
    """License Central's routes. `boot_s` is the boot clock."""

    def __init__(self, transfers: Transfers, boot_s: Callable[[], float]) -> None:
        self._transfers = transfers
        self._boot_s = boot_s
        self._turns = asyncio.Semaphore(AT_A_TIME)
        self._wrong_tickets = RateLimit(WRONG_TICKETS_PER_MINUTE)

    async def _work(self, act: Callable[..., T], *arguments: object) -> T:
        async with self._turns:
            try:
                return await asyncio.to_thread(act, *arguments)
            except RecordsFailed as failed:
                log.error("the records failed: why=%s", failed.detail)
                raise Refused(507, "storage-failed", "The vendor's records failed.") from None
            except CentralRefused as refused:
                raise Refused(422, "transfer-refused", refused.detail) from None
            except OSError as error:
                log.error("the disk failed: why=%s", error)
                raise Refused(507, "storage-failed", "The vendor's disk failed.") from None

    async def challenge(self) -> ChallengeDocument:
        """POST /v1/challenge."""
        return ChallengeDocument(challenge=self._transfers.challenge())

    async def activate(self, request: Request) -> Response:
        """POST /v1/activate: a ticket with a group request file."""
        # Looked at before anything of the body is read: a guess takes no lock.
        address = site_of(request.client.host if request.client else "")
        wait_s = self._wrong_tickets.look_s(address, self._boot_s())
        if wait_s:
            raise Refused(
                429,
                "too-many-requests",
                f"Too many tickets from {address} were none: come again in {math.ceil(wait_s)} s.",
                math.ceil(wait_s),
            )
        try:
            shown = read_activation(await read_body(request, FILE.bytes_max, FILE.what))
        except ActivationRefused as refused:
            raise Refused(400, "bad-request", refused.detail) from None
        if not await self._work(self._transfers.knows, shown.ticket):
            self._wrong_tickets.wait_s(address, self._boot_s())
            raise Refused(422, "transfer-refused", NO_SUCH_TICKET)
        answer = await self._work(self._transfers.activate, shown.ticket, shown.request.encode())
        return Response(answer, media_type=GROUP_MEDIA_TYPE)

    async def update(self, file: bytes) -> Response:
        """POST /v1/update: the next update for a request file, if there is one."""
        found = await self._work(self._transfers.update, file)
        if found is None:
            return Response(status_code=204)
        name = f'attachment; filename="{found.file_name}"'
        return Response(
            found.data, media_type=FILE_MEDIA_TYPE, headers={"content-disposition": name}
        )

    async def receipt(self, file: bytes) -> Response:
        """POST /v1/receipts: a receipt file."""
        await self._work(self._transfers.confirm, file)
        return Response(status_code=204)

    async def take_back(self, file: bytes) -> TakenBackDocument:
        """POST /v1/return: an order file."""
        made = await self._work(self._transfers.take_back, file)
        return TakenBackDocument(**made._asdict())

    async def health(self) -> Response:
        """GET /healthz."""
        return json_answer({"healthy": True})


FILE: Final = File("A file", FILE_BYTES_MAX)
ROUTES: Final = (
    Route(
        "challenge",
        "POST",
        "/v1/challenge",
        "What the next request has to answer",
        "",
        Face.challenge,
        ChallengeDocument,
    ),
    Route(
        "activate",
        "POST",
        "/v1/activate",
        "Show a ticket, with a group request file (JSON): a group answer file with what it lacks",
        "",
        Face.activate,
        GROUP_MEDIA_TYPE,
        raw=True,
    ),
    Route(
        "update",
        "POST",
        "/v1/update",
        "The next update file for a request file, or 204: it has them all",
        "",
        Face.update,
        FILE_MEDIA_TYPE,
        FILE,
        statuses=(200, 204),
    ),
    Route(
        "receipts",
        "POST",
        "/v1/receipts",
        "Confirm an update that was imported",
        "",
        Face.receipt,
        FILE_MEDIA_TYPE,
        FILE,
        statuses=(204,),
    ),
    Route(
        "return",
        "POST",
        "/v1/return",
        "Order a licence to be taken back: who has yet to order it, and to confirm that it is gone",
        "",
        Face.take_back,
        TakenBackDocument,
        FILE,
    ),
    Route("health", "GET", "/healthz", "Whether it answers", "", Face.health, "application/json"),
)


def make_app(transfers: Transfers, boot_s: Callable[[], float] = clock.boot_s) -> Starlette:
    """License Central as an ASGI application. `boot_s` is the boot clock."""
    face = Face(transfers, boot_s)
    return application(ROUTES, (face,), _TITLES, "License Central", tell=_tell)


def _tell(route: Route, request: Request, end: Response | Refused) -> None:
    """One line in the log for each request but those for health or a challenge."""
    peer = request.client.host if request.client else ""
    if isinstance(end, Refused):
        log.warning("%s: peer=%s refused=%s", route.name, peer, end.detail)
    elif route.method == "POST" and route.name != "challenge":
        log.info("%s: peer=%s status=%d", route.name, peer, end.status_code)
