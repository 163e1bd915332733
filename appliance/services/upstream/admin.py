"""An upstream's administration API: for operators on this host, not for clients of the appliance.

    GET  /healthz                  anybody
    GET  /metrics                  view     metrics, as Prometheus reads them
    GET  /v1/status                view     how this upstream is
    GET  /v1/container             view     what its container holds
    POST /v1/container/request     operate  the file that asks a vendor by hand
    PUT  /v1/container/update      operate  import a vendor's update file
    PUT  /v1/consent               administer  agree that a new store may vote
    PUT  /v1/restore               administer  say what an empty store is to restore
    POST /v1/time                  operate  get certified time now
    POST /v1/container/transfer    operate  activate or update over the network
    POST /v1/container/return      administer  order a licence to be taken back, or call that off
    PUT  /v1/container/block-list  operate  take over the vendors' block list, where no time server
                                            can be reached

What can go wrong in here is a change by somebody who may only look: every route names the roles
that may use it, and the role comes from the verified TLS certificate of the connection. Whether
that certificate was dismissed, or has ended, is asked for each request.
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
from starlette.routing import Route

from appliance.adapters.doors.door import DOOR_TIMES, DoorTimes
from appliance.adapters.doors.doorkeeper import Bounds, Rank
from appliance.adapters.pki.authority import Identity, IdentityRefused, peer_identity
from appliance.codec.api import TimeUpdateDocument
from appliance.codec.signed_files import FILE_BYTES_MAX, without_transport
from appliance.ledger.membership.founding_anew import IntentRefused
from appliance.licences.carry_over import RESTORED_BYTES_MAX
from appliance.licences.refusals import BlockListRefused, UpdateRefused
from appliance.services.certificates import Certificates
from appliance.services.http_connection import HttpTimes, Peer
from appliance.services.metrics import rendered
from appliance.services.problems import (
    Handler,
    Refused,
    exception_handlers,
    json_answer,
    read_body,
)
from appliance.services.upstream.container import HostContainer
from appliance.services.upstream.documents import (
    BlockListDocument,
    ContainerDocument,
    ImportedDocument,
    UpstreamStatusDocument,
)
from appliance.services.upstream.timekeeping import TimeKeeper
from appliance.services.upstream.transfer import Transfers
from appliance.services.upstream.transfer_routes import give_back, request_by_hand, transfer
from appliance.services.web import WEB_TIMES, WebServer

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
VIEW: Final = frozenset({"view", "operate", "administer"})
OPERATE: Final = frozenset({"operate", "administer"})
ADMINISTER: Final = frozenset({"administer"})
STORE_ID_BYTES: Final = 32
LOSING_DIGITS_MAX: Final = 15
_TITLES: Final = {
    "unauthenticated": "No certificate",
    "forbidden": "Not permitted",
    "update-refused": "The update is refused",
    "no-certified-time": "No certified time",
    "block-list-refused": "The block list is refused",
    "restore-refused": "The restore is refused",
    "transfer-denied": "No transfer now",
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

    def restore(self, intent: bytes, losing: int, who: str) -> None:
        """An operator says what this empty store is to restore. Raises IntentRefused."""

    def container_document(self) -> ContainerDocument:
        """What its container holds."""


def make_app(upstream: Upstream) -> Starlette:
    """The API as an ASGI application; `state["peer"]` is the Identity of the connection or None."""

    async def healthz(request: Request) -> Response:
        healthy = not upstream.damage
        return json_answer({"healthy": healthy}, 200 if healthy else 503)

    async def status(request: Request) -> Response:
        return json_answer(upstream.status())

    async def metrics(request: Request) -> Response:
        body, media_type = rendered(upstream.metrics, request.headers.get("accept", ""))
        return Response(body, headers={"content-type": media_type})

    async def container(request: Request) -> Response:
        return json_answer(upstream.container_document())

    async def make_request(request: Request) -> Response:
        name = f'attachment; filename="{upstream.container.serial}.tmr-request"'
        made = request_by_hand(upstream.container, await _file(request))
        return Response(
            made,
            media_type="application/jose",
            headers={"content-disposition": name},
        )

    async def import_update(request: Request) -> Response:
        data = without_transport(await _file(request))
        try:
            update = await upstream.container.import_update(data)
        except UpdateRefused as refused:
            raise Refused(422, "update-refused", refused.detail) from None
        except OSError as error:
            raise Refused(507, "storage-failed", f"The update is not stored: {error}.") from None
        firm = update.firm
        peer = request.state.peer
        log.info("imported: firm=%d sequence=%d who=%s", firm.firm_code, firm.sequence, peer.name)
        return json_answer(
            ImportedDocument(
                serial=update.serial,
                cmact_id=update.cmact_id,
                twin=update.twin,
                firm_code=firm.firm_code,
                firm_name=firm.firm_name,
                sequence=firm.sequence,
                licences=len(firm.items),
            )
        )

    app = Starlette(
        routes=[
            Route("/healthz", healthz, methods=["GET"]),
            Route("/metrics", _only(VIEW, metrics), methods=["GET"]),
            Route("/v1/status", _only(VIEW, status), methods=["GET"]),
            Route("/v1/container", _only(VIEW, container), methods=["GET"]),
            Route("/v1/container/request", _only(OPERATE, make_request), methods=["POST"]),
            Route("/v1/container/update", _only(OPERATE, import_update), methods=["PUT"]),
            Route("/v1/consent", _only(ADMINISTER, _consenting(upstream)), methods=["PUT"]),
            Route("/v1/restore", _only(ADMINISTER, _restoring(upstream)), methods=["PUT"]),
            Route("/v1/time", _only(OPERATE, _time_updater(upstream)), methods=["POST"]),
            Route(
                "/v1/container/transfer", _only(OPERATE, _transferring(upstream)), methods=["POST"]
            ),
            Route(
                "/v1/container/return", _only(ADMINISTER, _returning(upstream)), methods=["POST"]
            ),
            Route("/v1/container/block-list", _only(OPERATE, _blocking(upstream)), methods=["PUT"]),
        ],
        exception_handlers=exception_handlers(_TITLES, "this upstream"),
    )
    app.state.upstream = upstream
    return app


def _time_updater(upstream: Upstream) -> Handler:
    """Gets certified time now, and says what came of it."""

    async def update_time(request: Request) -> Response:
        updated = await upstream.timekeeper.update()
        log.info("time update: who=%s %s", request.state.peer.name, updated.detail)
        if updated.certified_ms is None:
            raise Refused(502, "no-certified-time", updated.detail)
        return json_answer(TimeUpdateDocument(results={upstream.container.serial: updated.detail}))

    return update_time


def _consenting(upstream: Upstream) -> Handler:
    """Takes an operator's word that a store may join (design D7)."""

    async def consent(request: Request) -> Response:
        try:
            store = bytes.fromhex((await _file(request)).decode())
        except ValueError:
            store = b""
        if len(store) != STORE_ID_BYTES:
            raise Refused(400, "bad-request", "The body is a store's id: 64 hexadecimal digits.")
        try:
            await upstream.consent(store)
        except OSError as error:
            raise Refused(507, "storage-failed", f"The word is not stored: {error}.") from None
        log.info("consent: store=%s who=%s", store.hex(), request.state.peer.name)
        return json_answer(upstream.status())

    return consent


def _restoring(upstream: Upstream) -> Handler:
    """Takes an operator's word of what an empty store is to restore (design D7)."""

    async def restore(request: Request) -> Response:
        losing = request.query_params.get("losing", "0")
        if not (losing.isascii() and losing.isdecimal()) or len(losing) > LOSING_DIGITS_MAX:
            raise Refused(400, "bad-request", "losing is how many entries are to be lost.")
        who = request.state.peer.name
        try:
            intent = await read_body(request, RESTORED_BYTES_MAX, "What is to be restored")
            upstream.restore(intent, int(losing), who)
        except IntentRefused as refused:
            raise Refused(409, "restore-refused", refused.detail) from None
        log.info("restore: losing=%s who=%s", losing, who)
        return json_answer(upstream.status())

    return restore


def _blocking(upstream: Upstream) -> Handler:
    """Takes over a block list."""

    async def learn_block_list(request: Request) -> Response:
        data = await _file(request)
        try:
            learned = await upstream.container.learn_block_list(data)
        except BlockListRefused as refused:
            raise Refused(422, "block-list-refused", refused.detail) from None
        except OSError as error:
            raise Refused(507, "storage-failed", f"The list is not stored: {error}.") from None
        log.info("block list: number=%d who=%s", learned.number, request.state.peer.name)
        container = upstream.container
        return json_answer(
            BlockListDocument(
                serial=container.serial, number=learned.number, locked=container.locked
            )
        )

    return learn_block_list


def _transferring(upstream: Upstream) -> Handler:
    """Activates, or updates."""

    async def transfer_licences(request: Request) -> Response:
        data = await _file(request)
        return json_answer(await transfer(upstream.transfers, data, request.state.peer.name))

    return transfer_licences


def _returning(upstream: Upstream) -> Handler:
    """Orders a licence to be taken back, or calls that off."""

    async def return_licence(request: Request) -> Response:
        data = await _file(request)
        return json_answer(await give_back(upstream.transfers, data, request.state.peer.name))

    return return_licence


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
    return Peer({"peer": peer}, peer.name if peer.role in VIEW else "", Rank.OPERATOR)


def _only(roles: frozenset[str], handler: Handler) -> Handler:
    """The handler, for certificates of these roles."""

    async def guarded(request: Request) -> Response:
        peer: Identity | None = request.state.peer
        if peer is None:
            raise Refused(401, "unauthenticated", "Show an operator's certificate.")
        wrong = request.app.state.upstream.certificates.why_not(peer)
        if wrong:
            raise Refused(401, "unauthenticated", f"{wrong.capitalize()}.")
        if peer.role not in roles:
            needed = " or ".join(sorted(roles))
            raise Refused(
                403, "forbidden", f"{peer.name} has role {peer.role}; this needs {needed}."
            )
        return await handler(request)

    return guarded


async def _file(request: Request) -> bytes:
    return await read_body(request, FILE_BYTES_MAX, "A file")
