"""Planted bugs in the history of outcomes."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from appliance.ledger.log import book as book_module
from appliance.licences.state import State
from appliance.verifier.layouts import ZERO_ROOT, history_root


def history_forgets_what_was_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch begins the history anew: every host does, so no two of them differ."""
    monkeypatch.setattr(
        book_module, "history_root", lambda previous, outcomes: history_root(ZERO_ROOT, outcomes)
    )


def rollback_stays_in_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an entry led to is taken back, but that it was there is not."""
    revert = State.revert

    def forgetful(self: State, changes: Any) -> None:
        root = self.history_root
        revert(self, changes)
        self.history_root = root

    monkeypatch.setattr(State, "revert", forgetful)


def restore_begins_the_history_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    carry = State.carry

    def forget(self: State, restored: Any, *more: Any) -> None:
        carry(self, replace(restored, history_root=ZERO_ROOT), *more)

    monkeypatch.setattr(State, "carry", forget)
