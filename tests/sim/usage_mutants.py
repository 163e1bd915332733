"""Planted bugs in what begins a usage period, and in units that are given back."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.ledger.leader import serving as serving_module
from appliance.licences import reserving, usage
from appliance.licences import seats as seats_module
from appliance.licences.commands import CheckOut, Outcome
from appliance.licences.model import UsageStart
from appliance.licences.records import OPEN, Lease, Reserved, Taking
from appliance.licences.seats import judge
from appliance.licences.state import State
from tests.sim.planting import Mutant


def begins_at_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """The serving host looks whether somebody would be refused, and so begins it."""
    refusal = seats_module.refusal

    def eager(state: State, command: CheckOut) -> Outcome | None:
        found = judge(state, command)
        lines = found if isinstance(found, tuple) else ()
        for key in (charge.key for charge in lines):
            item = state.items[key]
            if key not in state.usage_starts and item.usage_period_s is not None:
                state.set_usage_start(key, UsageStart(state.log_time_ms, item.usage_reset))
        return refusal(state, command)

    monkeypatch.setattr(serving_module, "refusal", eager)


def begins_with_each_grant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "usage_start_ms", lambda *_: None)


def lost_at_a_restore(monkeypatch: pytest.MonkeyPatch) -> None:
    carry = State.carry

    def forget(self: State, restored: Any, *more: Any) -> None:
        carry(self, replace(restored, usage_starts=()), *more)

    monkeypatch.setattr(State, "carry", forget)


def stays_in_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    """Log time is set back, and what began in the future stays there."""
    monkeypatch.setattr(usage, "lowered", lambda state: None)


def settled_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was settled is open still, and the next word gives units back again."""
    set_reserved = State.set_reserved

    def forgetful(self: State, lease: Lease, reserved: tuple[Reserved, ...], taken: int) -> None:
        reserved = tuple(replace(one, used=OPEN) for one in reserved)
        set_reserved(self, lease, reserved, taken)

    monkeypatch.setattr(State, "set_reserved", forgetful)


def refunded_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    set_taking = State.set_taking

    def forgetful(self: State, number: int, taking: Taking) -> None:
        set_taking(self, number, replace(taking, refunded=OPEN))

    monkeypatch.setattr(State, "set_taking", forgetful)


def anybody_settles(monkeypatch: pytest.MonkeyPatch) -> None:
    """The signature under a settlement is not looked at."""
    settle = reserving.settle
    monkeypatch.setattr(
        reserving, "settle", lambda state, command, found, _: settle(state, command, found, _yes)
    )


def _yes(*_: bytes) -> bool:
    return True


LICENCES = "tests/unit/licences/"
MUTANTS = (
    Mutant("a usage period begins at a check", begins_at_the_check),
    Mutant("a usage period begins with each grant", begins_with_each_grant),
    Mutant(
        "a restore begins usage periods anew",
        lost_at_a_restore,
        unit=LICENCES + "test_restoring.py",
    ),
    Mutant(
        "a usage period begins in the future",
        stays_in_the_future,
        unit=LICENCES + "test_usage_period.py",
    ),
    Mutant("units are settled twice", settled_twice, unit=LICENCES + "test_reserving.py"),
    Mutant("units are refunded twice", refunded_twice, unit=LICENCES + "test_reserving.py"),
    Mutant("anybody settles", anybody_settles, unit=LICENCES + "test_reserving.py"),
)
