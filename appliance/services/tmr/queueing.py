"""Those who wait for seats: what they are told, what operators see of them and say of them."""

from __future__ import annotations

from typing import Final

from appliance.codec.api import DoneDocument, HolderDocument
from appliance.codec.api_queue import (
    PlaceDocument,
    QueueDocument,
    QueueItem,
    QueuePlace,
    SetQueueRequest,
)
from appliance.details import detail
from appliance.licences.commands import SetQueue
from appliance.licences.queue.place import Place
from appliance.licences.state import State
from appliance.services.routes import NUMBER_MAX
from appliance.services.tmr.host import TmrHost
from appliance.services.tmr.identity import Caller
from appliance.services.tmr.operations import Operations, need_reason
from appliance.services.tmr.problems import Refusal

ASK_NEXT_S: Final = 0.2
"""Who is next asks again so soon, the second after twice as long, and so on."""
ASK_LAST_S: Final = 20.0
"""Nobody asks again later than that."""
ASKS_PER_S: Final = 500
"""So many of those who are next, each for another product, may ask in a second."""
PAGE_ROWS: Final = 1_000
SIGNS_OF_LIFE: Final = 3
"""So often at least it asks again before its place would be lost."""


class Queueing:
    """The routes of one TMR host about who waits."""

    def __init__(self, host: TmrHost, operations: Operations) -> None:
        self._host = host
        self._operations = operations

    async def listed(self, caller: Caller, after: int, firm: int, product: int) -> QueueDocument:
        """GET /v1/queue."""
        await self._host.orders.fence()
        state = self._host.state
        rows: list[QueuePlace] = []
        rules, more = state.queue_rules, None
        for number in sorted(one for one in state.places if one > after):
            place = state.places[number]
            if not caller.is_operator and place.ref.client != caller.client:
                continue
            if firm and not any(of == (firm, product or of[1]) for of in place.products):
                continue
            if len(rows) == PAGE_ROWS:
                more = rows[-1].place
                break
            rows.append(_row(state, place, self._host.names.document(place.ask.holder)))
        return QueueDocument(
            places=tuple(rows),
            overtakes_max=rules.overtakes_max,
            hold_s=rules.hold_s,
            next=more,
        )

    async def set(self, caller: Caller, request: SetQueueRequest) -> DoneDocument:
        """POST /v1/queue."""
        need_reason(request.why)
        for name in ("overtakes_max", "hold_s"):
            if not 0 <= getattr(request, name) <= NUMBER_MAX:
                raise Refusal("bad-request", detail("field-range", field=name))
        return await self._operations.order(
            SetQueue(request.overtakes_max, request.hold_s, caller.client, request.why)
        )


def _row(state: State, place: Place, holder: HolderDocument) -> QueuePlace:
    position, of = state.position(place)
    held_s = None
    if place.held is not None:
        held_s = max(0, place.until_age_ms - state.age_ms) / 1000
    return QueuePlace(
        client=place.ref.client,
        lease_id=place.ref.lease_id,
        place=place.number,
        firm_code=place.ask.firm_code,
        items=tuple(
            QueueItem(product_code=item.product_code, seats=item.seats) for item in place.ask.items
        ),
        holder=holder,
        position=position,
        of=of,
        waited_s=_waited_s(state, place),
        overtaken=place.overtaken,
        held_s=held_s,
    )


def place_document(state: State, place: Place) -> PlaceDocument:
    """What one who waits is told."""
    position, of = state.position(place)
    return PlaceDocument(
        lease_id=place.ref.lease_id,
        place=place.number,
        position=position,
        of=of,
        waited_s=_waited_s(state, place),
        ask_again_s=ask_again_s(position, len(state.waiting), place.ttl_s),
        ttl_s=place.ttl_s,
    )


def ask_again_s(position: int, products: int, ttl_s: int) -> float:
    """After how many seconds one asks again who waits at this position for one of so many products:
    soon if it is next, and in time for its place to live."""
    soonest_s = max(ASK_NEXT_S, products / ASKS_PER_S)
    return min(soonest_s * max(1, position), ASK_LAST_S, ttl_s / SIGNS_OF_LIFE)


def _waited_s(state: State, place: Place) -> float:
    return (state.age_ms - place.since_age_ms) / 1000
