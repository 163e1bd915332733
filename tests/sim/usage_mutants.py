"""Planted bugs in what begins a usage period, and in what keeps it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.ledger.leader import serving as serving_module
from appliance.licences import certified as certified_module
from appliance.licences import seats as seats_module
from appliance.licences import usage
from appliance.licences.commands import CheckOut, Outcome
from appliance.licences.model import UsageStart
from appliance.licences.seats import judge
from appliance.licences.state import State


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
    monkeypatch.setattr(certified_module, "lowered", lambda state: None)
