"""What operators see of units that were taken, and refund of them."""

from __future__ import annotations

from itertools import islice
from typing import Final

from appliance.codec import api
from appliance.codec.api_units import (
    RefundRequest,
    TakenDocument,
    TakingDocument,
    TakingsDocument,
)
from appliance.licences.commands import Refund
from appliance.licences.records import OPEN, Taking
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.operations import Operations, need_reason

PAGE_ROWS: Final = 1_000


class Units:
    """The routes of one TMR host."""

    def __init__(self, host: TmrHost, operations: Operations) -> None:
        self._host = host
        self._operations = operations

    async def listed(self, caller: Caller, after: int) -> TakingsDocument:
        """GET /v1/units."""
        await self._host.orders.fence()
        takings = self._host.state.takings
        later = sorted(number for number in takings if number > after)
        rows = tuple(_document(number, takings[number]) for number in islice(later, PAGE_ROWS))
        return TakingsDocument(
            takings=rows, next=rows[-1].taking if len(rows) < len(later) else None
        )

    async def refund(self, caller: Caller, request: RefundRequest) -> api.DoneDocument:
        """POST /v1/units/refund."""
        need_reason(request.why)
        return await self._operations.order(
            Refund(request.taking, request.units, caller.client, request.why)
        )


def _document(number: int, taking: Taking) -> TakingDocument:
    return TakingDocument(
        taking=number,
        client=taking.ref.client,
        lease_id=taking.ref.lease_id,
        generation=taking.generation,
        number=taking.number,
        at_ms=taking.at_ms,
        firm_code=taking.firm_code,
        taken=tuple(
            TakenDocument(product_code=key.product_code, tmr_id=key.tmr_id, units=units)
            for key, units in taking.shares
        ),
        unsettled=taking.unsettled,
        refunded=None if taking.refunded == OPEN else taking.refunded,
    )
