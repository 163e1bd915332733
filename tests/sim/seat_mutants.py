"""Planted bugs of seats and units: too many of them, twice, or of the wrong licence."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.licences import leases, machine, pools
from appliance.licences import seats as seats_module
from appliance.licences.commands import Consume
from appliance.licences.records import Answer, Lease
from appliance.licences.seats import judge
from appliance.licences.state import State
from tests.sim.planting import Mutant, Patch


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


def _moved_as(**fields: Any) -> Patch:
    """A lease that moves to another licence is no longer what it was."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        moved = seats_module._moved

        def otherwise(state: State, lease: Lease) -> Any:
            found = moved(state, lease)
            if not isinstance(found, Lease):
                return found
            changed = {name: value(state) for name, value in fields.items()}
            return replace(found, **changed)

        monkeypatch.setattr(seats_module, "_moved", otherwise)

    return patch


moves_under_a_new_generation = _moved_as(generation=lambda state: state.commands_applied)
moves_and_forgets_answers = _moved_as(answers=lambda _: (), last_number=lambda _: 0)


def split_over_two_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "groupby", lambda offers, _: [("", offers)])


def granted_without_the_second_product(monkeypatch: pytest.MonkeyPatch) -> None:
    all_seats = pools.all_seats

    def some(state: State, firm_code: int, items: Any, *more: Any) -> Any:
        found: Any = all_seats(state, firm_code, items, *more)
        if isinstance(found, tuple) or len(items) == 1:
            return found
        return all_seats(state, firm_code, items[:1], *more)

    monkeypatch.setattr(seats_module, "all_seats", some)


def full_is_an_emergency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "_spared", lambda *_: False)


POOLS = "tests/unit/licences/test_pools.py"
POOL_MUTANTS = (
    Mutant("a re-seat makes a new generation", moves_under_a_new_generation, unit=POOLS),
    Mutant("a re-seat forgets answers", moves_and_forgets_answers, unit=POOLS),
    Mutant("seats are split over two roles", split_over_two_roles, unit=POOLS),
    Mutant(
        "one product is granted though the other failed",
        granted_without_the_second_product,
        unit=POOLS,
    ),
    Mutant("taken seats are an emergency", full_is_an_emergency, unit=POOLS),
)
"""What no seed shows: its clients ask for one seat of one product."""
