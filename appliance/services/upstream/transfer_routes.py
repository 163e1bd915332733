"""Licences over the network, as the administration API's `POST /v1/container/transfer` has them."""

from __future__ import annotations

import logging

import msgspec

from appliance.adapters.central_client import CentralSaysNo, CentralUnreachable
from appliance.codec.api import Document
from appliance.codec.json_keys import repeated_key
from appliance.errors import UserError
from appliance.licences.model import LicenceKey
from appliance.licences.refusals import UpdateRefused
from appliance.services.problems import Refused
from appliance.services.upstream.transfer import TransferDenied, Transferred, Transfers
from appliance.unreadable import UNREADABLE

log = logging.getLogger(__name__)


class LicenceName(Document, frozen=True, forbid_unknown_fields=True):
    """Which licence."""

    firm_code: int
    product_code: int
    tmr_id: int


class TransferRequest(Document, frozen=True, forbid_unknown_fields=True):
    """What is wanted: with a `ticket` an activation, with a `licence` its return, else updates."""

    ticket: str = ""
    licence: LicenceName | None = None


class TransferDocument(Document, frozen=True):
    """What was done. `imported` are pairs of firm code and sequence; `waiting_for` counts the
    containers that have yet to show the ticket or to confirm the return; `detail` says what
    preceded the transfer, if anything did."""

    imported: tuple[tuple[int, int], ...]
    waiting_for: int
    detail: str = ""


def read_transfer(body: bytes) -> TransferRequest:
    """The request in this body (JSON; nothing is an empty one). Raises Refused."""
    try:
        request = msgspec.json.decode(body or b"{}", type=TransferRequest)
    except UNREADABLE as error:
        raise Refused(400, "bad-request", f"The body is not understood: {error}.") from None
    twice = repeated_key(body, TransferRequest)
    if twice:
        raise Refused(400, "bad-request", f"{twice!r} is there twice: which of the two counts?")
    if request.ticket and request.licence:
        raise Refused(400, "bad-request", "Name a ticket or a licence, not both.")
    return request


async def transfer(transfers: Transfers, body: bytes, who: str) -> TransferDocument:
    """Do what the body (a TransferRequest as JSON) wants. Raises Refused."""
    request = read_transfer(body)
    try:
        done = await _act(transfers, request)
    except TransferDenied as denied:
        raise Refused(409, "transfer-denied", denied.detail) from None
    except CentralSaysNo as refused:
        raise Refused(422, "transfer-refused", refused.detail) from None
    except CentralUnreachable as silent:
        raise Refused(502, "central-unreachable", silent.detail) from None
    except UserError as error:
        raise Refused(409, "transfer-denied", str(error)) from None
    except UpdateRefused as refused:
        raise Refused(422, "update-refused", refused.detail) from None
    except OSError as error:
        raise Refused(507, "storage-failed", f"The update is not stored: {error}.") from None
    log.info("transfer: who=%s imported=%s waiting=%d", who, done.imported, len(done.waiting_for))
    return TransferDocument(
        imported=done.imported, waiting_for=len(done.waiting_for), detail=done.certified
    )


async def _act(transfers: Transfers, request: TransferRequest) -> Transferred:
    if request.ticket:
        return await transfers.activate(request.ticket)
    if request.licence is not None:
        named = request.licence
        return await transfers.give_back(
            LicenceKey(named.firm_code, named.product_code, named.tmr_id)
        )
    return await transfers.update()
