"""Planted bugs of seats and units: too many of them, twice, or of the wrong licence."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.licences import leases, machine
from appliance.licences import seats as seats_module
from appliance.licences.commands import Consume
from appliance.licences.records import Answer
from appliance.licences.seats import judge
from appliance.licences.state import State


def numbered_request_runs_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def again(state: State, command: Any) -> Any:
        lease = state.leases.get(command.lease)
        if lease is not None and command.number == lease.last_number:
            product = lease.key.product_code
            outcome = leases._take_units(state, lease, product, command.units)
            state.answer(lease, Answer(command.number, command.units, outcome, product))
            return outcome
        return leases.consume(state, command)

    monkeypatch.setitem(machine.PLAIN, Consume, again)


def one_seat_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    def generous(state: State, command: Any) -> Any:
        offers = state.offers
        state.offers = {
            product: tuple(
                replace(one, item=replace(one.item, quantity=one.item.quantity + 1)) for one in of
            )
            for product, of in offers.items()
        }
        try:
            return judge(state, command)
        finally:
            state.offers = offers

    for module in (leases, seats_module):
        monkeypatch.setattr(module, "judge", generous)


def retry_makes_a_second_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats_module, "_again", lambda state, lease, command: lease.lines)
