"""What a container asks of vendors: the administration API's routes below /v1/container."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable
from typing import TypeVar

import msgspec

from appliance.adapters.central_client import CentralSaysNo, CentralUnreachable
from appliance.adapters.keys.shut import KeyShut
from appliance.codec.api import Document
from appliance.codec.json_keys import repeated_key
from appliance.codec.request_files import (
    NONCE_BYTES_MIN,
    ORDER_MAX,
    Purpose,
    Wanted,
    firm_audience,
    open_request,
)
from appliance.errors import UserError
from appliance.licences.bounds import CODE_MAX
from appliance.licences.model import LicenceKey
from appliance.licences.refusals import UpdateRefused
from appliance.services.problems import Refused
from appliance.services.upstream.container import HostContainer
from appliance.services.upstream.transfer import TransferDenied, Transferred, Transfers
from appliance.unreadable import UNREADABLE

log = logging.getLogger(__name__)


class LicenceName(Document, frozen=True, forbid_unknown_fields=True):
    """Which licence."""

    firm_code: int
    product_code: int
    tmr_id: int


class OrderRequest(Document, frozen=True, forbid_unknown_fields=True):
    """A request by hand is wanted: for which firm, and for the order of which name, or for what
    that firm issued since (`update`); without all it is an open one."""

    firm_code: int = 0
    order: str = ""
    update: bool = False


class TransferRequest(Document, frozen=True, forbid_unknown_fields=True):
    """Updates are wanted."""


class ReturnRequest(Document, frozen=True, forbid_unknown_fields=True):
    """A licence is to be taken back, or with `call_off` is to stay after all."""

    licence: LicenceName
    call_off: bool = False


class TransferDocument(Document, frozen=True):
    """What was done. `imported` are pairs of firm code and sequence; `detail` says what preceded
    the transfer, if anything did. Of a return: how many containers have yet to confirm it
    (`waiting_for`), how many more have to order it (`orders_missing`), when it is taken away
    (`due_at_s`, Unix time), and whether it is."""

    imported: tuple[tuple[int, int], ...]
    waiting_for: int
    detail: str = ""
    orders_missing: int = 0
    due_at_s: int | None = None
    taken: bool = False


D = TypeVar("D", OrderRequest, TransferRequest, ReturnRequest)


def read_asked(body: bytes, kind: type[D]) -> D:
    """What is asked for in this body (JSON; nothing is an empty one). Raises Refused."""
    try:
        asked = msgspec.json.decode(body or b"{}", type=kind)
    except UNREADABLE as error:
        raise Refused(400, "bad-request", f"The body is not understood: {error}.") from None
    twice = repeated_key(body, kind)
    if twice:
        raise Refused(400, "bad-request", f"{twice!r} is there twice: which of the two counts?")
    return asked


def request_by_hand(container: HostContainer, body: bytes) -> bytes:
    """The request file that the body (an OrderRequest as JSON) wants. Raises Refused."""
    asked = read_asked(body, OrderRequest)
    if asked == OrderRequest():
        return container.request(open_request())
    if not 0 < asked.firm_code <= CODE_MAX:
        raise Refused(400, "bad-request", f"A firm code is 1 to {CODE_MAX}.")
    number = secrets.token_bytes(NONCE_BYTES_MIN)
    audience = firm_audience(asked.firm_code)
    if asked.update:
        if asked.order:
            raise Refused(400, "bad-request", "A request for updates names no order.")
        held = tuple(one for one in container.held if one[0] == asked.firm_code)
        return container.request(Wanted(Purpose.UPDATE, audience, number, held=held))
    if not asked.order.strip() or len(asked.order) > ORDER_MAX or not asked.order.isprintable():
        raise Refused(
            400, "bad-request", f"An order's name has 1 to {ORDER_MAX} printable characters."
        )
    return container.request(Wanted(Purpose.ORDER, audience, number, asked.order))


async def transfer(transfers: Transfers, body: bytes, who: str) -> TransferDocument:
    """Do what the body (a TransferRequest as JSON) wants. Raises Refused."""
    read_asked(body, TransferRequest)
    done = await _done(transfers.update())
    log.info("transfer: who=%s imported=%s", who, done.imported)
    return TransferDocument(imported=done.imported, waiting_for=0, detail=done.certified)


async def give_back(transfers: Transfers, body: bytes, who: str) -> TransferDocument:
    """Do what the body (a ReturnRequest as JSON) wants. Raises Refused."""
    request = read_asked(body, ReturnRequest)
    named = request.licence
    key = LicenceKey(named.firm_code, named.product_code, named.tmr_id)
    done = await _done(transfers.give_back(key, call_off=request.call_off))
    returned = done.returned
    assert returned is not None
    act = "called off" if request.call_off else "ordered"
    log.info("return: who=%s licence=%s act=%s taken=%s", who, key, act, returned.taken)
    return TransferDocument(
        imported=done.imported,
        waiting_for=len(returned.waiting_for),
        detail=done.certified,
        orders_missing=returned.orders_missing,
        due_at_s=returned.due_at_s,
        taken=returned.taken,
    )


def container_shut(shut: KeyShut) -> Refused:
    """The refusal of whatever takes a signature."""
    return Refused(409, "container-shut", f"{shut.detail}.")


async def _done(act: Awaitable[Transferred]) -> Transferred:
    """What came of it. Raises Refused."""
    try:
        return await act
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
    except KeyShut as shut:
        raise container_shut(shut) from None
    except OSError as error:
        raise Refused(507, "storage-failed", f"The update is not stored: {error}.") from None
