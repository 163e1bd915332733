"""What the group of three containers does in one go: `POST /v1/group/...`.

    activate   a challenge from License Central, three signed requests, one group request file, one
               answer; each part of it becomes an entry, and waits there for its container
    request    the same file, for somebody to carry
    import     an answer that was carried
    receipt    one file with the receipts of all that answer

What can go wrong in here is an answer that is lost on the way, or a host that fails over: so
nothing is kept here. Who repeats the command gets the same answer from the vendor, and an update
that a container has is no news to the ledger.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from appliance.codec import api_groups as api
from appliance.codec.container_orders import (
    Confirm,
    ContainerAnswer,
    ContainerOrder,
    GetChallenge,
    ShowTicket,
    SignReceipt,
    SignRequest,
    What,
)
from appliance.codec.group_files import (
    FILES_MAX,
    GroupAnswer,
    GroupRefused,
    build_group_receipt,
    build_group_request,
    read_group_answer,
)
from appliance.codec.request_files import NONCE_BYTES_MIN, ORDER_MAX, Purpose, firm_audience
from appliance.codec.ticket_codes import (
    Chosen,
    Mistyped,
    is_chosen,
    order_of,
    read_code,
    ticket_mark,
)
from appliance.details import detail
from appliance.licences.bounds import CODE_MAX
from appliance.licences.commands import Deliver
from appliance.licences.model import ContainerUpdate
from appliance.licences.refusals import UpdateRefused
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.problems import REASONS, Refusal

IMPORT_BYTES_MAX: Final = 6 << 20
"""Of the body of an import: an answer file, in JSON."""
ORDERED_WITHIN_S: Final = 65.0
"""How long an upstream may take: it may ask License Central, and a time server before that."""
IMPORTED_WITHIN_S: Final = 10.0
LOOK_EVERY_S: Final = 0.1
RUNNING_MAX: Final = 4
"""Activations and imports under way; each goes on if its client has gone away."""

Order = Callable[[str, ContainerOrder], Awaitable[ContainerAnswer]]
"""(upstream, order) -> its answer. Raises TimeoutError."""

log = logging.getLogger(__name__)


async def unordered(name: str, order: ContainerOrder) -> ContainerAnswer:
    """Where no upstream can be asked."""
    raise TimeoutError


class Groups:
    """The routes of one TMR host. `order` has an upstream's container do something."""

    def __init__(
        self,
        host: TmrHost,
        order: Order = unordered,
        imported_within_s: float = IMPORTED_WITHIN_S,
    ) -> None:
        self._host = host
        self._order = order
        self._within_s = imported_within_s
        self._running: dict[tuple[str, str], asyncio.Future[api.ImportedDocument]] = {}

    async def activate(self, caller: Caller, request: api.ActivateRequest) -> api.ImportedDocument:
        """Show a ticket over the network; give each container its part of the answer."""
        code = _code(request.ticket)
        chosen = _chosen(request.chosen)
        firm = _firm(request.firm_code) if request.firm_code else 0
        key = (caller.client, order_of(code, chosen))
        return await self._once(key, lambda: self._activate(caller, firm, code, chosen))

    async def request(self, caller: Caller, request: api.GroupFileRequest) -> api.GroupFileDocument:
        """A group request file for somebody to carry."""
        await self._host.orders.fence()
        audience = firm_audience(_firm(request.firm_code))
        purpose, name, mark = Purpose.UPDATE, "", b""
        chosen = _chosen(request.chosen)
        if request.ticket:
            code = _code(request.ticket)
            purpose, name, mark = Purpose.ACTIVATE, order_of(code, chosen), ticket_mark(code)
        elif request.order:
            if len(request.order) > ORDER_MAX or not request.order.isprintable():
                raise Refusal("bad-request", detail("order-form", most=ORDER_MAX))
            purpose, name = Purpose.ORDER, request.order
        if (request.ticket and request.order) or (chosen and not request.ticket):
            raise Refusal("bad-request", detail("ticket-or-order"))
        wanted = SignRequest(
            purpose, audience, secrets.token_bytes(NONCE_BYTES_MIN), name, request.firm_code
        )
        file = build_group_request(await self._signed(wanted), mark, chosen)
        log.info("group request: who=%s firm=%d", caller.client, request.firm_code)
        return _document(file)

    async def receive(self, caller: Caller, request: api.ImportRequest) -> api.ImportedDocument:
        """Give each container its part of an answer that was carried."""
        answer = _answer(request.file.encode())
        key = (caller.client, request.file)
        return await self._once(key, lambda: self._deliver(caller, answer))

    async def receipt(
        self, caller: Caller, request: api.GroupReceiptRequest
    ) -> api.GroupFileDocument:
        """A group receipt file, of all that can sign now."""
        await self._host.orders.fence()
        wanted = SignReceipt(_firm(request.firm_code))
        answers = await self._asked_all(wanted)
        files = tuple(one.data for one in answers.values() if not one.refused)
        if not files:
            raise Refusal("not-found", _why(answers))
        missing = tuple(name for name, one in answers.items() if one.refused)
        return _document(build_group_receipt(files), missing)

    async def _once(
        self, key: tuple[str, str], act: Callable[[], Awaitable[api.ImportedDocument]]
    ) -> api.ImportedDocument:
        """A client that waits long repeats its request on another connection: that joins in."""
        running = self._running.get(key)
        if running is None:
            if len(self._running) >= RUNNING_MAX:
                raise Refusal("overloaded", detail("activations-others"))
            running = asyncio.ensure_future(act())
            self._running[key] = running
            running.add_done_callback(lambda _: self._running.pop(key, None))
        return await asyncio.shield(running)

    async def _activate(
        self, caller: Caller, firm: int, code: str, chosen: Chosen
    ) -> api.ImportedDocument:
        await self._host.orders.fence()
        name, given = await self._challenge(firm)
        wanted = SignRequest(
            Purpose.ACTIVATE, given.audience, given.data, order_of(code, chosen), firm
        )
        file = build_group_request(await self._signed(wanted), ticket_mark(code), chosen)
        shown = await self._asked(name, ShowTicket(code, file, firm))
        if shown.refused:
            raise Refusal("transfer-refused", shown.refused)
        made = await self._deliver(caller, _answer(shown.data))
        here = [part.host for part in made.parts if part.imported]
        await asyncio.gather(*(self._asked(one, Confirm()) for one in here))
        return made

    async def _challenge(self, firm: int) -> tuple[str, ContainerAnswer]:
        """The first upstream that reaches License Central, and what that gave it."""
        answers: dict[str, ContainerAnswer] = {}
        for name in self._up():
            answers[name] = await self._asked(name, GetChallenge(firm))
            if not answers[name].refused:
                return name, answers[name]
        raise Refusal("transfer-refused", _why(answers))

    async def _signed(self, wanted: SignRequest) -> tuple[bytes, ...]:
        """All three containers' requests. Raises Refusal that names who does not sign."""
        answers = await self._asked_all(wanted)
        if any(one.refused for one in answers.values()) or len(answers) < FILES_MAX:
            raise Refusal("containers-missing", _why(answers))
        return tuple(one.data for one in answers.values())

    async def _asked_all(self, what: What) -> dict[str, ContainerAnswer]:
        names = [peer.name for peer in self._host.coordinator.peers]
        up = set(self._up())
        answers = await asyncio.gather(
            *(self._asked(name, what) if name in up else _absent() for name in names)
        )
        return dict(zip(names, answers, strict=True))

    async def _asked(self, name: str, what: What) -> ContainerAnswer:
        try:
            return await self._order(name, ContainerOrder(what))
        except TimeoutError:
            return await _absent()

    def _up(self) -> list[str]:
        return [peer.name for peer in self._host.coordinator.peers if peer.up]

    async def _deliver(self, caller: Caller, answer: GroupAnswer) -> api.ImportedDocument:
        """Each update becomes an entry; then its container is waited for a little."""
        updates = [self._read(one) for one in answer.updates]
        for data, update in zip(answer.updates, updates, strict=True):
            decided = await self._host.orders.submit(Deliver(data, caller.client))
            outcome = decided.outcome
            if not outcome.ok:
                reason = outcome.reason if outcome.reason in REASONS else "bad-request"
                raise Refusal(reason, outcome.detail)
            log.info(
                "for a container: firm=%d sequence=%d serial=%s who=%s",
                *(update.firm.firm_code, update.firm.sequence, update.serial, caller.client),
            )
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self._within_s
        while loop.time() < until_s and not all(map(self._has, updates)):
            await asyncio.sleep(LOOK_EVERY_S)
        hosts = {serial: name for name, serial in self._host.overview.serials.items()}
        parts = tuple(
            api.ImportedPart(
                serial=one.serial,
                host=hosts.get(one.serial, ""),
                firm_code=one.firm.firm_code,
                sequence=one.firm.sequence,
                imported=self._has(one),
            )
            for one in updates
        )
        return api.ImportedDocument(parts=parts, more=answer.more)

    def _read(self, data: bytes) -> ContainerUpdate:
        try:
            return self._host.read_update(data)
        except UpdateRefused as refused:
            raise Refusal("update-refused", refused.detail) from None

    def _has(self, update: ContainerUpdate) -> bool:
        container = self._host.state.containers.get(update.serial)
        firm = container.firm(update.firm.firm_code) if container else None
        return firm is not None and firm.sequence >= update.firm.sequence


def _document(file: bytes, missing: tuple[str, ...] = ()) -> api.GroupFileDocument:
    """The file without its line end: a document's texts have no control characters."""
    return api.GroupFileDocument(file=file.decode().rstrip("\n"), missing=missing)


async def _absent() -> ContainerAnswer:
    return ContainerAnswer(refused="It does not answer.")


def _why(answers: dict[str, ContainerAnswer]) -> str:
    return "; ".join(
        f"{name}: {one.refused.rstrip('.')}" for name, one in answers.items() if one.refused
    )


def _code(typed: str) -> str:
    try:
        return read_code(typed)
    except Mistyped as wrong:
        raise Refusal("bad-request", wrong.detail) from None


def _chosen(chosen: Chosen) -> Chosen:
    if not is_chosen(chosen):
        raise Refusal("bad-request", detail("lines-order"))
    return chosen


def _firm(firm_code: int) -> int:
    if not 0 < firm_code <= CODE_MAX:
        raise Refusal("bad-request", detail("firm-code-range", most=CODE_MAX))
    return firm_code


def _answer(data: bytes) -> GroupAnswer:
    try:
        return read_group_answer(data)
    except GroupRefused as refused:
        raise Refusal("update-refused", refused.detail) from None
