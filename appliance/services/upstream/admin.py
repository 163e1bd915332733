"""An upstream's administration API: for operators on this host, not for clients of the appliance.

Its routes are the table `ROUTES`. What can go wrong in here is a change by somebody who may only
look: each row names the least role, and the role comes from the verified TLS certificate of the
connection. Whether that certificate was dismissed, or has ended, is asked for each request.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Final, Protocol

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from appliance.adapters.doors.door import DOOR_TIMES, DoorTimes
from appliance.adapters.doors.doorkeeper import Bounds, Rank
from appliance.adapters.keys.shut import KeyShut
from appliance.adapters.pki.authority import Identity, IdentityRefused, peer_identity
from appliance.codec.api import TimeUpdateDocument
from appliance.codec.signed_files import FILE_BYTES_MAX, without_transport
from appliance.ledger.membership.founding_anew import IntentRefused
from appliance.licences.carry_over import RESTORED_BYTES_MAX
from appliance.licences.model import ContainerUpdate
from appliance.licences.refusals import BlockListRefused, UpdateRefused
from appliance.services.certificates import Certificates
from appliance.services.faces import application
from appliance.services.http_connection import HttpTimes, Peer
from appliance.services.metrics import PLAIN_MEDIA_TYPE, rendered
from appliance.services.problems import Refused, json_answer
from appliance.services.routes import File, Route, number
from appliance.services.upstream.container import HostContainer
from appliance.services.upstream.documents import (
    BlockListDocument,
    ContainerDocument,
    ImportedDocument,
    UpstreamStatusDocument,
)
from appliance.services.upstream.timekeeping import TimeKeeper
from appliance.services.upstream.transfer import Transfers
from appliance.services.upstream.transfer_routes import (
    TransferDocument,
    container_shut,
    give_back,
    request_by_hand,
    transfer,
)
from appliance.services.web import WEB_TIMES, WebServer
from appliance.verifier.certificates import SINGLE

CONNECTIONS_MAX: Final = 32
CONNECTIONS_PER_PERSON_MAX: Final = 16
STRANGERS_MAX: Final = 32
ARRIVALS_MAX: Final = 256
# Most come from this host itself, so one address may have all places.
BOUNDS: Final = Bounds(
    arrivals_max=ARRIVALS_MAX,
    arrivals_per_address_max=ARRIVALS_MAX,
    shaking_max=STRANGERS_MAX,
    strangers_max=STRANGERS_MAX,
    strangers_per_address_max=STRANGERS_MAX,
    known_max=CONNECTIONS_MAX,
    known_per_client_max=CONNECTIONS_PER_PERSON_MAX,
)
VIEW, OPERATE, ADMINISTER = ROLES = ("view", "operate", "administer")
"""Each may do what those before it may."""
STORE_ID_BYTES: Final = 32
LOSING_MAX: Final = 10**15 - 1
JSON: Final = "application/json"
FILE_MEDIA_TYPE: Final = "application/jose"
FILE: Final = File("A file", FILE_BYTES_MAX)
_TITLES: Final = {
    "unauthenticated": "No certificate",
    "forbidden": "Not permitted",
    "update-refused": "The update is refused",
    "no-certified-time": "No certified time",
    "block-list-refused": "The block list is refused",
    "restore-refused": "The restore is refused",
    "transfer-denied": "No transfer now",
    "container-shut": "The container is shut",
    "transfer-refused": "License Central refuses",
    "central-unreachable": "License Central does not answer",
}

log = logging.getLogger(__name__)


class Upstream(Protocol):
    """What this API shows and changes."""

    container: HostContainer
    timekeeper: TimeKeeper
    metrics: CollectorRegistry
    damage: str
    transfers: Transfers
    certificates: Certificates

    def status(self) -> UpstreamStatusDocument:
        """How the upstream is."""

    async def consent(self, store: bytes) -> None:
        """An operator agrees that the store with this id joins the ledger.

        Raises OSError if that cannot be stored.
        """

    async def taken_over(self, update: ContainerUpdate) -> None:
        """Returns once the ledger has this update, or after a while."""

    def restore(self, intent: bytes, losing: int, who: str) -> None:
        """An operator says what this empty store is to restore. Raises IntentRefused."""

    def container_document(self) -> ContainerDocument:
        """What its container holds."""


class Administration:
    """The routes of one upstream. `who` is the certificate's holder."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def health(self) -> Response:
        """GET /healthz."""
        healthy = not self._upstream.damage
        return json_answer({"healthy": healthy}, 200 if healthy else 503)

    async def metrics(self, request: Request, who: Identity) -> Response:
        """GET /metrics."""
        body, media_type = rendered(self._upstream.metrics, request.headers.get("accept", ""))
        return Response(body, headers={"content-type": media_type})

    async def status(self, who: Identity) -> UpstreamStatusDocument:
        """GET /v1/status."""
        return self._upstream.status()

    async def container(self, who: Identity) -> ContainerDocument:
        """GET /v1/container."""
        return self._upstream.container_document()

    async def request(self, who: Identity, file: bytes) -> Response:
        """POST /v1/container/request."""
        container = self._upstream.container
        name = f'attachment; filename="{container.serial}.tmr-request"'
        try:
            made = request_by_hand(container, file)
        except KeyShut as shut:
            raise container_shut(shut) from None
        return Response(
            made,
            media_type=FILE_MEDIA_TYPE,
            headers={"content-disposition": name},
        )

    async def update(self, who: Identity, file: bytes) -> ImportedDocument:
        """PUT /v1/container/update."""
        try:
            update = await self._upstream.container.import_update(without_transport(file))
        except UpdateRefused as refused:
            raise Refused(422, "update-refused", refused.detail) from None
        except OSError as error:
            raise Refused(507, "storage-failed", f"The update is not stored: {error}.") from None
        firm = update.firm
        log.info("imported: firm=%d sequence=%d who=%s", firm.firm_code, firm.sequence, who.name)
        if update.twin == SINGLE:
            await self._upstream.taken_over(update)
        return ImportedDocument(
            serial=update.serial,
            cmact_id=update.cmact_id,
            twin=update.twin,
            firm_code=firm.firm_code,
            firm_name=firm.firm_name,
            sequence=firm.sequence,
            licences=len(firm.items),
        )

    async def transfer(self, who: Identity, file: bytes) -> TransferDocument:
        """POST /v1/container/transfer."""
        return await transfer(self._upstream.transfers, file, who.name)

    async def give_back(self, who: Identity, file: bytes) -> TransferDocument:
        """POST /v1/container/return."""
        return await give_back(self._upstream.transfers, file, who.name)

    async def block_list(self, who: Identity, file: bytes) -> BlockListDocument:
        """PUT /v1/container/block-list."""
        container = self._upstream.container
        try:
            learned = await container.learn_block_list(file)
        except BlockListRefused as refused:
            raise Refused(422, "block-list-refused", refused.detail) from None
        except OSError as error:
            raise Refused(507, "storage-failed", f"The list is not stored: {error}.") from None
        log.info("block list: number=%d who=%s", learned.number, who.name)
        return BlockListDocument(
            serial=container.serial, number=learned.number, locked=container.locked
        )

    async def time(self, who: Identity) -> TimeUpdateDocument:
        """POST /v1/time: what came of it."""
        updated = await self._upstream.timekeeper.update()
        log.info("time update: who=%s %s", who.name, updated.detail)
        if updated.certified_ms is None:
            raise Refused(502, "no-certified-time", updated.detail)
        return TimeUpdateDocument(results={self._upstream.container.serial: updated.details})

    async def consent(self, who: Identity, file: bytes) -> UpstreamStatusDocument:
        """PUT /v1/consent: an operator's word that a store may join (design D7)."""
        try:
            store = bytes.fromhex(file.decode())
        except ValueError:
            store = b""
        if len(store) != STORE_ID_BYTES:
            raise Refused(400, "bad-request", "The body is a store's id: 64 hexadecimal digits.")
        try:
            await self._upstream.consent(store)
        except OSError as error:
            raise Refused(507, "storage-failed", f"The word is not stored: {error}.") from None
        log.info("consent: store=%s who=%s", store.hex(), who.name)
        return self._upstream.status()

    async def restore(self, who: Identity, losing: int, file: bytes) -> UpstreamStatusDocument:
        """PUT /v1/restore: what an empty store is to restore (design D7)."""
        try:
            self._upstream.restore(file, losing, who.name)
        except IntentRefused as refused:
            raise Refused(409, "restore-refused", refused.detail) from None
        log.info("restore: losing=%d who=%s", losing, who.name)
        return self._upstream.status()


ROUTES: Final = (
    Route("health", "GET", "/healthz", "Whether it is sound", "", Administration.health, JSON),
    Route(
        "metrics",
        "GET",
        "/metrics",
        "Metrics, as Prometheus reads them",
        VIEW,
        Administration.metrics,
        PLAIN_MEDIA_TYPE,
        raw=True,
    ),
    Route(
        "status",
        "GET",
        "/v1/status",
        "How this upstream is",
        VIEW,
        Administration.status,
        UpstreamStatusDocument,
    ),
    Route(
        "container",
        "GET",
        "/v1/container",
        "What its container holds",
        VIEW,
        Administration.container,
        ContainerDocument,
    ),
    Route(
        "request",
        "POST",
        "/v1/container/request",
        "The file that asks a vendor by hand",
        OPERATE,
        Administration.request,
        FILE_MEDIA_TYPE,
        FILE,
    ),
    Route(
        "update",
        "PUT",
        "/v1/container/update",
        "Import a vendor's update file",
        OPERATE,
        Administration.update,
        ImportedDocument,
        FILE,
    ),
    Route(
        "transfer",
        "POST",
        "/v1/container/transfer",
        "Fetch updates over the network",
        OPERATE,
        Administration.transfer,
        TransferDocument,
        FILE,
    ),
    Route(
        "return",
        "POST",
        "/v1/container/return",
        "Order a licence to be taken back, or call that off",
        ADMINISTER,
        Administration.give_back,
        TransferDocument,
        FILE,
    ),
    Route(
        "block-list",
        "PUT",
        "/v1/container/block-list",
        "Take over the vendors' block list, where no time server can be reached",
        OPERATE,
        Administration.block_list,
        BlockListDocument,
        FILE,
    ),
    Route(
        "time",
        "POST",
        "/v1/time",
        "Get certified time now",
        OPERATE,
        Administration.time,
        TimeUpdateDocument,
    ),
    Route(
        "consent",
        "PUT",
        "/v1/consent",
        "Agree that a new store may vote",
        ADMINISTER,
        Administration.consent,
        UpstreamStatusDocument,
        FILE,
    ),
    Route(
        "restore",
        "PUT",
        "/v1/restore",
        "Say what an empty store is to restore, and how many entries are to be lost",
        ADMINISTER,
        Administration.restore,
        UpstreamStatusDocument,
        File("What is to be restored", RESTORED_BYTES_MAX),
        query=(
            number("losing", most=LOSING_MAX, default=0, what="how many entries are to be lost"),
        ),
    ),
)


def make_app(upstream: Upstream) -> Starlette:
    """The API as an ASGI application; `state["peer"]` is the Identity of the connection or None."""

    def allow(route: Route, request: Request) -> Identity:
        peer: Identity | None = request.state.peer
        if peer is None:
            raise Refused(401, "unauthenticated", "Show an operator's certificate.")
        wrong = upstream.certificates.why_not(peer)
        if wrong:
            raise Refused(401, "unauthenticated", f"{wrong.capitalize()}.")
        allowed = ROLES[ROLES.index(route.role) :]
        if peer.role not in allowed:
            needed = " or ".join(sorted(allowed))
            raise Refused(
                403, "forbidden", f"{peer.name} has role {peer.role}; this needs {needed}."
            )
        return peer

    return application(ROUTES, (Administration(upstream),), _TITLES, "this upstream", allow)


class AdminServer(WebServer):
    """Serves the API over TLS on one address, on the running event loop."""

    def __init__(
        self,
        address: tuple[str, int],
        context: ssl.SSLContext,
        upstream: Upstream,
        *,
        bounds: Bounds = BOUNDS,
        times: HttpTimes = WEB_TIMES,
        door_times: DoorTimes = DOOR_TIMES,
    ) -> None:
        super().__init__(
            address,
            make_app(upstream),
            context,
            bounds=bounds,
            times=times,
            door_times=door_times,
            look_at=_look_at,
        )


def _look_at(transport: asyncio.Transport) -> Peer:
    """Who a connection is: known is who may look at least."""
    try:
        peer = peer_identity(transport.get_extra_info("peercert"))
    except IdentityRefused:
        return Peer({"peer": None})
    return Peer({"peer": peer}, peer.name if peer.role in ROLES else "", Rank.OPERATOR)
