"""The routes of borrowed seats. Nothing of them rests on what this host says: who ends or lengthens
a loan signs that with the borrower's own key, and each replica verifies it."""

from __future__ import annotations

import msgspec

from appliance.codec import api
from appliance.codec.api_borrowing import (
    BorrowingDocument,
    BorrowingRequest,
    BorrowRequest,
    HeldBackDocument,
    ReturnRequest,
    WriteOffRequest,
)
from appliance.details import detail
from appliance.licences.borrow_bytes import BORROW_SIGNATURE_BYTES, BORROWER_BYTES
from appliance.licences.bounds import COUNT_MAX, DURATION_S_MAX, SEATS_MAX
from appliance.licences.commands import (
    Borrow,
    LeaseRef,
    OperateBorrowing,
    ReturnBorrowed,
    WriteOff,
)
from appliance.licences.wishes import why_not, wishes_in
from appliance.services.tmr.admission import ClientPace
from appliance.services.tmr.asking import NAME_MAX, NONCE_BYTES
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.leases import Answer, check_bytes, check_number, grant_of, too_long
from appliance.services.tmr.operations import Operations, need_reason
from appliance.services.tmr.problems import Refusal

_encoder = msgspec.json.Encoder()


class Borrowing:
    """The routes of one TMR host."""

    def __init__(self, host: TmrHost, operations: Operations, pace: ClientPace) -> None:
        self._host = host
        self._operations = operations
        self._pace = pace

    async def borrow(
        self,
        caller: Caller,
        lease_id: str,
        address: bytes,
        request: BorrowRequest,
        within_s: float,
    ) -> Answer:
        """POST /v1/leases/{id}/borrow."""
        borrower, holder = _borrower(lease_id), request.holder
        check_bytes("nonce", request.nonce, *NONCE_BYTES)
        for name, most in (("seconds", DURATION_S_MAX), ("seats", SEATS_MAX)):
            if not 1 <= getattr(request, name) <= most:
                raise Refusal("bad-request", detail("number-range", field=name, most=most))
        for name in ("firm_code", "product_code"):
            check_number(name, getattr(request, name))
        if not 0 <= request.extends_ms <= COUNT_MAX:
            raise Refusal("bad-request", detail("field-range", field="extends_ms"))
        if max(len(holder.user), len(holder.host), len(holder.application)) > NAME_MAX:
            raise too_long(holder)
        check_number("holder.pid", holder.pid)
        wishes = wishes_in(request)
        wrong = why_not(wishes)
        if wrong:
            raise Refusal("bad-request", wrong)
        self._pace.take(caller.client)
        command = Borrow(
            caller.client,
            borrower,
            request.firm_code,
            request.product_code,
            request.seconds,
            self._host.names.holder(holder),
            request.nonce,
            request.seats,
            request.station,
            address if self._host.state.rulebook else b"",
            wishes,
            request.extends_ms,
            request.signature,
        )
        self._host.names.use_all((holder.user, holder.host, holder.application))
        decided = await self._host.orders.submit(command, within_s)
        ref = LeaseRef(caller.client, lease_id)
        return 200, grant_of(self._host, decided, ref, request.nonce)

    async def give_back(
        self, caller: Caller, lease_id: str, request: ReturnRequest, within_s: float
    ) -> Answer:
        """POST /v1/leases/{id}/return."""
        borrower = _borrower(lease_id)
        check_bytes("signature", request.signature, *(BORROW_SIGNATURE_BYTES,) * 2)
        self._pace.take(caller.client)
        done = await self._operations.order(ReturnBorrowed(borrower, request.signature), within_s)
        return 200, _encoder.encode(done)

    async def write_off(
        self, caller: Caller, lease_id: str, request: WriteOffRequest, within_s: float
    ) -> Answer:
        """POST /v1/leases/{id}/write-off."""
        need_reason(request.why)
        command = WriteOff(_borrower(lease_id), caller.client, request.why)
        return 200, _encoder.encode(await self._operations.order(command, within_s))

    async def show(self, caller: Caller) -> BorrowingDocument:
        """GET /v1/borrowing."""
        await self._host.orders.fence()
        state = self._host.state
        held = ((key, state.held_back(key, item)) for key, item in sorted(state.items.items()))
        return BorrowingDocument(
            uncertified=state.borrowing_uncertified,
            held_back=tuple(
                HeldBackDocument(
                    firm_code=key.firm_code,
                    product_code=key.product_code,
                    tmr_id=key.tmr_id,
                    seats=seats,
                )
                for key, seats in held
                if seats
            ),
        )

    async def operate(self, caller: Caller, request: BorrowingRequest) -> api.DoneDocument:
        """POST /v1/borrowing."""
        need_reason(request.why)
        return await self._operations.order(
            OperateBorrowing(request.action, caller.client, request.why)
        )


def _borrower(lease_id: str) -> bytes:
    """The key that a path names. Raises Refusal."""
    try:
        borrower = bytes.fromhex(lease_id)
    except ValueError:
        borrower = b""
    if len(borrower) != BORROWER_BYTES or borrower.hex() != lease_id:
        raise Refusal("bad-request", detail("loan-id-form"))
    return borrower
