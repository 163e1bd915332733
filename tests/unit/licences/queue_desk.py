"""A desk at which clients wait, and short words for what they do there."""

from __future__ import annotations

from typing import Any

from appliance.ledger.invariants import check_state
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.queue.waiting import refusal
from tests.unit.licences.builders import (
    Desk,
    check_out,
    founded,
    give_back,
    product,
)

WAIT_S = 600
ANSWERS = (reasons.GRANTED, reasons.QUEUED)


def ask(lease_id: str, client: str = "", **fields: Any) -> c.CheckOut:
    """A check-out that waits, of a client of its own."""
    return check_out(lease_id, client or f"cert:{lease_id}", **{"wait_s": WAIT_S} | fields)


def full(quantity: int = 1, **fields: Any) -> Desk:
    """All seats are held, each by a lease of one seat: h0, h1, ..."""
    desk = founded(product(quantity=quantity, **fields))
    for number in range(quantity):
        assert desk.do(ask(f"h{number}", wait_s=0)).ok
    return desk


def free(desk: Desk, *lease_ids: str) -> None:
    for lease_id in lease_ids:
        give_back(desk, lease_id, f"cert:{lease_id}")


def told(desk: Desk, command: c.CheckOut) -> str:
    """What it is answered; a foretold answer is the same, and then there is no entry."""
    foretold = refusal(desk.state, command)
    before = desk.state.fingerprint() if foretold is not None else b""
    if foretold is None:
        outcome = desk.do(command)
    else:
        outcome = foretold
        assert desk.state.fingerprint() == before
    check_state(desk.state)
    return outcome.reason


def waits(desk: Desk, *lease_ids: str, **fields: Any) -> None:
    for lease_id in lease_ids:
        assert told(desk, ask(lease_id, **fields)) == reasons.QUEUED


def offered(desk: Desk) -> list[str]:
    places = desk.state.places.values()
    return sorted(place.ref.lease_id for place in places if place.held is not None)


def set_queue(desk: Desk, overtakes_max: int = 0, hold_s: int = 60) -> None:
    assert desk.do(c.SetQueue(overtakes_max, hold_s, "cert:olga", "asked")).ok


def generation(desk: Desk, lease_id: str) -> int:
    place = desk.state.place(c.LeaseRef(f"cert:{lease_id}", lease_id))
    assert place is not None
    return place.number
