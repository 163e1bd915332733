"""Seats that are offered to who waits, as events: each is told of once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from appliance.codec.api import HolderDocument
from appliance.licences.queue.book import HELD
from appliance.licences.queue.place import Place
from appliance.licences.state import State


class Offers:
    """Which offers were told of: each is an event, once."""

    def __init__(self) -> None:
        self._told: frozenset[tuple[int, int]] = frozenset()

    def new(self, state: State) -> Iterator[Place]:
        """The places that have an offer since the last call."""
        now = frozenset(state.holds.get(HELD, ()))
        new, self._told = now - self._told, now
        return (state.places[number] for _, number in sorted(new))


def offer_event(state: State, place: Place, holder: HolderDocument) -> dict[str, Any]:
    """An offer as event "offer"."""
    return {
        "client": place.ref.client,
        "lease_id": place.ref.lease_id,
        "place": place.number,
        "firm_code": place.ask.firm_code,
        "product_code": place.ask.product_code,
        "holder": {"user": holder.user, "host": holder.host},
        "held_s": (place.until_age_ms - state.age_ms) / 1000,
        "waited_s": (state.age_ms - place.since_age_ms) / 1000,
        "log_time_ms": state.log_time_ms,
    }
