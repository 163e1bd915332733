"""Disks are put back to one moment: whatever befalls them besides, each loss is named."""

from __future__ import annotations

import pytest

from appliance.ledger.membership.heads import Heads, Memory, encode_memory
from appliance.ledger.membership.turned_back import TurnedBack
from appliance.sim import tmr_host
from appliance.sim.putting_back import NAMED, REGAINED
from appliance.sim.run import run_put_back

SEEDS = range(16)


def test_each_loss_is_named_once_a_witness_is_back() -> None:
    results = [run_put_back(seed) for seed in SEEDS]
    assert [(one.seed, one.violation) for one in results if one.violation] == []
    came_of_it = [word for one in results for word in one.measured]
    assert came_of_it.count(NAMED) > 3 < came_of_it.count(REGAINED), "choose other seeds"


def first_silent() -> str:
    return next((one.violation for one in map(run_put_back, SEEDS) if one.violation), "")


def test_a_memory_that_is_not_kept_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the head is not persisted."""
    monkeypatch.setattr(tmr_host, "encode_memory", lambda memory: encode_memory(Memory()))
    assert "nobody says so" in first_silent()


def test_a_finding_that_is_never_raised_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: heads are kept, and nobody compares them."""
    monkeypatch.setattr(Heads, "_found_lost", lambda *_: None)
    assert "nobody says so" in first_silent()


def test_a_store_whose_signature_nobody_holds_against_it_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Planted: what a third upstream can prove is not looked at."""
    monkeypatch.setattr(TurnedBack, "look", lambda _self: None)
    assert "nobody says so" in first_silent()
